"""Texts that are refused, each with the line that the message names."""

from __future__ import annotations

import pytest

from generator.zonefile import MAX_INCLUDES, Reader, ZoneFileError, includes, soa_serial
from tests.zonefile.judges import ZONE, reader

HEAD = b"$TTL 60\n@ SOA ns h 1 2 3 4 5\n"  # two lines
LONG = b"a" * 63

REFUSED: dict[str, tuple[bytes, int, str]] = {
    # tokens
    "a string without its end": (HEAD + b'a TXT "b\nc TXT d\n', 3, "without its closing quote"),
    "a string without its end at the end": (HEAD + b'a TXT "b', 3, "without its closing quote"),
    "a string that goes on in the next line": (HEAD + b'a TXT "b\\\nc"\n', 3, "without its closing quote"),
    "a string that a comment seems to close": (HEAD + b'a TXT "b ; "c\n', 3, "quote"),
    "a string in the second line of a record": (HEAD + b'a TXT ( b\n "c\n )\n', 4, "closing quote"),
    "a string before CRLF": (HEAD + b'a TXT "b\r\n', 3, "without its closing quote"),
    "an open parenthesis": (HEAD + b"a TXT ( b\nc TXT d\n", 3, "`(` without `)`"),
    "an open parenthesis in the second line": (HEAD + b"a TXT ( b\nc ) ( TXT d\n", 4, "`(` without `)`"),
    "one of two parentheses open": (HEAD + b"\n\na TXT ( (\nb )\n", 5, "`(` without `)`"),
    "a parenthesis that only a comment closes": (HEAD + b"a TXT ( b ; )\n", 3, "`(` without `)`"),
    "a closing parenthesis alone": (HEAD + b"a TXT b )\n", 3, "`)` without `(`"),
    "a line of one closing parenthesis": (HEAD + b"; c\n)\n", 4, "`)` without `(`"),
    "a parenthesis closed twice": (HEAD + b"a TXT ( b\n) )\n", 4, "`)` without `(`"),
    "a bare carriage return": (HEAD + b"a TXT b\rc TXT d\n", 3, "carriage return"),
    "a bare carriage return in a comment": (HEAD + b"a TXT b ; c\rd TXT e\n", 3, "carriage return"),
    "a bare carriage return in a comment line": (HEAD + b"; c\rd TXT e\n", 3, "carriage return"),
    "a bare carriage return in a string": (HEAD + b'a TXT "b\rc"\n', 3, "carriage return"),
    "a carriage return at the very end": (HEAD + b"a TXT b\r", 3, "carriage return"),
    "lines that end in a carriage return only": (HEAD.replace(b"\n", b"\r"), 1, "carriage return"),
    "a NUL": (HEAD + b"a TXT b\0c\n", 3, "control character 0x00"),
    "a NUL in a string": (HEAD + b'a TXT "b\0c"\n', 3, "control character 0x00"),
    "a NUL behind a backslash": (HEAD + b"a TXT b\\\0c\n", 3, "control character 0x00"),
    "a NUL at a line's begin": (HEAD + b"\0\n", 3, "control character 0x00"),
    "text in UTF-16": ("$TTL 60\n".encode("utf-16-le"), 1, "control character 0x00"),
    "an escape character": (HEAD + b"a TXT \x1b[1mb\n", 3, "control character 0x1b"),
    "a delete character in a string": (HEAD + b'a TXT "\x7f"\n', 3, "control character 0x7f"),
    "a form feed between words": (HEAD + b"a TXT b\x0cc\n", 3, "control character 0x0c"),
    "a vertical tab as white space": (HEAD + b"a\x0bTXT b\n", 3, "control character 0x0b"),
    "a backslash at a line's end": (HEAD + b"a TXT b\\\n", 3, "backslash"),
    "a backslash at the very end": (HEAD + b"a TXT b\\", 3, "backslash"),
    "a quote in the middle of a word": (HEAD + b'a TXT b"c"\n', 3, "quote in the middle"),
    "a word glued to a string": (HEAD + b'a TXT "b"c\n', 3, "quote in the middle"),
    "a string glued to an escaped quote": (HEAD + b'a TXT b\\""c"\n', 3, "quote in the middle"),
    "a quote in a word of a second line": (HEAD + b'a TXT (\n b"c" )\n', 4, "quote in the middle"),
    # escapes
    "an octet that is none": (HEAD + b"a TXT \\999\n", 3, "\\999 is no octet"),
    "an octet that is none in a string": (HEAD + b'a TXT "b\\256"\n', 3, "\\256 is no octet"),
    "an octet that is none in an owner": (HEAD + b"a\\999 TXT b\n", 3, "\\999 is no octet"),
    "an octet that is none in a second line": (HEAD + b"a TXT (\n b\n \\300 )\n", 5, "\\300 is no octet"),
    "two digits behind a backslash": (HEAD + b"a TXT \\12\n", 3, "takes three"),
    "two digits behind a backslash in an owner": (HEAD + b"a\\12 TXT b\n", 3, "takes three"),
    # names
    "an empty label": (HEAD + b"a..b TXT c\n", 3, "empty label in a..b"),
    "an empty label at the beginning": (HEAD + b".a TXT c\n", 3, "empty label"),
    "an empty label behind an escape": (HEAD + b"a\\.b..c TXT d\n", 3, "empty label"),
    "two dots as a name": (HEAD + b".. TXT c\n", 3, "empty label"),
    "a label over 63 octets": (HEAD + LONG + b"a TXT b\n", 3, "more than 63"),
    "a label over 63 octets with escapes": (HEAD + b"\\097" * 64 + b" TXT b\n", 3, "more than 63"),
    "a name over 255 octets": (HEAD + b".".join([LONG] * 4) + b". TXT b\n", 3, "more than 255"),
    "a name over 255 octets by its origin": (HEAD + b".".join([LONG] * 3) + b"." + b"a" * 50 + b" TXT b\n", 3, "255"),
    "an origin over 255 octets": (HEAD + b"$ORIGIN " + b".".join([LONG] * 4) + b"\n", 3, "more than 255"),
    "an owner in quotes": (HEAD + b'"a" TXT b\n', 3, "in quotes"),
    "an origin in quotes": (HEAD + b'$ORIGIN "a"\n', 3, "in quotes"),
    "an owner in UTF-8": (HEAD + "bücher TXT b\n".encode(), 3, "A-labels"),
    "a byte order mark": (b"\xef\xbb\xbf" + HEAD, 1, "no record"),
    "a byte order mark before a record": (b"\xef\xbb\xbf@ 5 A 192.0.2.1\n", 1, "A-labels"),
    "a name in UTF-8 in data": (HEAD + "a CNAME bücher\n".encode(), 3, "beyond ASCII"),
    "a text in UTF-8 without quotes": (HEAD + "a TXT (\nbücher)\n".encode(), 4, "beyond ASCII"),
    "a bit string": (HEAD + b"\\[b1] TXT b\n", 3, "begins with"),
    # TTL and class
    "no TTL at all": (b"@ A 192.0.2.1\n", 1, "no TTL"),
    "no TTL before an SOA with one": (b"@ NS ns\n@ SOA ns h 1 2 3 4 5\n", 1, "no TTL"),
    "an SOA with a minimum over 31 bits": (b"@ SOA ns h 1 2 3 4 2147483648\n", 1, "no TTL"),
    "a TTL over 31 bits": (HEAD + b"a 2147483648 TXT b\n", 3, "TTL 2147483648 is malformed"),
    "a TTL over 31 bits in weeks": (HEAD + b"a 3551W TXT b\n", 3, "TTL 3551W is malformed"),
    "a TTL of a hundred digits": (HEAD + b"a " + b"9" * 100 + b" TXT b\n", 3, "malformed"),
    "a TTL of a hundred noughts": (HEAD + b"a " + b"0" * 100 + b" TXT b\n", 3, "malformed"),
    "a TTL that ends in a bare number": (HEAD + b"a 1h5 TXT b\n", 3, "TTL 1h5 is malformed"),
    "a TTL in an unknown unit": (HEAD + b"a 5y TXT b\n", 3, "TTL 5y is malformed"),
    "a negative TTL": (HEAD + b"a -5 TXT b\n", 3, "-5 is no type"),
    "two TTLs": (HEAD + b"a 5 5 TXT b\n", 3, "5 is no type"),
    "a TTL on either side of the class": (HEAD + b"a 5 IN 6 TXT b\n", 3, "6 is no type"),
    "a TTL in quotes": (HEAD + b'a "5" TXT b\n', 3, "no type"),
    "a class twice": (HEAD + b"a IN IN TXT b\n", 3, "IN is no type"),
    "a class on either side of the TTL": (HEAD + b"a IN 5 IN A 192.0.2.1\n", 3, "IN is no type"),
    "class CH": (HEAD + b"a CH TXT b\n", 3, "class CH; only IN"),
    "class CH behind a TTL": (HEAD + b"a 5 ch TXT b\n", 3, "class ch; only IN"),
    "class HS": (HEAD + b"a HS TXT b\n", 3, "class HS; only IN"),
    "class ANY": (HEAD + b"a ANY TXT b\n", 3, "class ANY; only IN"),
    "a class by its number": (HEAD + b"a CLASS3 TXT b\n", 3, "class CLASS3; only IN"),
    "a TTL that servers remember differently": (b"@ SOA ns h 1 2 3 4 5\na 9 A 192.0.2.1\nb A 192.0.2.1\n", 3, "$TTL"),
    # records
    "a first record without an owner": (b"$TTL 5\n TXT b\n", 2, "no owner"),
    "a word alone": (HEAD + b"a\n", 3, "no record"),
    "an owner with only a TTL": (HEAD + b"a 5\n", 3, "no record"),
    "an owner with only a class": (HEAD + b"a IN\n", 3, "no record"),
    "a type without data": (HEAD + b"a TXT\n", 3, "no record"),
    "a type whose data are a comment": (HEAD + b"a TXT ; v=spf1 -all\n", 3, "no record"),
    "a type in quotes": (HEAD + b'a "TXT" b\n', 3, "no type"),
    "a type that is a number": (HEAD + b"a 192.0.2.1 b\n", 3, "192.0.2.1 is no type"),
    "a type numbered 0": (HEAD + b"a TYPE0 \\# 0\n", 3, "TYPE0 is no type"),
    "a type numbered ANY": (HEAD + b"a TYPE255 \\# 0\n", 3, "TYPE255 is no type"),
    "a type of 17 bits": (HEAD + b"a TYPE65536 \\# 0\n", 3, "TYPE65536 is no type"),
    "a string of 256 octets": (HEAD + b'a TXT "' + b"b" * 256 + b'"\n', 3, "more than 255"),
    "a word of 256 octets": (HEAD + b"a TXT b " + b"b" * 256 + b"\n", 3, "more than 255"),
    "a line of 1 MiB": (HEAD + b"a TXT" + b" b" * (1 << 19) + b"\n", 3, "characters"),
    "a word of 1 MiB": (HEAD + b"a TXT " + b"b" * (1 << 20) + b"\n", 3, "characters"),
    "a string of 1 MiB": (HEAD + b'a TXT "' + b"b" * (1 << 20) + b'"\n', 3, "characters"),
    "an owner of 1 MiB": (HEAD + b"a." * (1 << 19) + b" TXT b\n", 3, "more than 255"),
    "a line of 1 MiB of another type": (HEAD + b"a DNSKEY 256 3 8 " + b"b" * (1 << 20) + b"\n", 3, "characters"),
    "generic data of another length": (HEAD + b"a A \\# 4 c00002\n", 3, "\\# takes"),
    "generic data without a length": (HEAD + b"a A \\#\n", 3, "\\# takes"),
    "generic data that are no hexadecimal": (HEAD + b"a A \\# 2 zzzz\n", 3, "\\# takes"),
    "generic data in quotes": (HEAD + b'a A \\# "1" "00"\n', 3, "\\# takes"),
    "generic texts that are cut off": (HEAD + b"a TXT \\# 3 056162\n", 3, "no strings"),
    "an SOA below the top": (HEAD + b"a SOA ns h 1 2 3 4 5\n", 3, "not at the top"),
    "an SOA outside the zone": (HEAD + b"a.org. SOA ns h 1 2 3 4 5\n", 3, "not at the top"),
    "an SOA that is too short": (b"@ 5 SOA ns h 1 2 3 4\n", 1, "five numbers"),
    "an SOA with a word for a number": (b"@ 5 SOA ns h 1 2 3 four 5\n", 1, "five numbers"),
    # directives
    "$GENERATE": (HEAD + b"$GENERATE 1-9 host$ A 192.0.2.$\n", 3, "$GENERATE is not read"),
    "$generate": (HEAD + b"\n$generate 1-9 host$ A 192.0.2.$\n", 4, "$GENERATE is not read"),
    "a directive with an octet beyond ASCII": (HEAD + b"$FOO\x9b bar\n", 3, "directive $FOO"),
    "a type with an octet beyond ASCII": (HEAD + b"a TXT\x9b bar\n", 3, "is no type"),
    "an unknown directive": (HEAD + b"$FOO bar\n", 3, "directive $FOO"),
    "a directive of BIND's dumps": (HEAD + b"$DATE 20200101000000\n", 3, "directive $DATE"),
    "an owner that looks like a directive": (HEAD + b"$a TXT b\n", 3, "directive $A"),
    "a directive that is indented": (HEAD + b" $ORIGIN a\n", 3, "$ORIGIN is no type"),
    "$ORIGIN without a name": (HEAD + b"$ORIGIN\n", 3, "$ORIGIN is malformed"),
    "$ORIGIN with two names": (HEAD + b"$ORIGIN a b\n", 3, "$ORIGIN is malformed"),
    "$TTL without a number": (HEAD + b"$TTL\n", 3, "$TTL is malformed"),
    "$TTL with a word": (HEAD + b"$TTL soon\n", 3, "$TTL takes"),
    "$TTL over 31 bits": (HEAD + b"$TTL 2147483648\n", 3, "$TTL takes"),
    "$TTL with two numbers": (HEAD + b"$TTL 5 6\n", 3, "$TTL is malformed"),
    "$INCLUDE without a file": (HEAD + b"$INCLUDE\n", 3, "$INCLUDE is malformed"),
    "$INCLUDE with three words": (HEAD + b"$INCLUDE part a b\n", 3, "$INCLUDE is malformed"),
    "$INCLUDE with a backslash": (HEAD + b"$INCLUDE pa\\rt\n", 3, "backslash in a file name"),
    "$INCLUDE of a missing file": (HEAD + b"\n$INCLUDE missing\n", 4, "missing does not exist"),
    "$INCLUDE with a bad origin": (HEAD + b"$INCLUDE part a..b\n", 3, "empty label"),
    "$ORIGIN as the last word": (HEAD + b"$ORIGIN a", 3, "line end"),
    "$INCLUDE with an origin as the last word": (HEAD + b"$INCLUDE part a", 3, "line end"),
    "a blank owner right after $INCLUDE": (HEAD + b"$INCLUDE part\n TXT b\n", 4, "right after $INCLUDE"),
    "a blank owner after $INCLUDE and more": (
        HEAD + b'$INCLUDE "part" ; c\n\n; c\n$ORIGIN a\n(\n)\n TXT (b)\n', 9, "right after $INCLUDE"),
    "an included file that sets $TTL": (HEAD + b"$INCLUDE ttl\n", 3, "ttl sets $TTL"),
    "a mistake in an included file": (HEAD + b"$INCLUDE bad\n", 3, "in bad, line 2: `(` without"),
    "a mistake in a file with a strange name": (HEAD + b"$INCLUDE \xe4\n", 3, "in ?, line 1: empty label"),
    "a mistake two files down": (HEAD + b"$INCLUDE worse\n", 3, "in worse, line 1: in bad, line 2: `("),
    "a file that includes itself": (HEAD + b"$INCLUDE loop\n", 3, "nested too deeply"),
    "two files that include each other": (HEAD + b"$INCLUDE ping\n", 3, "nested too deeply"),
}  # fmt: skip

