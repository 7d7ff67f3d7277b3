"""What keeps octoDNS from taking an overlay source for the whole zone.

Without `MailOverlay` a zone whose only source is ours would be planned as: delete everything else.
So nothing that the source hands out can be planned with until the processor has replaced it.  A
processor may take records out, and then the zone itself still refuses.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NoReturn

from octodns.record import Record

NAME = "_mailzone-guard"


class MailOverlayMissing(Exception):
    """An overlay source is used without `MailOverlay`, and would delete all other records."""


def _refuse(zone: Any) -> NoReturn:
    raise MailOverlayMissing(
        f"{zone.name}: an overlay MailSource needs MailOverlay as the last of the zone's "
        "processors; without it every other record of the zone would be deleted"
    )


class Guarded:
    """Mixed into a record type: a record that no plan can be made with.

    `Zone.changes` asks every record whether it is ignored, whatever ``--force``, ``lenient`` or
    ``strict_supports`` say.
    """

    zone: Any

    @property
    def ignored(self) -> bool:
        _refuse(self.zone)

    def copy(self, zone: Any = None, **more: Any) -> Any:
        """A copy that is guarded too: alias zones are made of copies."""
        plain: Any = super()
        return guarded(plain.copy(zone=zone, **more))


@cache
def _guarded(plain: type) -> type:
    return type(f"Guarded{plain.__name__}", (Guarded, plain), {})


def guarded(record: Any) -> Any:
    """The record, so that it can no longer be planned with."""
    record.__class__ = _guarded(record.__class__)
    return record


def marker(zone: Any, source: Any) -> Any:
    """A record that stands for the source in a zone, even if nothing is declared there."""
    data = {"type": "TXT", "ttl": 60, "values": ["mailzone"]}
    return guarded(Record.new(zone, NAME, data, source=source))


def seal(zone: Any) -> None:
    """Make the zone itself refuse to be planned: planning begins with a copy of it."""
    zone.copy = lambda: _refuse(zone)


def unseal(zone: Any) -> None:
    """What `MailOverlay` does, which will replace the zone by the whole one."""
    vars(zone).pop("copy", None)
