"""Rules about stages, parked domains, and the way up the ladder."""

from __future__ import annotations

from generator.rules.rule import A, E, Rule, W

# fmt: off
RULES = (
    # A declaration against its stage
    Rule("stage-deviation", A, "tool", "A tag differs from what the stage says."),
    Rule("retiring-past", A, "tool",
         "The service was to retire; it may be removed from the declaration."),
    Rule("parked-has-service", E, "tool", "A parked domain sends nothing."),
    Rule("parked-incomplete", E, "tool",
         "Only -all and p=reject together say that no mail is genuine (RFC 7208 10.1.2)."),
    Rule("parked-wildcard", W, "RFC 9989 A.4",
         "Beside a wildcard np never applies; sp must do its work."),
    Rule("rollout-service-unauthenticated", E, "RFC 9989 5.1.6",
         "The service's own mail would be refused."),
    Rule("rollout-hardfail-early", W, "RFC 9989 7.1",
         "-all may refuse mail that DKIM would have let pass."),
    Rule("rollout-hardfail-no-dkim", E, "tool",
         "Forwarded mail fails SPF; only DKIM can save it (RFC 9989 7.1)."),
    Rule("rollout-sub-lag", E, "tool",
         "Forgers use the subdomains that lag behind (RFC 9989 3.2.9)."),
    Rule("rollout-mandate", W, "tool",
         "The rollout is to end below what the chosen mandate demands."),
    Rule("rollout-bulk-minimum", E, "tool",
         "Large mailbox providers refuse bulk mail without SPF, DKIM and DMARC."),
    # One diff
    Rule("rollout-stage-skipped", E, "tool",
         "Each stage shows what the next one would break.", "diff"),
    Rule("rollout-dwell", E, "tool",
         "Slow senders show up late (RFC 9989 7.4 asks for a month).", "diff"),
    Rule("rollout-two-axes", E, "tool",
         "If mail is lost, nobody knows which of two changes did it.", "diff"),
    Rule("rollout-add-and-tighten", E, "tool",
         "A new key is not everywhere yet when the policy begins to bite.", "diff"),
    Rule("rollout-rollback-by-t", E, "tool",
         "Older receivers know no t: going back takes a plain policy.", "diff"),
    Rule("rollout-late-service", E, "tool",
         "A service that starts under reject has no room for a mistake.", "diff"),
    # Reports
    Rule("rollout-no-evidence", E, "tool",
         "Without reports nothing is known of who sends (RFC 9989 5.1.5).", "reports"),
    Rule("rollout-service-unseen", E, "tool",
         "A service that was never seen may fail (RFC 9989 5.1.5).", "reports"),
    Rule("rollout-service-failing", E, "tool",
         "Its failing mail would be lost (RFC 9989 5.1.6).", "reports"),
    Rule("rollout-unknown-source", E, "tool",
         "It may be a sender that nobody declared (RFC 9989 5.1.5).", "reports"),
    Rule("rollout-term-in-use", E, "tool",
         "Mail that still needs the term or key would fail.", "reports"),
)
# fmt: on
