"""octoDNS zone files in YAML by other hands: their text to records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generator.finding import Finding, Place, Severity, finding, mask
from generator.lint.secret import HELP, holds_private_key
from generator.lint.zonetext import Text
from generator.names import MAX_NAME, NameProblem, owner
from generator.source import Source, SourceError, Spot, parse
from generator.values import Kind, Reason, Value
from generator.zonefile import MAX_TTL

DEFAULT_TTL = 3600  # seconds; octoDNS's own

# `site: !include site.yaml`: what is included is not read, and the place of it left empty.
_INCLUDE = re.compile(r"!include[ \t]+[^\s,\[\]{}#]+")
_UNESCAPED = re.compile(r"(?<!\\);")
_REFUSED = re.compile(r"\w;")  # what octoDNS refuses of these
_ESCAPED = re.compile(r"\\+;")
_HOSTED = frozenset({"CNAME", "NS", "PTR", "DNAME", "ALIAS"})
# The parts of a value in the order of its text in a zone file.
_PARTS = {
    "CAA": ("flags", "tag", "value"),
    "SRV": ("priority", "weight", "port", "target"),
    "TLSA": (
        "certificate_usage", "selector", "matching_type", "certificate_association_data",
    ),
}  # fmt: skip
_DECLARATION = ("domain", "stage")


def read(raw: bytes, zone: str, shown: str) -> Text:
    """Read an octoDNS zone file as far as possible.

    ``zone`` is its name with the final dot, ``shown`` the file's name for messages.
    """
    blank, included = _without_includes(raw)
    try:
        source = parse(blank, shown)
    except SourceError as error:
        return Text([], list(error.findings), partial=True)
    made = _Zone(source, zone)
    for index, document in enumerate(source.documents):
        made.document(index, document)
    findings = [*made.findings, *made.unescaped()]
    for name in included:
        message = f"!include {mask(name)[:80]} is not read"
        where = Place(shown)
        findings.append(finding("zone-file", message, where, "check it by itself", Severity.ADVICE))
    partial = bool(made.findings or included)
    return Text(list(made.values.values()), findings, partial)


def _without_includes(raw: bytes) -> tuple[bytes, list[str]]:
    """The text with octoDNS's own tag blotted out, and the files that it names."""
    if b"!include" not in raw:
        return raw, []
    text = raw.decode("utf-8", "surrogateescape")
    names = [found[0].split()[1] for found in _INCLUDE.finditer(text)]
    blank = _INCLUDE.sub(lambda found: " " * len(found[0]), text)
    return blank.encode("utf-8", "surrogateescape"), list(dict.fromkeys(names))