FILES = {
    "part": b"x A 192.0.2.1\n",
    "ttl": b"$TTL 5\nx A 192.0.2.1\n",
    "bad": b"\nx TXT (\n",
    "worse": b"$INCLUDE bad",
    "\udce4": b"a..b A 192.0.2.1\n",
    "loop": b"$INCLUDE loop",
    "ping": b"$INCLUDE pong",
    "pong": b"$INCLUDE ping",
}


@pytest.mark.parametrize(("text", "line", "message"), REFUSED.values(), ids=list(REFUSED))
def test_it_is_refused_with_its_line(text: bytes, line: int, message: str):
    with pytest.raises(ZoneFileError) as caught:
        reader(files=FILES).read(text)
    assert message in caught.value.message
    assert caught.value.line == line
    assert str(caught.value).startswith(f"line {line}: ")
    assert len(str(caught.value)) < 600
    assert str(caught.value).isprintable()


def test_line_numbers_count_crlf_once():
    with pytest.raises(ZoneFileError, match="line 5: "):
        reader().read(b"$TTL 60\r\n\r\n; c\r\na TXT (\r\n\\999 )\r\n")


@pytest.mark.parametrize("levels", [MAX_INCLUDES, MAX_INCLUDES + 1])
def test_includes_may_be_nested_as_deep_as_it_says(levels: int):
    files = {str(level): b"$INCLUDE %d\n" % (level + 1) for level in range(1, levels)}
    files[str(levels)] = b"x A 192.0.2.1\n"
    used = reader(files=files)
    if levels > MAX_INCLUDES:
        with pytest.raises(ZoneFileError, match="nested too deeply"):
            used.read(b"$TTL 5\n$INCLUDE 1\n")
    else:
        assert [record.owner for record in used.read(b"$TTL 5\n$INCLUDE 1\n")] == [
            b"x.example.com."
        ]


