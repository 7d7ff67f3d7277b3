"""What the lock shows to be wrong with records."""

from __future__ import annotations

from datetime import timedelta

import pytest

from generator.declaration.ages import LockAges
from generator.lint import locked
from generator.lint.subject import Records
from generator.lock import Lock
from generator.rules import RULES
from generator.values import Kind, Value
from tests.lock.worlds import Told, lock
from tests.support import TODAY

ELEVEN = [f"10 m{i}.example" for i in range(11)]


def _records(*told: str) -> Records:
    """Records of example.com: ``name TYPE data``."""
    values = []
    for line in told:
        name, type, text = line.split(" ", 2)
        owner = "example.com." if name == "@" else f"{name}.example.com."
        values.append(Value(owner, type, 3600, text, Kind.PLAIN, ()))
    return Records(values, "example.com.", {})


def _found(records: Records, known: Lock) -> list[tuple[str, str]]:
    return [(f.rule, f.message) for check in locked.RECORDS for f in check(records, known)]


@pytest.mark.parametrize(
    ("text", "told", "found"),
    [
        ("include:a.example", {"a.example": "v=spf1 mx -all"}, []),
        ("include:a.example", {}, []),
        # no SPF at the target
        ("include:a.example", {"a.example": "-"}, ["spf-include-none target has no valid SPF record"]),
        ("redirect=a.example", {"a.example": {"TXT": []}}, ["spf-include-none no valid SPF record"]),
        ("include:a.example", {"a.example": {"TXT": ["v=spf1 a", "v=spf1 -all"]}}, ["spf-include-none 2 SPF records"]),
        ("include:a.example", {"a.example": "v=spf1 foo"}, ["spf-include-none no valid"]),
        ("include:a.example", {"a.example": "v=spf1 include:b.example -all", "b.example": "-"},
         ["spf-include-none leads to b.example, which has no valid",
          "spf-void-term 1 term behind it finds nothing"]),
        # circles
        ("include:example.com", {}, ["spf-include-loop round in a circle"]),
        ("include:a.example", {"a.example": "v=spf1 include:example.com -all"}, ["spf-include-loop circle"]),
        ("include:a.example", {"a.example": "v=spf1 include:a.example -all"}, ["spf-include-loop circle"]),
        ("include:a.example", {"a.example": "v=spf1 include:b.example", "b.example": "v=spf1 redirect=a.example"},
         ["spf-include-loop circle"]),
        # everybody
        ("include:a.example", {"a.example": "v=spf1 +all"}, ["spf-pass-all the target lets everybody pass"]),
        ("redirect=a.example", {"a.example": "v=spf1 ip4:0.0.0.0/0"}, ["spf-pass-all everybody"]),
        ("include:a.example", {"a.example": "v=spf1 include:b.example", "b.example": "v=spf1 +all"},
         ["spf-pass-all leads to b.example, which lets everybody pass"]),
        ("?include:a.example", {"a.example": "v=spf1 +all"}, []),
        ("include:a.example", {"a.example": "v=spf1 -include:b.example", "b.example": "v=spf1 +all"}, []),
        ("include:a.example", {"a.example": "v=spf1 -include:b.example include:c.example",
                               "b.example": "v=spf1 +all", "c.example": "v=spf1 include:b.example"},
         ["spf-pass-all leads to b.example"]),
        # nothing found
        ("a:h.example mx:i.example", {"h.example": {"A": "-", "AAAA": "-"}, "i.example": {"MX": []}},
         ["spf-void-term `a:h.example` finds nothing", "spf-void-term `mx:i.example`"]),
        ("a:h.example", {"h.example": {"A": "-", "AAAA": ["2001:db8::1"]}}, []),
        ("exists:h.example a mx", {"h.example": {"A": []}, "example.com": {"A": "-", "AAAA": "-", "MX": []}},
         ["spf-void-term", "spf-void-term", "spf-void-term", "spf-void-limit 3 terms find nothing"]),
        ("exists:%{i}.h.example ptr", {"h.example": {"A": []}}, []),
        ("include:a.example", {"x.example": {"A": "-"}, "a.example": {"TXT": "v=spf1 a mx exists:x.example", "A": [], "AAAA": [], "MX": []}},
         ["spf-void-term 3 terms behind it find nothing", "spf-void-limit 3 terms"]),
        ("include:a.example include:b.example a:h.example",
         {"a.example": "-", "b.example": "-", "h.example": {"A": [], "AAAA": []}},
         ["spf-include-none", "spf-include-none", "spf-void-term", "spf-void-limit 3 terms"]),
        # many hosts
        ("mx:many.example", {"many.example": {"MX": ELEVEN}}, ["spf-mx-names `mx:many.example` has more than 10"]),
        ("mx:many.example", {"many.example": {"MX": ELEVEN[:10]}}, []),
        ("mx", {"example.com": {"MX": ELEVEN}}, ["spf-mx-names `mx` has more than 10"]),
        ("include:a.example", {"a.example": {"TXT": "v=spf1 mx -all", "MX": ELEVEN}},
         ["spf-mx-names `include:a.example` leads to a.example, which has more than 10"]),
    ],
)  # fmt: skip
def test_spf(text: str, told: dict[str, Told], found: list[str]):
    ending = "" if "redirect" in text else " -all"
    seen = _found(_records(f"@ TXT v=spf1 {text}{ending}"), lock(told))
    assert [rule for rule, _ in seen] == [one.split()[0] for one in found], seen
    for (_, message), wanted in zip(seen, found, strict=True):
        assert wanted.partition(" ")[2] in message


