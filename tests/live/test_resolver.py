"""Questions to servers that lie, dawdle and fall silent."""

from __future__ import annotations

import asyncio
import socket
import time

import dns.message
import dns.rcode
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.live.resolver import (
    MOST_STRINGS,
    NoAnswer,
    Resolver,
    Server,
    parse_server,
    system_servers,
)
from generator.lock import Held
from generator.simulate.world import NODATA, NXDOMAIN, Answer
from tests.servers import misbehaving as bad

SPF = '"v=spf1 ip4:192.0.2.1 -all"'
NAME = "x.example"


@pytest.fixture
def server():
    with bad.serving() as running:
        yield running


def ask(server: bad.Server, name: str = NAME, type: str = "TXT", timeout: float = 0.3) -> Held:
    resolver = Resolver([Server("127.0.0.1", server.port)], timeout, tries=2)
    return asyncio.run(resolver.ask(name, type))


def why(server: bad.Server, name: str = NAME, type: str = "TXT") -> str:
    with pytest.raises(NoAnswer) as caught:
        ask(server, name, type)
    return str(caught.value)


@pytest.mark.parametrize(
    ("type", "data", "found"),
    [
        ("TXT", ['"v=spf1 " "a -all"', '"b"'], ("b", "v=spf1 a -all")),
        ("TXT", [r'"caf\195\169"'], ("caf\xc3\xa9",)),
        ("A", ["192.0.2.2", "192.0.2.1"], ("192.0.2.1", "192.0.2.2")),
        ("AAAA", ["2001:DB8::1"], ("2001:db8::1",)),
        ("MX", ["10 Mail.Example.", "0 ."], ("0 .", "10 mail.example")),
    ],
)
def test_records_come_as_text_in_an_order_of_their_own(
    server: bad.Server, type: str, data: list[str], found: tuple[str, ...]
):
    server.records[NAME, type] = data
    assert ask(server, type=type) == Held(Answer("ok", found), 300)


def test_a_name_without_records_and_one_that_does_not_exist(server: bad.Server):
    server.records[NAME, "A"] = ["192.0.2.1"]
    assert ask(server) == Held(NODATA)
    assert ask(server, "y.example") == Held(NXDOMAIN)


def test_a_name_that_nobody_can_publish_is_not_asked_for(server: bad.Server):
    assert ask(server, f"{'a' * 64}.example") == Held(NXDOMAIN)
    assert server.asked == []


def test_a_truncated_answer_is_fetched_over_tcp(server: bad.Server):
    server.behaviours[NAME] = bad.truncated(SPF)
    assert ask(server).answer.data == ("v=spf1 ip4:192.0.2.1 -all",)
    assert [how for *_, how in server.asked] == ["udp", "tcp"]


def test_a_forged_answer_does_not_hide_the_true_one(server: bad.Server):
    server.behaviours[NAME] = bad.forged_first('"v=spf1 +all"', SPF)
    assert ask(server).answer.data == ("v=spf1 ip4:192.0.2.1 -all",)


def test_an_alias_is_followed_by_asking_again(server: bad.Server):
    server.behaviours[NAME] = bad.alias("y.example")
    server.records["y.example", "TXT"] = [SPF]
    assert ask(server).answer.data == ("v=spf1 ip4:192.0.2.1 -all",)
    server.behaviours["y.example"] = bad.alias("z.example")
    assert ask(server) == Held(NXDOMAIN)


@pytest.mark.parametrize(
    ("behaviour", "says"),
    [
        (bad.silence, "no answer from 127.0.0.1#"),
        (bad.wrong_id(SPF), "no answer from"),
        (bad.wrong_question(SPF), "no answer from"),
        (bad.noise, "no answer from"),
        (bad.refusing(dns.rcode.SERVFAIL), "answers SERVFAIL, 2 times tried"),
        (bad.refusing(dns.rcode.REFUSED), "answers REFUSED"),
        (bad.refusing(dns.rcode.FORMERR), "answers FORMERR"),
        (bad.truncated(), "only a part, over TCP too"),
        (bad.dripping(SPF, pause=0.1), "no answer from"),
        (bad.cut_off(SPF), "no answer from"),
        (bad.alias_loop("y.example"), "circle"),
        (bad.alias(NAME), "circle"),
        (bad.referral, "does not resolve for others"),
    ],
    ids=lambda value: getattr(value, "__qualname__", None),
)
def test_what_is_no_answer_is_none(server: bad.Server, behaviour: bad.Behaviour, says: str):
    server.behaviours[NAME] = behaviour
    start = time.monotonic()
    assert says in why(server)
    assert time.monotonic() - start < 5  # two tries of 0.3 s, over UDP and TCP, with room


def test_aliases_without_end_are_given_up(server: bad.Server):
    for i in range(20):
        server.behaviours[f"n{i}.example"] = bad.alias(f"n{i + 1}.example")
    assert "alias of an alias" in why(server, "n0.example")