def test_a_ttl_that_nobody_needs_may_be_uncertain():
    text = b"@ 9 SOA ns h 1 2 3 4 5\na.org. 7 TXT b\na 5 TXT b\n$INCLUDE part\nb 6 TXT c\n TXT d\n"
    found = reader(files={"part": b"x 3 TXT y\n"}).read(text)
    assert [(record.owner[:2], record.ttl) for record in found] == [
        (b"ex", 9), (b"a.", 5), (b"x.", 3), (b"b.", 6), (b"b.", 6)]  # fmt: skip


def test_an_included_file_may_set_the_ttl_that_holds_anyway():
    found = reader(files={"ttl": b"$TTL 1m\nx A 192.0.2.1\n"}).read(
        b"$TTL 60\n$INCLUDE ttl\ny A 192.0.2.1\n"
    )
    assert [record.ttl for record in found] == [60, 60]


def test_without_a_way_to_include_files_are_only_listed():
    used = Reader(ZONE)
    found = used.read(b'$TTL 60\na TXT b\n$INCLUDE "part 1"\n$include part2 c\nd TXT e\n')
    assert [record.owner for record in found] == [b"a.example.com.", b"d.example.com."]
    assert used.skipped == ["part 1", "part2"]
    with pytest.raises(ZoneFileError, match="differ on the TTL"):
        Reader(ZONE).read(b"a 60 TXT b\n$INCLUDE part\nd TXT e\n")


