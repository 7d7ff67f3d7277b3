"""The world as it will be: the records of a project, published or not, and the vendor lock behind.

Three layers answer, the first that knows: what the declarations make, what the lock saw, and what a
simulation assumes of vendors that no lock knows.  What none knows gets no answer, as from a
resolver that cannot be reached, and is remembered: nothing is made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from generator.simulate.world import ALIAS_LIMIT, NODATA, NXDOMAIN, SERVFAIL, Answer, Records, World
from generator.values import HOSTED, Compiled

Table = Mapping[str, Mapping[str, tuple[str, ...]]]
_UNDER_POLICY = "_dmarc"
_NOBODY = Answer("ok", ("v=spf1 ?all",))


class Planned:
    """A world of compiled domains, with a lock behind it.

    A name inside a declared domain that nobody knows does not exist.  With ``assumptions``, a
    table, the SPF of strangers that nobody knows authorises nobody; ``assumed`` are the names
    that were answered so, ``unknown`` those that got no answer.
    """

    def __init__(
        self,
        compiled: Iterable[Compiled],
        lock: World | None = None,
        assumptions: Table | None = None,
    ) -> None:
        self._lock = lock
        self._assumptions = assumptions
        self._trees = _Trees(compiled)
        self.assumed: set[str] = set()
        self.unknown: set[str] = set()

    def assuming(self, assumptions: Table) -> Planned:
        """The same records, with assumptions."""
        made = Planned((), self._lock, assumptions)
        made._trees = self._trees
        return made

    def answer(self, name: str, type: str) -> Answer:
        """The answer of the first layer that has one; aliases lead from one to another."""
        for _ in range(ALIAS_LIMIT):
            ours, exists, held = self._held(name)
            if held.get(type):
                return Answer("ok", held[type])
            if "CNAME" not in held:
                return self._behind(name, type, ours, exists)
            name = held["CNAME"][0]
        return SERVFAIL

    def outside(self, name: str) -> str:
        """The name that strangers answer for where this one leads to them: by alias or delegation.

        Empty where the declared records answer.
        """
        for _ in range(ALIAS_LIMIT):
            ours, _exists, held = self._held(name)
            if not ours:
                return name
            if "CNAME" not in held:
                return ""
            name = held["CNAME"][0]
        return ""

    def _held(self, name: str) -> tuple[bool, bool, Mapping[str, tuple[str, ...]]]:
        """Whether the name is ours to answer for, whether it exists, and what it holds."""
        records = self._trees.holder(name)
        if records is None:
            return False, False, {}
        owner = records.owner(name)
        return True, owner is not None, records.table.get(owner, {}) if owner is not None else {}

    def _behind(self, name: str, type: str, ours: bool, exists: bool) -> Answer:
        """What the lock or an assumption says of records that no declaration makes."""
        seen = self._lock.answer(name, type) if self._lock is not None else SERVFAIL
        if seen.status == "ok" or (seen.status != "servfail" and not ours):
            return seen
        assumed = self._assumptions.get(name) if self._assumptions is not None else None
        if assumed is not None:
            self.assumed.add(name)
            return Answer("ok", assumed[type]) if assumed.get(type) else NODATA
        if ours:
            return NODATA if exists or seen.status == "nodata" else NXDOMAIN
        if name.partition(".")[0] == _UNDER_POLICY:
            return NXDOMAIN  # of public suffixes and strangers: no policy of theirs is looked for
        if self._assumptions is not None:
            self.assumed.add(name)
            return _NOBODY if type == "TXT" else NXDOMAIN
        self.unknown.add(name)
        return SERVFAIL


class _Trees:
    """The values of a project, by the topmost declared domain, each tree made when it is asked."""

    def __init__(self, compiled: Iterable[Compiled]) -> None:
        self._domains = {one.domain.name: one for one in compiled}
        self._made: dict[str, Records] = {}

    def holder(self, name: str) -> Records | None:
        """The records of the tree that the name lies in; None outside, and below a delegation."""
        top = self._top(name)
        if not top:
            return None
        if top not in self._made:
            below = f".{top}"
            members = [
                one
                for domain, one in self._domains.items()
                if domain == top or domain.endswith(below)
            ]
            self._made[top] = Records(_table(members))
        records = self._made[top]
        while name != top:
            if "NS" in records.table.get(name, {}) and name not in self._domains:
                return None
            name = name.partition(".")[2]
        return records

    def _top(self, name: str) -> str:
        found = ""
        while name:
            if name in self._domains:
                found = name
            name = name.partition(".")[2]
        return found


def _table(compiled: Iterable[Compiled]) -> Table:
    table: dict[str, dict[str, tuple[str, ...]]] = {}
    for one in compiled:
        for value in one.values:
            text = value.text
            if value.type in HOSTED and not text.endswith(" ."):  # a null MX stays
                text = text.removesuffix(".")
            held = table.setdefault(value.name.removesuffix("."), {})
            held[value.type] = (*held.get(value.type, ()), text)
    return table
