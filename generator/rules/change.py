"""Rules about what one change does to mail: two states are needed to see it."""

from __future__ import annotations

from generator.rules.rule import E, Rule, W

# fmt: off
RULES = (
    Rule("change-spf-removed", E, "tool", "Without SPF no host passes, and strangers are not told.",
         "diff"),
    Rule("change-dmarc-removed", E, "tool", "Without DMARC forged mail is delivered, unreported.",
         "diff"),
    Rule("change-policy-weakened", W, "tool", "Forgers may do again what the policy stopped.",
         "diff"),
    Rule("change-service-removed", E, "tool",
         "A service that still sends fails at once; retiring it first costs nothing.", "diff"),
    Rule("change-path-lost", E, "tool", "Mail that passed DMARC no longer does (RFC 9989 4.4).",
         "diff"),
    Rule("change-range-lost", E, "tool", "Mail from there no longer passes SPF (RFC 7208 2.6).",
         "diff"),
    Rule("change-inherited", W, "tool",
         "Names without a record of their own follow the policy above (RFC 9989 4.10.1).", "diff"),
    Rule("change-reports-stop", W, "tool", "Without reports nobody sees what fails.", "diff"),
    Rule("change-mail-in", E, "tool", "Mail to the domain goes elsewhere, or nowhere.", "diff"),
    Rule("change-ttl", W, "tool", "Until the TTL has passed, going back helps nobody.", "diff"),
    Rule("change-domain-gone", W, "tool", "Its records stay, and nobody keeps them.", "diff"),
)
# fmt: on
