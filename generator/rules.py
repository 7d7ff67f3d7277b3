"""The one list of everything that mailzone can find wrong.

Each rule has a stable id, a severity, the standard it comes from and one sentence that says why
it matters.  Declarations, records and zone files share the list.  A rule at error level whose
source is an RFC cannot be waived; all others can, with a reason and a date.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Severity(IntEnum):
    """How much a finding weighs: errors stop a build, warnings print, advice prints on request."""

    ADVICE = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Rule:
    """A registered rule.  ``source`` is ``tool`` where no standard demands it."""

    id: str
    severity: Severity
    source: str
    reason: str

    @property
    def waivable(self) -> bool:
        """False where a standard forbids what the rule found, or it is not about a record."""
        if self.source == "format":
            return False
        return self.severity is not Severity.ERROR or self.source == "tool"


_E, _W, _A = Severity.ERROR, Severity.WARNING, Severity.ADVICE

# "format" as a source: the finding is about the declaration itself, which is corrected and not
# waived.
_TABLE: tuple[tuple[str, Severity, str, str], ...] = (
    # Files and YAML
    (
        "file-unreadable",
        _E,
        "format",
        "A file that cannot be read may hold the domain that matters.",
    ),
    (
        "file-too-large",
        _E,
        "format",
        "Declarations are short; a huge file is an accident or an attack.",
    ),
    ("file-encoding", _E, "format", "Declarations are UTF-8 text."),
    ("file-name", _E, "format", "A declaration that is not read protects nothing."),
    ("file-link", _E, "format", "A link may lead out of the project that was reviewed."),
    ("yaml-syntax", _E, "format", "The file is not YAML."),
    (
        "yaml-duplicate-key",
        _E,
        "format",
        "YAML readers disagree on which of two equal keys counts.",
    ),
    (
        "yaml-alias",
        _E,
        "format",
        "Anchors and aliases hide what a reviewer needs to see, and can explode.",
    ),
    ("yaml-tag", _E, "format", "Tags make readers build objects; declarations are plain data."),
    ("yaml-nesting", _E, "format", "Deep nesting serves no declaration and crashes YAML readers."),
    ("yaml-value", _E, "format", "A key of a mapping must be plain text."),
    ("declaration-empty", _W, "format", "A file without a declaration declares nothing."),
    # The shape of a declaration
    ("unknown-key", _E, "format", "A misspelt key would be a setting silently left out."),
    ("wrong-type", _E, "format", "The value is of a kind that the key does not take."),
    ("wrong-value", _E, "format", "The value is not among those the key takes."),
    ("missing-key", _E, "format", "The declaration cannot be understood without this key."),
    ("conflicting-keys", _E, "format", "Two keys say different things about the same matter."),
    (
        "unknown-stage",
        _E,
        "format",
        "The stage decides the policy; an unknown one cannot be guessed.",
    ),
    (
        "unknown-service",
        _E,
        "format",
        "The catalogue does not know the service, so no record can be made.",
    ),
    (
        "service-parameter",
        _E,
        "format",
        "A record cannot be made without it, or would be wrong with it.",
    ),
    (
        "service-derivation",
        _E,
        "format",
        "The vendor's host name cannot be derived for this domain.",
    ),
    ("catalogue-entry", _E, "format", "An entry of the catalogue cannot make correct records."),
    ("domain-name", _E, "RFC 1035 2.3.4, RFC 5890", "The name cannot exist in DNS."),
    ("domain-twice", _E, "format", "Two declarations of one domain would overwrite each other."),
    ("name-twice", _E, "format", "Two declarations make records at one name."),
    ("name-outside", _E, "format", "The name lies outside the domain that is being declared."),
    ("private-key", _E, "format", "A private key in git is a key that everybody has."),
    (
        "waiver",
        _E,
        "format",
        "A waiver needs a known rule that may be waived, a reason and a date.",
    ),
    ("waiver-expired", _W, "format", "The waiver's date has passed, so it no longer counts."),
    ("waiver-unused", _A, "format", "Nothing is found that the waiver would silence."),
    (
        "orphan",
        _W,
        "format",
        "A file that mailzone wrote has no declaration any more; its records live on.",
    ),
    ("stage-deviation", _A, "tool", "A tag differs from what the stage says."),
    (
        "retiring-past",
        _A,
        "tool",
        "The service was to retire; it may be removed from the declaration.",
    ),
    # SPF
    (
        "spf-syntax",
        _E,
        "RFC 7208 4.6, 12",
        "Any malformed term makes receivers ignore the whole record.",
    ),
    ("spf-version", _E, "RFC 7208 4.5", "A record that does not begin with v=spf1 is not SPF."),
    ("spf-charset", _E, "RFC 7208 3.1, 4.6.1", "SPF is US-ASCII, its terms separated by spaces."),
    (
        "spf-domain-spec",
        _E,
        "RFC 7208 7.1, 4.8",
        "The target is no domain name that a receiver could look up.",
    ),
    (
        "spf-macro-syntax",
        _E,
        "RFC 7208 7.1",
        "A malformed macro makes receivers ignore the whole record.",
    ),
    ("spf-cidr-syntax", _E, "RFC 7208 5.6", "The address or prefix length is malformed."),
    ("spf-trailing-dot", _W, "RFC 7208 7.3", "A final dot in a target should not be published."),
    (
        "spf-multiple-records",
        _E,
        "RFC 7208 3.2, 4.5",
        "Two SPF records at a name fail for all mail.",
    ),
    ("spf-lookup-limit", _E, "RFC 7208 4.6.4", "Past ten look-ups receivers give up: permerror."),
    (
        "spf-lookup-near-limit",
        _W,
        "RFC 7208 4.6.4",
        "A vendor that grows by one or two breaks the record.",
    ),
    (
        "spf-cost-unknown",
        _W,
        "tool",
        "What a term costs is unknown, so the limit cannot be judged.",
    ),
    ("spf-pass-all", _E, "RFC 7208 5.1", "Everybody may send as this domain."),
    (
        "spf-after-all",
        _E,
        "RFC 7208 5.1, 6.1",
        "Terms behind all are never read, nor is redirect beside it.",
    ),
    ("spf-modifier-twice", _E, "RFC 7208 6", "redirect and exp may appear once each."),
    ("spf-ptr", _W, "RFC 7208 5.5", "ptr is slow, unreliable and should not be published."),
    ("spf-ip-private", _W, "RFC 6890", "The range can never be seen as a sender on the Internet."),
    ("spf-cidr-wide", _W, "RFC 9989 7.1", "Strangers inside the range pass as this domain."),
    (
        "spf-useless-include",
        _W,
        "RFC 9989 4.4.2",
        "The service's envelope never aligns; the term only costs.",
    ),
    ("spf-answer-size", _W, "RFC 7208 3.4", "A large TXT answer may not get through over UDP."),
    # DKIM
    ("dkim-missing", _W, "tool", "Without a published key the service's signatures do not count."),
    ("dkim-version", _E, "RFC 6376 3.6.1", "v=DKIM1, if present, comes first and exactly so."),
    ("dkim-syntax", _E, "RFC 6376 3.2, 3.6.1", "The text is no DKIM key record."),
    ("dkim-duplicate-tag", _E, "RFC 6376 3.2", "A repeated tag makes the whole record invalid."),
    ("dkim-p-missing", _E, "RFC 6376 3.6.1", "A key record without p holds no key."),
    ("dkim-p-invalid", _E, "RFC 6376 3.6.1", "The key is not base64, or cut off."),
    (
        "dkim-p-type",
        _E,
        "RFC 6376 6.1.2, RFC 8463 4.2",
        "The key data does not fit the key type k.",
    ),
    ("dkim-rsa-short", _E, "RFC 8301 3.2", "Verifiers must not accept RSA keys below 1024 bits."),
    ("dkim-rsa-1024", _W, "RFC 8301 3.2", "RSA keys should have 2048 bits."),
    ("dkim-rsa-long", _W, "RFC 8301 3.2", "Verifiers need not handle RSA keys above 4096 bits."),
    ("dkim-sha1", _E, "RFC 8301 3.1", "Verifiers must not accept rsa-sha1."),
    ("dkim-service-type", _E, "RFC 6376 3.6.1", "s= excludes mail, so the key counts for none."),
    (
        "dkim-revoked-in-use",
        _E,
        "RFC 6376 3.6.1",
        "An empty p revokes the key of a service that is in use.",
    ),
    (
        "dkim-test-flag",
        _W,
        "RFC 6376 3.6.1",
        "t=y tells verifiers to treat signed mail as unsigned.",
    ),
    ("dkim-selector", _E, "RFC 6376 3.1, RFC 1035 2.3.4", "The selector cannot be a DNS name."),
    ("dkim-target", _E, "tool", "The CNAME target does not look like this vendor's."),
    (
        "dkim-multiple-keys",
        _E,
        "RFC 6376 3.6.2.2",
        "With two keys at a selector a verifier takes either.",
    ),
    ("dkim-selector-clash", _E, "format", "Two services claim one selector; only one can have it."),
    (
        "dkim-wildcard-live",
        _W,
        "tool",
        "A revoked wildcard answers for every selector that is not declared.",
    ),
    ("dkim-ed25519-only", _W, "RFC 8463 6", "Verifiers without Ed25519 see unsigned mail."),
    # DMARC and its reports
    ("dmarc-syntax", _E, "RFC 9989 4.7, 4.8", "The text is no DMARC record."),
    ("dmarc-value", _E, "RFC 9989 4.7, 4.8", "The tag does not take this value."),
    ("dmarc-multiple", _E, "RFC 9989 4.10", "With two DMARC records both are discarded."),
    (
        "rua-missing",
        _E,
        "RFC 9989 5.1.3",
        "While observing, reports are the only thing to be gained.",
    ),
    ("rua-scheme", _E, "RFC 9989 4.7", "A report address is a mailto: URI."),
    (
        "rua-encoding",
        _E,
        "RFC 9989 4.8",
        "Comma, semicolon and exclamation mark must be percent-encoded.",
    ),
    ("rua-smtputf8", _E, "RFC 8616 6", "Report addresses are plain ASCII."),
    ("rua-many", _W, "RFC 9990 3.5", "Reporters may stop after two addresses."),
    (
        "rua-unauthorised",
        _A,
        "RFC 9990 4",
        "Reporters ask the destination whether it wants the reports.",
    ),
    (
        "rua-authority-length",
        _E,
        "RFC 9990 4",
        "The name of the authorisation record is too long for DNS.",
    ),
    (
        "rua-authority-shadowed",
        _E,
        "RFC 4592 3.3.1",
        "An explicit name takes others away from the wildcard.",
    ),
    (
        "dmarc-strict-mismatch",
        _E,
        "RFC 9989 4.4",
        "Strict alignment, but the service uses a subdomain.",
    ),
    (
        "dmarc-sp-on-sub",
        _W,
        "RFC 9989 4.7",
        "sp and np count only in the record of an Organizational Domain.",
    ),
    ("dmarc-sp-weaker", _W, "RFC 9989 3.2.9", "Subdomains stay open to forgery."),
    (
        "dmarc-reject-spf-only",
        _E,
        "RFC 9989 7.4",
        "Reject must not rely on SPF alone: sign with aligned DKIM.",
    ),
    # Zones
    ("zone-cname-other", _E, "RFC 2181 10.1", "A CNAME stands alone at its name."),
    (
        "zone-name-length",
        _E,
        "RFC 1035 2.3.4",
        "A label has at most 63 octets, a name 253 characters.",
    ),
    ("zone-record", _E, "RFC 1035 3.3, 5.1", "The record's data is malformed."),
    ("zone-text", _E, "RFC 1035 5.1", "TXT records of mail are printable ASCII on one line."),
    ("zone-rrset-ttl", _E, "RFC 2181 5.2", "All records of a set have one TTL."),
    ("zone-null-mx-mixed", _E, "RFC 7505 3", "A null MX stands alone."),
    (
        "zone-null-mx-sender",
        _E,
        "RFC 7505 4.2",
        "A domain that sends or receives mail has no null MX.",
    ),
    (
        "zone-wildcard-shadowed",
        _E,
        "tool",
        "A created name is taken away from the wildcard (RFC 4592 2.2.2): its mail has nowhere to go.",
    ),
    (
        "zone-wildcard-underscore",
        _W,
        "RFC 8552 1.4",
        "A wildcard TXT answers for underscored names too.",
    ),
    ("zone-two-receivers", _E, "tool", "Mail would go to either of two services at random."),
    ("zone-no-mail-in", _E, "tool", "A whole zone without an MX loses all incoming mail."),
    (
        "zone-file",
        _E,
        "format",
        "The zone file cannot be read safely, so nothing is merged into it.",
    ),
    ("zone-signed", _E, "tool", "A merge would break the signatures of a signed file."),
    ("zone-dynamic", _E, "tool", "A file with a journal is the name server's, not the editor's."),
    ("zone-merge", _E, "format", "A line by another hand would change its meaning."),
    ("zone-output", _E, "format", "Of two zones with one file name, one would be lost."),
    ("adopt-unused", _A, "format", "The record was replaced, or never was as it is listed."),
    ("zone-rival", _E, "format", "Only one of the two records can be in the zone."),
    ("zone-below-cut", _E, "RFC 1035 5.2", "Names below a delegation are served elsewhere."),
    ("zone-host-name", _E, "tool", "BIND refuses a zone with addresses or mail at such a name."),
    ("zone-apex", _E, "RFC 1035 5.2", "A whole zone needs SOA and name servers."),
    # Stages
    ("parked-has-service", _E, "tool", "A parked domain sends nothing."),
    (
        "rollout-service-unauthenticated",
        _E,
        "RFC 9989 5.1.6",
        "The service's own mail would be refused.",
    ),
    (
        "rollout-hardfail-early",
        _W,
        "RFC 9989 7.1",
        "-all may refuse mail that DKIM would have let pass.",
    ),
)

RULES: dict[str, Rule] = {row[0]: Rule(*row) for row in _TABLE}
