"""Zone files kept by hand: read from the project, merged, and put where the build goes."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from generator.emit.bind import ZoneFile, clashes, comment, files, sources
from generator.emit.block import BlockError, published_serial, restore
from generator.emit.merge import Include, Merged, Order, merge
from generator.emit.obstacles import shown
from generator.emit.write import Change, WriteError, current, decoded, encoded
from generator.finding import Finding, finding
from generator.records.mta_sts import parse_policy
from generator.values import Compiled
from generator.zonefile import ZoneFileError, soa_serial

MAX_BYTES = 1 << 26  # of one file; larger zones are made by machines
MAX_INCLUDED = 1000  # files that one zone includes, counted each time


class _Unreadable(Exception):
    """A file of the project that is not read; the text says why."""


@dataclass(frozen=True, slots=True)
class HandKept:
    """A zone file with what a build makes of it.

    ``change`` is None if there are ``findings``; ``notes`` are warnings, which stop nothing.
    """

    name: str
    change: Change | None
    findings: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()


def merged(file: ZoneFile, root: Path, folder: Path, now: datetime) -> HandKept:
    """What merging into ``folder`` changes.  Raises WriteError if a stranger's file is there."""
    target = folder / file.name
    try:
        present = read_inside(root, file.source)
    except _Unreadable as error:
        return HandKept(file.name, None, (_unread(file, str(error)),))
    found = list(_dynamic(file, root, [root / file.source, target]))
    old = current(target)
    published = None if old is None else encoded(old)
    if published is not None:
        if target.samefile(root / file.source):
            published = None
        else:
            _require_ours(target, published, present, file.source)
    done = _merge(file, present, published, root, now)
    found += done.findings
    if found:
        return HandKept(file.name, None, tuple(found))
    return HandKept(file.name, Change(target, old, decoded(done.text)), (), done.notes)


def check(compiled: Sequence[Compiled], root: Path, now: datetime) -> list[Finding]:
    """What is wrong with the merges of a project, wherever they will be written; also advice."""
    found = list(clashes(files(compiled)))
    for file in files(compiled):
        if not file.source:
            continue
        try:
            present = read_inside(root, file.source)
        except _Unreadable as error:
            found.append(_unread(file, str(error)))
            continue
        found += _dynamic(file, root, [root / file.source])
        done = _merge(file, present, None, root, now)
        found += done.findings or (*done.notes, *_unused(file, done))
    return found


def _unread(file: ZoneFile, why: str) -> Finding:
    where = file.members[0].domain.zone.where
    return finding("zone-file", why, where, "`zone.file` is read from the project's folder")


def _dynamic(file: ZoneFile, root: Path, paths: Sequence[Path]) -> Iterator[Finding]:
    domain = file.members[0].domain
    if any(waiver.rule == "zone-dynamic" for waiver in domain.waivers):
        return
    for path in paths:
        journal = path.with_name(f"{path.name}.jnl")
        if os.path.lexists(journal):
            message = f"{path.name} has a journal beside it: the name server changes this zone"
            name = journal.relative_to(root) if journal.is_relative_to(root) else journal
            help = f"{name}: let the server keep the zone, or end its dynamic updates first"
            yield finding("zone-dynamic", message, domain.zone.where, help)
            return


def _unused(file: ZoneFile, done: Merged) -> Iterator[Finding]:
    for one in file.members:
        for entry in () if one.domain.release else one.domain.adopt:
            if entry not in done.adopted:
                message = f"nothing in {file.source} is replaced as `{entry[:60]}`"
                help = "remove it from `adopt`"
                yield finding("adopt-unused", message, one.domain.where, help)


# --- the merge itself ------------------------------------------------------------------------


