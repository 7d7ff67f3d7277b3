"""Rules about files, YAML, and the shape of a declaration."""

from __future__ import annotations

from generator.rules.rule import A, E, Rule, W

# fmt: off
RULES = (
    # Files and YAML
    Rule("file-unreadable", E, "format",
         "A file that cannot be read may hold the domain that matters."),
    Rule("file-too-large", E, "format",
         "Declarations are short; a huge file is an accident or an attack."),
    Rule("file-encoding", E, "format", "Declarations are UTF-8 text."),
    Rule("file-name", E, "format", "A declaration that is not read protects nothing."),
    Rule("file-link", E, "format", "A link may lead out of the project that was reviewed."),
    Rule("yaml-syntax", E, "format", "The file is not YAML."),
    Rule("yaml-duplicate-key", E, "format",
         "YAML readers disagree on which of two equal keys counts."),
    Rule("yaml-alias", E, "format",
         "Anchors and aliases hide what a reviewer needs to see, and can explode."),
    Rule("yaml-tag", E, "format", "Tags make readers build objects; declarations are plain data."),
    Rule("yaml-nesting", E, "format",
         "Deep nesting serves no declaration and crashes YAML readers."),
    Rule("yaml-value", E, "format", "A key of a mapping must be plain text."),
    Rule("declaration-empty", W, "format", "A file without a declaration declares nothing."),
    # The shape of a declaration
    Rule("unknown-key", E, "format", "A misspelt key would be a setting silently left out."),
    Rule("wrong-type", E, "format", "The value is of a kind that the key does not take."),
    Rule("wrong-value", E, "format", "The value is not among those the key takes."),
    Rule("missing-key", E, "format", "The declaration cannot be understood without this key."),
    Rule("conflicting-keys", E, "format", "Two keys say different things about the same matter."),
    Rule("unknown-stage", E, "format",
         "The stage decides the policy; an unknown one cannot be guessed."),
    Rule("unknown-service", E, "format",
         "The catalogue does not know the service, so no record can be made."),
    Rule("service-parameter", E, "format",
         "A record cannot be made without it, or would be wrong with it."),
    Rule("service-derivation", E, "format",
         "The vendor's host name cannot be derived for this domain."),
    Rule("service-bounce-mx", E, "tool",
         "Beside a second MX at its bounce name the vendor holds the set-up to be broken."),
    Rule("catalogue-entry", E, "format", "An entry of the catalogue cannot make correct records."),
    Rule("domain-name", E, "RFC 1035 2.3.4, RFC 5890", "The name cannot exist in DNS."),
    Rule("domain-twice", E, "format", "Two declarations of one domain would overwrite each other."),
    Rule("name-twice", E, "format", "Two declarations make records at one name."),
    Rule("name-outside", E, "format", "The name lies outside the domain that is being declared."),
    Rule("private-key", E, "format", "A private key in git is a key that everybody has."),
    Rule("waiver", E, "format",
         "A waiver needs a known rule that may be waived, a reason and a date."),
    Rule("waiver-expired", W, "format", "The waiver's date has passed, so it no longer counts."),
    Rule("waiver-unused", A, "format", "Nothing is found that the waiver would silence."),
    Rule("severity", E, "format",
         "A rule's severity can be raised; to set a finding aside, waive it."),
    Rule("service-facts-doubtful", A, "tool",
         "Facts that are second-hand, disputed or old may no longer be what the vendor asks for."),
    Rule("template-invalid", E, "format",
         "The file is no Domain Connect template that an entry can be made of."),
    Rule("lock-stale", W, "tool",
         "What vendors published long ago says little of today.", "lock"),
    Rule("orphan", W, "format",
         "A file that mailzone wrote has no declaration any more; its records live on."),
)
# fmt: on
