"""What a build or a push is about to change, as two states.

Both know only which values go and which come; the declarations behind what is published are gone.
So the old state is the new one with those values exchanged, and with the declarations of now, less
the services of which nothing is published yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from generator.declaration.model import Domain, ServiceUse
from generator.diff.compare import compare
from generator.diff.model import Diff, Side, State
from generator.diff.zonefolder import kind_of
from generator.emit.bind import files
from generator.emit.build import Build
from generator.emit.octodns import FILE
from generator.emit.policies import domain_of
from generator.lint import octodnstext, zonetext
from generator.names import NameProblem, host
from generator.project import Project
from generator.values import Kind, Value

if TYPE_CHECKING:
    from generator.octodns.model import Change  # octoDNS need not be installed for a build

_Key = tuple[str, str, str]  # name, type, text


class Delta(NamedTuple):
    """Values that go and that come; one whose TTL changes is in both.

    ``fresh`` are domains of which nothing is there yet; ``policies`` the MTA-STS policy files that
    are replaced, by domain.
    """

    went: tuple[Value, ...]
    came: tuple[Value, ...]
    fresh: frozenset[str] = frozenset()
    policies: Mapping[str, str] = {}


def difference(new: State, delta: Delta, today: date) -> Diff:
    """What the change does to the domains of the new state."""
    before, after = states(new, delta)
    return compare(before, after, today)


def states(new: State, delta: Delta) -> tuple[State, State]:
    """The state before the change and the one after it."""
    came = {_key(value): value for value in delta.came}
    went: dict[str, list[Value]] = {}
    for value in delta.went:
        holder = next(new.upwards(value.name.removesuffix(".")), None)
        if holder is not None:
            went.setdefault(holder.name, []).append(value)
    before, after = dict(new.sides), dict(new.sides)
    for name, side in new.sides.items():
        gone = went.get(name, [])
        if name in delta.fresh:
            del before[name]
        elif gone or name in delta.policies or any(_key(v) in came for v in side.values):
            kinds = {(v.name, v.type): v.kind for v in side.values if v.kind is not Kind.SPF}
            old = [v for v in side.values if _key(v) not in came]
            old += [v._replace(kind=_kind(v, kinds)) for v in gone]
            after[name] = side._replace(values=tuple(_served(v, came) for v in side.values))
            if old:
                policy = delta.policies.get(name, side.mta_sts)
                before[name] = _before(side, tuple(old), policy)
            else:
                del before[name]
    return replace(new, label="published", sides=before), replace(new, sides=after)


def _key(value: Value) -> _Key:
    return (value.name, value.type, value.text)


def _served(value: Value, came: Mapping[_Key, Value]) -> Value:
    """The value with the TTL that it gets: that of the set which it joins."""
    new = came.get(_key(value))
    return value if new is None else value._replace(ttl=new.ttl)


def _kind(value: Value, kinds: Mapping[tuple[str, str], Kind]) -> Kind:
    known = kind_of(value)
    return kinds.get((value.name, value.type), Kind.PLAIN) if known is None else known


def _before(side: Side, values: tuple[Value, ...], policy: str) -> Side:
    domain = side.domain
    if domain is not None:
        domain = domain._replace(release=False, services=_known(domain, side.values, values))
    return side._replace(values=values, domain=domain, mta_sts=policy)


def _known(domain: Domain, new: Iterable[Value], old: Iterable[Value]) -> tuple[ServiceUse, ...]:
    """The services of which something was published: a record, or a term of one."""
    there = {_key(value) for value in old}
    terms = {(v.name, term) for v in old if v.kind is Kind.SPF for term in v.text.split()}
    seen: dict[int, bool] = {}  # by the identity of its place: whether anything of it was there
    for value in new:
        for reason in value.because:
            term = (value.name, reason.what.partition(": ")[0])
            was = term in terms if value.kind is Kind.SPF else _key(value) in there
            seen[id(reason.where)] = seen.get(id(reason.where), False) or was
    return tuple(use for use in domain.services if seen.get(id(use.where), True))


# --- what a build changes --------------------------------------------------------------------


def of_build(project: Project, build: Build) -> Delta:
    """What a build changes in files that are there."""
    homes = {build.folder / file.name: file for file in files(project.compiled)}
    went: dict[_Key, Value] = {}
    came: dict[_Key, Value] = {}
    fresh: set[str] = set()
    changed = [one for one in (*build.planned, *build.merged) if one.differs]
    for change in changed:
        home = homes.get(change.path)
        if home is not None and change.old is None:
            fresh.update(one.domain.name for one in home.members)
            continue
        zone = f"{home.members[0].domain.zone.name}." if home is not None else ""
        old, new = (_read(text, change.path, zone) for text in (change.old or "", change.new))
        went |= {key: value for key, value in old.items() if new.get(key) != value}
        came |= {key: value for key, value in new.items() if old.get(key) != value}
    policies = {
        domain_of(change.path): change.old or "" for change in build.policies if change.differs
    }
    return Delta(tuple(went.values()), tuple(came.values()), frozenset(fresh), policies)


def _read(text: str, path: Path, zone: str) -> dict[_Key, Value]:
    """The records of a file that mailzone makes, without the SOA."""
    if zone:
        values = zonetext.read(text.encode("utf-8", "surrogateescape"), zone, path.name).values
    else:
        values = _octodns(text, path)
    # Without places: two texts have the same record in different lines.
    return {_key(v): v._replace(because=()) for v in values if v.type != "SOA"}


def _octodns(text: str, path: Path) -> list[Value]:
    """The records of a file for octoDNS: of a zone, or one text of its apex."""
    if path.name == FILE:
        try:
            zone = f"{host(path.parent.name)}."
        except NameProblem:
            return []
        return octodnstext.read(text.encode(), zone, path.name).values
    zone = f"{path.name.rsplit('.', 2)[0]}."
    written = text.splitlines()[-1:]  # behind the header
    return [
        _plain(zone, "TXT", octodnstext.DEFAULT_TTL, _unquoted(line))
        for line in written
        if not line.startswith("#")
    ]


def _unquoted(line: str) -> str:
    return line[1:-1].replace("''", "'").replace("\\;", ";")


# --- what a push changes ---------------------------------------------------------------------


def of_push(changes: Iterable[Change]) -> Delta:
    """What the record sets of a push change among our values."""
    went: list[Value] = []
    came: list[Value] = []
    for change in changes:
        if change.ledger:
            continue
        before, after = change.before, change.after
        name, type = change.key
        if before is not None:
            went += [_plain(name, type, before.ttl, text) for text in change.removed]
        if after is not None:
            came += [_plain(name, type, after.ttl, text) for text in change.added]
        if before is not None and after is not None and before.ttl != after.ttl:
            ours = [t for t in after.texts if t not in change.added and t not in change.kept]
            went += [_plain(name, type, before.ttl, text) for text in ours]
            came += [_plain(name, type, after.ttl, text) for text in ours]
    return Delta(tuple(went), tuple(came))


def _plain(name: str, type: str, ttl: int, text: str) -> Value:
    return Value(name, type, ttl, text, Kind.PLAIN, ())