def test_a_reader_begins_anew_with_each_text():
    used = Reader(ZONE)
    used.read(b"a 60 TXT b\nc.org. 5 TXT d\n$INCLUDE part\n")
    assert (len(used.outside), used.skipped) == (1, ["part"])
    assert [record.ttl for record in used.read(b"a 5 TXT b\nb TXT c\n")] == [5, 5]
    assert (used.outside, used.skipped) == ([], [])


# --- serial and includes ---------------------------------------------------------------------

NO_SERIAL: dict[str, tuple[bytes, int, str]] = {
    "no SOA": (b"a 5 TXT b\n", 1, "no SOA record"),
    "an empty file": (b"", 1, "no SOA record"),
    "two SOA records": (HEAD + b"@ SOA ns h 1 2 3 4 5\n", 3, "a second SOA"),
    "an SOA that ends early": (b"@ SOA ns h\n", 1, "no SOA record"),
    "a serial of words": (b"@ SOA ns h soon 2 3 4 5\n", 1, "the serial soon"),
    "a serial of 33 bits": (b"@ SOA ns h 4294967296 2 3 4 5\n", 1, "at most 32 bits"),
    "a serial of 5000 digits": (b"@ SOA ns h " + b"1" * 5000 + b" 2 3 4 5\n", 1, "at most 32 bits"),
    "a serial in quotes": (b'@ SOA ns h "1" 2 3 4 5\n', 1, 'the serial "1"'),
    "an unbalanced parenthesis": (HEAD + b"a TXT (\n", 3, "`(` without"),
    "another class": (b"@ CH SOA ns h 1 2 3 4 5\n", 1, "class CH"),
    "an SOA in the data of a TXT record": (b"a TXT SOA ns h 1\n", 1, "no SOA record"),
    "an SOA as an owner": (b"SOA 5 IN TXT h 1\n", 1, "no SOA record"),
    "an SOA in a directive": (b"$ORIGIN SOA a b 1\n", 1, "no SOA record"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "message"), NO_SERIAL.values(), ids=list(NO_SERIAL))
