"""The serial of a hand-kept zone that includes our fragments."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from generator.emit.write import Change, WriteError, current
from generator.serial import following
from generator.zonefile import ZoneFileError, includes, soa_serial


def bumped(parent: Path, changed: Iterable[Change], now: datetime) -> Change:
    """The parent zone file with its serial raised, if a changed fragment is included in it.

    Only the digits of the serial change.  Raises WriteError if the file cannot be read or
    includes no file that mailzone writes, ZoneFileError if it is no zone file.
    """
    old = current(parent)
    if old is None:
        raise WriteError(f"{parent} does not exist", foreign=True)
    raw = old.encode("utf-8")
    try:
        names = includes(raw)
        serial = soa_serial(raw)
    except ZoneFileError as error:
        raise ZoneFileError(f"{parent}: {error.message}", error.line) from None
    if not names:
        raise WriteError(f"{parent} includes no file, so its serial need not rise", foreign=True)
    ours = {os.path.basename(name) for name in names}
    if not any(change.differs and change.path.name in ours for change in changed):
        return Change(parent, old, old)
    number = str(following(int(serial.text), now)).encode("ascii")
    new = raw[: serial.start] + number + raw[serial.end :]
    return Change(parent, old, new.decode("utf-8"))
