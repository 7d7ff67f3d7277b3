"""What single pieces of a master file mean: names, TTLs, texts, and the records around them."""

from __future__ import annotations

import dns.name
import dns.rdata
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.zonefile import MAX_TTL, Record, ZoneFileError, absolute, ttl, unescape
from tests.zonefile.judges import IN, reader


def one(text: bytes, zone: str = "example.com.") -> Record:
    (record,) = reader(zone).read(text)
    return record


# --- names -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "name"),
    [
        (b"@", b"example.com."),
        (b".", b"."),
        (b"a", b"a.example.com."),
        (b"A.B.", b"a.b."),
        (b"a\\.b", b"a\\.b.example.com."),
        (b"a\\046b", b"a\\.b.example.com."),
        (b"a\\.", b"a\\..example.com."),
        (b"a\\\\.", b"a\\\\."),
        (b"a\\..b", b"a\\..b.example.com."),
        (b"\\065\\097\\a", b"aaa.example.com."),
        (b"\\@", b"\\@.example.com."),
        (b"@@", b"\\@\\@.example.com."),
        (b"a$", b"a\\$.example.com."),
        (b"a\\ b", b"a\\032b.example.com."),
        (b"\\255", b"\\255.example.com."),
        (b"*.A", b"*.a.example.com."),
        (b"b\\[", b"b[.example.com."),
    ],
)
def test_a_name_is_spelt_in_one_way(token: bytes, name: bytes):
    assert absolute(token, b"example.com.") == name
    judged = dns.name.from_text(token.decode("ascii"), dns.name.from_text("example.com."))
    assert judged.to_text().lower().encode("ascii") == name


@given(st.lists(st.binary(min_size=1, max_size=63), max_size=5), st.booleans())
def test_every_name_that_dnspython_writes_is_read_back(labels: list[bytes], relative: bool):
    origin = dns.name.from_text("A\\.b.Example.")
    try:
        name = dns.name.Name([*labels, *(origin.labels if relative else [b""])])
    except dns.name.NameTooLong:
        return
    text = name.relativize(origin).to_text() if relative else name.to_text()
    found = absolute(text.encode("ascii"), b"a\\.b.example.")
    # BIND refuses a leading \[, but dnspython does not write it.
    assert found == name.canonicalize().to_text().encode("ascii")


@pytest.mark.parametrize("label", [b"a" * 63, b"\\097" * 63, b"\\." * 63, b"\\@" + b"a" * 62])
def test_a_label_of_63_octets_is_not_too_long(label: bytes):
    assert absolute(label, b".").count(b"a") in (63, 62, 0)
    with pytest.raises(ZoneFileError, match="more than 63"):
        absolute(b"a" + label, b".")


@pytest.mark.parametrize("octet", [b"a", b"\\097", b"\\;"])
def test_a_name_of_255_octets_is_not_too_long(octet: bytes):
    labels = [b"b" * 63] * 3 + [octet * 61]  # 3 * 64 + 62 + 1
    assert absolute(b".".join(labels) + b".", b".")
    assert absolute(b".".join(labels[1:]), labels[0] + b".")
    with pytest.raises(ZoneFileError, match="more than 255"):
        absolute(b".".join([*labels[:3], octet * 62]) + b".", b".")
    with pytest.raises(ZoneFileError, match="more than 255"):
        absolute(b".".join([*labels[:2], octet * 62]), labels[0] + b".")


@pytest.mark.parametrize(
    ("owner", "inside"),
    [
        (b"example.com.", True),
        (b"EXAMPLE.com.", True),
        (b"a.example.com.", True),
        (b"a\\\\.example.com.", True),
        (b"a\\\\\\\\.example.com.", True),
        (b"a\\.example.com.", False),
        (b"a\\\\\\.example.com.", False),
        (b"aexample.com.", False),
        (b"com.", False),
        (b".", False),
        (b"example.com.org.", False),
    ],
)
def test_records_outside_the_zone_are_set_apart(owner: bytes, inside: bool):
    used = reader()
    found = used.read(owner + b" 60 TXT x\n")
    assert (len(found), len(used.outside)) == ((1, 0) if inside else (0, 1))
    judged = dns.name.from_text(owner.decode("ascii"))
    assert judged.is_subdomain(dns.name.from_text("example.com.")) == inside


