"""The ledger: which values in a zone are ours, kept in the zone itself.

A TXT record set at a name of its own holds digests of the values that mailzone published.  What is
in the zone and hashes to one of them is ours, down to the last character; all else is foreign.  It
lives with the data, is changed in the same plan, survives a lost checkout, and tells a stranger
nothing.  If somebody deletes it nothing else is deleted: values that are still declared are taken up
again.

A line is ``mailzone1 OWNER DIGEST DIGEST ...``.  The owner keeps projects apart that share a zone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

LABEL = "_mailzone"  # the ledger's name below the zone
TTL = 3600  # seconds
MAGIC = "mailzone1"
OWNER = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?", re.ASCII)

_DIGEST = 16  # hexadecimal digits: 64 bits
_MAX = 255  # octets of one character-string (RFC 1035 3.3)
_LINE = re.compile(rf"{MAGIC} ({OWNER.pattern})((?: [0-9a-f]{{{_DIGEST}}})+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger of a zone as one owner sees it.

    ``own`` are this owner's digests, ``others`` those of other owners by owner.  ``lines`` are the
    texts that this owner wrote, ``foreign`` all others at that name, kept as they are.
    """

    own: frozenset[str] = frozenset()
    others: dict[str, frozenset[str]] | None = None
    lines: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()

    def holder(self, digests: Collection[str]) -> str:
        """Another owner that has one of the digests; empty if there is none."""
        for owner, held in (self.others or {}).items():
            if not held.isdisjoint(digests):
                return owner
        return ""


def read(texts: Iterable[str], owner: str) -> Ledger:
    """The ledger from the texts at its name.  What is no line of a ledger is foreign."""
    own: set[str] = set()
    others: dict[str, frozenset[str]] = {}
    lines: list[str] = []
    foreign: list[str] = []
    for text in texts:
        found = _LINE.fullmatch(text)
        if found is not None and found[1] == owner:
            own.update(found[2].split())
            lines.append(text)
            continue
        foreign.append(text)
        if found is not None:
            others[found[1]] = others.get(found[1], frozenset()) | set(found[2].split())
    return Ledger(frozenset(own), others, tuple(lines), tuple(foreign))


def write(owner: str, digests: Collection[str]) -> tuple[str, ...]:
    """The owner's lines, each of at most 255 octets; the same digests make the same lines."""
    head = f"{MAGIC} {owner}"
    room = (_MAX - len(head)) // (_DIGEST + 1)
    listed = sorted(digests)
    return tuple(
        " ".join([head, *listed[start : start + room]]) for start in range(0, len(listed), room)
    )


def digest(zone: str, domain: str, name: str, type: str, text: str) -> str:
    """What stands for a value in the ledger.

    ``domain`` is the declared domain that the value belongs to: a value whose declaration is gone
    can be told from one that its declaration no longer makes.  All names end in a dot.
    """
    canonical = text if type == "TXT" else text.lower()
    parts = "\0".join((zone, domain, name, type, canonical))
    return sha256(parts.encode("utf-8", "surrogateescape")).hexdigest()[:_DIGEST]


def digests(zone: str, name: str, type: str, text: str) -> Iterator[tuple[str, str]]:
    """(domain, digest) for every domain of the zone that a value at the name may belong to."""
    domain = name
    while domain:
        yield domain, digest(zone, domain, name, type, text)
        if domain == zone:
            return
        domain = domain.partition(".")[2]
