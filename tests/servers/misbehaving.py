"""Name servers that tests can rely on to be unreliable: over UDP and TCP, one behaviour a name."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from tests.servers.bind import _free_port

# A reply is datagrams (over TCP: pieces of the stream) and pauses in seconds.
Reply = Iterator[bytes | float]
Behaviour = Callable[[dns.message.Message, bool], Reply]


@dataclass
class Server:
    """Answers from ``records`` ((name, type) to data), except where a name misbehaves.

    Names have no final dot.  ``asked`` lists the questions so far.
    """

    port: int
    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def reply(self, wire: bytes, tcp: bool) -> Reply:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        type = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, type, "tcp" if tcp else "udp"))
        behaviour = self.behaviours.get(name)
        if behaviour is not None:
            yield from behaviour(query, tcp)
        else:
            yield framed(self.plain(query, name, type), tcp)

    def plain(self, query: dns.message.Message, name: str, type: str) -> dns.message.Message:
        data = self.records.get((name, type))
        if data is not None:
            return answer(query, *data)
        known = any(owner == name for owner, _ in self.records)
        return answer(query, rcode=dns.rcode.NOERROR if known else dns.rcode.NXDOMAIN)


def answer(
    query: dns.message.Message, *data: str, rcode: int = dns.rcode.NOERROR, ttl: int = 300
) -> dns.message.Message:
    """A recursive resolver's answer with these records of the type that was asked for."""
    made = dns.message.make_response(query, recursion_available=True)
    made.set_rcode(dns.rcode.Rcode(rcode))
    if data:
        question = query.question[0]
        made.answer.append(dns.rrset.from_text(question.name, ttl, "IN", question.rdtype, *data))
    return made


def framed(message: dns.message.Message | bytes, tcp: bool) -> bytes:
    """The message as it goes onto the wire."""
    wire = message if isinstance(message, bytes) else message.to_wire(max_size=65535)
    return struct.pack("!H", len(wire)) + wire if tcp else wire


def silence(query: dns.message.Message, tcp: bool) -> Reply:
    """Never answers."""
    return iter(())


def refusing(rcode: int) -> Behaviour:
    """Answers with an error code."""
    return lambda query, tcp: iter([framed(answer(query, rcode=rcode), tcp)])


def wrong_id(*data: str) -> Behaviour:
    """Answers to another question's id, as a forger who has to guess."""

    def behave(query: dns.message.Message, tcp: bool) -> Reply:
        made = answer(query, *data)
        made.id ^= 0x5A5A
        yield framed(made, tcp)

    return behave


def wrong_question(*data: str) -> Behaviour:
    """Answers about another name."""

    def behave(query: dns.message.Message, tcp: bool) -> Reply:
        other = dns.message.make_query("other.example.", query.question[0].rdtype)
        made = answer(other, *data)
        made.id = query.id
        yield framed(made, tcp)

    return behave


def forged_first(forged: str, true: str) -> Behaviour:
    """A forged answer with a wrong id arrives before the true one."""

    def behave(query: dns.message.Message, tcp: bool) -> Reply:
        yield from wrong_id(forged)(query, tcp)
        yield framed(answer(query, true), tcp)

    return behave


def truncated(*data: str) -> Behaviour:
    """Over UDP only says that the answer is too long; over TCP gives it, or cuts it off too."""

    def behave(query: dns.message.Message, tcp: bool) -> Reply:
        made = answer(query, *(data if tcp else ()))
        if not (tcp and data):
            made.flags |= dns.flags.TC
        yield framed(made, tcp)

    return behave


def cut_off(*data: str) -> Behaviour:
    """The message ends in the middle, over TCP with the connection."""

    def behave(query: dns.message.Message, tcp: bool) -> Reply:
        wire = framed(answer(query, *data), tcp)
        yield wire[: len(wire) // 2]

    return behave


def dripping(*data: str, pause: float = 0.05) -> Behaviour:
    """Truncated over UDP; over TCP one octet at a time."""

    def behave(query: dns.message.Message, tcp: bool) -> Reply:
        if not tcp:
            yield from truncated(*data)(query, tcp)
            return
        for octet in framed(answer(query, *data), tcp):
            yield bytes([octet])
            yield pause

    return behave


def alias_loop(*names: str) -> Behaviour:
    """Aliases that lead round in a circle, all in one answer."""

    def behave(query: dns.message.Message, tcp: bool) -> Reply:
        made = answer(query)
        circle = [query.question[0].name.to_text(), *(f"{name}." for name in names)]
        for owner, target in zip(circle, [*circle[1:], circle[0]], strict=True):
            made.answer.append(dns.rrset.from_text(owner, 300, "IN", "CNAME", target))
        yield framed(made, tcp)

    return behave


def alias(target: str) -> Behaviour:
    """An alias without what stands behind it, as from a server that does not look further."""

    def behave(query: dns.message.Message, tcp: bool) -> Reply:
        made = answer(query)
        name = query.question[0].name
        made.answer.append(dns.rrset.from_text(name, 300, "IN", "CNAME", f"{target}."))
        yield framed(made, tcp)

    return behave


def noise(query: dns.message.Message, tcp: bool) -> Reply:
    """The right id, and then octets that are no message."""
    wire = struct.pack("!H", query.id) + bytes(range(60))
    yield framed(wire, tcp)


def referral(query: dns.message.Message, tcp: bool) -> Reply:
    """Points to other servers: it does not resolve for others."""
    made = dns.message.make_response(query)
    made.authority.append(dns.rrset.from_text("example.", 300, "IN", "NS", "ns.example."))
    yield framed(made, tcp)


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """A server on a port of its own, ended with the block."""
    server = Server(_free_port())
    datagrams = socket.socket(type=socket.SOCK_DGRAM)
    stream = socket.socket()
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    datagrams.bind(("127.0.0.1", server.port))
    stream.bind(("127.0.0.1", server.port))
    stream.listen(50)
    stop = threading.Event()
    for one in (datagrams, stream):
        one.settimeout(0.1)
    threads = [
        threading.Thread(target=_datagrams, args=(server, datagrams, stop), daemon=True),
        threading.Thread(target=_streams, args=(server, stream, stop), daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield server
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        datagrams.close()
        stream.close()


def _datagrams(server: Server, socket_: socket.socket, stop: threading.Event) -> None:
    while not stop.is_set():
        with contextlib.suppress(TimeoutError, ConnectionError):
            wire, sender = socket_.recvfrom(4096)
            for part in server.reply(wire, tcp=False):
                if isinstance(part, float):
                    stop.wait(part)
                else:
                    socket_.sendto(part, sender)


def _streams(server: Server, listener: socket.socket, stop: threading.Event) -> None:
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            connection, _ = listener.accept()
            threading.Thread(target=_stream, args=(server, connection, stop), daemon=True).start()


def _stream(server: Server, connection: socket.socket, stop: threading.Event) -> None:
    with connection, contextlib.suppress(OSError, struct.error):
        connection.settimeout(5)
        (length,) = struct.unpack("!H", connection.recv(2))
        wire = connection.recv(length)
        for part in server.reply(wire, tcp=True):
            if isinstance(part, float):
                time.sleep(0 if stop.is_set() else part)
            else:
                connection.sendall(part)
