"""The decision by itself: no server, no octoDNS."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generator.octodns import ledger
from generator.octodns.model import Conflict, Member, Published, Rrset
from generator.octodns.overlay import overlay
from generator.values import Kind, Reason, Value

ZONE = "example.com."
BOOK = f"_mailzone.{ZONE}"
SPF = "v=spf1 ip4:192.0.2.1 -all"


def value(name: str, type: str, text: str, kind: Kind = Kind.PLAIN) -> Value:
    return Value(name, type, 3600, text, kind, (Reason("a test"),))


def member(*values: Value, domain: str = ZONE, **more) -> Member:
    return Member(domain, values, **more)


def published(sets: dict[tuple[str, str], Rrset]) -> Published:
    types: dict[str, set[str]] = {}
    for name, type in sets:
        types.setdefault(name, set()).add(type)
    return Published(ZONE, types, sets)


def after(sets, outcome):
    """The zone once the changes are made."""
    made = dict(sets)
    for change in outcome.changes:
        made.pop(change.key, None)
        if change.after is not None:
            made[change.key] = change.after
    return made


NAMES = st.sampled_from(["", "_dmarc.", "s1._domainkey.", "mg.", "a.b."]).map(lambda n: n + ZONE)
TEXTS = st.sampled_from(
    [
        "token",
        "other token",
        SPF,
        "v=spf1 include:x.example ~all",
        "v=DMARC1; p=none;",
        "v=DKIM1; p=",
        'say "hi"',
        "back\\slash",
        "",
        "x" * 300,
    ]
)
HOSTS = st.sampled_from(["k1.vendor.example.", "k2.vendor.example."])


@st.composite
def record_sets(draw):
    """Record sets that can stand in one zone: a CNAME alone at its name."""
    sets = {}
    for name in draw(st.lists(NAMES, unique=True)):
        if name != ZONE and draw(st.booleans()):
            sets[name, "CNAME"] = Rrset(draw(st.integers(1, 9)), (draw(HOSTS),))
        else:
            listed = draw(st.lists(TEXTS, min_size=1, max_size=4, unique=True))
            sets[name, "TXT"] = Rrset(draw(st.integers(1, 9)), tuple(listed))
    return sets


@st.composite
def declared(draw):
    """Values that may be declared together: no SPF twice, no CNAME beside others."""
    made = []
    for name in draw(st.lists(NAMES, unique=True)):
        if name != ZONE and draw(st.booleans()):
            made.append(value(name, "CNAME", draw(HOSTS), Kind.DKIM))
        else:
            text = draw(st.sampled_from([SPF, "v=DMARC1; p=reject;", "v=DKIM1; p=", "proof"]))
            made.append(value(name, "TXT", text))
    return made


@given(record_sets(), st.lists(declared(), min_size=1, max_size=4))
def test_foreign_values_stay_and_a_second_push_is_empty(sets, stages):
    """Whatever is declared after whatever, only our own values come and go."""
    zone = dict(sets)
    foreign = {(key, text) for key, rrset in sets.items() for text in rrset.texts}
    everything = {(v.name, v.type, v.text) for values in stages for v in values}
    for values in [*stages, []]:
        outcome = overlay(published(zone), [member(*values)], "me")
        blocked = {conflict.name for conflict in outcome.conflicts}
        zone = after(zone, outcome)
        present = {(key, text) for key, rrset in zone.items() for text in rrset.texts}
        for key, text in foreign - present:
            # Gone are only values that equal a declared one, and so were taken up as ours.
            assert (*key, text) in everything or _respelt(key, text, values)
        for one in values:
            if one.name not in blocked:
                assert ((one.name, one.type), one.text) in present
        again = overlay(published(zone), [member(*values)], "me")
        assert again.changes == ()
        assert {conflict.name for conflict in again.conflicts} == blocked
    assert BOOK not in {key[0] for key in zone} or any(
        conflict for conflict in overlay(published(zone), [member()], "me").conflicts
    )


def _respelt(key, text, values):
    from generator.rivals import same

    return any(same(one, key[1], text) for one in values if one.name == key[0])


@given(
    st.from_regex(ledger.OWNER, fullmatch=True),
    st.sets(st.integers(0, 2**64 - 1).map("{:016x}".format), max_size=60),
)
def test_a_ledger_reads_back_as_it_was_written(owner, digests):
    lines = ledger.write(owner, digests)
    assert all(len(line) <= 255 for line in lines)
    found = ledger.read([*lines, "not ours"], owner)
    assert found.own == digests
    assert set(found.lines) == set(lines)
    assert found.foreign == ("not ours",)
    assert ledger.read(lines, "somebody-else").own == frozenset()


@given(st.lists(st.text(max_size=40)))
def test_any_text_at_the_ledgers_name_is_foreign_or_a_line(texts):
    found = ledger.read(texts, "me")
    assert sorted([*found.lines, *found.foreign]) == sorted(texts)


def test_digests_differ_by_everything_that_makes_a_value():
    base = (ZONE, ZONE, f"a.{ZONE}", "TXT", "text")
    seen = {ledger.digest(*base)}
    for index in range(len(base)):
        other = [*base]
        other[index] += "x"
        seen.add(ledger.digest(*other))
    assert len(seen) == len(base) + 1
    assert ledger.digest(ZONE, ZONE, "a", "CNAME", "X.") == ledger.digest(
        ZONE, ZONE, "a", "CNAME", "x."
    )


def test_a_blocked_name_is_left_alone_with_what_is_ours_there():
    first = overlay(published({}), [member(value(ZONE, "TXT", SPF))], "me")
    zone = after({}, first)
    blocked = {ZONE: Conflict(ZONE, "somebody disagrees")}
    new = [member(value(ZONE, "TXT", "v=spf1 -all"), value(f"x.{ZONE}", "TXT", "y"))]
    outcome = overlay(published(zone), new, "me", blocked)
    assert {change.name for change in outcome.changes} == {f"x.{ZONE}", BOOK}
    assert outcome.conflicts == (blocked[ZONE],)
    # When the block is lifted the old value is still known as ours.
    done = after(after(zone, outcome), overlay(published(after(zone, outcome)), new, "me"))
    assert done[ZONE, "TXT"].texts == ("v=spf1 -all",)


def test_a_cname_at_the_ledgers_name_stops_everything():
    sets = {(BOOK, "CNAME"): Rrset(60, ("elsewhere.example.",))}
    outcome = overlay(published(sets), [member(value(ZONE, "TXT", SPF))], "me")
    assert outcome.changes == ()
    assert "where the ledger belongs" in outcome.conflicts[0].what


def test_a_set_answered_by_place_or_health_is_not_rewritten():
    sets = {(f"mg.{ZONE}", "A"): Rrset(60, ("192.0.2.9",), "answered by place or health")}
    outcome = overlay(published(sets), [member(value(f"mg.{ZONE}", "A", "192.0.2.1"))], "me")
    assert not any(change.name == f"mg.{ZONE}" for change in outcome.changes)
    assert "answered by place" in outcome.conflicts[0].what


def test_adoption_is_by_exact_text_and_of_rivals_only():
    sets = {(ZONE, "TXT"): Rrset(60, ("token", "v=spf1 mx ~all"))}
    wanted = value(ZONE, "TXT", SPF, Kind.SPF)
    near = overlay(published(sets), [member(wanted, adopt=frozenset({"v=spf1 mx  ~all"}))], "me")
    assert near.conflicts
    both = frozenset({"token", "v=spf1 mx ~all"})
    done = overlay(published(sets), [member(wanted, adopt=both)], "me")
    assert after(sets, done)[ZONE, "TXT"] == Rrset(60, ("token", SPF))
    assert done.adopted == {"v=spf1 mx ~all"}
