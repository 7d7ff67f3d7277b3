"""What is really published: the zone's own name servers, asked over TCP.

A provider may report a value other than it is given out: quotes lost, a disabled value, a type of
its own.  Octets that are wrong in the report would be wrong in the zone after a rewrite.  So before a
set with foreign values is written anew, the servers must give out exactly what the provider reported.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from logging import Logger
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from generator.octodns.model import Change, Conflict

if TYPE_CHECKING:
    import dns.rdataset

Nameservers = str | Sequence[str] | Mapping[str, str | Sequence[str]]

AUTO = "auto"
PORT = 53
_HELP = (
    "set `nameservers` of the overlay to the servers of this target; `unchecked_rewrites: true` "
    "does without, and may damage foreign values unseen"
)
_PAUSE = 1.0  # seconds between two questions about the same set


class Server(NamedTuple):
    """Where a name server listens; ``host`` is an address."""

    host: str
    port: int = PORT

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORT else f"{host}:{self.port}"


class NoServers(Exception):
    """No name server of a zone could be found or asked."""


class Authority:
    """Asks a zone's name servers.

    ``timeout`` is in seconds for each question; ``patience`` how long servers that still give out
    another state are asked again.
    """

    def __init__(
        self, nameservers: Nameservers, timeout: float, patience: float, log: Logger
    ) -> None:
        self._given = nameservers
        self._timeout = timeout
        self._patience = patience
        self._log = log
        self._found: dict[str, tuple[Server, ...]] = {}
        self._lock = Lock()

    def disagreements(
        self, zone: str, target: str, changes: Sequence[Change]
    ) -> dict[str, Conflict]:
        """Names at which a shared set is not published as the target reported it, and why."""
        shared = [change for change in changes if change.kept and change.before is not None]
        if not shared:
            return {}
        try:
            servers = self.servers(zone, target)
        except NoServers as error:
            return {one.name: Conflict(one.name, str(error), _HELP) for one in shared}
        found = {}
        deadline = time.monotonic() + self._patience
        for change in shared:
            why = self._disagreement(change, servers)
            while why and time.monotonic() < deadline:
                time.sleep(min(_PAUSE, self._patience))
                why = self._disagreement(change, servers)
            if why:
                what = f"{change.type} at {change.name}, shared with others, cannot be rewritten"
                found[change.name] = Conflict(change.name, f"{what}: {why}", _HELP)
        return found

    def servers(self, zone: str, target: str) -> tuple[Server, ...]:
        """The servers to ask about a zone at a target.  Raises NoServers."""
        given = self._given
        if isinstance(given, Mapping):
            if target not in given:
                raise NoServers(f"`nameservers` has no entry for target {target}")
            given = given[target]
        key = f"{zone} {given}"
        with self._lock:
            known = self._found.get(key)
        if known is None:
            listed = [given] if isinstance(given, str) else list(given)
            known = (
                _delegated(zone, self._timeout)
                if listed == [AUTO]
                else tuple(server for one in listed for server in _addresses(str(one)))
            )
            with self._lock:
                self._found[key] = known
        return known

    def _disagreement(self, change: Change, servers: Sequence[Server]) -> str:
        """Why the servers' answers do not allow a rewrite; empty if they do."""
        answered = False
        failed = ""
        for server in servers:
            try:
                published = self._ask(change.name, change.type, server)
            except NoServers as error:
                self._log.warning("_ask: %s", error)
                failed = str(error)
                continue
            answered = True
            why = compare(change, published)
            if why:
                return f"name server {server} {why}"
        return "" if answered else f"no name server answers ({failed})"

    def _ask(self, name: str, type: str, server: Server) -> dns.rdataset.Rdataset | None:
        """The set that a server gives out of its own authority.  Raises NoServers."""
        import dns.exception
        import dns.flags
        import dns.message
        import dns.name
        import dns.query
        import dns.rcode
        import dns.rdataclass
        import dns.rdatatype

        query = dns.message.make_query(name, type)
        try:
            answer = dns.query.tcp(query, server.host, port=server.port, timeout=self._timeout)
        except (OSError, EOFError, dns.exception.DNSException) as error:
            raise NoServers(f"{server} does not answer: {error or error.__class__}") from None
        if answer.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            raise NoServers(f"{server} answers {dns.rcode.to_text(answer.rcode())} for {name}")
        if not answer.flags & dns.flags.AA:
            raise NoServers(f"{server} has no authority for {name}")
        return answer.get_rrset(
            answer.answer,
            dns.name.from_text(name),
            dns.rdataclass.IN,
            dns.rdatatype.from_text(type),
        )


