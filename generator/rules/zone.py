"""Rules about records as DNS, and about zone files."""

from __future__ import annotations

from generator.rules.rule import A, E, Rule, W

# fmt: off
RULES = (
    # What stands beside what
    Rule("zone-cname-other", E, "RFC 2181 10.1", "A CNAME stands alone at its name."),
    Rule("zone-rrset-ttl", E, "RFC 2181 5.2", "All records of a set have one TTL."),
    Rule("zone-null-mx-mixed", E, "RFC 7505 3", "A null MX stands alone."),
    Rule("zone-null-mx-sender", E, "RFC 7505 4.2",
         "A domain that sends or receives mail has no null MX."),
    Rule("zone-mx-alias", W, "RFC 2181 10.3",
         "An MX that names an alias is not followed by every sender."),
    Rule("zone-two-receivers", E, "tool", "Mail would go to either of two services at random."),
    Rule("zone-no-mail-in", E, "tool", "A whole zone without an MX loses all incoming mail."),
    Rule("zone-wildcard-shadowed", E, "tool",
         "A created name is taken away from the wildcard (RFC 4592 2.2.2): its mail has nowhere to go."),
    Rule("zone-wildcard-underscore", W, "RFC 8552 1.4",
         "A wildcard TXT answers for underscored names too."),
    Rule("zone-below-cut", E, "RFC 1035 5.2", "Names below a delegation are served elsewhere."),
    Rule("zone-apex", E, "RFC 1035 5.2", "A whole zone needs SOA and name servers."),
    # Names and data
    Rule("zone-name-length", E, "RFC 1035 2.3.4",
         "A label has at most 63 octets, a name 253 characters."),
    Rule("zone-u-label", E, "RFC 8616 3", "DNS for mail knows names as A-labels only."),
    Rule("zone-host-name", E, "tool", "BIND refuses a zone with addresses or mail at such a name."),
    Rule("zone-missing-dot", E, "RFC 1035 5.1",
         "Without a final dot the zone's own name is appended."),
    Rule("zone-record", E, "RFC 1035 3.3, 5.1", "The record's data is malformed."),
    Rule("zone-text", E, "RFC 1035 5.1", "TXT records of mail are printable ASCII on one line."),
    Rule("zone-unquoted-semicolon", E, "RFC 1035 5.1",
         "Outside quotes a semicolon begins a comment: the rest is lost."),
    Rule("zone-escape", E, "RFC 1035 5.1", "A bare quote or backslash changes where a text ends."),
    Rule("zone-string-length", E, "RFC 1035 3.3",
         "One string of a TXT record has at most 255 octets."),
    Rule("zone-octodns-semicolon", E, "tool",
         "octoDNS wants each semicolon of a TXT value escaped, once."),
    Rule("zone-ttl", E, "RFC 2181 8", "A TTL has 31 bits."),
    Rule("zone-soa", E, "RFC 1035 5.2", "A zone has one SOA, at its top."),
    Rule("zone-serial", E, "RFC 1982 7",
         "Secondaries take a zone only if its serial rises.", "diff"),
    # Zone files kept by hand
    Rule("zone-file", E, "format",
         "The zone file cannot be read safely, so nothing is merged into it."),
    Rule("zone-signed", E, "tool", "A merge would break the signatures of a signed file."),
    Rule("zone-dynamic", E, "tool",
         "A file with a journal is the name server's, not the editor's."),
    Rule("zone-merge", E, "format", "A line by another hand would change its meaning."),
    Rule("zone-rival", E, "format", "Only one of the two records can be in the zone."),
    Rule("zone-output", E, "format", "Of two zones with one file name, one would be lost."),
    Rule("adopt-unused", A, "format", "The record was replaced, or never was as it is listed."),
)
# fmt: on
