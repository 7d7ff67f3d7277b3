"""Rules about transport and brand records: MTA-STS, TLS-RPT, DANE, CAA, BIMI."""

from __future__ import annotations

from generator.rules.rule import E, Rule, W

# fmt: off
RULES = (
    Rule("mta-sts-record", E, "RFC 8461 3.1",
         "Unless exactly one record is valid, senders see no MTA-STS."),
    Rule("mta-sts-policy", E, "RFC 8461 3.2",
         "A policy that lacks a field or exceeds a limit does not count."),
    Rule("mta-sts-host", E, "RFC 8461 3.2",
         "Senders fetch the policy from the host mta-sts, which must exist."),
    Rule("mta-sts-mx-uncovered", E, "RFC 8461 4.1",
         "In mode enforce, mail to an MX that no pattern names is kept back."),
    Rule("mta-sts-id-unchanged", E, "RFC 8461 3.1, 8.1",
         "Senders fetch a policy again only when the id differs.", "diff"),
    Rule("mta-sts-abrupt-removal", E, "RFC 8461 8.3",
         "Senders hold to a policy they know for up to a year.", "diff"),
    Rule("tlsrpt-record", E, "RFC 8460 3",
         "Unless exactly one record is valid, no reports are sent."),
    Rule("dane-insecure", W, "RFC 7672 2.2", "Without DNSSEC senders ignore TLSA.", "live"),
    Rule("dane-params", W, "RFC 7672 3.1, 2.2.3",
         "What counts is 3 1 1, or 2 0 1, at the MX host's own name."),
    Rule("caa-issuemail", E, "RFC 9495 4", "A malformed value forbids every authority to issue."),
    Rule("bimi-policy", E, "tool",
         "Logos show only under an enforced DMARC policy (BIMI draft 12)."),
    Rule("bimi-record", E, "tool",
         "Receivers repair nothing: a malformed record shows no logo (BIMI draft 12)."),
)
# fmt: on
