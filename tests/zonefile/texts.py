"""Hypothesis strategies for master files that name servers read alike.

They use every freedom of RFC 1035 5.1 and of the servers (units in TTLs, class and TTL in either
order, parentheses anywhere, escapes, TYPEnnn) except for what `generator.zonefile` refuses.
"""

from __future__ import annotations

import string
from dataclasses import dataclass, field

from hypothesis import strategies as st

_PLAIN = string.ascii_letters + string.digits + "-_"
# Octets of a name that need a backslash, and some that merely have one.
_ESCAPED = ["\\.", "\\046", "\\065", '\\"', "\\034", "\\;", "\\(", "\\\\", "\\@", "\\$", "\\032",
            "\\ ", "\\x", "\\000", "\\255", "@", "$", "*"]  # fmt: skip
_WORDS = ["IN", "in", "A", "TXT", "SOA", "3600", "1h", "CH", "TYPE1", "MX", "ns1", "*", "mail"]
_ORIGINS = ["example.com.", "sub.example.com.", "sub", "Deep.Sub.EXAMPLE.com.", "a\\.b", "@"]
_TTLS = [
    "0",
    "60",
    "300",
    "003600",
    "86400",
    "2147483647",
    "1h",
    "1H30m",
    "1W2D3h",
    "5M30S",
    "0w1s",
]

_label = st.one_of(
    st.text(_PLAIN, min_size=1, max_size=8),
    st.sampled_from(_WORDS),
    st.lists(
        st.one_of(st.text(_PLAIN, min_size=1, max_size=3), st.sampled_from(_ESCAPED)),
        min_size=1, max_size=4,
    ).map("".join).filter(lambda label: label[0] not in "$@"),
)  # fmt: skip
_relative = st.lists(_label, min_size=1, max_size=3).map(".".join)
_inside = st.one_of(st.just("@"), _relative, _relative.map(lambda name: f"{name}.Example.COM."))

_anywhere = st.one_of(_inside, st.sampled_from([".", "other.net.", "MAIL.Other.Net.", "a\\.b.c."]))

_in_quotes = st.one_of(
    st.characters(codec="utf-8", exclude_characters='"\\', exclude_categories=["Cc", "Cs"]),
    st.sampled_from(
        ["\\\\", '\\"', "\\;", ";", "(", ")", "\\009", "\\255", "\\000", "\t", "  ", "\\x"]
    ),
)
_quoted = st.lists(_in_quotes, max_size=12).map(lambda parts: f'"{"".join(parts)}"')
_unquoted = st.lists(
    st.one_of(
        st.text(_PLAIN + "=:~!'.,@$+/*", min_size=1, max_size=5),
        st.sampled_from(["\\;", '\\"', "\\(", "\\)", "\\\\", "\\ ", "\\032", "\\200"]),
    ),
    min_size=1,
    max_size=5,
).map("".join)
_string = st.one_of(_quoted, _unquoted)
_ascii_string = st.text(_PLAIN + " ;()", max_size=10).map(lambda text: f'"{text}"')
_byte, _short = st.integers(0, 255), st.integers(0, 65535)


def _hex(octets: bytes) -> str:
    return octets.hex()


def _data(*parts: st.SearchStrategy[object]) -> st.SearchStrategy[list[str]]:
    return st.tuples(*parts).map(lambda values: [str(value) for value in values])


_v4 = st.ip_addresses(v=4).map(str)
_v6 = st.ip_addresses(v=6).map(str)
_wire_string = st.binary(max_size=20).map(lambda octets: bytes([len(octets)]) + octets)


def _generic(octets: bytes) -> list[str]:
    r"""``\# length hex``, the hexadecimal cut in two (RFC 3597 5)."""
    digits = octets.hex()
    half = len(digits) // 3
    return ["\\#", str(len(octets)), *filter(None, (digits[:half], digits[half:].upper()))]


_RECORDS: dict[str, st.SearchStrategy[list[str]]] = {
    "A": _data(_v4),
    "AAAA": _data(_v6),
    "AFSDB": _data(_short, _anywhere),
    "PTR": _data(_anywhere),
    "MX": _data(_short, _anywhere),
    "RP": _data(_anywhere, _anywhere),
    "SRV": _data(_short, _short, _short, _anywhere),
    "TXT": st.lists(_string, min_size=1, max_size=4),
    "SPF": st.lists(_quoted, min_size=1, max_size=2),
    "HINFO": _data(_ascii_string, _ascii_string),
    "CAA": _data(_byte, st.sampled_from(["issue", "issuewild", "iodef"]), _ascii_string),
    "TLSA": _data(_byte, _byte, st.just(0), st.binary(min_size=1, max_size=40).map(_hex)),
    "SSHFP": _data(st.just(4), st.just(2), st.binary(min_size=32, max_size=32).map(_hex)),
    "NAPTR": _data(
        _short, _short, st.just('"U"'), st.just('"E2U+sip"'), st.just('"!^.*$!sip:a@b.c!"'), _anywhere
    ),
    "LOC": st.just(["52", "22", "23.000", "N", "4", "53", "32.000", "E", "-2.00m", "10m"]),
    "TYPE16": st.lists(_string, min_size=1, max_size=3),
    "TYPE65280": st.binary(max_size=20).map(_generic),
    "A#": st.binary(min_size=4, max_size=4).map(_generic),
    "TXT#": st.lists(_wire_string, min_size=1, max_size=3).map(b"".join).map(_generic),
    "TYPE1": _data(_v4),
}  # fmt: skip