def test_everything_is_inside_the_root_zone():
    assert one(b"a.b. 60 TXT x\n", ".").owner == b"a.b."
    assert one(b"a 60 TXT x\n", ".").owner == b"a."


def test_a_zone_may_be_named_in_any_case():
    assert one(b"www 60 A 192.0.2.1\n", "EXAMPLE.Com.").owner == b"www.example.com."


# --- TTLs ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (b"0", 0),
        (b"60", 60),
        (b"000000000000000000000000300", 300),
        (b"1s", 1),
        (b"1w2d3h4m5s", 788645),
        (b"1W2D3H4M5S", 788645),
        (b"5s4m", 245),
        (b"1h1h", 7200),
        (b"0h", 0),
        (b"2147483647", MAX_TTL),
        (b"2147483648", None),
        (b"3550w5d3h14m7s", MAX_TTL),
        (b"3550w5d3h14m8s", None),
        (b"99999999999999999999w", None),
        (b"1h5", None),
        (b"h", None),
        (b"", None),
        (b"1 h", None),
        (b"+1", None),
        (b"1_0", None),
        ("٣".encode(), None),
        (b"1" * 5000, None),
    ],
)
def test_a_ttl_counts_seconds_or_sums_units(text: bytes, seconds: int | None):
    assert ttl(text) == seconds


@pytest.mark.parametrize(
    ("text", "ttls"),
    [
        (b"$TTL 9\na TXT x\na 5 TXT y\na TXT z\n", [9, 5, 9]),
        (b"a 5 TXT x\na TXT y\n$TTL 9\nb TXT z\n", [5, 5, 9]),
        (b"$TTL 9\na TXT x\n$TTL 8\nb TXT y\n", [9, 8]),
        (b"@ SOA ns h 1 2 3 4 9\na TXT x\n", [9, 9]),
        (b"@ SOA ns h 1 2 3 4 1H\na TXT x\n", [3600, 3600]),
        (b"@ SOA ns h 1 2 3 4 9\n@ SOA ns h 1 2 3 4 8\na TXT x\n", [9, 9, 9]),
        (b"@ SOA ns h 1 2 3 4 9\na 9 TXT x\nb TXT y\n", [9, 9, 9]),
        (b"@ 5 SOA ns h 1 2 3 4 9\na TXT x\n", [5, 5]),
        (b"a 5 TXT x\n@ SOA ns h 1 2 3 4 9\nb TXT x\n", [5, 5, 5]),
        (b"$TTL 7\n@ SOA ns h 1 2 3 4 9\na TXT x\n", [7, 7]),
        (b"a 0 TXT x\nb TXT x\n", [0, 0]),
    ],
)
def test_a_ttl_left_out_follows_from_what_stood_before(text: bytes, ttls: list[int]):
    assert [record.ttl for record in reader().read(text)] == ttls