def compare(change: Change, published: dns.rdataset.Rdataset | None) -> str:
    """How a published set differs from what a provider reported; empty if it does not."""
    assert change.before is not None
    if published is None:
        return f"has no {change.type} there"
    served = _served(change.type, published)
    reported = Counter(_octets(change.type, text) for text in change.before.texts)
    for text in change.kept:
        octets = _octets(change.type, text)
        if len(served.get(octets, ())) != 1:
            return f"does not give out {text!r}"
        strings = served[octets][0]
        if strings > 1 and len(octets) <= 255:
            return f"gives out {text!r} in {strings} strings, which would be joined"
    # A value that goes away may be one that the provider cannot even report as it is.
    odd = sum(not _plain(text) for text in change.removed)
    strange = [octets for octets in served if octets not in reported]
    if len(strange) > odd:
        return f"gives out {strange[0]!r}, which the provider did not report"
    if len(published) != len(change.before.texts):
        return f"gives out {len(published)} values, the provider reported {sum(reported.values())}"
    return ""


def _served(type: str, published: dns.rdataset.Rdataset) -> dict[bytes, list[int]]:
    """Each value's octets, with the number of strings of each record that has them."""
    found: dict[bytes, list[int]] = {}
    for data in published:
        if type == "TXT":
            found.setdefault(b"".join(data.strings), []).append(len(data.strings))
        else:
            found.setdefault(data.to_digestable(), []).append(1)
    return found


def _octets(type: str, text: str) -> bytes:
    if type == "TXT":
        return text.encode("utf-8", "surrogateescape")
    import dns.exception
    import dns.rdata
    import dns.rdataclass

    try:
        made: bytes = dns.rdata.from_text(dns.rdataclass.IN, type, text).to_digestable()
    except (dns.exception.DNSException, ValueError, ArithmeticError):
        return text.encode("utf-8", "surrogateescape")
    return made


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and "\\" not in text and '"' not in text


def _addresses(given: str) -> list[Server]:
    """A configured server's addresses.  Raises NoServers."""
    import ipaddress
    import socket

    host, port = given, PORT
    if given.startswith("["):
        host, _, rest = given[1:].partition("]")
        port = _port(rest[1:], given) if rest else PORT
    elif given.count(":") == 1:
        host, _, rest = given.partition(":")
        port = _port(rest, given)
    try:
        return [Server(str(ipaddress.ip_address(host)), port)]
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NoServers(f"name server {host} has no address: {error}") from None
    return [Server(host, port) for host in dict.fromkeys(str(one[4][0]) for one in found)]


def _port(text: str, given: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise NoServers(f"name server `{given}`: no port number")
    return int(text)


def _delegated(zone: str, timeout: float) -> tuple[Server, ...]:
    """The addresses of a zone's name servers, as the resolver knows them.  Raises NoServers."""
    import dns.exception
    import dns.resolver

    found: list[Server] = []
    try:
        names = dns.resolver.resolve(zone, "NS", lifetime=timeout)
        for name in names:
            for type in ("A", "AAAA"):
                try:
                    listed = dns.resolver.resolve(name.target, type, lifetime=timeout)
                except dns.exception.DNSException:
                    continue
                found += [Server(data.address) for data in listed]
    except (OSError, dns.exception.DNSException) as error:
        raise NoServers(f"the name servers of {zone} cannot be found: {error}") from None
    if not found:
        raise NoServers(f"the name servers of {zone} have no address")
    return tuple(found)
