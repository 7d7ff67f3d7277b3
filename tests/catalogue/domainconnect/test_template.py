"""Templates read: what is legal is understood, whatever else is refused at its place."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.catalogue.domainconnect.template import MAX_BYTES, RULE, read_template
from generator.catalogue.domainconnect.variables import TextError, Variable, cut, words
from generator.source import SourceError

RECORD = {"type": "CNAME", "host": "a", "pointsTo": "b.example"}


def template(*records, **more) -> bytes:
    data = {"providerId": "v.example", "serviceId": "s", "records": list(records) or [RECORD]}
    return json.dumps({**data, **more}, indent=1).encode()


def faults(raw: bytes) -> list[tuple[str, str, int, int]]:
    with pytest.raises(SourceError) as caught:
        read_template(raw, "t.json")
    found = caught.value.findings
    assert all(f.place.path == "t.json" for f in found)
    return [(f.rule, f.message, f.place.line, f.place.column) for f in found]


# -- what is understood -------------------------------------------------------------------------------


def test_the_texts_of_a_template():
    read = read_template(
        template(
            RECORD,
            providerName="Vendor\n Inc\u2028.",
            serviceName=None,
            version=3,
            description="\u001b[31mred",
            variableDescription="a: b",
            hostRequired=True,
            multiInstance=True,
            warnPhishing=True,
            logoUrl="https://v.example/x.png",
            surprise={"any": ["thing"]},
        ),
        "t.json",
    )
    assert (read.id, read.provider_name, read.service_name) == ("v.example.s", "Vendor Inc .", "")
    assert (read.version, read.description, read.variables) == ("3", "[31mred", "a: b")
    assert read.host_required
    assert read.several
    assert read.phishing


@pytest.mark.parametrize(
    ("record", "host", "value"),
    [
        ({"type": "CNAME", "host": "a.b", "pointsTo": "%x%.v.example"}, "a.b", "%x%.v.example"),
        ({"type": "TXT", "host": "@", "data": " v=1 ; %a% "}, "@", "v=1 ; %a%"),
        ({"type": "TXT", "host": "", "data": "x"}, "@", "x"),
        ({"type": "TXT", "data": "x"}, "@", "x"),
        ({"type": "TXT", "host": "%fqdn%", "data": "x"}, "@", "x"),
        ({"type": "TXT", "host": "%fqdn%.", "data": "x"}, "@", "x"),
        ({"type": "SPFM", "host": "@", "spfRules": "exists:%{i}.%x%"}, "@", "exists:%{i}.%x%"),
        ({"type": "NS", "host": "x", "pointsTo": "ns.example"}, "x", "ns.example"),
        ({"type": "REDIR301", "target": "https://x.example"}, "@", "https://x.example"),
        ({"type": "APEXCNAME", "pointsTo": "x.example"}, "@", "x.example"),
        ({"type": "DS", "keyTag": 1}, "@", ""),
        ({"type": "TYPE65", "host": "a"}, "a", ""),
    ],
)
def test_host_and_value_of_each_type(record, host, value):
    (read,) = read_template(template(record), "t.json").records
    assert (str(read.host), str(read.value), read.number) == (host, value, 1)


@pytest.mark.parametrize("host", [{"name": "@"}, {"name": "%sub%"}, {"host": "@"}, {}])
def test_the_name_of_an_SRV_record_is_put_together(host):
    record = {
        "type": "SRV", "service": "imaps", "protocol": "_tcp", "priority": "0", "weight": 1,
        "port": 993, "target": "imap.v.example", **host,
    }  # fmt: skip
    (read,) = read_template(template(record), "t.json").records
    below = ".%sub%" if host.get("name") == "%sub%" else ""
    assert str(read.host) == f"_imaps._tcp{below}"
    assert read.numbers == (0, 1, 993)


def test_numbers_may_be_text():
    rows = [
        {"type": "MX", "host": "@", "pointsTo": "x.example", "priority": p} for p in (0, "65535")
    ]
    assert [r.numbers for r in read_template(template(*rows), "t").records] == [(0,), (65535,)]


def test_characters_beyond_the_basic_plane_in_every_spelling():
    raw = (
        template(providerName="PLACE")
        .replace(b"PLACE", rb"\ud83d\udc26 \\ud83d \u00e9 \/")
        .decode()
    )
    assert read_template(raw.encode(), "t").provider_name == "\U0001f426 \\ud83d \u00e9 /"
    assert read_template(template(providerName="\U0001f426"), "t").provider_name == "\U0001f426"


def test_a_byte_order_mark_and_tabs_are_harmless():
    assert read_template(b"\xef\xbb\xbf" + template().replace(b" ", b"\t"), "t").id == "v.example.s"


# -- what is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "rule", "message", "line", "column"),
    [
        (b"", "wrong-type", "the document must be a mapping, not empty", 1, 1),
        (b"[]", "wrong-type", "the document must be a mapping, not a list", 1, 1),
        (b"{}", "missing-key", "the document needs `providerId`", 1, 1),
        (b"{'a': 1}", RULE, "this is not JSON: Expecting property name enclosed in double quotes", 1, 2),
        (b'{"a": 1,\n "b": }', RULE, "this is not JSON: Expecting value", 2, 7),
        (b'{"a": 1,}', RULE, "this is not JSON: Illegal trailing comma before end of object", 1, 8),
        (b"a: 1\n", RULE, "this is not JSON: Expecting value", 1, 1),
        (b'{"a": 1} x', RULE, "this is not JSON: Extra data", 1, 10),
        (b'{"a": NaN}', RULE, "this is not JSON: NaN is no number", 0, 0),
        (b'{"a": "\x07"}', RULE, "this is not JSON: Invalid control character at", 1, 8),
        (b'{"a": "\xff"}', "file-encoding", "octet 0xff is not UTF-8", 1, 8),
        (b'{"a":\n1, "a": 2}', "yaml-duplicate-key", "key `a` appears twice", 2, 4),
        (b'{"a": "\\ud800"}', "yaml-syntax", "found invalid Unicode character escape code", 1, 10),
        (b"[" * 50 + b"]" * 50, "yaml-nesting", "nested deeper than 40 levels", 1, 41),
        (b'{"a": ' + b"9" * 5000 + b"}", RULE, None, 0, 0),
    ],
)  # fmt: skip
def test_what_is_no_template_is_refused_at_its_place(raw, rule, message, line, column):
    ((found, said, at_line, at_column),) = [f for f in faults(raw) if f[1] != "" and f[0] == rule][
        :1
    ]
    if message is not None and "trailing comma" not in message:  # said so since Python 3.13
        assert (found, said, at_line, at_column) == (rule, message, line, column)


def test_all_missing_keys_are_told():
    assert [f[1] for f in faults(b"{}")] == [
        f"the document needs `{key}`" for key in ("providerId", "serviceId", "records")
    ]


@pytest.mark.parametrize("brackets", [b"[" * 200_000, b'{"a":' * 50_000])
def test_a_nesting_bomb_is_refused(brackets):
    assert faults(brackets)[0][0] in ("yaml-nesting", RULE)


def test_a_file_too_large_is_refused_unread():
    assert faults(b" " * (MAX_BYTES + 1))[0][0] == "file-too-large"


def record_fault(record) -> tuple[str, str]:
    ((rule, message, line, _),) = faults(template(record))
    assert line >= 5, "the place is in the record"
    return rule, message


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"type": "FOO", "host": "a", "data": "b"}, "unknown record type `FOO`"),
        ({"type": "%t%", "host": "a", "data": "b"}, "unknown record type `%t%`"),
        ({"type": "cname", "host": "a", "pointsTo": "b"}, "unknown record type `cname`"),
        ({"type": "TYPE655360", "host": "a"}, "unknown record type `TYPE655360`"),
        ({"type": "CNAME", "host": "a"}, "a record of type CNAME needs `pointsTo`"),
        ({"type": "TXT", "host": "a"}, "a record of type TXT needs `data`"),
        ({"type": "SPFM", "host": "a"}, "a record of type SPFM needs `spfRules`"),
        ({"type": "MX", "host": "a", "pointsTo": "b"}, "a record of type MX needs `priority`"),
        ({"type": "CNAME", "host": "a%b", "pointsTo": "c"}, "`host`: `%b` is a variable without end"),
        ({"type": "CNAME", "host": "a", "pointsTo": "%%"}, "`pointsTo`: `%%` names no variable"),
        ({"type": "CNAME", "host": "a", "pointsTo": "%a%b%"}, "`pointsTo`: `%` is a variable without end"),
        ({"type": "CNAME", "host": "a", "pointsTo": "%a b%"}, "`pointsTo`: `%a b%` is a variable without end"),
        ({"type": "CNAME", "host": "\u0007", "pointsTo": "b"}, "`host`: it holds the character U+0007; only ASCII is legal"),
        ({"type": "TXT", "host": "a", "data": "b\nc"}, "`data`: it holds the character U+000A; only ASCII is legal"),
        ({"type": "TXT", "host": "a", "data": "\u00e9"}, "`data`: it holds the character U+00E9; only ASCII is legal"),
        ({"type": "TXT", "host": "a", "data": "b", "groupId": "%g%"}, "`groupId` takes no variables"),
        (
            {"type": "TXT", "host": "a", "data": "b", "txtConflictMatchingPrefix": "%g%"},
            "`txtConflictMatchingPrefix` takes no variables",
        ),
        (
            {"type": "MX", "host": "a", "pointsTo": "b", "priority": "%p%"},
            "`priority` must be a number from 0 to 65535",
        ),
        (
            {"type": "MX", "host": "a", "pointsTo": "b", "priority": 65536},
            "`priority` must be a number from 0 to 65535",
        ),
        ({"type": "SRV", "name": "@", "target": "b"}, "a record of type SRV needs `service`"),
    ],
)  # fmt: skip
def test_a_record_that_cannot_be_understood_is_refused(record, message):
    assert record_fault(record) == (RULE, message)


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        ({"host": "a"}, "missing-key"),
        ({"type": 1}, "wrong-type"),
        ({**RECORD, "host": ["a"]}, "wrong-type"),
        ({**RECORD, "host": "a" * 2001}, "wrong-value"),
        ({**RECORD, "essential": "Sometimes"}, "wrong-value"),
        ({**RECORD, "txtConflictMatchingMode": "Some"}, "wrong-value"),
    ],
)
def test_the_shape_of_a_record_is_checked(record, rule):
    assert record_fault(record)[0] == rule


def test_every_faulty_record_is_told():
    found = faults(template(RECORD, {"type": "A1"}, RECORD, {"type": "A2"}))
    assert [f[1] for f in found] == ["unknown record type `A1`", "unknown record type `A2`"]


# -- texts --------------------------------------------------------------------------------------------


@given(
    st.lists(
        st.one_of(
            st.text("ab.-_ {}", min_size=1, max_size=4), st.from_regex(r"\A%[A-Za-z0-9_-]{1,5}%\Z")
        ),
        max_size=6,
    )
)
def test_cutting_keeps_the_text(parts):
    text = cut("".join(parts))
    assert str(text) == "".join(parts)
    assert text.variables == tuple(dict.fromkeys(p[1:-1] for p in parts if p[0] == "%"))
    assert (text.constant is None) == bool(text.variables)
    kinds = [isinstance(piece, str) for piece in text.pieces]
    assert (True, True) not in pairwise(kinds), "neighbours are joined"


@given(st.text("%ab{}i \x00\u00e9", max_size=12))
def test_any_text_is_cut_or_refused(raw):
    try:
        text = cut(raw)
    except TextError:
        assert "%" in raw or not raw.isascii() or "\x00" in raw
    else:
        assert str(text) == raw


def test_a_text_that_is_one_variable():
    assert cut("%a-B_1%").alone == "a-B_1"
    assert cut("%a%.").alone is None
    assert cut("%{i}").variables == ()
    assert cut("%a%%b%").pieces == (Variable("a"), Variable("b"))
    assert cut("%a%{i}%b%").pieces == (Variable("a"), "{i}", Variable("b"))
    assert cut("%{i}%a%{d}").pieces == ("%{i}", Variable("a"), "{d}")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bounceSubdomain1", ["bounce", "subdomain", "1"]),
        ("RANDOMTEXT", ["randomtext"]),
        ("TXTHost", ["txt", "host"]),
        ("apex-verification_code", ["apex", "verification", "code"]),
        ("", []),
    ],
)
def test_words_of_a_name(text, found):
    assert words(text) == found


def refused_or_read(raw: bytes) -> None:
    try:
        findings = read_template(raw, "t.json") and []
    except SourceError as error:
        findings = error.findings
        assert findings
    assert all(f.place.path == "t.json" for f in findings)


@given(st.binary(max_size=300))
def test_any_octets_are_a_template_or_a_SourceError(raw):
    refused_or_read(raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
KEYS = ["type", "host", "pointsTo", "data", "spfRules", "priority", "groupId", "name", "service"]


@given(
    st.dictionaries(st.sampled_from(["providerId", "serviceId", "version", "hostRequired"]), JSON),
    st.lists(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=4), max_size=3),
)
def test_any_JSON_is_a_template_or_a_SourceError(more, records):
    for ascii in (True, False):
        raw = json.dumps({**more, "records": records}, ensure_ascii=ascii)
        refused_or_read(raw.encode("utf-8", "replace"))
