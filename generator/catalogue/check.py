"""Checks of catalogue entries that no schema can express: shapes, parameters, patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from generator import schema
from generator.catalogue.entry import parameters
from generator.catalogue.shape import Shape, ShapeError, parse
from generator.finding import Finding, finding
from generator.source import Source, YamlPath

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
BAD_PATTERN = (re.error, OverflowError, RecursionError)  # what re.compile may raise
_BUILT_IN = frozenset({"domain", "region"})
_PARAMETER = re.compile(r"[a-z][a-z0-9_]*")
# What a declaration's service says besides its parameters; shapes call their place `domain`.
RESERVED = frozenset(
    {"use", "at", "from", "dkim", "receives", "tracking", "retiring", "spf", "domain"}
)
# Terms that speak for the whole domain: the stage ends the record.
_WHOLE = re.compile(r"(?:redirect|exp)=|[+?~-]?all\Z", re.IGNORECASE)


def check_entries(
    source: Source, index: int, document: Any
) -> tuple[list[Finding], dict[str, Any]]:
    """Findings about one document of a catalogue file, and those of its entries without any."""
    base: YamlPath = (index,)
    if not isinstance(document, dict) or not isinstance(document.get("services"), dict):
        return schema.check(source, base, document, "catalogue"), {}
    outside = {key: value for key, value in document.items() if key != "services"}
    findings = schema.check(source, base, {**outside, "services": {}}, "catalogue")
    sound: dict[str, Any] = {}
    for id, entry in document["services"].items():
        path = (index, "services", id)
        found = schema.check(source, path, entry, "catalogue", "service")
        if not found:
            found = list(_check(source, path, id, entry))
        if found:
            findings.extend(found)
        else:
            sound[id] = entry
    return findings, sound


def compile_source(source: Source) -> tuple[list[Finding], dict[str, Any]]:
    """Findings about a catalogue file, and its sound entries."""
    findings: list[Finding] = []
    services: dict[str, Any] = {}
    for index, document in enumerate(source.documents):
        found, sound = check_entries(source, index, document)
        findings.extend(found)
        services.update(sound)
    return findings, services


def _check(source: Source, path: YamlPath, id: str, entry: dict[str, Any]) -> Iterator[Finding]:
    def fault(message: str, *steps: str | int, help: str = "") -> Finding:
        return finding("catalogue-entry", message, source.spot(*path, *steps), help)

    if not _ID.fullmatch(id):
        yield fault(f"id `{id[:60]}` is not lower-case words joined by hyphens")
    try:
        known = parameters(entry)
    except (*BAD_PATTERN, ShapeError) as error:
        yield fault(f"a pattern or default is malformed: {error}", "parameters")
        return
    for name, parameter in known.items():
        if not _PARAMETER.fullmatch(name) or name in RESERVED:
            why = "is a key of every service" if name in RESERVED else "is no name: a-z, 0-9 and _"
            yield fault(f"parameter `{name[:60]}` {why}", "parameters", name)
        examples = (
            parameter.example if isinstance(parameter.example, tuple) else (parameter.example,)
        )
        for example in examples:
            if not parameter.pattern.fullmatch(example):
                yield fault(
                    f"the example of `{name}` does not match its own pattern", "parameters", name
                )
        if isinstance(parameter.default, tuple):
            for value in parameter.default:
                if not parameter.pattern.fullmatch(value):
                    yield fault(
                        f"a default of `{name}` does not match its own pattern", "parameters", name
                    )
        if isinstance(parameter.default, Shape) and parameter.default.parameters - _BUILT_IN:
            yield fault(
                f"the default of `{name}` may use only domain and region", "parameters", name
            )
    default, regions = entry.get("default_region"), entry.get("regions") or {}
    if default is not None and default not in regions:
        yield fault(f"the entry has no region `{default[:60]}`", "default_region")
    yield from _facts(fault, entry, frozenset(known))


def _facts(
    fault: Callable[..., Finding], entry: dict[str, Any], known: frozenset[str]
) -> Iterator[Finding]:
    """Faults in what the entry says of each of its regions."""
    for region in ("", *(entry.get("regions") or ())):
        # A region is judged by what it says itself; the rest was judged with the entry.
        own = entry if not region else entry["regions"][region] or {}
        base: tuple[str | int, ...] = ("regions", region) if region else ()
        for steps, text in _shapes(own):
            where = (*base, *steps)
            try:
                shape = parse(text)
            except ShapeError as error:
                yield fault(str(error), *where)
                continue
            unknown = shape.parameters - known - _BUILT_IN
            if unknown:
                names = ", ".join(sorted(unknown))
                yield fault(f"shape `{text[:60]}` names unknown parameter {names}", *where)
        if "target" in own.get("dkim", {}):
            try:
                re.compile(own["dkim"]["target"])
            except BAD_PATTERN as error:
                yield fault(f"the pattern is malformed: {error}", *base, "dkim", "target")
        for number, record in enumerate(own.get("other", ())):
            if record["type"] == "MX" and "priority" not in record:
                yield fault("an MX record needs a priority", *base, "other", number)
            if record["name"].partition(".")[0] == "_dmarc":
                message = "the record at `_dmarc` is the stage's to write, not a service's"
                yield fault(message, *base, "other", number, help="leave it out of the entry")
        for number, term in enumerate(own.get("spf", {}).get("terms", ())):
            if _WHOLE.match(term):
                message = f"`{term[:60]}` would speak for the whole domain; its stage does"
                help = "an include authorises the same hosts" if "=" in term else "leave it out"
                yield fault(message, *base, "spf", "terms", number, help=help)


def _shapes(facts: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every shape of an entry with its path."""
    spf, dkim = facts.get("spf", {}), facts.get("dkim", {})
    for number, term in enumerate(spf.get("terms", ())):
        yield ("spf", "terms", number), term
    if "at" in spf:
        yield ("spf", "at"), spf["at"]
    for number, record in enumerate(dkim.get("records", ())):
        yield ("dkim", "records", number, "name"), record["name"]
        yield ("dkim", "records", number, "value"), record["value"]
    for number, record in enumerate(facts.get("other", ())):
        yield ("other", number, "name"), record["name"]
        yield ("other", number, "value"), record["value"]
    for kind, text in facts.get("destination", {}).items():
        yield ("destination", kind), text
