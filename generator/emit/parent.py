"""The serial of a hand-kept zone that includes our fragments."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from generator.emit.bind import serial_in
from generator.emit.write import Change, WriteError, current, decoded, encoded
from generator.serial import following
from generator.zonefile import ZoneFileError, includes, soa_serial


@dataclass(frozen=True, slots=True)
class Parent:
    """A hand-kept zone file, and the names of our files that it includes."""

    change: Change
    includes: frozenset[str]


def bumped(path: Path, planned: Sequence[Change], now: datetime) -> Parent:
    """The parent zone file with its serial raised, if a changed fragment is included in it.

    Only the digits of the serial change.  Raises WriteError if the file cannot be read or
    includes no file that mailzone writes, or if it is no zone file.
    """
    old = current(path)
    if old is None:
        raise WriteError(f"{path} does not exist", foreign=True)
    raw = encoded(old)
    try:
        named = {os.path.basename(name) for name in includes(raw)}
        token, serial = soa_serial(raw), serial_in(raw)
    except ZoneFileError as error:
        raise WriteError(f"line {error.line}: {path}: {error.message}", foreign=True) from None
    ours = frozenset(named & {change.path.name for change in planned})
    if not ours:
        what = "none of the files built here" if named else "no file"
        raise WriteError(f"{path} includes {what}, so its serial need not rise", foreign=True)
    if not any(change.differs and change.path.name in ours for change in planned):
        return Parent(Change(path, old, old), ours)
    number = str(following(serial, now)).encode("ascii")
    return Parent(Change(path, old, decoded(raw[: token.start] + number + raw[token.end :])), ours)
