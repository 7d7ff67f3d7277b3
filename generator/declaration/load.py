"""The declarations of a project: files found, read, merged with their defaults, understood."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from generator import schema
from generator.catalogue import Catalogue
from generator.declaration.ages import USUAL, LockAges, read_ages
from generator.declaration.context import Context
from generator.declaration.domain import read_domain
from generator.declaration.merge import Layer, merge
from generator.declaration.model import Domain
from generator.declaration.prune import pruned
from generator.declaration.severity import Severities, raised, read_severities
from generator.finding import Finding, Place, Severity, finding
from generator.source import Source, SourceError, Spot, YamlPath, read

FOLDER = "zones"
DEFAULTS = "_defaults.yaml"
_TOP = f"{FOLDER}/{DEFAULTS}"


@dataclass
class Loaded:
    """What reading a project brought up besides its domains."""

    findings: list[Finding] = field(default_factory=list)
    files: int = 0
    # Raised by zones/_defaults.yaml, hence for the whole project.
    severities: Severities = field(default_factory=dict)
    ages: LockAges = USUAL


# Takes a domain, and whether its declaration has a fault: then a check of its records would only
# find the consequences.
Taker = Callable[[Domain, bool], None]


class _Defaults(NamedTuple):
    """What holds for every declaration of a folder; ``incomplete`` if part is unreadable."""

    layers: tuple[Layer, ...]
    incomplete: bool
    severities: Severities
    ages: LockAges = USUAL


def load(project: Path, catalogue: Catalogue, today: date, take: Taker) -> Loaded:
    """Read every declaration below ``project/zones``, in the order of files and documents.

    Each domain is handed to ``take`` as soon as it is understood, so that its file's data need not
    be kept.  Never raises for what a file holds: a file with faults adds findings and, where
    possible, domains; if there is an error, the domains serve only for finding more errors.
    """
    loaded = Loaded(findings=list(catalogue.findings))
    context = Context(catalogue, today, loaded.findings)
    _folder(project / FOLDER, FOLDER, _Defaults((), False, {}), _Run(context, loaded, take))
    return loaded


class _Run(NamedTuple):
    context: Context
    loaded: Loaded
    take: Taker


def find_project(start: Path) -> Path | None:
    """The nearest folder, from ``start`` upwards, that holds ``zones/``; None if there is none."""
    for folder in (start, *start.parents):
        if (folder / FOLDER).is_dir():
            return folder
    return None


def _folder(folder: Path, shown: str, defaults: _Defaults, run: _Run) -> None:
    context, loaded = run.context, run.loaded
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name, reverse=True)
    except OSError as error:
        message = f"{shown} cannot be read: {error.strerror or error}"
        loaded.findings.append(finding("file-unreadable", message, Place(shown)))
        return
    if any(entry.name == DEFAULTS for entry in entries):
        name = _printable(f"{shown}/{DEFAULTS}")
        own = _defaults(folder / DEFAULTS, name, defaults.severities, context)
        incomplete = defaults.incomplete or own.incomplete
        defaults = _Defaults(defaults.layers + own.layers, incomplete, own.severities)
        if shown == FOLDER:
            loaded.severities, loaded.ages = own.severities, own.ages
    while entries:
        entry = entries.pop()  # in order, and gone once it has been read
        name = f"{shown}/{entry.name}"
        if entry.name.startswith("."):
            continue
        if entry.is_symlink():
            if not entry.name.startswith("_"):
                message = f"{_printable(name)} is a symbolic link"
                help = "put the file itself here: what is reviewed must be what is read"
                loaded.findings.append(finding("file-link", message, Place(_printable(name)), help))
        elif entry.is_dir(follow_symlinks=False):
            _folder(folder / entry.name, name, defaults, run)
        elif entry.name.startswith("_"):
            continue
        elif entry.name.endswith(".yaml"):
            loaded.files += 1
            _file(entry, _printable(name), defaults, run)
        elif entry.name.endswith(".yml"):
            message = f"{_printable(name)} is not read: declarations end in .yaml"
            loaded.findings.append(
                finding("file-name", message, Place(_printable(name)), "rename it")
            )


def _printable(name: str) -> str:
    if name.isprintable():
        return name
    text = name.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def _defaults(file: Path, shown: str, severities: Severities, context: Context) -> _Defaults:
    """A folder's own defaults; ``severities`` are those of the folders above."""
    if file.is_symlink():
        message = f"{shown} is a symbolic link"
        context.findings.append(finding("file-link", message, Place(shown)))
        return _Defaults((), True, severities)
    try:
        source = read(file, shown)
    except SourceError as error:
        context.findings.extend(error.findings)
        return _Defaults((), True, severities)
    incomplete = False
    layers: list[Layer] = []
    ages = USUAL
    for index, document in enumerate(source.documents):
        if document is None:
            continue
        found = schema.check(source, (index,), document, "declaration-structure", "defaults")
        context.findings.extend(found)
        if found:
            incomplete = True
            continue
        given = document.pop("severity", None)
        if given:
            at = partial(_key, source, (index, "severity"))
            severities = read_severities(given, at, severities, context)
        if "lock" in document:
            given = document.pop("lock")
            ages = read_ages(given, Spot(source, (index, "lock"), key=True), shown == _TOP, context)
        if document:
            layers.append(Layer(source, (index,), document))
    return _Defaults(tuple(layers), incomplete, severities, ages)


