"""Master files (RFC 1035 5.1): words, tokens, and the only reader."""

from generator.zonefile.reader import MAX_INCLUDES, Reader, Record, includes, soa_serial
from generator.zonefile.tokens import Entry, Token, entries, entry
from generator.zonefile.words import MAX_TTL, ZoneFileError, absolute, ttl, unescape

__all__ = [
    "MAX_INCLUDES",
    "MAX_TTL",
    "Entry",
    "Reader",
    "Record",
    "Token",
    "ZoneFileError",
    "absolute",
    "entries",
    "entry",
    "includes",
    "soa_serial",
    "ttl",
    "unescape",
]
