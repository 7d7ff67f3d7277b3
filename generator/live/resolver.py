"""Questions to a resolver, many at once; every answer is a stranger's until it has been checked.

UDP first, TCP where an answer is cut off.  What is no answer to the question (another id, another
name, another sender) is passed over while the time lasts, as if it had never come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import dns.asyncquery
import dns.exception
import dns.flags
import dns.inet
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from generator.lock.model import Held
from generator.simulate.world import NODATA, NXDOMAIN, Answer

IN_FLIGHT = 100  # questions on their way at one time
TRIES = 3  # of one question, each at the next resolver if there are several
TIMEOUT = 3.0  # seconds for a try; as long again for TCP
MOST_ALIASES = 8  # that are followed by asking again
MOST_STRINGS = 100  # of one TXT record; 4096 bits of DKIM key take three
_PAYLOAD = 1232  # octets of a UDP answer that no path cuts up (DNS flag day 2020)
_PAUSE = 0.1  # seconds before a second try; twice that before the third

_ANSWERED = frozenset({dns.rcode.NOERROR, dns.rcode.NXDOMAIN})


class NoAnswer(Exception):
    """A question got no answer that can be relied on; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Server:
    """A resolver's address and port."""

    address: str
    port: int = 53

    def __str__(self) -> str:
        return self.address if self.port == 53 else f"{self.address}#{self.port}"


def parse_server(text: str) -> Server:
    """``IP`` or ``IP#PORT``.  Raises ValueError, its message for the user."""
    address, sign, port = text.partition("#")
    if not dns.inet.is_address(address):
        raise ValueError(f"`{text[:60]}` is no address of a resolver, like 192.0.2.53 or ::1#5353")
    if sign and not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
        raise ValueError(f"`{port[:20]}` is no port")
    return Server(address, int(port or 53))


def system_servers() -> tuple[Server, ...]:
    """The resolvers that this machine uses.  Raises NoAnswer if it names none."""
    import dns.resolver

    try:
        configured = dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError) as error:
        raise NoAnswer(f"this machine names no resolver: {error}") from None
    return tuple(
        Server(address, configured.port)
        for address in configured.nameservers
        if isinstance(address, str) and dns.inet.is_address(address)
    )


class Resolver:
    """Asks a few servers, never more than `IN_FLIGHT` questions at a time.

    ``timeout`` is in seconds, for one try over one protocol.
    """

    def __init__(
        self, servers: Sequence[Server], timeout: float = TIMEOUT, tries: int = TRIES
    ) -> None:
        self.servers = tuple(servers)
        self.timeout = timeout
        self.tries = tries
        self._slots = asyncio.Semaphore(IN_FLIGHT)

    async def reachable(self) -> None:
        """Ask every server one thing; go on with those that answer at all.

        Raises NoAnswer if none does: better to know that at once than for each name again.
        """
        alive = await asyncio.gather(*(self._lives(server) for server in self.servers))
        answering = tuple(s for s, lives in zip(self.servers, alive, strict=True) if lives)
        if not answering:
            named = ", ".join(map(str, self.servers)) or "none is configured"
            raise NoAnswer(f"no resolver answers ({named})")
        self.servers = answering

    async def _lives(self, server: Server) -> bool:
        for _ in range(self.tries):
            try:
                await self._once(dns.name.root, "NS", server)
            except (dns.exception.Timeout, OSError, EOFError):
                continue
            except Exception:  # whatever it says, it is there
                return True
            return True
        return False

    async def ask(self, name: str, type: str) -> Held:
        """What a name holds of one type, its aliases followed.

        Raises NoAnswer, and nothing else for whatever the network does.
        """
        try:
            asked = dns.name.from_text(name)
        except dns.exception.DNSException:
            return Held(NXDOMAIN)  # nobody can have published it
        seen: set[dns.name.Name] = set()
        for _ in range(MOST_ALIASES):
            seen.add(asked)
            message = await self._exchange(asked, type)
            end, found = _chain(message)
            if found is not None:
                return Held(Answer("ok", _data(found)), found.ttl)
            if message.rcode() == dns.rcode.NXDOMAIN:
                return Held(NXDOMAIN)
            if end == asked:
                return Held(NODATA)
            if end in seen:
                raise NoAnswer("its aliases go round in a circle")
            asked = end  # a server that does not know what is behind the alias
        raise NoAnswer(f"it is an alias of an alias, {MOST_ALIASES} times over")

    async def _exchange(self, name: dns.name.Name, type: str) -> dns.message.Message:
        reason = ""
        for number in range(self.tries):
            server = self.servers[number % len(self.servers)]
            if number:
                await asyncio.sleep(_PAUSE * number)
            try:
                async with self._slots:
                    message = await self._once(name, type, server)
                reason = _refusal(message)
                if not reason:
                    return message
                reason = f"{server} answers {reason}"
            except dns.exception.Timeout:
                reason = f"no answer from {server} in {self.timeout:g} s"
            except (OSError, EOFError) as error:
                reason = f"{server}: {error or 'the connection ended early'}"
            except Exception as error:
                # A parser that meets what its author did not think of: the octets are at fault.
                reason = f"{server} sends no DNS message ({_type(error)})"
        raise NoAnswer(f"{reason}, {self.tries} times tried")

    async def _once(self, name: dns.name.Name, type: str, server: Server) -> dns.message.Message:
        query = dns.message.make_query(name, type, use_edns=0, payload=_PAYLOAD)
        message, _ = await dns.asyncquery.udp_with_fallback(
            query,
            server.address,
            timeout=self.timeout,
            port=server.port,
            ignore_unexpected=True,
            ignore_errors=True,
        )
        return message


def _type(error: Exception) -> str:
    return error.__class__.__name__


def _refusal(message: dns.message.Message) -> str:
    """Why the message is no answer; empty if it is one."""
    code = message.rcode()
    if code not in _ANSWERED:
        return dns.rcode.to_text(code)
    if message.flags & dns.flags.TC:
        return "only a part, over TCP too"
    if not message.answer and not message.flags & (dns.flags.RA | dns.flags.AA):
        return "with a referral: it does not resolve for others"
    return ""


def _chain(message: dns.message.Message) -> tuple[dns.name.Name, dns.rrset.RRset | None]:
    """The name at the end of the aliases, and its records if they are there."""
    if not isinstance(message, dns.message.QueryMessage):
        raise NoAnswer("the answer is none to a question")
    try:
        chain = message.resolve_chaining()
    except dns.message.ChainTooLong:
        raise NoAnswer("its aliases go round in a circle, or are too many") from None
    except dns.message.AnswerForNXDOMAIN:
        raise NoAnswer("the answer says both that the name exists and that it does not") from None
    except dns.exception.DNSException as error:
        raise NoAnswer(f"the answer makes no sense ({_type(error)})") from None
    return chain.canonical_name, chain.answer


def _data(found: dns.rrset.RRset) -> tuple[str, ...]:
    """The records as text, in an order of their own: DNS gives them in any."""
    texts: list[str] = []
    for data in found:
        if found.rdtype == dns.rdatatype.TXT:
            if len(data.strings) > MOST_STRINGS:
                raise NoAnswer(f"a TXT record of {len(data.strings)} strings")
            texts.append(b"".join(data.strings).decode("latin-1"))
        elif found.rdtype == dns.rdatatype.MX:
            host = data.exchange.to_text(omit_final_dot=True).lower() or "."
            texts.append(f"{data.preference} {host}")
        else:
            texts.append(data.to_text())
    return tuple(sorted(texts))
