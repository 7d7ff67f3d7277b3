"""What the DNS answers, as far as a simulation may ask: the only way to records in this room.

A world is whatever can say what a name holds: the compiled state of a project, a lock file, a
table in a test.  Nothing here queries a network.

Names are lower-case A-labels without a final dot.  Data are text: an address for A and AAAA, a host
name for PTR and CNAME, ``preference host`` for MX (``0 .`` is a null MX), the joined strings of a
TXT record with one character per octet (Latin-1).  A world follows aliases: what stands behind a
CNAME is the answer to the question asked, as it is from a resolver.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

Status = Literal["ok", "nxdomain", "nodata", "servfail"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    ``ok`` comes with data; ``nodata`` means that the name exists without records of the type,
    ``nxdomain`` that it does not exist, ``servfail`` that there was no answer in time or a broken
    one, which a receiver takes for a temporary fault.
    """

    status: Status
    data: tuple[str, ...] = ()


NXDOMAIN = Answer("nxdomain")
NODATA = Answer("nodata")
SERVFAIL = Answer("servfail")


class World(Protocol):
    """Anything that can be asked for records."""

    def answer(self, name: str, type: str) -> Answer:
        """What a resolver would answer for the name (lower case, no final dot) and the type."""
        ...


ALIAS_LIMIT = 10  # aliases that lead to one another; resolvers stop at about as many


class Records:
    """A world made of a table: ``name -> type -> data``, names and data as a world has them.

    It answers as a name server would that holds exactly these records: wildcards and names that
    exist only because something is below them included (RFC 4592).
    """

    def __init__(self, table: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
        self.table = table
        self.names = frozenset(_with_parents(table))

    def owner(self, name: str) -> str | None:
        """The name whose records answer for this one: itself, or a wildcard; None: no name does."""
        if name in self.names:
            return name
        encloser = name
        while encloser not in self.names:
            _, dot, encloser = encloser.partition(".")
            if not dot:
                return None
        wildcard = f"*.{encloser}"
        return wildcard if wildcard in self.table else None

    def answer(self, name: str, type: str) -> Answer:
        """The answer from the table; an alias is followed as far as the table goes."""
        for _ in range(ALIAS_LIMIT):
            owner = self.owner(name)
            if owner is None:
                return NXDOMAIN
            held = self.table.get(owner, {})
            if held.get(type):
                return Answer("ok", held[type])
            if "CNAME" not in held:
                return NODATA
            name = held["CNAME"][0]
        return SERVFAIL


def _with_parents(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield name
        while "." in name:
            name = name.partition(".")[2]
            yield name
