"""Files for octoDNS's YamlProvider: our records beside the ones that a zone's owner keeps.

Two kinds.  ``ZONE./mailzone.yaml`` is one more file of a zone whose directory octoDNS reads
(``split_extension: .``); a set that stands elsewhere as well is an error there.  The TXT set at the
zone's apex is shared with strangers, so each of our values in it is a file of its own, to be taken in
by ``!include``.  octoDNS deletes what no file has: nothing is written for a zone of which the owner
keeps no file here, because ours alone would be the whole zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from generator.emit.bind import comment, sources
from generator.emit.build import Build
from generator.emit.write import WriteError, changes, current
from generator.names import display
from generator.values import Compiled, Kind, Value

HEADER = "# Written by mailzone"
FILE = "mailzone.yaml"  # in the zone's directory
FRAGMENTS = "mailzone"  # the folder of single values

_NUMBERS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A value of a shared set, alone in a file.  ``path`` is relative to the output folder."""

    path: Path
    value: Value


@dataclass(frozen=True, slots=True)
class Missing:
    """A fragment that no file of the zone takes in yet."""

    zone: str
    fragment: Path


def plan(
    compiled: Sequence[Compiled], folder: Path, escaped: bool = True
) -> tuple[Build, list[Missing]]:
    """What has to change in a YamlProvider's directory, and which fragments nobody includes.

    ``escaped`` as the provider's ``escaped_semicolons``.  Raises WriteError, also for a zone that
    the owner keeps no file of.
    """
    members: dict[str, list[Compiled]] = {}
    for one in compiled:
        members.setdefault(one.domain.zone.name, []).append(one)
    targets: list[tuple[Path, str]] = []
    missing: list[Missing] = []
    for zone, listed in sorted(members.items()):
        kept = _kept(folder, zone)
        values = [value for one in listed for value in one.values]
        if not kept and values:
            raise WriteError(
                f"{folder} has no file of zone {zone}, and {FILE} alone would be the whole zone: "
                f"octoDNS would delete everything else; --out is the YamlProvider's directory",
                foreign=True,
            )
        head = _head(listed)
        fragments = list(_fragments(zone, values))
        if any(fragment.value.kind is Kind.SPF for fragment in fragments):
            _refuse_second_spf(zone, kept)
        shared = {fragment.value for fragment in fragments}
        rest = [value for value in values if value not in shared and not _apex_ns(value, zone)]
        text = head + _zone_text(f"{zone}.", rest, escaped)
        targets.append((_directory(folder, zone) / FILE, text))
        for fragment in fragments:
            line = _quoted(_escape(fragment.value.text, escaped))
            targets.append((folder / fragment.path, f"{head}{line}\n"))
            name = fragment.path.as_posix()
            if not any(name in text for text in kept):
                missing.append(Missing(zone, fragment.path))
    planned = changes(((path, partial(_given, text)) for path, text in targets), HEADER)
    names = frozenset(str(path.relative_to(folder)) for path, _ in targets)
    return Build(folder, tuple(planned), names=names), missing


def abandoned(build: Build) -> Iterator[Path]:
    """Files that mailzone wrote into the directory and that no declaration makes any more."""
    for pattern in (f"*./{FILE}", f"{FRAGMENTS}/*.yml"):
        for path in sorted(build.folder.glob(pattern)):
            if str(path.relative_to(build.folder)) not in build.names:
                text = current(path)
                if text is not None and text.startswith(HEADER):
                    yield path


def natural(name: str) -> tuple[str | int, ...]:
    """Sort key of the order that YamlProvider enforces: digits compare as numbers."""
    return tuple(
        int(part) if index % 2 else part for index, part in enumerate(_NUMBERS.split(name))
    )


# --- what the owner keeps --------------------------------------------------------------------


def _kept(folder: Path, zone: str) -> list[str]:
    """The texts of the owner's files of a zone, as YamlProvider finds them."""
    found = []
    for name in dict.fromkeys((zone, display(zone))):
        paths = [folder / f"{name}.yaml"]
        paths += sorted(path for path in (folder / f"{name}.").glob("*.yaml") if path.name != FILE)
        for path in paths:
            if path.is_file():
                try:
                    found.append(path.read_text(encoding="utf-8", errors="replace"))
                except OSError as error:
                    raise WriteError(f"{path} cannot be read: {error.strerror}") from None
    return found


