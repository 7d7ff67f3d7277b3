"""Generated worlds of SPF records: a few names that refer to one another in every way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from generator.simulate.client import Client
from generator.simulate.world import NODATA, SERVFAIL, Answer, Records

NAMES = ("a.test", "b.test", "c.test", "mail.a.test", "deep.mail.a.test", "my-d.test")
ABSENT = ("nothing.test", "n.a.test")
V4 = ("192.0.2.1", "192.0.2.77", "198.51.100.9")
V6 = ("2001:db8::1", "2001:db8:0:1::9")
CLIENTS = (*V4, *V6, "::ffff:192.0.2.77", "203.0.113.200")
LOCALS = ("jo", "strong-bad", "a.b+c_d", "O'Hara", "x=y/z")


@dataclass(frozen=True, repr=False)
class World:
    """Records, and the questions that get no answer."""

    records: Records
    broken: frozenset[tuple[str, str]]

    def __repr__(self) -> str:
        return f"World({self.records.table}, {set(self.broken)})"

    def answer(self, name: str, type: str) -> Answer:
        if (name, type) in self.broken:
            return SERVFAIL
        answer = self.records.answer(name, type)
        return NODATA if answer.status == "ok" and not answer.data else answer


def _macro(letters: str) -> st.SearchStrategy[str]:
    return st.builds(
        "%{{{}{}{}{}}}".format,
        st.sampled_from(letters),
        st.sampled_from(("", "", "1", "2", "3", "12")),
        st.sampled_from(("", "", "r")),
        st.sampled_from(("", "", "", ".", "-", "+-", "_", ".-+,/_=")),
    )


names = st.sampled_from((*NAMES, *NAMES, *ABSENT))
specs = st.one_of(
    names,
    names,
    names,
    st.builds("{}.".format, names),
    st.builds(str.upper, names),
    _macro("slodivhSLODIVH"),
    st.builds("{}.{}".format, _macro("slodivh"), names),
    st.builds("{}%%{}%_{}%-.test".format, names, _macro("lo"), names),
    st.sampled_from(
        ("%{d}", "%{o}", "mail.%{d}", "%{d1r}.test", "%{h}", "%{d2}", "%{p}", "%{p2}.test")
    ),
)
qualifiers = st.sampled_from(("", "", "", "+", "-", "~", "?"))
prefixes = st.sampled_from(("", "", "", "/24", "/0", "//64", "/32//128", "/8//32", "//0"))
ranges = st.sampled_from(
    (*V4, "192.0.2.0/24", "192.0.2.64/26", "0.0.0.0/0", "198.51.100.8/31")
).map("ip4:{}".format) | st.sampled_from((*V6, "2001:db8::/32", "::/0", "2001:db8::/64")).map(
    "ip6:{}".format
)
mechanisms = st.one_of(
    st.sampled_from(("all", "a", "mx", "ptr", "A", "Mx", "a/24", "mx//64")),
    ranges,
    ranges,
    st.builds("{}:{}{}".format, st.sampled_from(("a", "mx")), specs, prefixes),
    st.builds("{}:{}".format, st.sampled_from(("include", "include", "exists", "ptr")), specs),
)
modifiers = st.one_of(
    st.builds("{}={}".format, st.sampled_from(("redirect",) * 6 + ("Redirect",)), specs),
    st.builds("exp={}".format, st.sampled_from(("e.test", "%{l}.e.test", "nothing.test", "%{d}"))),
    st.just("EXP=e.test"),
    st.sampled_from(("x-tra=%{d}", "foo=", "moo.cow=man:dog/cat")),
)
faults = st.sampled_from(
    ("moo", "a:", "ip4:1.2.3", "ip6:::g", "all.", "include", "foo=%", "a/33", "exists:x", "a:%{z}.test",
     "ip4:192.0.2.1//8", "mx:a.test:80", "-", "=x", "a,mx", "ptr/24", "exp=", "redirect:a.test")
)  # fmt: skip
mechanism = st.builds("{}{}".format, qualifiers, mechanisms)
# Few modifiers and fewer faults: most records must be worth evaluating.
term = st.integers(0, 79).flatmap(lambda n: faults if n == 0 else modifiers if n < 7 else mechanism)
last = st.sampled_from(
    ("-all", "~all", "?all", "all", "", "", "redirect=b.test", "redirect=c.test")
)
record = st.builds(
    lambda start, terms, end: " ".join(part for part in (start, *terms, end) if part),
    st.sampled_from(("v=spf1",) * 20 + ("V=SPF1", "v=spf1 ", "v=spf10")),
    st.lists(term, max_size=4) | st.lists(term, min_size=5, max_size=12),
    last,
)
texts = st.one_of(
    record.map(lambda text: (text,)),
    record.map(lambda text: (text,)),
    record.map(lambda text: (text,)),
    record.map(lambda text: (text, "some other text")),
    st.tuples(record, record),
    st.just(("\xe9t\xe9",)),
    st.just(()),
)
hosts = st.sampled_from((*NAMES, *NAMES, *ABSENT))


def _optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return strategy | st.just(())


node = st.fixed_dictionaries(
    {
        "TXT": texts,
        "A": _optional(st.lists(st.sampled_from(V4), max_size=2, unique=True).map(tuple)),
        "AAAA": _optional(st.lists(st.sampled_from(V6), max_size=2, unique=True).map(tuple)),
        "MX": _optional(
            st.lists(hosts, max_size=3, unique=True).map(
                lambda listed: tuple(f"{n} {host}" for n, host in enumerate(listed, 10))
            )
        )
        | st.sampled_from(
            (("0 .",), ("10 mail.a.test",), tuple(f"{n} my-d.test" for n in range(11)))
        ),
    }
)
explanation = st.sampled_from(
    ("go away", "%{i} may not send for %{d}%_(%{s})", "see http://w.test/%{L}?o=%{O1}&c=%{c}&r=%{r}",
     "%{bad", "%{p} %{v} %{h} %{lr-}", "n\xe3o")
)  # fmt: skip


@st.composite
def cases(draw: st.DrawFn) -> tuple[World, Client]:
    """A world, and somebody who sends mail in it."""
    table = {name: draw(node) for name in NAMES}
    table["a.test"] = draw(node) | {"TXT": (draw(record),)}  # whom most mail claims to come from
    table["e.test"] = {"TXT": tuple(draw(st.lists(explanation, min_size=1, max_size=2)))}
    ip = draw(st.sampled_from(CLIENTS))
    domain = draw(st.sampled_from(("a.test",) * 12 + (*NAMES, *ABSENT, "A.Test", "a..test")))
    local = draw(st.sampled_from(LOCALS))
    sender = draw(st.sampled_from((f"{local}@{domain}",) * 8 + (f"@{domain}", "", domain)))
    client = Client(
        ip, draw(st.sampled_from((*NAMES, "n.a.test", "localhost", "[192.0.2.1]"))), sender
    )
    if draw(st.booleans()):
        table[f"{local}.e.test"] = {"TXT": (draw(explanation),)}
    if draw(st.booleans()):
        listed = draw(st.lists(hosts, min_size=1, max_size=4, unique=True))
        table[client.reverse_name] = {"PTR": tuple(f"{host}." for host in listed)}
    broken = draw(
        st.sets(st.tuples(hosts, st.sampled_from(("TXT", "A", "AAAA", "MX"))), max_size=2)
        if draw(st.integers(0, 5)) == 0
        else st.just(set())
    )
    return World(Records(table), frozenset(broken)), client