class _Zone:
    """The zone while it is read."""

    def __init__(self, source: Source, zone: str) -> None:
        self.source = source
        self.zone = zone
        self.values: dict[tuple[str, str, int, str], Value] = {}
        self.findings: list[Finding] = []
        self._escaped: list[tuple[bool, bool, Spot]] = []  # of each text with semicolons

    def document(self, index: int, document: Any) -> None:
        if document is None:
            return
        if not isinstance(document, dict):
            self._fault("wrong-type", "an octoDNS zone maps names to records", (index,))
            return
        if any(isinstance(document.get(key), str) for key in _DECLARATION):
            help = "`mailzone validate` checks declarations"
            self._fault("wrong-type", "a declaration, not an octoDNS zone", (index,), help)
            return
        for name, listed in document.items():
            if listed is None:
                continue  # an include, perhaps; octoDNS passes over it
            many = isinstance(listed, list)
            for number, record in enumerate(listed if many else [listed]):
                if record is not None:
                    path = (index, name, number) if many else (index, name)
                    self._record(path, name, record)

    def _fault(self, rule: str, message: str, path: tuple[str | int, ...], help: str = "") -> None:
        secret = self.source.secret
        where = self.source.spot(*path)
        self.findings.append(finding(rule, mask(message, secret), where, mask(help, secret)))

    def _record(self, path: tuple[str | int, ...], name: str, record: Any) -> None:
        if not isinstance(record, dict) or not isinstance(record.get("type"), str):
            self._fault("wrong-type", "a record is a mapping with a type", path)
            return
        type, ttl = record["type"].upper(), record.get("ttl", DEFAULT_TTL)
        if not isinstance(ttl, int) or isinstance(ttl, bool) or not 0 <= ttl <= MAX_TTL:
            message = f"a TTL is a number of seconds, {MAX_TTL} at most"
            self._fault("zone-ttl", message, (*path, "ttl"))
            return
        try:
            full = _owner(name, self.zone)
        except NameProblem as problem:
            self._fault("domain-name", str(problem), path)
            return
        key = "values" if "values" in record else "value"
        given: Any = record.get(key)
        many = isinstance(given, list)
        entries: list[Any] = given if many else [given]
        for number, data in enumerate(entries):
            spot = self.source.spot(*path, key, *([number] if many else []))
            text = self._text(type, data, spot)
            host = _host(type, data)
            if text is not None and host and not host.endswith("."):
                help = f"end it with a dot: `{host}.`"
                message = f"{type} target {host[:80]} without a final dot: servers append the zone"
                self._fault("zone-missing-dot", message, spot.path, help)
            if text is None:
                self._fault("zone-record", f"no {type} data", spot.path)
            elif type == "TXT" and holds_private_key(text):
                self._fault("private-key", "a private key", spot.path, HELP)
            else:
                reason = (Reason("", spot),)
                value = Value(full, type, ttl, text, Kind.PLAIN, reason)
                self.values.setdefault((full, type, ttl, text), value)

    def _text(self, type: str, data: Any, spot: Spot) -> str | None:
        """The data as `Value.text`; None if they are none of this type."""
        if type in ("TXT", "SPF") and isinstance(data, (str, int)):
            text = str(data)
            if text[:1] == '"':  # as octoDNS itself takes quotes
                text = text[1:-1].replace('" "', "")
            if ";" in text:
                escaped = "\\;" in text
                bare = (_REFUSED if escaped else _UNESCAPED).search(text) is not None
                self._escaped.append((escaped, bare, spot))
                if "\\\\;" in text:
                    self._fault("zone-octodns-semicolon", "a semicolon escaped twice", spot.path)
                text = _ESCAPED.sub(";", text)
            return text
        if isinstance(data, dict):
            return _joined(type, data)
        if type == "MX" or isinstance(data, (list, bool)) or data is None:
            return None
        return _absolute(str(data)) if type in _HOSTED else str(data)

    def unescaped(self) -> Iterator[Finding]:
        r"""Semicolons without a backslash, which octoDNS wants by default (``escaped_semicolons``).

        A file that has none at all may be meant for a provider that is told not to want them.
        """
        help = "write `\\;`, or set `escaped_semicolons: false` for the provider"
        bare = [spot for escaped, unescaped, spot in self._escaped if unescaped]
        if any(escaped for escaped, _, _ in self._escaped):
            for spot in bare:
                message = "a semicolon without a backslash, where others have one"
                yield finding("zone-octodns-semicolon", message, spot, help)
        elif bare:
            message = "semicolons without a backslash: octoDNS refuses them by default"
            yield finding("zone-octodns-semicolon", message, bare[0], help, Severity.WARNING)


def _owner(name: str, zone: str) -> str:
    """The absolute name, with its final dot.  Raises NameProblem."""
    if not name:
        return zone
    full = f"{owner(name)}.{zone}" if zone != "." else f"{owner(name)}."
    if len(full) > MAX_NAME + 1:
        raise NameProblem(
            f"`{full[:40]}...` has {len(full) - 1} characters; a name has at most 253"
        )
    return full


def _host(type: str, data: Any) -> str:
    """The name that the data lead to, as it is written; empty if there is none."""
    if type == "MX" and isinstance(data, dict):
        return str(data.get("exchange", data.get("value", "")))
    return data if type in _HOSTED and isinstance(data, str) else ""


def _joined(type: str, data: dict[str, Any]) -> str | None:
    """The parts of a value, in the order that its text in a zone file has."""
    if type == "MX":
        host = _host(type, data)
        preference = str(data.get("preference", data.get("priority")))
        if not host or not re.fullmatch(r"[0-9]{1,5}", preference, re.ASCII):
            return None
        return f"{int(preference)} {_absolute(host)}" if int(preference) < 1 << 16 else None
    parts = _PARTS.get(type, tuple(sorted(data)))
    return " ".join(str(data[part]) for part in parts if part in data)


def _absolute(host: str) -> str:
    """The host as octoDNS takes it: absolute, whether it ends in a dot or not."""
    return f"{host.removesuffix('.')}.".lower()
