"""The lock file, read: never trusted, never guessed at."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from generator import schema
from generator.finding import Finding, Locatable, Place, Severity, finding
from generator.lock.model import TYPES, Entry, Held, Lock
from generator.lock.text import FORMAT, costs
from generator.lock.tree import canonical
from generator.simulate.world import Answer
from generator.source import Source, SourceError, parse, read

FILE = "zones/_lock.yaml"  # below the project's folder
LIMIT = 16 << 20  # octets: some ten thousand domains
_ANEW = "`mailzone lock` writes the file in order again"
_CONFLICT = re.compile(rb"^(<{7}|={7}|>{7}|\|{7})(?: |\r?$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A lock file's content.

    ``lock`` is None if there is no file, or one that cannot be relied on: then a finding is an
    error.  Warnings are about what `mailzone lock` puts right by itself.
    """

    lock: Lock | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not any(found.severity is Severity.ERROR for found in self.findings)


def load(root: Path) -> Loaded:
    """The lock of the project below ``root``.  Never raises for what the file holds."""
    file = root / FILE
    try:
        link = stat.S_ISLNK(file.lstat().st_mode)
    except FileNotFoundError:
        return Loaded()
    except OSError:
        link = False  # to read it will say why not
    if link:
        help = "put the file itself here: what is reviewed must be what is read"
        message = f"{FILE} is a symbolic link"
        return Loaded(None, [finding("file-link", message, Place(FILE), help)])
    try:
        return of_source(read(file, FILE, LIMIT))
    except SourceError as error:
        return Loaded(None, _conflict(file, error.findings) or error.findings)


def of_text(raw: bytes) -> Loaded:
    """As `load`, of the file's octets."""
    try:
        return of_source(parse(raw, FILE))
    except SourceError as error:
        return Loaded(None, _conflicts(raw) or error.findings)


def _conflict(file: Path, findings: list[Finding]) -> list[Finding]:
    """The conflict behind findings about YAML; other findings may be about what cannot be read."""
    if not findings[0].rule.startswith("yaml-"):
        return []
    try:
        return _conflicts(file.read_bytes())
    except OSError:
        return []


def _conflicts(raw: bytes) -> list[Finding]:
    found = _CONFLICT.search(raw)
    if found is None:
        return []
    line = raw.count(b"\n", 0, found.start()) + 1
    where = Place(FILE, line, 1, found[1].decode("ascii"), len(found[1]))
    help = "keep either side as a whole, then run `mailzone lock`"
    return [finding("yaml-syntax", "a merge conflict is left in the lock", where, help)]


def of_source(source: Source) -> Loaded:
    """As `load`, of YAML that has been read."""
    if len(source.documents) != 1 or not isinstance(source.documents[0], dict):
        where = source.spot(0) if source.documents else Place(source.path)
        message = "a lock is one mapping with `format`, `seen` and `names`"
        return Loaded(None, [finding("wrong-type", message, where, _ANEW)])
    document: dict[str, Any] = source.documents[0]
    version = document.get("format")
    if isinstance(version, int) and version > FORMAT:
        message = f"the lock has format {version}; this mailzone reads up to {FORMAT}"
        where = source.spot(0, "format")
        return Loaded(None, [finding("wrong-value", message, where, "use a newer mailzone")])
    findings = schema.check(source, (0,), document, "lock")
    if not findings:
        findings = list(_more(source, document))
    if findings:
        return Loaded(None, findings)
    seen = date.fromisoformat(document["seen"]) if "seen" in document else None
    entries = {name: _entry(name, given, seen) for name, given in (document["names"] or {}).items()}
    lock = Lock(entries, seen)
    return Loaded(lock, list(_untidy(source, document, lock)))


def _more(source: Source, document: dict[str, Any]) -> Iterator[Finding]:
    """What no schema says: dates that exist, and what can stand beside what."""
    spot = source.spot
    yield from _dates(document, spot(0), source, (0,))
    for name, given in (document["names"] or {}).items():
        path = (0, "names", name)
        yield from _dates(given, spot(*path), source, path)
        if "seen" not in given and "seen" not in document:
            message = f"{name} needs `seen`, as the whole lock has none"
            yield finding("missing-key", message, spot(*path, key=True), _ANEW)
        for type in TYPES:
            held = given.get(type)
            if held is not None and sum(key in held for key in ("status", "data", "spf")) != 1:
                message = f"{type} of {name} needs either `status`, `data` or `spf`"
                yield finding("conflicting-keys", message, spot(*path, type), _ANEW)
            elif held is not None and type != "TXT" and "spf" in held:
                yield finding("conflicting-keys", f"{type} cannot be SPF", spot(*path, type), _ANEW)
        if not any(type in given for type in TYPES):
            yield finding("missing-key", f"{name} has no records", spot(*path, key=True), _ANEW)


def _dates(
    given: dict[str, Any], where: Locatable, source: Source, path: tuple[str | int, ...]
) -> Iterator[Finding]:
    for key in ("first", "seen"):
        if key in given:
            try:
                date.fromisoformat(given[key])
            except ValueError:
                message = f"`{given[key]}` is no day"
                yield finding("wrong-value", message, source.spot(*path, key), _ANEW)


def _entry(name: str, given: dict[str, Any], seen: date | None) -> Entry:
    own = date.fromisoformat(given["seen"]) if "seen" in given else seen
    assert own is not None  # `_more` has seen to it
    sets = {type: _held(given[type]) for type in TYPES if type in given}
    return Entry(name, date.fromisoformat(given["first"]), own, sets)


def _held(given: dict[str, Any]) -> Held:
    if "status" in given:
        return Held(Answer(given["status"]), 0)
    data = (" ".join(["v=spf1", *given["spf"]]),) if "spf" in given else tuple(given["data"])
    return Held(Answer("ok", data), given.get("ttl", 0))


def _untidy(source: Source, document: dict[str, Any], lock: Lock) -> Iterator[Finding]:
    """Marks of a change by hand, or of a merge: nothing is lost by them."""
    names = list(lock.entries)
    for before, name in pairwise(names):
        if canonical(name) < canonical(before):
            message = f"the lock is out of order: {name} stands behind {before}"
            where = source.spot(0, "names", name, key=True)
            yield finding("wrong-value", message, where, _ANEW, Severity.WARNING)
            break
    for name in names:
        given = document["names"][name]
        cost = costs(name, lock)
        for key, counted in (
            ("lookups", cost.lookups if cost else None),
            ("void", cost.void if cost else None),
        ):
            if key in given and given[key] != counted:
                told = "unknown" if counted is None else counted
                message = f"`{key}` of {name} is {given[key]}, but its terms make it {told}"
                where = source.spot(0, "names", name, key)
                yield finding("wrong-value", message, where, _ANEW, Severity.WARNING)
