"""DMARC records by RFC 9989 4.7 and 4.8, their canonical text, and report addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.records import dmarc
from generator.records.dmarc import ORDER
from generator.records.error import RecordError
from tests.records.strategies import DMARC_KNOWN, DMARC_UNKNOWN
from tests.records.vectors import check_any, check_error, check_refused, load

VALID = load("dmarc-valid")
INVALID = load("dmarc-invalid")
ADDRESSES = load("dmarc-addresses")


@pytest.mark.parametrize("vector", VALID, ids=lambda v: repr(v["text"]))
def test_a_legal_record_has_one_canonical_text(vector):
    record = dmarc.parse(vector["text"])
    assert str(record) == vector["canonical"]
    assert dmarc.parse(str(record)) == record


@pytest.mark.parametrize("vector", INVALID, ids=lambda v: repr(v["text"]))
def test_a_faulty_record_is_refused_by_rule_and_place(vector):
    check_refused(dmarc.parse, vector)


def test_an_illegal_policy_names_the_legal_ones_from_mild_to_strict():
    with pytest.raises(RecordError, match="p=block is not one of none, quarantine, reject"):
        dmarc.parse("v=DMARC1; p=block")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v=DMARC1", True),
        ("v=DMARC1;", True),
        ("v = DMARC1 ; nonsense", True),
        ("v\t=\tDMARC1", True),
        ("v=DMARC1; p=block", True),
        ("v=DMARC10; p=none", False),
        ("v=DMARC1, p=none", False),
        ("v=DMARC1\n", False),
        ("v=dmarc1;", False),
        ("x v=DMARC1;", False),
        ("v=spf1 -all", False),
        ("", False),
    ],
)
def test_receivers_know_DMARC_by_its_version(text, expected):
    assert dmarc.is_dmarc(text) is expected


@pytest.mark.parametrize(
    ("text", "policies"),
    [
        ("v=DMARC1;", ("none", "none", "none")),
        ("v=DMARC1; p=reject", ("reject", "reject", "reject")),
        ("v=DMARC1; p=reject; sp=none", ("reject", "none", "none")),
        ("v=DMARC1; p=none; np=reject", ("none", "none", "reject")),
        ("v=DMARC1; p=reject; sp=quarantine; np=none", ("reject", "quarantine", "none")),
    ],
)
def test_sp_falls_back_to_p_and_np_to_sp(text, policies):
    """RFC 9989 4.7: what holds for the domain, for names that exist, for names that do not."""
    record = dmarc.parse(text)
    assert (record.policy, record.subdomain_policy, record.nonexistent_policy) == policies


def test_addresses_are_split_at_commas():
    record = dmarc.parse("v=DMARC1; p=none; rua=mailto:a@x.example , mailto:b@x.example")
    assert record.addresses("rua") == ("mailto:a@x.example", "mailto:b@x.example")
    assert record.addresses("ruf") == ()


def test_tags_are_found_as_they_are_written():
    """The order, and the place of each name and value, which `parse` does not keep."""
    text = "v=DMARC1; Rua = mailto:a@x.example ;p=none;x="
    with pytest.raises(RecordError):
        dmarc.parse(text)
    assert dmarc.tags(text) == (
        ("v", "DMARC1", 0, 2),
        ("rua", "mailto:a@x.example", 10, 16),
        ("p", "none", 36, 38),
        ("x", "", 43, 45),
    )


def test_removed_and_unDMARC_KNOWN_are_named():
    """RFC 9989 9.3: pct, rf and ri are historic; 4.7: unknown tags are ignored."""
    record = dmarc.parse("v=DMARC1; ri=1; policy=x; p=none; rf=afrf; pct=50")
    assert record.removed == ("pct", "ri", "rf")
    assert record.unknown == ("policy",)
    assert dmarc.parse("v=DMARC1; p=none; t=y").removed == ()
    assert dmarc.parse("v=DMARC1; p=none; t=y").unknown == ()


# -- build ------------------------------------------------------------------------------------------


def test_build_writes_the_canonical_order_and_a_final_semicolon():
    values = {
        "ruf": "mailto:f@x.example",
        "rua": "mailto:a@x.example",
        "fo": "1",
        "pct": "0",
        "t": "y",
        "psd": "n",
        "aspf": "s",
        "adkim": "s",
        "np": "reject",
        "sp": "reject",
        "p": "reject",
    }
    assert str(dmarc.build(values)) == (
        "v=DMARC1; p=reject; sp=reject; np=reject; adkim=s; aspf=s; psd=n; t=y; pct=0; fo=1; "
        "rua=mailto:a@x.example; ruf=mailto:f@x.example;"
    )
    assert set(values) == set(ORDER)


def test_build_loses_no_tag():
    """A tag outside the canonical order comes last, as parse keeps it."""
    assert str(dmarc.build({"zz": "1", "p": "none"})) == "v=DMARC1; p=none; zz=1;"


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"p": "Reject"}, "dmarc-value"),
        ({"p": ""}, "dmarc-empty-value"),
        ({"zz": ""}, "dmarc-empty-value"),
        ({"v": "DMARC1"}, "dmarc-syntax"),
        ({"a b": "x"}, "dmarc-syntax"),
        ({"rua": "dmarc@x.example"}, "rua-scheme"),
        ({"t": "true"}, "dmarc-value"),
        ({"pct": "200"}, "dmarc-value"),
        ({"fo": "0:1"}, "dmarc-fo-value"),
        ({"rua": "mailto:a@x.example; p=none"}, "dmarc-syntax"),
        ({"rua": "mailto:ü@x.example"}, "rua-smtputf8"),
        ({"rua": "mailto:a@x.example\n"}, "dmarc-syntax"),
    ],
)
def test_build_refuses_what_would_be_no_record(values, rule):
    with pytest.raises(RecordError) as caught:
        dmarc.build(values)
    assert caught.value.rule == rule


# -- addresses --------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", ADDRESSES, ids=lambda v: repr(v["uri"]))
def test_a_report_address_is_a_host_or_a_fault(vector):
    if "host" in vector:
        assert dmarc.check_address(vector["uri"]) == vector["host"]
        return
    check_refused(dmarc.check_address, vector, "uri")


@pytest.mark.parametrize(
    ("uri", "help"),
    [
        ("dmarc@example.com", "mailto:dmarc@example.com"),
        ("http://x@example.com", "mailto:name@example.com"),
        ("mailto:a!b@example.com", "percent-encode it: %21"),
        ("mailto:a@x.example,b@x.example", "percent-encode it: %2C"),
    ],
)
def test_a_bad_address_says_what_to_write(uri, help):
    with pytest.raises(RecordError) as caught:
        dmarc.check_address(uri)
    assert caught.value.help == help


# -- properties -------------------------------------------------------------------------------------


@given(DMARC_KNOWN, DMARC_UNKNOWN)
def test_what_is_built_and_printed_is_read_again(known, unknown):
    made = dmarc.build({**unknown, **known})
    assert dmarc.parse(str(made)) == made
    assert str(made).endswith(";")


@given(DMARC_KNOWN, st.randoms(use_true_random=False))
def test_order_and_white_space_do_not_matter(tags, random):
    rows = list(tags.items())
    random.shuffle(rows)

    def space() -> str:
        return random.choice(["", " ", "\t", "  "])

    text = f"v{space()}={space()}DMARC1"
    for name, value in rows:
        name = name.upper() if random.random() < 0.3 else name
        text += f"{space()};{space()}{name}{space()}={space()}{value}"
    text += random.choice(["", ";", " ; "])
    assert dmarc.parse(text) == dmarc.build(tags)


@given(st.text())
def test_any_text_is_a_record_or_a_RecordError(text):
    check_any(dmarc.parse, text)
    check_any(dmarc.parse, "v=DMARC1;" + text)


@given(DMARC_KNOWN, st.integers(0, 300), st.characters())
def test_a_record_with_one_character_changed_is_a_record_or_a_RecordError(tags, at, char):
    text = str(dmarc.build(tags))
    at %= len(text)
    check_any(dmarc.parse, text[:at] + char + text[at + 1 :])


@given(st.text())
def test_any_text_is_an_address_or_a_RecordError(text):
    for uri in (text, "mailto:" + text, f"mailto:{text}@example.com", f"mailto:a@{text}"):
        try:
            host = dmarc.check_address(uri)
        except RecordError as error:
            check_error(error, uri)
        else:
            assert host
            assert host == host.lower()
            assert not set(host) & set(' ,;!@?"\\<>')