def test_what_the_project_itself_declares_is_not_void():
    known = lock({"mail.example.com": {"A": "-", "AAAA": "-"}})
    alone = _records("@ TXT v=spf1 a:mail.example.com -all")
    assert [rule for rule, _ in _found(alone, known)] == ["spf-void-term"]
    both = _records("@ TXT v=spf1 a:mail.example.com -all", "mail A 192.0.2.1")
    assert _found(both, known) == []
    void = {f"h{i}.example": {"A": "-", "AAAA": "-"} for i in range(2)}
    known = lock({"mail.example.com": {"A": "-", "AAAA": "-"}, **void})
    text = "@ TXT v=spf1 a:mail.example.com a:h0.example a:h1.example -all"
    assert [rule for rule, _ in _found(_records(text), known)] == [
        *["spf-void-term"] * 3,
        "spf-void-limit",
    ]
    there = _records(text, "mail A 192.0.2.1")
    assert [rule for rule, _ in _found(there, known)] == ["spf-void-term"] * 2


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({}, None),
        ({"k.v.example": "v=DKIM1; k=rsa; p=MIGf"}, None),
        ({"k.v.example": {"TXT": ["hello", "p=MIGf"]}}, None),
        ({"k.v.example": "-"}, "does not exist"),
        ({"k.v.example": {"TXT": []}}, "holds no key"),
        ({"k.v.example": "v=DKIM1; p="}, "no key that is in force"),
        ({"k.v.example": "v=spf1 -all"}, "no key that is in force"),
    ],
)
def test_a_dkim_alias_with_no_key_behind_it(told: dict[str, Told], says: str | None):
    found = _found(_records("s1._domainkey CNAME k.v.example."), lock(told))
    assert [rule for rule, _ in found] == ([] if says is None else ["dkim-cname-dangling"])
    assert says is None or says in found[0][1]


def test_other_aliases_need_no_key():
    assert _found(_records("track CNAME k.v.example."), lock({"k.v.example": "-"})) == []


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({}, []),
        ({"r.example": {"MX": ["10 mx.r.example"]}, "example.com._report._dmarc.r.example": "v=DMARC1;"}, []),
        ({"example.com._report._dmarc.r.example": "-"}, ["rua-unauthorised"]),
        ({"example.com._report._dmarc.r.example": {"TXT": []}}, ["rua-unauthorised"]),
        ({"r.example": {"MX": ["0 ."]}}, ["rua-dead-host"]),
        ({"r.example": {"MX": "-"}}, ["rua-dead-host"]),
        ({"r.example": {"MX": [], "A": [], "AAAA": []}}, ["rua-dead-host"]),
        ({"r.example": {"MX": [], "A": ["192.0.2.1"], "AAAA": []}}, []),
        ({"r.example": {"MX": []}}, []),
        ({"mail.example.com": {"MX": "-"}}, ["rua-dead-host"]),
    ],
)  # fmt: skip
def test_report_destinations(told: dict[str, Told], found: list[str]):
    text = "v=DMARC1; p=none; rua=mailto:a@r.example,mailto:b@mail.example.com;"
    assert [rule for rule, _ in _found(_records(f"_dmarc TXT {text}"), lock(told))] == found


@pytest.mark.parametrize(
    ("days", "label"), [(0, ""), (30, ""), (31, "warning"), (90, "warning"), (91, "error")]
)
def test_a_lock_has_an_age_limit(days: int, label: str):
    known = lock({"a.example": "v=spf1 -all", "b.example": "p=abc"})
    found = list(locked.stale(known, TODAY + timedelta(days)))
    assert [f.severity.label for f in found] == ([label] if label else [])
    if found:
        assert f"b.example and 1 more: last seen {days} days ago" in found[0].message


def test_the_age_limit_can_be_set():
    known = lock({"a.example": "v=spf1 -all"})
    found = list(locked.stale(known, TODAY + timedelta(8), LockAges(3, 7)))
    assert [f.severity.label for f in found] == ["error"]


def test_hostile_records_take_no_time():
    """A thousand names that each include all others."""
    names = [f"n{i}.example" for i in range(300)]
    text = " ".join(["v=spf1", *(f"include:{name}" for name in names)])
    known = lock(dict.fromkeys(names, text))
    found = _found(_records("@ TXT v=spf1 include:n0.example -all"), known)
    assert [rule for rule, _ in found] == ["spf-include-loop"]


def test_every_rule_that_is_used_needs_the_lock_or_is_sharpened_by_it():
    used = {"spf-include-none", "spf-include-loop", "spf-void-term", "spf-void-limit",
            "spf-mx-names", "dkim-cname-dangling"}  # fmt: skip
    assert {rule for rule in used if RULES[rule].needs != "lock"} == set()