def test_a_serial_is_not_guessed(text: bytes, line: int, message: str):
    with pytest.raises(ZoneFileError) as caught:
        soa_serial(text)
    assert message in caught.value.message
    assert caught.value.line == line


@pytest.mark.parametrize(
    "text",
    [
        b"@ SOA ns h 42 2 3 4 5\n",
        b"@ 1h IN soa ns h ( ; serial 41\r\n\t42 ; that one\r\n 2 3 4 5 )",
        b"SOA IN 5 SOA SOA SOA 42 2 3 4 5\n",
        b"TXT TXT SOA a b 41\n; @ SOA ns h 43 2 3 4 5\n (@) IN SOA x\n@ (CLASS1 SOA) ns h 42 2 3 4 5\n",
        b'a TXT "@ SOA ns h 43 2 3 4 5"\n@ SOA ns h 42 2 3 4 5\n',
        b"a TXT b\n SOA ns h 42 2 3 4 5\n",
    ],
)
def test_the_serial_is_found_where_it_stands(text: bytes):
    token = soa_serial(text)
    assert token.text == b"42"
    assert text[token.start : token.end] == b"42"


def test_the_files_that_a_text_includes_are_listed():
    text = (
        b'$INCLUDE a.inc\n$include "b c.inc" sub ; $INCLUDE no\n'
        b'a TXT $INCLUDE no\n $INCLUDE no\n"$INCLUDE" no\n$INCLUDE\n( $INCLUDE\n\xe4.inc )\n'
    )
    assert includes(text) == ["a.inc", "b c.inc", "\udce4.inc"]
    with pytest.raises(ZoneFileError, match="line 2: a backslash in a file name"):
        includes(b"\n$INCLUDE a\\b\n")