def _merge(
    file: ZoneFile, present: bytes, published: bytes | None, root: Path, now: datetime
) -> Merged:
    values = sorted((v for one in file.members for v in one.values), key=lambda v: v.kind)
    adopt = frozenset(entry for one in file.members for entry in one.domain.adopt)
    title = _title(file.source) + ", ".join(sources(file.members))
    zone = f"{file.members[0].domain.zone.name}."
    policies = {f"{c.domain.name}.": parse_policy(c.mta_sts) for c in file.members if c.mta_sts}
    order = Order(zone, file.source, values, adopt, comment(title), _waived(file), policies)
    return merge(present, order, _includer(root, file.source), published, now)


def _title(source: str) -> str:
    return f"put into {source} from "


def _waived(file: ZoneFile) -> dict[str, set[str]]:
    """Each waived rule with the names that it is waived at; the zone's own for the whole of it."""
    waived: dict[str, set[str]] = {}
    for one in file.members:
        for waiver in one.domain.waivers:
            names = waived.setdefault(waiver.rule, set())
            names.update(value.name for value in one.values)
            names.add(f"{one.domain.name}.")
    return waived


def _require_ours(target: Path, old: bytes, present: bytes, source: str) -> None:
    """Raises WriteError if the file there holds anything that would be lost."""
    try:
        restored = restore(old)
    except BlockError as error:
        message = f"{target}:{error.line}: {error.message}; move the file away first"
        raise WriteError(message, foreign=True) from None
    if restored.merged and not restored.title.startswith(comment(_title(source))):
        message = f"{target} was made from another file than {source}; move it away first"
        raise WriteError(message, foreign=True)
    if restored.merged and published_serial(old) is None:
        message = (
            f"{target} was edited since mailzone wrote it; "
            f"make the change in {source}, then move the file away"
        )
        raise WriteError(message, foreign=True)
    if not restored.merged and _unnumbered(old) != _unnumbered(_by_hand(present)):
        message = f"{target} was not written by mailzone and is left alone; move it away first"
        raise WriteError(message, foreign=True)


def _by_hand(present: bytes) -> bytes:
    try:
        return restore(present).text
    except BlockError:
        return present


def _unnumbered(text: bytes) -> bytes:
    """The text without its serial: what a released zone still has in common with its source."""
    try:
        serial = soa_serial(text)
    except ZoneFileError:
        return text
    return text[: serial.start] + text[serial.end :]


# --- reading ---------------------------------------------------------------------------------


def read_inside(root: Path, name: str) -> bytes:
    """A plain file of the project, reached without links.  Raises _Unreadable."""
    said = shown(os.path.normpath(name))
    path = PurePosixPath(os.path.normpath(name))
    if not path.parts:
        raise _Unreadable(f"{said} is no plain file")
    if path.is_absolute() or path.parts[0] == ".." or "\0" in name:
        raise _Unreadable(f"{said} lies outside the project")
    inside = root
    try:
        for part in path.parts:
            inside = inside / part
            if inside.is_symlink():
                raise _Unreadable(f"{shown(str(inside.relative_to(root)))} is a symbolic link")
        # Without O_NONBLOCK a pipe would hang the build.
        handle = os.open(inside, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise _Unreadable(f"{said} is no plain file")
        with os.fdopen(handle, "rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _Unreadable(f"{said} does not exist") from None
    except OSError as error:
        raise _Unreadable(f"{said} cannot be read: {error.strerror}") from None
    if len(raw) > MAX_BYTES:
        raise _Unreadable(f"{said} has more than {MAX_BYTES >> 20} MiB")
    return raw


def _includer(root: Path, source: str) -> Include:
    """Reads what $INCLUDE names, relative to the zone file's folder."""
    folder = PurePosixPath(source).parent
    known: dict[str, bytes] = {}
    left = MAX_INCLUDED

    def include(name: str) -> bytes:
        nonlocal left
        left -= 1
        if left < 0:
            raise ZoneFileError(f"more than {MAX_INCLUDED:,} files are included", 1)
        if name not in known:
            try:
                known[name] = read_inside(root, os.path.join(folder, name))
            except _Unreadable as error:
                raise ZoneFileError(f"$INCLUDE: {error}", 1) from None
        return known[name]

    return include
