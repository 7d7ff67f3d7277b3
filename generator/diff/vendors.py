"""What vendors publish, as both states pin it in their locks."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diff.model import State
from generator.diff.reach import Known, Network, Reach, reach
from generator.records import spf
from generator.records.error import RecordError
from generator.values import Value


class Vendors:
    """The SPF records outside the project in the old and the new state, where locks know them."""

    def __init__(self, old: State, new: State) -> None:
        self._locks = (old.lock, new.lock)
        self._changed: dict[str, tuple[list[Network], list[Network]]] = {}
        self._differing = self._locks[0] is not None and self._locks[1] is not None and any(
            entry.sets != self._locks[1].entries[name].sets
            for name, entry in self._locks[0].entries.items()
            if name in self._locks[1].entries
        )  # fmt: skip

    def known(self, own: Known, new: bool) -> Known:
        """A reader of records: the project's own first, then those of the lock."""
        lock = self._locks[new]

        def record(name: str) -> spf.Spf | None:
            found = own(name)
            return found if found is not None or lock is None else lock.record(name)

        return record

    def reach(self, name: str, new: bool) -> Reach | None:
        """Whom a vendor's record lets pass; None where the lock does not know it."""
        record = self.known(_nothing, new)(name)
        return None if record is None else reach(record, name, self.known(_nothing, new))

    def changed(self, name: str) -> tuple[list[Network], list[Network]]:
        """Ranges that a vendor's record lost and gained between the two locks."""
        if not self._differing:
            return [], []
        if name not in self._changed:
            before, after = self.reach(name, False), self.reach(name, True)
            if before is None or after is None:
                self._changed[name] = [], []
            else:
                self._changed[name] = before.lost(after)[0], after.lost(before)[0]
        return self._changed[name]

    def touched(self, values: tuple[Value, ...]) -> bool:
        """True if an SPF record among the values includes what has changed."""
        return self._differing and any(
            any(self.changed(name)) for value in values for name in included(value)
        )


def _nothing(name: str) -> spf.Spf | None:
    return None


def included(value: Value) -> Iterator[str]:
    """The names that an SPF record includes by itself."""
    if value.type != "TXT" or not spf.is_spf(value.text):
        return
    try:
        record = spf.parse(value.text)
    except RecordError:
        return
    for term in record.terms:
        if isinstance(term, spf.Mechanism) and term.kind == "include" and "%" not in term.value:
            yield term.value.removesuffix(".")
