"""The world of compiled records with the lock behind it."""

from __future__ import annotations

import pytest

from generator.simulate.planned import Planned
from generator.simulate.world import NODATA, NXDOMAIN, SERVFAIL, Answer, Records

DECLARED = """
    domain: example.com
    stage: parked
    records:
      - {name: www, type: A, value: 192.0.2.1}
      - {name: a.b.c, type: A, value: 192.0.2.2}
      - {name: "*.wild", type: A, value: 192.0.2.3}
      - {name: there.wild, type: TXT, value: here}
      - {name: alias, type: CNAME, value: www.example.com}
      - {name: far, type: CNAME, value: host.vendor.net}
      - {name: round, type: CNAME, value: about.example.com}
      - {name: about, type: CNAME, value: round.example.com}
      - {name: mx, type: MX, value: 10 www.example.com.}
      - {name: no-mx, type: MX, value: 0 .}
"""


class Lock:
    """A lock that knows some names."""

    def __init__(self, **known: Answer) -> None:
        self.known = known

    def answer(self, name: str, type: str) -> Answer:
        return self.known.get(name.replace(".", "_").replace("-", "_"), SERVFAIL)


@pytest.fixture
def compiled(sandbox):
    sandbox.write("zones/a.yaml", DECLARED)
    sandbox.write("zones/b.yaml", "domain: other.net\nstage: parked\n")
    project = sandbox.assemble()
    assert not project.errors, [f"{f.rule}: {f.message}" for f in project.errors]
    return project.compiled


def ok(*data: str) -> Answer:
    return Answer("ok", data)


@pytest.mark.parametrize(
    ("name", "type", "answer"),
    [
        ("example.com", "TXT", ok("v=spf1 -all")),
        ("other.net", "TXT", ok("v=spf1 -all")),
        ("www.example.com", "A", ok("192.0.2.1")),
        ("www.example.com", "AAAA", NODATA),
        ("nothing.example.com", "A", NXDOMAIN),
        ("b.c.example.com", "A", NODATA),  # something is below it
        ("x.b.c.example.com", "A", NXDOMAIN),
        ("x.wild.example.com", "A", ok("192.0.2.3")),
        ("x.y.wild.example.com", "A", ok("192.0.2.3")),
        ("there.wild.example.com", "A", NODATA),  # RFC 4592 2.2.1: it exists
        ("x.there.wild.example.com", "A", NXDOMAIN),
        ("alias.example.com", "A", ok("192.0.2.1")),
        ("alias.example.com", "CNAME", ok("www.example.com")),
        ("round.example.com", "A", SERVFAIL),
        ("far.example.com", "A", SERVFAIL),
        ("mx.example.com", "MX", ok("10 www.example.com")),
        ("no-mx.example.com", "MX", ok("0 .")),
        ("vendor.net", "TXT", SERVFAIL),
        ("_dmarc.net", "TXT", NXDOMAIN),
    ],
)
def test_declared_records_answer_as_a_server_would(compiled, name, type, answer):
    assert Planned(compiled).answer(name, type) == answer


def test_the_lock_answers_for_what_is_not_declared(compiled):
    lock = Lock(
        host_vendor_net=ok("198.51.100.1"),
        gone_vendor_net=NXDOMAIN,
        mail_example_com=ok("192.0.2.9"),
    )
    world = Planned(compiled, lock)
    assert world.answer("far.example.com", "A") == ok("198.51.100.1")
    assert world.answer("gone.vendor.net", "A") == NXDOMAIN
    assert world.answer("mail.example.com", "A") == ok("192.0.2.9")
    assert world.answer("example.com", "TXT") == ok("v=spf1 -all")
    assert world.unknown == set()


def test_what_nobody_knows_is_remembered(compiled):
    world = Planned(compiled)
    world.answer("far.example.com", "A")
    assert world.unknown == {"host.vendor.net"}
    guessing = Planned(compiled, None, {"known.net": {"TXT": ("v=spf1 +all",)}})
    assert guessing.answer("known.net", "TXT") == ok("v=spf1 +all")
    assert guessing.answer("known.net", "A") == NODATA
    assert guessing.answer("stranger.net", "TXT") == ok("v=spf1 ?all")
    assert guessing.answer("stranger.net", "A") == NXDOMAIN
    assert guessing.assumed == {"known.net", "stranger.net"}
    assert guessing.unknown == set()


def test_names_that_lead_outside(compiled):
    world = Planned(compiled)
    assert world.outside("far.example.com") == "host.vendor.net"
    assert world.outside("www.example.com") == ""
    assert world.outside("round.example.com") == ""


def test_below_a_delegation_strangers_answer(sandbox):
    sandbox.write(
        "zones/a.yaml",
        """
        domain: example.com
        stage: parked
        records:
          - {name: em, type: NS, value: ns.vendor.net}
        """,
    )
    compiled = sandbox.assemble().compiled
    world = Planned(compiled)
    assert world.answer("s1._domainkey.em.example.com", "TXT") == SERVFAIL
    assert world.outside("em.example.com") == "em.example.com"
    assert world.answer("em2.example.com", "TXT") == NXDOMAIN


def test_a_table_answers_nothing_for_an_empty_one():
    assert Records({}).answer("a.test", "A") == NXDOMAIN
