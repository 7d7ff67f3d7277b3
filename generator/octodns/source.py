"""`MailSource`: the records of a mailzone project as an octoDNS source."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from logging import getLogger
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from octodns.record import Record
from octodns.source.base import BaseSource

from generator.octodns.guard import NAME, guarded, marker, seal

if TYPE_CHECKING:
    from generator.octodns.model import Member, Rrset
    from generator.octodns.project import Loaded

Sets = dict[tuple[str, str], "Rrset"]


class MailSourceException(Exception):
    """A project cannot be used as a source, or not where it stands in the configuration."""


class MailSource(BaseSource):  # type: ignore[misc]
    r"""Mail records that a mailzone project declares.

    Configuration::

        mail:
          class: generator.octodns.MailSource
          # The folder that holds zones/, relative to where octoDNS is started.
          # (default: .)
          project: .
          # True: put the records into zones that others write to as well; needs to be the only
          # source of a zone, and MailOverlay the last of its processors.
          # False: add the records to what earlier sources of the zone load; needs to be the last
          # source, and wants MailPresent as the last processor.
          # (default: true)
          overlay: true
          # Who we are in a zone's ledger; projects that share a zone need different ones.
          # Lower-case letters, digits and hyphens, at most 32.
          # (default: mailzone)
          owner: mailzone
    """

    SUPPORTS_GEO = False
    SUPPORTS = frozenset({"A", "AAAA", "CAA", "CNAME", "MX", "NS", "SRV", "TLSA", "TXT"})

    def __init__(
        self, id: str, project: str = ".", overlay: bool = True, owner: str = "mailzone"
    ) -> None:
        self.log = getLogger(f"MailSource[{id}]")
        self.log.debug(
            "__init__: id=%s, project=%s, overlay=%s, owner=%s", id, project, overlay, owner
        )
        super().__init__(id)
        self.project = Path(project)
        self.overlay = overlay
        self.owner = _owner(id, owner)
        self._found: Loaded | None = None
        self._lock = Lock()  # octoDNS populates zones in several threads

    # --- what the project declares -----------------------------------------------------------

    def list_zones(self) -> list[str]:
        """The zones that hold declared domains, for dynamic ``'*'`` zones."""
        return sorted(self.loaded().zones)

    def members(self, zone: str) -> tuple[Member, ...]:
        """The declared domains of a zone (with its final dot), as compiled.

        Raises MailSourceException if the project has errors: records that could lose mail are not
        published.
        """
        return self.loaded().zones.get(zone.lower(), ())

    def declared(self, zone: str) -> Sets:
        """The declared values of a zone as record sets."""
        from generator.octodns.model import Rrset

        sets: Sets = {}
        for member in self.members(zone):
            for value in member.values:
                key = (value.name, value.type)
                old = sets.get(key)
                texts = (*(old.texts if old else ()), value.text)
                sets[key] = Rrset(min(old.ttl, value.ttl) if old else value.ttl, texts)
        return sets

    def loaded(self) -> Loaded:
        """The project, read once.  Raises MailSourceException if it has errors."""
        with self._lock:
            if self._found is None:
                from generator.octodns.project import load

                self._found = load(self.project, _now().date(), MailSourceException)
            return self._found

    # --- octoDNS -----------------------------------------------------------------------------

    def populate(self, zone: Any, target: bool = False, lenient: bool = False) -> bool:
        """Add the declared records of the zone; the return value means nothing for a source."""
        self.log.debug("populate: name=%s, target=%s, lenient=%s", zone.name, target, lenient)
        before = len(zone.records)
        if not self.members(zone.name):
            self.log.warning("populate: no declaration for zone %s", zone.decoded_name)
        if self.overlay:
            self._guarded(zone, lenient)
        else:
            self._joined(zone, lenient)
        self.log.info("populate:   found %s records", len(zone.records) - before)
        return True

    def _guarded(self, zone: Any, lenient: bool) -> None:
        if zone.records:
            raise MailSourceException(
                f"{zone.name}: an overlay MailSource has to be the zone's only source; with "
                f"others set `overlay: false` for {self.id} and list it last"
            )
        seal(zone)
        zone.add_record(marker(zone, self))
        for (name, type), wanted in self.declared(zone.name).items():
            record = self._record(zone, name, type, wanted.ttl, wanted.texts)
            self._add(zone, guarded(record), lenient)

    def _joined(self, zone: Any, lenient: bool) -> None:
        if not zone.records:
            raise MailSourceException(
                f"{zone.name}: no source before {self.id} has records of this zone, and all that "
                "is published there would be deleted; list it last, or set `overlay: true`"
            )
        from generator.octodns.overlay import overlay
        from generator.octodns.view import published, rebuilt

        members = self.members(zone.name)
        found = published(zone, {value.name for one in members for value in one.values})
        outcome = overlay(found, members, "", shared=False)
        if outcome.conflicts:
            records = {record.fqdn: record for record in zone.records if record.context}
            told = [
                f"{conflict}\n    {records[conflict.name].context}"
                if conflict.name in records
                else str(conflict)
                for conflict in outcome.conflicts
            ]
            raise MailSourceException(f"{zone.name}: nothing was planned\n" + "\n".join(told))
        present = {(record.fqdn, record._type): record for record in zone.records}
        for change in outcome.changes:
            old = present.get(change.key)
            if old is not None:
                zone.remove_record(old)
            if change.after is not None:
                self._add(zone, rebuilt(zone, change, old, self), lenient)

    def _record(self, zone: Any, name: str, type: str, ttl: int, texts: tuple[str, ...]) -> Any:
        from generator.octodns.texts import data

        label = zone.hostname_from_fqdn(name)
        return Record.new(zone, label, data(type, ttl, list(texts)), source=self)

    def _add(self, zone: Any, record: Any, lenient: bool) -> None:
        from octodns.zone import SubzoneRecordException

        try:
            zone.add_record(record, lenient=lenient)
        except SubzoneRecordException as error:
            raise MailSourceException(
                f"{record.fqdn} belongs to another zone of this configuration; give its "
                "declaration that zone: `zone: {name: ...}`"
            ) from error


def is_marker(record: Any) -> bool:
    """True for the record that stands for an overlay source."""
    return record.name == NAME and isinstance(record.source, MailSource)


def _owner(id: str, owner: str) -> str:
    from generator.octodns.ledger import OWNER

    if not OWNER.fullmatch(owner):
        raise MailSourceException(
            f"{id}: owner `{owner[:60]}`: lower-case letters, digits and hyphens, at most 32"
        )
    return owner


def _now() -> datetime:
    """The time, or SOURCE_DATE_EPOCH where a reproducible run sets it."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isascii() and epoch.isdigit() and len(epoch) < 12:
        return datetime.fromtimestamp(int(epoch), UTC)
    return datetime.now(UTC)
