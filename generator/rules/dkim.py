"""Rules about DKIM key records (RFC 6376, RFC 8301, RFC 8463)."""

from __future__ import annotations

from generator.rules.rule import A, E, Rule, W

# fmt: off
RULES = (
    # The record's text
    Rule("dkim-version", E, "RFC 6376 3.6.1", "v=DKIM1, if present, comes first and exactly so."),
    Rule("dkim-syntax", E, "RFC 6376 3.2, 3.6.1", "The text is no DKIM key record."),
    Rule("dkim-duplicate-tag", E, "RFC 6376 3.2", "A repeated tag makes the whole record invalid."),
    Rule("dkim-p-missing", E, "RFC 6376 3.6.1", "A key record without p holds no key."),
    Rule("dkim-p-invalid", E, "RFC 6376 3.6.1", "The key is not base64, or cut off."),
    Rule("dkim-p-type", E, "RFC 6376 6.1.2, RFC 8463 4.2",
         "The key data does not fit the key type k."),
    Rule("dkim-sha1", E, "RFC 8301 3.1", "Verifiers must not accept rsa-sha1."),
    Rule("dkim-service-type", E, "RFC 6376 3.6.1", "s= excludes mail, so the key counts for none."),
    Rule("dkim-test-flag", W, "RFC 6376 3.6.1",
         "t=y tells verifiers to treat signed mail as unsigned."),
    # The key
    Rule("dkim-rsa-short", E, "RFC 8301 3.2",
         "Verifiers must not accept RSA keys below 1024 bits."),
    Rule("dkim-rsa-1024", W, "RFC 8301 3.2", "RSA keys should have 2048 bits."),
    Rule("dkim-rsa-long", W, "RFC 8301 3.2", "Verifiers need not handle RSA keys above 4096 bits."),
    Rule("dkim-ed25519-only", W, "RFC 8463 6", "Verifiers without Ed25519 see unsigned mail."),
    # The selector
    Rule("dkim-selector", E, "RFC 6376 3.1, RFC 1035 2.3.4", "The selector cannot be a DNS name."),
    Rule("dkim-target", E, "tool", "The CNAME target does not look like this vendor's."),
    Rule("dkim-cname-dangling", E, "RFC 6376 6.1.2",
         "The vendor's name holds no key: nothing verifies.", "lock"),
    Rule("dkim-multiple-keys", E, "RFC 6376 3.6.2.2",
         "With two keys at a selector a verifier takes either."),
    Rule("dkim-selector-clash", E, "format",
         "Two services claim one selector; only one can have it."),
    Rule("dkim-wildcard-live", W, "tool",
         "A revoked wildcard answers for every selector that is not declared."),
    # The key's life
    Rule("dkim-missing", W, "tool",
         "Without a published key the service's signatures do not count."),
    Rule("dkim-revoked-in-use", E, "RFC 6376 3.6.1",
         "An empty p revokes the key of a service that is in use."),
    Rule("dkim-unaligned", W, "RFC 9989 4.4.1",
         "A valid signature of another domain counts for nothing in DMARC."),
    Rule("dkim-selector-reuse", W, "RFC 6376 3.1",
         "Mail signed with the former key no longer verifies.", "diff"),
    Rule("dkim-early-removal", E, "tool",
         "Mail under way still needs the key (RFC 6376 5.2).", "diff"),
    Rule("dkim-rotation-due", A, "tool",
         "The longer a key is in use, the more a copy of it is worth.", "diff"),
)
# fmt: on