# --- words that look like others -------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "owner", "seconds", "type", "tokens"),
    [
        (b"IN A A A\n", b"in", 60, "A", (b"A", b"A")),
        (b"A IN A 192.0.2.1\n", b"a", 60, "A", (b"192.0.2.1",)),
        (b"TXT TXT TXT\n", b"txt", 60, "TXT", (b"TXT",)),
        (b"3600 3600 TXT 3600\n", b"3600", 3600, "TXT", (b"3600",)),
        (b"1h IN 1h TXT 1h\n", b"1h", 3600, "TXT", (b"1h",)),
        (b"CH IN TXT CH\n", b"ch", 60, "TXT", (b"CH",)),
        (b"SOA in TXT SOA ns h 1 2 3 4 5\n", b"soa", 60, "TXT", b"SOA ns h 1 2 3 4 5".split()),
        (b"\\$TTL TXT x\n", b"\\$ttl", 60, "TXT", (b"x",)),
        (b"a$ TXT $TTL\n", b"a\\$", 60, "TXT", (b"$TTL",)),
        (b"a type1 192.0.2.1\n", b"a", 60, "A", (b"192.0.2.1",)),
        (b"a TYPE00016 x\n", b"a", 60, "TXT", (b"x",)),
        (b"a CLASS1 TYPE65280 \\# 0\n", b"a", 60, "TYPE65280", (b"\\#", b"0")),
        (b"a unknown-type x\n", b"a", 60, "UNKNOWN-TYPE", (b"x",)),
        (b"a TXT x;y\n", b"a", 60, "TXT", (b"x",)),
        (b"a TXT (x(y)z)\n", b"a", 60, "TXT", (b"x", b"y", b"z")),
        (b'a TXT "x""y"\n', b"a", 60, "TXT", (b'"x"', b'"y"')),
        (b'a TXT "(;)" ;\\\n', b"a", 60, "TXT", (b'"(;)"',)),
        (b"(a) (IN) (5) (TXT) (x)\n", b"a", 5, "TXT", (b"x",)),
    ],
)  # fmt: skip
def test_a_word_means_what_its_place_makes_it(
    text: bytes, owner: bytes, seconds: int, type: str, tokens: tuple[bytes, ...]
):
    record = one(b"$TTL 60\n" + text)
    assert record.meaning == (
        owner + b".example.com.",
        seconds,
        type,
        b"example.com.",
        tuple(tokens),
    )


# --- data ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (b'"v=spf1 -all"', (b"v=spf1 -all",)),
        (b"v=DMARC1; p=none", (b"v=DMARC1",)),
        (b"v=DMARC1\\; p=none", (b"v=DMARC1;", b"p=none")),
        (b'"a" "" "b"', (b"a", b"", b"b")),
        (b'"\\"\\\\\\;\\065"', (b'"\\;A',)),
        (b'"\\000\\255"', (b"\0\xff",)),
        ("\"ü\"".encode(), "ü".encode()),
        (b'"\xfc"', (b"\xfc",)),
        (b'"\\#" 1 00', (b"#", b"1", b"00")),
        (b"\\# 4 01 61 0162", (b"a", b"b")),
        (b"\\# 1 00", (b"",)),
        (b"( a ; no\n b\n)", (b"a", b"b")),
        (b'"' + b"a" * 255 + b'"', (b"a" * 255,)),
        (b'"' + b"\\097" * 255 + b'"', (b"a" * 255,)),
    ],
)  # fmt: skip
def test_the_texts_of_a_txt_record_are_unescaped(data: bytes, texts: tuple[bytes, ...]):
    expected = texts if isinstance(texts, tuple) else (texts,)
    assert one(b"a 5 TXT " + data + b"\n").texts() == expected


@given(st.lists(st.binary(max_size=255), min_size=1, max_size=4))
def test_texts_that_dnspython_writes_are_read_back(texts: list[bytes]):
    wire = b"".join(bytes([len(text)]) + text for text in texts)
    rdata = dns.rdata.from_wire(IN, "TXT", wire, 0, len(wire))
    for written in (rdata.to_text(), rdata.to_generic().to_text()):
        record = one(f"a 5 TXT {written}\n".encode("ascii"))
        assert record.texts() == tuple(texts)


def test_names_in_data_are_relative_to_the_origin_of_their_record():
    text = b"$TTL 5\na MX 10 B\n$ORIGIN c\na MX 10 B\na CNAME @\na CNAME b.\n"
    found = reader().read(text)
    assert [record.name(-1) for record in found] == [
        b"b.example.com.", b"b.c.example.com.", b"c.example.com.", b"b."]  # fmt: skip


@pytest.mark.parametrize("data", [b"10", b"\\# 4 000a0000"])
def test_a_name_that_is_not_there_is_an_error_of_the_zone_file(data: bytes):
    with pytest.raises(ZoneFileError, match="line 2: MX data without a name"):
        one(b"$TTL 5\na MX " + data + b"\n").name(1)


@pytest.mark.parametrize("token", [b"\\1", b"\\12", b"\\256", b"a\\9b", b'"\\0"', b"\\1\\065"])
def test_a_malformed_escape_is_refused(token: bytes):
    with pytest.raises(ZoneFileError, match="line 7: "):
        unescape(token, 7)
