"""Rules about SPF records (RFC 7208)."""

from __future__ import annotations

from generator.rules.rule import A, E, Rule, W

# fmt: off
RULES = (
    # What makes receivers drop the whole record
    Rule("spf-syntax", E, "RFC 7208 4.6, 12",
         "Any malformed term makes receivers ignore the whole record."),
    Rule("spf-version", E, "RFC 7208 4.5", "A record that does not begin with v=spf1 is not SPF."),
    Rule("spf-charset", E, "RFC 7208 3.1, 4.6.1",
         "SPF is US-ASCII, its terms separated by spaces."),
    Rule("spf-u-label", E, "RFC 7208 4.3, RFC 8616 4",
         "Names in SPF are A-labels; receivers convert none."),
    Rule("spf-domain-spec", E, "RFC 7208 7.1, 4.8",
         "The target is no domain name that a receiver could look up."),
    Rule("spf-macro-syntax", E, "RFC 7208 7.1",
         "A malformed macro makes receivers ignore the whole record."),
    Rule("spf-cidr-syntax", E, "RFC 7208 5.6", "The address or prefix length is malformed."),
    Rule("spf-trailing-dot", W, "RFC 7208 7.3", "A final dot in a target should not be published."),
    Rule("spf-modifier-twice", E, "RFC 7208 6", "redirect and exp may appear once each."),
    Rule("spf-multiple-records", E, "RFC 7208 3.2, 4.5",
         "Two SPF records at a name fail for all mail."),
    Rule("spf-rrtype-99", E, "RFC 7208 3.1",
         "Receivers ask for TXT alone; the record type SPF was given up."),
    Rule("spf-join-space", E, "RFC 7208 3.3",
         "Strings are joined without a space, so two terms become one."),
    # Limits
    Rule("spf-lookup-limit", E, "RFC 7208 4.6.4",
         "Past ten look-ups receivers give up: permerror."),
    Rule("spf-lookup-near-limit", W, "RFC 7208 4.6.4",
         "A vendor that grows by one or two breaks the record."),
    Rule("spf-cost-unknown", W, "tool",
         "What a term costs is unknown, so the limit cannot be judged."),
    Rule("spf-void-limit", E, "RFC 7208 4.6.4",
         "The third term that finds nothing ends in permerror.", "lock"),
    Rule("spf-void-term", W, "RFC 7208 4.6.4",
         "The term finds nothing; receivers forgive two of these.", "lock"),
    Rule("spf-mx-names", E, "RFC 7208 4.6.4",
         "Past ten hosts behind one mx receivers give up.", "lock"),
    Rule("spf-include-none", E, "RFC 7208 5.2, 6.1",
         "A target without SPF is permerror for all mail.", "lock"),
    Rule("spf-include-loop", E, "RFC 7208 4.6.4",
         "Records that name each other never end but in permerror.", "lock"),
    Rule("spf-answer-size", W, "RFC 7208 3.4", "A large TXT answer may not get through over UDP."),
    Rule("spf-flatten-macro", E, "tool",
         "What a macro finds differs by message (RFC 7208 7): no addresses can replace it.", "lock"),
    Rule("spf-flatten-stale", W, "tool",
         "Vendors move unannounced; an old copy of their addresses fails new mail.", "lock"),
    # How the record ends
    Rule("spf-pass-all", E, "RFC 7208 5.1", "Everybody may send as this domain."),
    Rule("spf-no-terminator", W, "RFC 7208 4.7",
         "Without all or redirect every other sender is neutral."),
    Rule("spf-neutral-all", W, "RFC 7208 8.2", "Receivers treat neutral like no SPF at all."),
    Rule("spf-after-all", E, "RFC 7208 5.1, 6.1",
         "Terms behind all are never read, nor is redirect beside it."),
    Rule("spf-redirect-dead", W, "RFC 7208 5.1, 6.1", "Beside all a redirect is never followed."),
    # Terms that say too much, or nothing
    Rule("spf-ptr", W, "RFC 7208 5.5", "ptr is slow, unreliable and should not be published."),
    Rule("spf-ip-private", W, "RFC 6890",
         "The range can never be seen as a sender on the Internet."),
    Rule("spf-ip-covered", A, "RFC 7208 10.1.1",
         "Another range of the record holds the address already."),
    Rule("spf-cidr-wide", W, "RFC 9989 7.1", "Strangers inside the range pass as this domain."),
    Rule("spf-duplicate-term", W, "RFC 7208 4.6.4",
         "A term said twice is looked up and counted twice."),
    Rule("spf-useless-include", W, "RFC 9989 4.4.2",
         "The service's envelope never aligns; the term only costs."),
    Rule("service-wants-hardfail", A, "tool",
         "The vendor does not verify the domain while its SPF ends in anything but -all."),
    # Names without SPF
    Rule("spf-helo-missing", A, "RFC 7208 10.1.2, 2.4",
         "Bounces are checked under the host's own name."),
    Rule("spf-wildcard-gap", A, "RFC 7208 3.5", "A wildcard does not answer for names that exist."),
)
# fmt: on
