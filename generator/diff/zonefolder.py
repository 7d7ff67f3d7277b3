"""A folder of zone files as a state: what mail needs of them, whoever wrote them.

Master files end in .zone, .inc or .db, or begin with ``db.``; octoDNS's end in .yaml.  Only records
about mail are kept: what else is in a zone is nobody's business here.  What $INCLUDE names is read
if it lies in the folder under such a name, like any other file.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from generator.diff.model import Side, State
from generator.finding import Finding, Place, Severity, finding
from generator.lint import octodnstext, zonename, zonetext
from generator.names import display
from generator.records import spf
from generator.values import Kind, Value

MAX_BYTES = 1 << 26  # of one zone file

_MASTER = (".zone", ".inc", ".db")
_OCTODNS = (".yaml", ".yml")
_POLICY_HOST = "mta-sts."
_POLICY = Path(".well-known") / "mta-sts.txt"


def read_zones(folder: Path, costs: Mapping[str, int]) -> State:
    """The state that a folder of zone files describes; what cannot be read is a finding."""
    findings: list[Finding] = []
    zones: dict[str, dict[tuple[str, str, str], Value]] = {}
    files = [file for file in _listed(folder, findings) if _is_zone_file(file.name)]
    for file in files:
        raw = _content(file, findings)
        if raw is None:
            continue
        zone = zonename.of_text(raw, file.name)
        if not zone:
            message = f"{file.name}: which zone is it? begin it with $ORIGIN"
            findings.append(finding("file-name", message, Place(file.name)))
            continue
        if file.suffix in _OCTODNS:
            text = octodnstext.read(raw, zone, file.name)
        else:
            text = zonetext.read(raw, zone, file.name)
        findings += [found for found in text.findings if found.severity is Severity.ERROR]
        there = zones.setdefault(zone.removesuffix("."), {})
        for value in text.values:
            kind = kind_of(value)
            if kind is not None:
                there.setdefault((value.name, value.type, value.text), value._replace(kind=kind))
    if not files:
        message = f"{folder} holds no zone files (.zone, .inc, .db, db.*, .yaml)"
        findings.append(finding("file-unreadable", message, Place(str(folder))))
    sides = {
        name: Side(name, display(name), tuple(values.values()), None, _policy(folder, name))
        for name, values in zones.items()
    }
    return State(f"zone files in {folder}", sides, False, tuple(findings), costs)


def kind_of(value: Value) -> Kind | None:
    """What a record is for; None if it is not about mail."""
    name, type = value.name, value.type
    if type == "MX":
        return Kind.MX
    if type == "TXT" and value.text[:6].lower() == spf.VERSION:
        return Kind.SPF
    if type not in ("TXT", "CNAME"):
        return None
    if "._report._dmarc." in name:
        return Kind.REPORT
    if name.startswith("_dmarc."):
        return Kind.DMARC
    if "._domainkey." in name:
        return Kind.DKIM
    if name.startswith(("_mta-sts.", "_smtp._tls.")):
        return Kind.TRANSPORT
    return None


def regrouped(state: State, names: Sequence[str]) -> State:
    """The zones' records by the domains of another state, where these lie in a zone.

    A declaration may stand for a part of a zone, and a zone file holds many domains' records.
    """
    units = {*state.sides, *names}
    grouped: dict[str, list[Value]] = {name: [] for name in state.sides}
    for zone, side in state.sides.items():
        for value in side.values:
            grouped.setdefault(_unit(value.name.removesuffix("."), zone, units), []).append(value)
    sides = {}
    for name, values in grouped.items():
        known = state.sides.get(name)
        policy = known.mta_sts if known else ""
        sides[name] = Side(name, display(name), tuple(values), None, policy)
    return replace(state, sides=sides)


def _unit(name: str, zone: str, units: set[str]) -> str:
    while name != zone and name:
        if name in units:
            return name
        name = name.partition(".")[2]
    return zone


def _is_zone_file(name: str) -> bool:
    return name.endswith((*_MASTER, *_OCTODNS)) or name.startswith("db.")


def _listed(folder: Path, findings: list[Finding]) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        message = f"{folder} cannot be read: {error.strerror or error}"
        findings.append(finding("file-unreadable", message, Place(str(folder))))
        return
    for entry in entries:
        if not entry.is_dir():
            yield Path(entry.path)


def _content(file: Path, findings: list[Finding]) -> bytes | None:
    shown = file.name
    try:
        # Not to be held up by a pipe.
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                findings.append(
                    finding("file-unreadable", f"{shown} is no plain file", Place(shown))
                )
                return None
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"{shown} cannot be read: {error.strerror or error}"
        findings.append(finding("file-unreadable", message, Place(shown)))
        return None
    if len(raw) > MAX_BYTES:
        message = f"{shown} is larger than {MAX_BYTES >> 20} MiB"
        findings.append(finding("file-too-large", message, Place(shown)))
        return None
    return raw


def _policy(folder: Path, zone: str) -> str:
    """The MTA-STS policy file that a build put beside the zone files; empty if there is none."""
    file = folder / f"{_POLICY_HOST}{zone}" / _POLICY
    try:
        return file.read_bytes()[:MAX_BYTES].decode("utf-8") if file.is_file() else ""
    except (OSError, UnicodeDecodeError):
        return ""