def _refuse_second_spf(zone: str, kept: Sequence[str]) -> None:
    """Raises WriteError if an owner's file has an SPF record at the apex (RFC 7208 3.2).

    Every other set that stands in two files is an error in octoDNS itself.
    """
    import yaml

    class Loader(yaml.SafeLoader):
        """Reads past octoDNS's own tags: what is included is not the owner's text."""

    Loader.add_multi_constructor("!", lambda loader, tag, node: None)
    for text in kept:
        try:
            data = yaml.load(text, Loader)  # noqa: S506 - a safe loader
        except (yaml.YAMLError, ValueError):
            continue  # octoDNS will say so
        apex = data.get("") if isinstance(data, dict) else None
        for record in apex if isinstance(apex, list) else [apex]:
            if not isinstance(record, dict) or record.get("type") != "TXT":
                continue
            values = record.get("values") or [record.get("value")]
            for value in values if isinstance(values, list) else ():
                if isinstance(value, str) and value[:6].lower() == "v=spf1":
                    raise WriteError(
                        f"zone {zone} has an SPF record of the owner's, and a name has only one: "
                        f"replace `{value[:80]}` by the include",
                        foreign=True,
                    )


def _directory(folder: Path, zone: str) -> Path:
    """The zone's directory; octoDNS refuses two, so one that is there is taken."""
    shown = folder / f"{display(zone)}."
    return shown if shown.is_dir() else folder / f"{zone}."


# --- text ------------------------------------------------------------------------------------


def _fragments(zone: str, values: Iterable[Value]) -> Iterator[Fragment]:
    """Our values in the TXT set at the zone's apex; SPF by its name, others numbered."""
    number = 0
    for value in values:
        if (value.name, value.type) != (f"{zone}.", "TXT"):
            continue
        if value.kind is Kind.SPF:
            yield Fragment(Path(FRAGMENTS, f"{zone}.spf.yml"), value)
        else:
            number += 1
            yield Fragment(Path(FRAGMENTS, f"{zone}.txt-{number}.yml"), value)


def _apex_ns(value: Value, zone: str) -> bool:
    """The zone's own name servers are the owner's to keep."""
    return value.type == "NS" and value.name == f"{zone}."


def _head(members: Sequence[Compiled]) -> str:
    listed = ", ".join(comment(name) for name in sources(members))
    return f"{HEADER} from {listed}; changes here are overwritten.\n"


def _zone_text(zone: str, values: Sequence[Value], escaped: bool) -> str:
    """Record sets by name, keys in natural order throughout."""
    sets: dict[str, dict[str, list[Value]]] = {}
    for value in values:
        label = value.name.removesuffix(zone).removesuffix(".")
        sets.setdefault(label, {}).setdefault(value.type, []).append(value)
    lines = ["---"] if sets else []
    for label in sorted(sets, key=natural):
        lines.append(f"{_quoted(label)}:")
        for type, listed in sorted(sets[label].items()):
            lines.append(f"  - ttl: {min(value.ttl for value in listed)}")
            lines.append(f"    type: {type}")
            if type == "CNAME":
                lines.append(f"    value: {listed[0].text}")
            else:
                lines.append("    values:")
                lines += [f"      - {_value(type, value.text, escaped)}" for value in listed]
    return "".join(f"{line}\n" for line in lines)


def _value(type: str, text: str, escaped: bool) -> str:
    """One value, as a flow mapping with its keys in order where it has parts."""
    if type == "TXT":
        return _quoted(_escape(text, escaped))
    parts = text.split()
    if type == "MX":
        return f"{{exchange: {_quoted(parts[1])}, preference: {parts[0]}}}"
    if type == "SRV":
        priority, weight, port, target = parts
        return (
            f"{{port: {port}, priority: {priority}, target: {_quoted(target)}, weight: {weight}}}"
        )
    if type == "CAA":
        flags, tag, data = text.split(" ", 2)
        return f"{{flags: {flags}, tag: {_quoted(tag)}, value: {_quoted(data.strip(chr(34)))}}}"
    if type == "TLSA":
        usage, selector, matching = parts[:3]
        data = _quoted("".join(parts[3:]))
        return (
            f"{{certificate_association_data: {data}, certificate_usage: {usage}, "
            f"matching_type: {matching}, selector: {selector}}}"
        )
    return _quoted(text)


def _escape(text: str, escaped: bool) -> str:
    if "\\" in text or '"' in text:
        raise WriteError(
            f"a text holds a quote or a backslash, which octoDNS's providers write in different "
            f"ways: {text[:60]}",
            foreign=True,
        )
    return text.replace(";", "\\;") if escaped else text


def _quoted(text: str) -> str:
    """A single-quoted scalar: whatever it holds, it is text (YAML 1.2.2, 7.3.2)."""
    return "'" + text.replace("'", "''") + "'"


def _given(text: str, old: str | None) -> str:
    """The text, whatever was there before."""
    return text
