"""Name servers that do not answer, answer wrongly, or otherwise than the provider reported."""

from __future__ import annotations

import logging
import socket
import struct
import threading

import dns.flags
import dns.message
import dns.rdataset
import dns.rrset
import pytest

from generator.octodns.authority import Authority, NoServers, Server, compare
from generator.octodns.model import Change, Rrset

NAME = "example.com."


def change(*texts: str, kept: tuple[str, ...] | None = None, type: str = "TXT") -> Change:
    before = Rrset(300, texts)
    stay = texts if kept is None else kept
    removed = tuple(text for text in texts if text not in stay)
    return Change(NAME, type, before, Rrset(300, (*stay, "new")), removed, ("new",), stay)


def answer(*data: str, type: str = "TXT") -> dns.rdataset.Rdataset:
    return dns.rdataset.from_text("IN", type, 300, *data)


def test_an_equal_set_agrees():
    assert compare(change("a", "b; c"), answer('"b; c"', '"a"')) == ""
    assert compare(change("192.0.2.1", type="A"), answer("192.0.2.1", type="A")) == ""
    assert compare(change("10 MX.example.", type="MX"), answer("10 mx.example.", type="MX")) == ""


@pytest.mark.parametrize(
    ("reported", "served", "why"),
    [
        (["a"], None, "has no TXT there"),
        (["a", "b"], ['"a"'], "does not give out 'b'"),
        (["a"], ['"a"', '"b"'], "which the provider did not report"),
        (["quoted"], [r'"\"quoted\""'], "does not give out 'quoted'"),
        (["ab"], ['"a" "b"'], "in 2 strings"),
        (["a"], ['"A"'], "does not give out 'a'"),
    ],
)
def test_any_difference_is_told(reported, served, why):
    found = None if served is None else answer(*served)
    assert why in compare(change(*reported), found)


def test_a_value_that_goes_away_may_be_one_that_the_provider_cannot_report():
    odd = change("token", 'v=spf1 \\"x', kept=("token",))
    assert compare(odd, answer('"token"', r'"v=spf1 \"x"')) == ""
    assert "did not report" in compare(odd, answer('"token"', '"x"', '"y"'))


class Lying:
    """A server over TCP that answers each query as a function says."""

    def __init__(self, respond):
        self.respond = respond
        self.asked = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                (length,) = struct.unpack("!H", connection.recv(2))
                query = dns.message.from_wire(connection.recv(length))
                self.asked += 1
                response = self.respond(query, self.asked)
                if response is not None:
                    wire = response.to_wire()
                    connection.sendall(struct.pack("!H", len(wire)) + wire)


def says(*texts: str, rcode: int = 0, authoritative: bool = True):
    def respond(query, asked):
        response = dns.message.make_response(query)
        response.set_rcode(rcode)
        if authoritative:
            response.flags |= dns.flags.AA
        if texts:
            response.answer.append(dns.rrset.from_text(NAME, 300, "IN", "TXT", *texts))
        return response

    return respond


@pytest.fixture
def ask():
    """What an Authority finds when servers answer in these ways."""
    made = []

    def run(*responds, patience=0.0):
        servers = [Lying(respond) for respond in responds]
        made.extend(servers)
        given = [f"127.0.0.1:{server.port}" for server in servers]
        authority = Authority(given, 1, patience, logging.getLogger("test"))
        found = authority.disagreements(NAME, "host", [change("a")])
        return found[NAME].what if found else ""

    yield run
    for server in made:
        server.socket.close()


def test_one_server_that_agrees_is_enough_if_the_others_do_not_answer(ask):
    assert ask(says('"a"'), lambda query, asked: None) == ""
    assert ask(says('"a"'), says(rcode=2)) == ""
    assert ask(says('"a"'), says('"a"', authoritative=False)) == ""


def test_one_server_that_differs_is_too_many(ask):
    assert "does not give out 'a'" in ask(says('"a"'), says('"b"'))


def test_servers_without_authority_do_not_count(ask):
    assert "no name server answers" in ask(says('"a"', authoritative=False))
    assert "no name server answers" in ask(says(rcode=5))
    assert "no name server answers" in ask(lambda query, asked: None)


def test_a_name_that_is_not_there_differs(ask):
    assert "has no TXT there" in ask(says(rcode=3))


def test_servers_that_lag_are_asked_again(ask):
    def late(query, asked):
        return says('"a"' if asked > 1 else '"old"')(query, asked)

    assert "does not give out" in ask(late)
    assert ask(late, patience=5) == ""


def test_sets_that_nobody_else_has_a_value_in_are_not_asked_about():
    authority = Authority("127.0.0.1:1", 1, 0, logging.getLogger("test"))
    assert authority.disagreements(NAME, "host", [change("ours", kept=())]) == {}


@pytest.mark.parametrize(
    ("given", "server"),
    [
        ("192.0.2.1", Server("192.0.2.1", 53)),
        ("192.0.2.1:5353", Server("192.0.2.1", 5353)),
        ("2001:db8::1", Server("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", Server("2001:db8::1", 5353)),
        ({"host": ["192.0.2.1"]}, Server("192.0.2.1", 53)),
    ],
)
def test_servers_are_named_in_these_forms(given, server):
    authority = Authority(given, 1, 0, logging.getLogger("test"))
    assert authority.servers(NAME, "host") == (server,)


@pytest.mark.parametrize("given", ["192.0.2.1:x", "192.0.2.1:0", "[::1]:99999", {"other": "x"}])
def test_other_forms_are_refused(given):
    authority = Authority(given, 1, 0, logging.getLogger("test"))
    with pytest.raises(NoServers):
        authority.servers(NAME, "host")


def test_auto_asks_the_servers_of_the_delegation(bind_host, zone, monkeypatch):
    import dns.resolver

    bind_host.add(zone, [])
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = bind_host.port
    monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
    authority = Authority("auto", 2, 0, logging.getLogger("test"))
    assert authority.servers(zone, "host") == (Server("127.0.0.1", 53),)
    with pytest.raises(NoServers, match="cannot be found"):
        authority.servers("missing.example.", "host")
