"""`MailOverlay`: what an overlay source declares, put into the zone as the target has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from logging import getLogger
from typing import TYPE_CHECKING, Any

from octodns.processor.base import BaseProcessor, ProcessorException

from generator.octodns.guard import unseal
from generator.octodns.source import MailSource, is_marker

if TYPE_CHECKING:
    from generator.octodns.authority import Nameservers
    from generator.octodns.model import Change, Conflict, Member, Outcome, Rrset


class MailOverlayException(ProcessorException):  # type: ignore[misc]
    """The configuration or the target does not allow an overlay."""


class MailOverlayConflict(MailOverlayException):
    """Other hands' records stand in the way; ``conflicts`` has them."""

    def __init__(self, message: str, conflicts: Sequence[Conflict] = ()) -> None:
        super().__init__(message)
        self.conflicts = tuple(conflicts)


class MailOverlay(BaseProcessor):  # type: ignore[misc]
    r"""Puts the values of an overlay `MailSource` into each target's zone as it is there.

    What is planned is the zone that exists with our values exchanged: nothing of anybody else's is
    changed or deleted.  Has to be the last of a zone's processors.

    Configuration::

        mail-overlay:
          class: generator.octodns.MailOverlay
          # What to do where records of others stand in the way.
          # error: stop the run.  skip: leave that name alone, log an error, and go on.
          # (default: error)
          on_conflict: error
          # Who is asked, over TCP, what is really published, before a record set that is shared
          # with foreign values is written anew.  auto: the name servers that the zone's NS records
          # name.  Otherwise a server or a list of them, as HOST, HOST:PORT or [ADDRESS]:PORT, or a
          # mapping of target ids to these.
          # (default: auto)
          nameservers: auto
          # True: do not ask.  A provider that reports a foreign value other than it is published
          # will then damage it unseen.
          # (default: false)
          unchecked_rewrites: false
          # Seconds to wait for a name server's answer.
          # (default: 5)
          timeout: 5
          # Seconds during which name servers that still give out an earlier state are asked again.
          # (default: 10)
          patience: 10
          # True: foreign texts of more than 255 octets may be rewritten.  Their octets stay, the
          # boundaries between their strings may move.
          # (default: false)
          resplit: false
    """

    def __init__(
        self,
        id: str,
        on_conflict: str = "error",
        nameservers: Nameservers = "auto",
        unchecked_rewrites: bool = False,
        timeout: float = 5,
        patience: float = 10,
        resplit: bool = False,
    ) -> None:
        self.log = getLogger(f"MailOverlay[{id}]")
        self.log.debug(
            "__init__: id=%s, on_conflict=%s, nameservers=%s, unchecked_rewrites=%s, timeout=%s, "
            "patience=%s, resplit=%s",
            id,
            on_conflict,
            nameservers,
            unchecked_rewrites,
            timeout,
            patience,
            resplit,
        )
        super().__init__(id)
        if on_conflict not in ("error", "skip"):
            raise MailOverlayException(f"{id}: on_conflict is error or skip, not `{on_conflict}`")
        from generator.octodns.authority import Authority

        self.on_conflict = on_conflict
        self.resplit = resplit
        self.authority = (
            None
            if unchecked_rewrites
            else Authority(nameservers, float(timeout), float(patience), self.log)
        )
        # What was decided, by zone and target; a zone is planned by one thread at a time.
        self._outcomes: dict[tuple[str, str], Outcome] = {}

    def outcome(self, zone: str, target: str) -> Outcome | None:
        """What the last planning of a zone (with its final dot) came to; None if to nothing."""
        return self._outcomes.get((zone, target))

    # --- octoDNS's hooks ---------------------------------------------------------------------

    def process_source_zone(
        self, desired: Any, sources: Sequence[Any], lenient: bool = False
    ) -> Any:
        """Accept a zone whose only source is an overlay `MailSource`.  Raises MailOverlayException."""
        if not sources:
            raise MailOverlayException(
                f"{desired.name} is an alias zone; an alias cannot be overlaid, declare the domain"
            )
        (first, *more) = sources
        if more or not isinstance(first, MailSource) or not first.overlay:
            listed = ", ".join(source.id for source in sources)
            raise MailOverlayException(
                f"{desired.name}: {self.id} needs one overlay MailSource as the only source; "
                f"the zone has {listed}"
            )
        unseal(desired)
        return desired

    def process_source_and_target_zones(
        self, desired: Any, existing: Any, target: Any, lenient: bool = False
    ) -> tuple[Any, Any]:
        """Return the existing zone with our values exchanged as the desired one.

        Raises MailOverlayException where that is not possible, and MailOverlayConflict.
        """
        self._outcomes.pop((existing.name, target.id), None)
        if hasattr(target, "directory"):
            raise MailOverlayException(
                f"{existing.name}: target {target.id} writes whole files, which cannot be overlaid; "
                "`mailzone build` writes files to include"
            )
        source, members = self._declared(desired)
        outcome = self._decide(existing, members, source, target)
        if outcome.changes or outcome.conflicts:
            self._outcomes[existing.name, target.id] = outcome
        self._tell(outcome, existing, target)
        if outcome.changes:
            self._reread(existing, target)
        return self._changed(existing, outcome, source, lenient), existing

    def process_plan(
        self, plan: Any, sources: Sequence[Any], target: Any, lenient: bool = False
    ) -> Any:
        """Check every change against what was decided.  Raises MailOverlayException."""
        if plan is None:
            return None
        zone = plan.desired.name
        if plan.exists is False:
            raise MailOverlayException(f"{zone} does not exist at {target.id}; create it first")
        outcome = self._outcomes.get((zone, target.id))
        decided = {change.key: change for change in outcome.changes} if outcome else {}
        for change in plan.changes:
            key = (change.record.fqdn, change.record._type)
            if not _agrees(change, decided.pop(key, None)):
                raise MailOverlayException(
                    f"{zone}: the plan for {target.id} would change {key[1]} at {key[0]} otherwise "
                    f"than {self.id} decided; {self.id} has to be the last processor"
                )
        lost = [change for change in decided.values() if change.removed or change.added]
        if lost:
            raise MailOverlayException(
                f"{zone}: the plan for {target.id} lacks the change of {lost[0].type} at "
                f"{lost[0].name}; {self.id} has to be the last processor"
            )
        return plan

    # --- one zone at one target --------------------------------------------------------------

    def _declared(self, desired: Any) -> tuple[MailSource, tuple[Member, ...]]:
        """The source and its members, with the TTLs that other processors gave their values."""
        from generator.octodns.texts import rrset

        records = {(record.fqdn, record._type): record for record in desired.records}
        marks = [record for record in records.values() if is_marker(record)]
        if len(marks) != 1:
            raise MailOverlayException(
                f"{desired.name}: a processor took out records of the overlay source; "
                "filters cannot be used with an overlay, which changes nothing but its own values"
            )
        source: MailSource = marks[0].source
        del records[marks[0].fqdn, "TXT"]
        wanted = source.declared(desired.name)
        for key, record in records.items():
            texts = rrset(record).texts
            if key not in wanted or sorted(texts) != sorted(wanted[key].texts):
                raise MailOverlayException(
                    f"{desired.name}: {key[1]} at {key[0]} is not as the overlay source declares "
                    "it; ownership, meta and templating processors cannot be used with an overlay"
                )
        for name, type in wanted.keys() - records.keys():
            raise MailOverlayException(
                f"{desired.name}: {type} at {name} is declared and was taken out, by a processor "
                "before the overlay or because the target does not support it"
            )
        ttls = {key: record.ttl for key, record in records.items()}
        if all(wanted[key].ttl == ttl for key, ttl in ttls.items()):
            return source, source.members(desired.name)
        return source, tuple(
            member._replace(
                values=tuple(v._replace(ttl=ttls[v.name, v.type]) for v in member.values)
            )
            for member in source.members(desired.name)
        )

    def _decide(
        self, existing: Any, members: Sequence[Member], source: MailSource, target: Any
    ) -> Outcome:
        from generator.octodns.overlay import overlay
        from generator.octodns.view import published

        names = {value.name for member in members for value in member.values}
        found = published(existing, names, ledger=True)
        outcome = overlay(found, members, source.owner, resplit=self.resplit)
        if self.authority is None or not outcome.changes:
            return outcome
        blocked = self.authority.disagreements(existing.name, target.id, outcome.changes)
        if not blocked:
            return outcome
        return overlay(found, members, source.owner, blocked, self.resplit)

    def _tell(self, outcome: Outcome, existing: Any, target: Any) -> None:
        zone = existing.name
        for note in outcome.notes:
            self.log.warning("%s: %s: %s", target.id, zone, note)
        for change in outcome.changes:
            for sign, listed in (("-", change.removed), ("+", change.added)):
                for one in () if change.ledger else listed:
                    self.log.info(
                        "%s: %s: %s %s %s %s", target.id, zone, sign, change.name, change.type, one
                    )
        if not outcome.conflicts:
            return
        told = [str(conflict) for conflict in outcome.conflicts]
        if self.on_conflict == "error":
            raise MailOverlayConflict(
                f"{zone}: nothing is changed at {target.id}\n" + "\n".join(told), outcome.conflicts
            )
        for one in told:
            self.log.error("%s: %s: left alone: %s", target.id, zone, one)

    def _reread(self, existing: Any, target: Any) -> None:
        """Read the target's zone once more, as no processor has seen it.

        What a processor took out of the existing zone would be missing in the desired one too, and
        be lost at a target that writes zones whole.  It also shows what changed meanwhile.
        """
        from octodns.zone import Zone

        from generator.octodns.view import unlike

        fresh = Zone(existing.name, existing.sub_zones)
        if target.populate(fresh, target=True, lenient=True) is False:
            raise MailOverlayException(
                f"{existing.name} does not exist at {target.id}; create it first"
            )
        top = fresh.root_ns
        # octoDNS takes name servers that no source has out of the existing zone, before anything
        # can see them; a target that writes zones whole would lose them.
        dropped = top is not None and existing.root_ns is None
        if dropped:
            fresh.remove_record(top)
        different = unlike(existing, fresh)
        if different:
            name, type = different[0]
            raise MailOverlayException(
                f"{existing.name}: {type} at {name} is not at {target.id} what planning saw: a "
                "processor changes or hides published records, or somebody else just changed them"
            )
        if dropped and target.SUPPORTS_ROOT_NS:
            existing.add_record(top, lenient=True)

    def _changed(self, existing: Any, outcome: Outcome, source: MailSource, lenient: bool) -> Any:
        desired = existing.copy()
        if not outcome.changes:
            return desired
        from generator.octodns.view import rebuilt

        present: Mapping[tuple[str, str], Any] = {
            (record.fqdn, record._type): record for record in existing.records
        }
        for change in outcome.changes:
            old = present.get(change.key)
            if old is not None:
                desired.remove_record(old)
        for change in outcome.changes:
            if change.after is not None:
                made = rebuilt(desired, change, present.get(change.key), source)
                desired.add_record(made, lenient=True)
        return desired


def _agrees(change: Any, decided: Change | None) -> bool:
    """True if octoDNS plans what was decided; a change of metadata alone is the provider's own."""
    from generator.octodns.texts import rrset

    before = rrset(change.existing) if change.existing is not None else None
    after = rrset(change.new) if change.new is not None else None
    if decided is None:
        return before is not None and before == after
    return _equal(before, decided.before) and _equal(after, decided.after)


def _equal(planned: Rrset | None, decided: Rrset | None) -> bool:
    if planned is None or decided is None:
        return planned is decided
    return planned.ttl == decided.ttl and sorted(planned.texts) == sorted(decided.texts)