def _key(source: Source, path: YamlPath, name: str) -> Spot:
    return Spot(source, (*path, name), key=True)


def _file(file: os.DirEntry[str], shown: str, defaults: _Defaults, run: _Run) -> None:
    context = run.context
    first = len(context.findings)
    try:
        source = read(file.path, shown, plain=file.is_file(follow_symlinks=False))
    except SourceError as error:
        context.findings.extend(error.findings)
        return
    if all(document is None for document in source.documents):
        message = f"{shown} declares nothing"
        context.findings.append(finding("declaration-empty", message, Place(shown)))
    for index, document in enumerate(source.documents):
        if document is None:
            continue
        found = schema.check(source, (index,), document, "declaration-structure")
        if found:
            context.findings.extend(found)
            document = pruned(
                document, [f.where.path[1:] for f in found if isinstance(f.where, Spot)]
            )
            if document is None:
                continue
        for name, where, layers in _domains(source, index, document, defaults.layers, context):
            before = len(context.findings)
            merged = merge(layers, defaults.incomplete or bool(found))
            domains = read_domain(name, where, shown, merged, context)
            faults = context.findings[before:]
            incomplete = defaults.incomplete or bool(context.catalogue.findings) or bool(found)
            broken = incomplete or any(f.severity is Severity.ERROR for f in faults)
            for domain in domains:
                if defaults.severities:
                    domain = domain._replace(severities=defaults.severities)
                run.take(domain, broken)
    if defaults.severities:
        context.findings[first:] = raised(context.findings[first:], defaults.severities)
    source.documents.clear()  # places are found in the text


def _domains(
    source: Source,
    index: int,
    document: dict[str, Any],
    defaults: tuple[Layer, ...],
    context: Context,
) -> Iterator[tuple[str, Spot, list[Layer]]]:
    """Each domain that a document declares: its name as written, the name's place, its layers."""
    one, many = document.get("domain"), document.get("domains")
    if (one is None) == (many is None):
        if one is None:
            help = "begin with `domain: example.com`"
            missing = finding(
                "missing-key",
                "the document needs `domain` or `domains`",
                Spot(source, (index,)),
                help,
            )
            context.findings.append(missing)
        else:
            twice = finding(
                "conflicting-keys",
                "`domain` and `domains` exclude each other",
                Spot(source, (index, "domains"), key=True),
            )
            context.findings.append(twice)
        return
    body = {key: value for key, value in document.items() if key not in ("domain", "domains")}
    layers = [*defaults, Layer(source, (index,), body)]
    if one is not None:
        yield one, Spot(source, (index, "domain")), layers
    elif isinstance(many, list):
        for number, name in enumerate(many):
            yield name, Spot(source, (index, "domains", number)), layers
    elif isinstance(many, dict):
        for name, override in many.items():
            path = (index, "domains", name)
            own = [Layer(source, path, override)] if override else []
            yield name, Spot(source, path, key=True), layers + own