@dataclass
class _Builder:
    draw: st.DrawFn
    explicit: bool  # each record with an owner and a TTL of its own
    aliases: int = 0
    may_be_blank: bool = False
    has_default: bool = False
    lines: list[str] = field(default_factory=list)

    def chance(self, of: int) -> bool:
        return self.draw(st.integers(0, of - 1)) == of - 1

    def gap(self) -> str:
        return self.draw(st.sampled_from([" ", "\t", "  ", " \t "]))

    def comment(self) -> str:
        inner = st.characters(codec="utf-8", exclude_characters="\r\n")
        return ";" + self.draw(st.text(inner, max_size=12))

    def eol(self) -> str:
        return self.draw(st.sampled_from(["\n", "\n", "\r\n"]))

    def layout(self, words: list[str], blank: bool) -> str:
        """The words on one line, or on several between parentheses."""
        out = self.gap() if blank else ""
        folded, depth = self.chance(3), 0
        for index, word in enumerate(words):
            between = ""
            if depth and self.chance(4):
                between += self.draw(st.sampled_from([")", " )", f"{self.eol()})"]))
                depth -= 1
            if folded and self.chance(3):
                opened = self.draw(st.sampled_from(["(", "((", "( ", f"({self.eol()}"]))
                between += opened if index == 0 or self.chance(2) else f" {opened}"
                depth += opened.count("(")
            # A comment before anything else dnspython takes for the whole entry.
            if depth and index and self.chance(3):
                between += self.draw(st.sampled_from(["", " ", self.comment()])) + self.eol()
            out += between or (self.gap() if index else "")
            out += word
        for _ in range(depth):
            out += self.draw(st.sampled_from([")", " )", f"{self.eol()} )"]))
        if self.chance(4):
            out += self.draw(st.sampled_from(["", " ", "\t"])) + self.comment()
        elif self.chance(4):
            out += self.gap()
        return out + self.eol()

    def head(self, ttl: bool) -> list[str]:
        """TTL and class, each at most once and in either order."""
        words = [self.draw(st.sampled_from(_TTLS))] if ttl else []
        if self.draw(st.booleans()):
            words.insert(
                self.draw(st.integers(0, len(words))),
                self.draw(st.sampled_from(["IN", "in", "In", "CLASS1"])),
            )
        return words

    def record(self) -> None:
        ttl = self.explicit or self.chance(3)
        if self.chance(12):
            self.aliases += 1
            owner, kind, data = f"alias{self.aliases}.EXAMPLE.com.", "CNAME", [self.draw(_anywhere)]
        else:
            kind = self.draw(st.sampled_from(sorted(_RECORDS)))
            data = self.draw(_RECORDS[kind])
            owner = self.draw(_inside)
        blank = self.may_be_blank and kind != "CNAME" and not self.explicit and self.chance(2)
        kind = kind.rstrip("#")
        if self.chance(3):
            kind = kind.lower()
        words = [*([] if blank else [owner]), *self.head(ttl), kind, *data]
        self.lines.append(self.layout(words, blank))
        self.may_be_blank = kind.upper() != "CNAME"

    def line(self) -> None:
        match self.draw(st.integers(0, 13)):
            case 0:
                self.lines.append(
                    f"{self.draw(st.sampled_from(['', ' ', self.gap()]))}{self.eol()}"
                )
            case 1:
                self.lines.append(
                    f"{self.draw(st.sampled_from(['', ' ']))}{self.comment()}{self.eol()}"
                )
            case 2:
                # Back to the top now and then, so that names do not grow without end.
                self.lines.append(f"$ORIGIN example.com.{self.eol()}")
                name = self.draw(st.sampled_from(_ORIGINS))
                word = self.draw(st.sampled_from(["$ORIGIN", "$origin"]))
                self.lines.append(self.layout([word, name], False))
            case 3:
                word = self.draw(st.sampled_from(["$TTL", "$Ttl"]))
                self.lines.append(self.layout([word, self.draw(st.sampled_from(_TTLS))], False))
                self.has_default = True
            case 4:
                self.lines.append(f"({self.eol()}){self.gap()}{self.eol()}")
            case 5 if not self.explicit:
                self.lines.append(f"elsewhere.org.{self.gap()}TXT outside{self.eol()}")
                # A TTL stated outside the zone is refused as the default for what follows.
                self.may_be_blank = self.has_default
            case _:
                self.record()

    def soa(self) -> None:
        numbers = [str(self.draw(st.integers(0, 2**32 - 1)))]
        numbers += [self.draw(st.sampled_from(_TTLS)) for _ in range(4)]
        words = [
            "@",
            *self.head(ttl=True),
            self.draw(st.sampled_from(["SOA", "soa"])),
            "ns.other.net.",
        ]
        self.lines.append(self.layout([*words, "hostmaster\\.dns", *numbers], False))
        self.lines.append(self.layout(["@", "60", "NS", "ns.other.net."], False))
        self.may_be_blank = True


@st.composite
def zones(draw: st.DrawFn, explicit: bool = False, most: int = 10) -> bytes:
    """A whole zone; ``explicit``: each record has an owner and a TTL of its own."""
    builder = _Builder(draw, explicit)
    if draw(st.booleans()):
        builder.lines.append(f"$TTL {draw(st.sampled_from(_TTLS))}{builder.eol()}")
        builder.has_default = True
    builder.soa()
    for _ in range(draw(st.integers(1, most))):
        builder.line()
    return _finished(builder)


@st.composite
def fragments(draw: st.DrawFn) -> bytes:
    """Records and directives to be included; TTLs are stated or come from outside."""
    builder = _Builder(draw, explicit=False)
    for _ in range(draw(st.integers(1, 4))):
        builder.record()
    return _finished(builder)


def _finished(builder: _Builder) -> bytes:
    text = "".join(builder.lines)
    # BIND refuses a directive there.
    if builder.chance(4) and "$" not in builder.lines[-1]:
        text = text.removesuffix("\n").removesuffix("\r")
    return text.encode("utf-8")
