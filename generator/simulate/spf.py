"""What a receiver makes of SPF: check_host() of RFC 7208 over a world of records.

The work is bounded whatever the records say: every mechanism that asks the DNS is counted before
it asks, over the whole tree, so there are at most some 120 questions and eleven records to read.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from generator.names import MAX_NAME
from generator.records import macro, spf
from generator.records.error import RecordError
from generator.simulate.client import Client, cut, is_queryable, transformed
from generator.simulate.world import Answer, World

NAME_LIMIT = 10  # RFC 7208 4.6.4: names of an mx mechanism, and of a PTR answer that are used
MAX_EXPLANATION = 4096  # characters; no reply of a server is longer


class Result(StrEnum):
    """RFC 7208 2.6."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"  # noqa: S105  a result, no password
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


_QUALIFIED = {"+": Result.PASS, "-": Result.FAIL, "~": Result.SOFTFAIL, "?": Result.NEUTRAL}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a check.

    ``domain`` is the name that was checked.  ``path`` are the terms that led to the result, from
    the domain's own record inwards; ``problem`` says in words why there is an error.
    ``explanation`` is the text for the sender of refused mail, if the domain publishes one (it is
    the sender's own text and not to be trusted).  ``lookups`` and ``voids`` are counted as
    RFC 7208 4.6.4 counts; ``questions`` is how often the world was asked.
    """

    result: Result
    domain: str
    path: tuple[str, ...] = ()
    problem: str = ""
    explanation: str = ""
    lookups: int = 0
    voids: int = 0
    questions: int = 0


class _Stop(Exception):
    """The check ends with an error."""

    def __init__(self, result: Result, problem: str) -> None:
        super().__init__(problem)
        self.result = result
        self.problem = problem


class _Outcome(NamedTuple):
    """The result of one record; ``domain`` and ``record`` are those that gave it."""

    result: Result
    path: tuple[str, ...]
    domain: str
    record: spf.Spf | None


def check(world: World, client: Client) -> Verdict:
    """check_host() for the client's MAIL FROM, or for its HELO name if that is empty."""
    domain = client.domain.removesuffix(".")
    # RFC 7208 4.3: malformed, or not a multi-label name.
    if "." not in domain or not is_queryable(domain):
        return Verdict(Result.NONE, domain)
    run = _Run(world, client)
    explanation = problem = ""
    path: tuple[str, ...] = ()
    try:
        result, path, decisive, record = run.host(domain)
        if result is Result.FAIL and record is not None:
            explanation = run.explanation(record, decisive)
    except _Stop as stop:
        result, problem = stop.result, stop.problem
    return Verdict(
        result, domain, path, problem, explanation, run.lookups, run.voids, run.questions
    )


def expand(world: World, client: Client, domain_spec: str, domain: str) -> str:
    """The name that a domain-spec in the record of a domain makes for a client."""
    try:
        return _Run(world, client).target(domain_spec, domain).lower()
    except _Stop:
        return ""


class _Run:
    """One check: what was counted and learnt so far."""

    def __init__(self, world: World, client: Client) -> None:
        self.world = world
        self.client = client
        self.lookups = 0
        self.voids = 0
        self.questions = 0
        self._client_names: list[str] | None = None  # for macro p: asked once

    # -- records -----------------------------------------------------------------------------

    def host(self, domain: str) -> _Outcome:
        """check_host() for a domain, through its redirects.  Raises _Stop for an error."""
        steps: tuple[str, ...] = ()
        while True:
            record = self._record(domain)
            if record is None:
                if steps:  # RFC 7208 6.1
                    raise _Stop(Result.PERMERROR, f"redirect to {domain}, which has no SPF record")
                return _Outcome(Result.NONE, (), domain, None)
            redirect = None
            for term in record.terms:
                if isinstance(term, spf.Mechanism):
                    inner = self._match(term, domain)
                    if inner is not None:
                        result = _QUALIFIED[term.qualifier]
                        return _Outcome(result, (*steps, str(term), *inner), domain, record)
                elif term.name == "redirect":
                    redirect = term
            if redirect is None:  # RFC 7208 4.7
                return _Outcome(Result.NEUTRAL, steps, domain, record)
            steps += (str(redirect),)
            self._count(domain)
            domain = self.target(redirect.value, domain)

    def _record(self, domain: str) -> spf.Spf | None:
        """The SPF record of a name (RFC 7208 4.4, 4.5, 4.6); None if there is none."""
        found = [text for text in self._ask(domain, "TXT") if spf.is_spf(text)]
        if not found:
            return None
        if len(found) > 1:
            raise _Stop(Result.PERMERROR, f"{domain} has {len(found)} SPF records")
        try:
            return spf.parse(found[0])
        except RecordError as error:
            raise _Stop(Result.PERMERROR, f"{domain}: {error.message}") from None

    # -- mechanisms --------------------------------------------------------------------------

    def _match(self, term: spf.Mechanism, domain: str) -> tuple[str, ...] | None:
        """The terms inside an include that matched, none for other mechanisms; None: no match."""
        match term.kind:
            case "all":
                return ()
            case "ip4" | "ip6":
                return () if self._in_network(term) else None
        self._count(domain)
        target = self.target(term.value, domain) if term.value else domain
        if term.kind == "include":
            return self._include(target)
        return () if self._matches_query(term, target) else None

    def _matches_query(self, term: spf.Mechanism, target: str) -> bool:
        match term.kind:
            case "a":
                return self._has_address(target, term)
            case "mx":
                return self._is_exchanger(target, term)
            case "exists":  # RFC 7208 5.7: type A, over IPv6 too
                return bool(self._ask(target, "A"))
        # ptr
        name = target.lower()
        return any(host == name or host.endswith(f".{name}") for host in self._names())

    def _include(self, target: str) -> tuple[str, ...] | None:
        """RFC 7208 5.2."""
        inner = self.host(target)
        if inner.result is Result.NONE:
            raise _Stop(Result.PERMERROR, f"include of {target}, which has no SPF record")
        return inner.path if inner.result is Result.PASS else None

    def _in_network(self, term: spf.Mechanism) -> bool:
        version = 4 if term.kind == "ip4" else 6
        if self.client.version != version:
            return False
        bits = term.prefix4 if version == 4 else term.prefix6
        return self._same(_number(term.value, version), bits)

    def _same(self, address: int | None, prefix: int | None) -> bool:
        """True if the client's address equals this one in the first ``prefix`` bits (None: all)."""
        if address is None:
            return False
        client = self.client
        rest = 0 if prefix is None else client.bits - prefix
        return address >> rest == client.number >> rest

    def _has_address(self, name: str, term: spf.Mechanism | None) -> bool:
        """True if one of the name's addresses is the client's, as far as the prefixes go."""
        version = self.client.version
        prefix = None
        if term is not None:
            prefix = term.prefix4 if version == 4 else term.prefix6
        texts = self._ask(name, "A" if version == 4 else "AAAA")
        return any(self._same(_number(text, version), prefix) for text in texts)

    def _is_exchanger(self, name: str, term: spf.Mechanism) -> bool:
        """RFC 7208 5.4; a null MX (RFC 7505) names no host."""
        hosts = [text.partition(" ")[2].removesuffix(".") for text in self._ask(name, "MX")]
        if len(hosts) > NAME_LIMIT:
            problem = f"mx of {name}: {len(hosts)} hosts; {NAME_LIMIT} are legal"
            raise _Stop(Result.PERMERROR, problem)
        return any(self._has_address(host, term) for host in hosts if host)

    def _names(self) -> list[str]:
        """The names of the client's address that lead back to it (RFC 7208 5.5)."""
        validated = []
        hosts = self._ask(self.client.reverse_name, "PTR", lenient=True)
        for host in hosts[:NAME_LIMIT]:
            name = host.lower().removesuffix(".")
            texts = self._ask(name, "A" if self.client.version == 4 else "AAAA", lenient=True)
            if any(self._same(_number(text, self.client.version), None) for text in texts):
                validated.append(name)
        return validated

    # -- questions ---------------------------------------------------------------------------

    def _count(self, domain: str) -> None:
        """RFC 7208 4.6.4: terms that cause queries, over the whole tree."""
        self.lookups += 1
        if self.lookups > spf.LOOKUP_LIMIT:
            problem = f"more than {spf.LOOKUP_LIMIT} look-ups, at {domain}"
            raise _Stop(Result.PERMERROR, problem)

    def _ask(self, name: str, type: str, lenient: bool = False) -> tuple[str, ...]:
        """The data at a name; none if there is none.

        A failure ends the check (RFC 7208 5), unless the question is a lenient one, whose failure
        means no data (5.5).  A name for which no query can be made has no data, and costs nothing.
        """
        name = name.lower().removesuffix(".")
        if not is_queryable(name):
            return ()
        found = self._answer(name, type)
        if found.status == "servfail":
            if lenient:
                return ()
            raise _Stop(Result.TEMPERROR, f"no answer for {name} {type}")
        if not found.data:
            self.voids += 1
            if self.voids > spf.VOID_LIMIT:
                problem = f"more than {spf.VOID_LIMIT} look-ups without data, at {name} {type}"
                raise _Stop(Result.PERMERROR, problem)
        return found.data

    def _answer(self, name: str, type: str) -> Answer:
        self.questions += 1
        return self.world.answer(name, type)

    # -- macros ------------------------------------------------------------------------------

    def target(self, domain_spec: str, domain: str) -> str:
        """The name that a domain-spec makes (RFC 7208 4.8, 7.3)."""
        if "%" not in domain_spec:
            return domain_spec.removesuffix(".")
        # From the right, and no further than a name can reach: what is left of it is cut anyway.
        pieces: list[str] = []
        size = 0
        for piece in self._expanded(reversed(_parts(domain_spec)), domain):
            pieces.append(piece)
            size += len(piece)
            if size > 2 * MAX_NAME:
                break
        pieces.reverse()
        return cut("".join(pieces).removesuffix("."))

    def _expanded(self, parts: Iterator[macro.Part], domain: str) -> Iterator[str]:
        for part in parts:
            if isinstance(part, str):
                yield part
                continue
            letter = part.letter.lower()
            if letter == "d":
                value = domain
            elif letter == "p":
                value = self._client_name(domain)
            else:
                value = self.client.value(letter)
            yield transformed(part, value)

    def _client_name(self, domain: str) -> str:
        """Macro p (RFC 7208 7.3): the client's validated name, best one within the domain."""
        if self._client_names is None:
            self._client_names = self._names()
        names, suffix = self._client_names, domain.lower()
        inside = [n for n in names if n == suffix or n.endswith(f".{suffix}")]
        if suffix in inside:
            return suffix
        return (inside or names or ["unknown"])[0]

    def explanation(self, record: spf.Spf, domain: str) -> str:
        """The text that exp= leads to (RFC 7208 6.2), empty if there is none or it is faulty."""
        modifiers = (term for term in record.terms if isinstance(term, spf.Modifier))
        spec = next((term.value for term in modifiers if term.name == "exp"), "")
        if not spec:
            return ""
        counted = self.lookups, self.voids
        try:
            name = self.target(spec, domain)
            found = self._answer(name.lower(), "TXT") if is_queryable(name) else Answer("nodata")
            if len(found.data) != 1:
                return ""
            text = ""
            for piece in self._expanded(iter(_parts(found.data[0], True)), domain):
                text += piece
                if len(text) > MAX_EXPLANATION:
                    return ""
            return text
        except (_Stop, RecordError):
            return ""
        finally:
            self.lookups, self.voids = counted  # RFC 7208 4.6.4: outside the limits


@lru_cache(maxsize=1024)
def _parts(text: str, explanation: bool = False) -> tuple[macro.Part, ...]:
    return macro.parse(text, explanation)


@lru_cache(maxsize=8192)
def _number(text: str, version: int) -> int | None:
    """An address as an integer; None for data that is no address of this version."""
    try:
        packed = socket.inet_pton(socket.AF_INET if version == 4 else socket.AF_INET6, text)
    except (OSError, ValueError):
        return None
    return int.from_bytes(packed, "big")