def test_a_stream_that_ends_early_is_no_answer(server: bad.Server):
    def behave(query, tcp):
        yield from (bad.cut_off(SPF) if tcp else bad.truncated(SPF))(query, tcp)

    server.behaviours[NAME] = behave
    assert "EOF" in why(server)


def test_a_record_of_many_strings_is_refused(server: bad.Server):
    server.records[NAME, "TXT"] = [" ".join(['"a"'] * MOST_STRINGS)]
    assert ask(server).answer.data == ("a" * MOST_STRINGS,)
    server.records[NAME, "TXT"] = [" ".join(['"ab"'] * 500)]
    assert "TXT record of 500 strings" in why(server)


def test_a_second_try_may_succeed(server: bad.Server):
    tries = []

    def flaky(query, tcp):
        tries.append(tcp)
        if len(tries) > 1:
            yield bad.framed(bad.answer(query, SPF), tcp)

    server.behaviours[NAME] = flaky
    assert ask(server).answer.status == "ok"


def _closed_port() -> int:
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_next_resolver_is_asked_where_one_is_dead(server: bad.Server):
    server.records[NAME, "TXT"] = [SPF]
    both = [Server("127.0.0.1", _closed_port()), Server("127.0.0.1", server.port)]

    async def run() -> Held:
        resolver = Resolver(both, 0.3, 2)
        await resolver.reachable()
        assert resolver.servers == (both[1],)
        return await resolver.ask(NAME, "TXT")

    assert asyncio.run(run()).answer.status == "ok"


def test_dead_resolvers_are_found_out_at_once():
    servers = [Server("127.0.0.1", _closed_port())]
    with pytest.raises(NoAnswer, match="no resolver answers"):
        asyncio.run(Resolver(servers, 0.2, 2).reachable())


def test_no_more_than_a_hundred_questions_are_on_their_way(server: bad.Server):
    """A server that takes no answer back until 100 are waiting, and counts what more comes."""
    waiting: list[float] = []

    def late(query, tcp):
        waiting.append(time.monotonic())
        return iter(())

    server.behaviours |= {f"n{i}.example": late for i in range(150)}
    resolver = Resolver([Server("127.0.0.1", server.port)], 0.5, tries=1)

    async def run() -> list[object]:
        return await asyncio.gather(
            *(resolver.ask(f"n{i}.example", "A") for i in range(150)), return_exceptions=True
        )

    results = asyncio.run(run())
    assert all(isinstance(one, NoAnswer) for one in results)
    assert len(waiting) == 150
    assert waiting[100] - waiting[0] > 0.4  # the 101st only when the first had been given up


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("192.0.2.53", Server("192.0.2.53")),
        ("192.0.2.53#5353", Server("192.0.2.53", 5353)),
        ("::1#53", Server("::1")),
        ("2001:db8::1", Server("2001:db8::1")),
    ],
)
def test_a_resolver_is_an_address_and_a_port(text: str, server: Server):
    assert parse_server(text) == server
    assert parse_server(str(server)) == server


@pytest.mark.parametrize(
    "text", ["", "dns.example", "192.0.2", "192.0.2.53#", "192.0.2.53#0", "192.0.2.53#65536",
             "192.0.2.53#x", "192.0.2.53:53", "192.0.2.53#999999999999"]
)  # fmt: skip
def test_what_is_no_resolver(text: str):
    with pytest.raises(ValueError, match="is no"):
        parse_server(text)


class Canned(Resolver):
    """Gets these octets for whatever it asks."""

    def __init__(self, wire: bytes) -> None:
        super().__init__([Server("192.0.2.53")], tries=1)
        self.wire = wire

    async def _once(self, name, type, server):
        return dns.message.from_wire(self.wire)


def _sample(type: str) -> bytes:
    query = dns.message.make_query("x.example.", type)
    data = {"TXT": SPF, "MX": "10 mail.example.", "A": "192.0.2.1"}[type]
    made = bad.answer(query, data)
    made.answer.insert(0, dns.rrset.from_text("x.example.", 1, "IN", "CNAME", "y.example."))
    return made.to_wire()


@given(
    st.sampled_from(["TXT", "MX", "A"]),
    st.lists(st.tuples(st.integers(0, 120), st.integers(0, 255)), max_size=4),
    st.integers(0, 120),
)
def test_damaged_messages_are_answers_or_none(
    type: str, damage: list[tuple[int, int]], length: int
):
    wire = bytearray(_sample(type))
    for at, octet in damage:
        wire[at % len(wire)] = octet
    try:
        held = asyncio.run(Canned(bytes(wire[: length or None])).ask("x.example", type))
    except NoAnswer:
        return
    assert (held.answer.status == "ok") is bool(held.answer.data)


def test_a_machine_without_a_resolver_says_so(monkeypatch: pytest.MonkeyPatch):
    import dns.resolver

    def fail(*_: object) -> None:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver, "Resolver", fail)
    with pytest.raises(NoAnswer, match="names no resolver"):
        system_servers()
