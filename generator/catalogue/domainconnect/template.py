"""The text of a template to `Template`: strict, since anybody may have written it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

from generator import schema
from generator.catalogue.domainconnect.variables import Text, TextError, cut
from generator.finding import Finding, Place, Severity, finding, mask
from generator.source import Source, SourceError, Spot, parse

RULE = "template-invalid"
MAX_BYTES = 1 << 18  # a hundred times a large template

# Record types of the specification, and of its extensions, with the keys that hold their text.
FIELDS = {
    "A": ("host", "pointsTo"),
    "AAAA": ("host", "pointsTo"),
    "CNAME": ("host", "pointsTo"),
    "NS": ("host", "pointsTo"),
    "MX": ("host", "pointsTo"),
    "TXT": ("host", "data"),
    "SPFM": ("host", "spfRules"),
    "SRV": ("name", "target"),
    "APEXCNAME": ("", "pointsTo"),
    "REDIR301": ("", "target"),
    "REDIR302": ("", "target"),
    "CAA": ("host", "data"),
    "NS1": ("", "pointsTo"),
    "NS2": ("", "pointsTo"),
    "DS": ("", ""),
}
_NUMBERED = re.compile(r"TYPE[0-9]{1,5}", re.ASCII)  # RFC 3597
_NUMBER = re.compile(r"0|[1-9][0-9]{0,4}", re.ASCII)
# A character outside the Basic Multilingual Plane, as JSON escapes it.
_PAIR = re.compile(
    r"(?<!\\)((?:\\\\)*)(\\u[dD][89aAbB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a template.

    ``number`` counts from 1.  ``host`` is relative to the name that the template is applied to,
    ``@`` that name.  ``numbers`` are the priority of an MX; priority, weight and port of an SRV.
    ``mode`` and ``prefix`` say which TXT records of others the template would replace.
    """

    number: int
    type: str
    host: Text
    value: Text
    group: str
    numbers: tuple[int, ...]
    mode: str
    prefix: str
    where: Spot

    def __str__(self) -> str:
        return f"record {self.number}, {self.type} {self.host}".rstrip()


@dataclass(frozen=True, slots=True)
class Template:
    """A template; texts for people are on one line."""

    provider: str
    provider_name: str
    service: str
    service_name: str
    version: str
    description: str
    variables: str
    host_required: bool
    several: bool
    phishing: bool
    records: tuple[Record, ...]
    source: Source = field(repr=False)

    @property
    def id(self) -> str:
        return f"{self.provider}.{self.service}"

    @property
    def groups(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(record.group for record in self.records if record.group))


def read_template(raw: bytes, shown: str) -> Template:
    """Read a template.  ``shown`` is the file's name in messages.

    Raises SourceError with every reason; never another exception, whatever the octets are.
    """
    source = _json(raw, shown)
    data: Any = source.documents[0] if source.documents else None
    findings = schema.check(source, (0,), data, "domain-connect")
    if findings:
        raise SourceError(findings)
    records = []
    for index, record in enumerate(data["records"]):
        try:
            records.append(_record(record, index, source))
        except SourceError as error:
            findings += error.findings
    if findings:
        raise SourceError(findings)
    return Template(
        provider=_line(data["providerId"]),
        provider_name=_line(data.get("providerName")),
        service=_line(data["serviceId"]),
        service_name=_line(data.get("serviceName")),
        version=_line(str(data.get("version", ""))),
        description=_line(data.get("description")),
        variables=_line(data.get("variableDescription")),
        host_required=data.get("hostRequired", False),
        several=data.get("multiInstance", False),
        phishing=data.get("warnPhishing", False),
        records=tuple(records),
        source=source,
    )


def _line(text: str | None) -> str:
    """Text for people on one line, without characters that move a cursor."""
    shown = "".join(c if c.isprintable() else " " for c in text or "")
    return " ".join(shown.split())


def fault(message: str, where: Spot | Place, help: str = "") -> SourceError:
    return SourceError([Finding(RULE, Severity.ERROR, mask(message), where, help)])


def _json(raw: bytes, shown: str) -> Source:
    """The text as a source.

    JSON is YAML, so the project's own reader does what it does for every file: size, encoding,
    depth, duplicate keys, places.  Python's reader only says what YAML has and JSON has not.
    """
    if len(raw) > MAX_BYTES:
        message = f"{shown} is larger than {MAX_BYTES >> 10} KiB, and no template"
        raise SourceError([finding("file-too-large", message, Place(shown))])
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = ""  # said below
    if text:
        try:
            json.loads(text.removeprefix("\ufeff"), parse_constant=_constant)
        except json.JSONDecodeError as error:
            place = Source(shown, text).place(error.lineno - 1, error.colno - 1)
            raise fault(f"this is not JSON: {error.msg}", place) from None
        except RecursionError:
            pass  # said below
        except ValueError as error:
            raise fault(f"this is not JSON: {str(error)[:80]}", Place(shown)) from None
        # libyaml knows no surrogates; the characters themselves it takes.
        raw = _PAIR.sub(lambda m: m[1] + json.loads(f'"{m[2]}"'), text).encode("utf-8")
    return parse(raw, shown)


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _record(data: dict[str, Any], index: int, source: Source) -> Record:
    def at(*steps: str) -> Spot:
        return source.spot(0, "records", index, *steps)

    type = data["type"]
    if type not in FIELDS and not _NUMBERED.fullmatch(type):
        raise fault(
            f"unknown record type `{type[:40]}`", at("type"), "known are " + ", ".join(FIELDS)
        )
    group = data.get("groupId", "")
    for key in ("groupId", "txtConflictMatchingPrefix"):
        if "%" in data.get(key, ""):
            raise fault(f"`{key}` takes no variables", at(key))
    host, value = FIELDS.get(type, ("host", ""))
    if type == "SRV" and "name" not in data and "host" in data:
        host = "host"
    texts = []
    for key in (host, value):
        if key and key not in data and key != host:
            raise fault(f"a record of type {type} needs `{key}`", at())
        try:
            texts.append(cut(data.get(key, "").strip(" ")))
        except TextError as error:
            raise fault(f"`{key}`: {error}", at(key)) from None
    host_text = _host(type, texts[0], data, at)
    keys = {"MX": ("priority",), "SRV": ("priority", "weight", "port")}.get(type, ())
    return Record(
        number=index + 1,
        type=type,
        host=host_text,
        value=texts[1],
        group=_line(group),
        numbers=tuple(_number(data, key, at) for key in keys),
        mode=data.get("txtConflictMatchingMode", "None"),
        prefix=_line(data.get("txtConflictMatchingPrefix", "")),
        where=at(),
    )


def _host(type: str, host: Text, data: dict[str, Any], at: Any) -> Text:
    """The name relative to where the template is applied; that of an SRV is put together."""
    plain = host.constant
    if plain is not None and plain.removesuffix(".") in ("", "@"):
        host = cut("@")
    if host.alone == "fqdn" or (plain is None and str(host) == "%fqdn%."):
        host = cut("@")
    if type != "SRV":
        return host
    labels = []
    for key in ("service", "protocol"):
        label = data.get(key, "").strip(" ")
        if not label:
            raise fault(f"a record of type SRV needs `{key}`", at())
        labels.append(label if label.startswith("_") else f"_{label}")
    rest = "" if str(host) == "@" else f".{host}"
    try:
        return cut(".".join(labels) + rest)
    except TextError as error:
        raise fault(f"`service` or `protocol`: {error}", at()) from None


def _number(data: dict[str, Any], key: str, at: Any) -> int:
    text = str(data.get(key, ""))
    if not text:
        raise fault(f"a record of type {data['type']} needs `{key}`", at())
    if not _NUMBER.fullmatch(text) or int(text) > 65535:
        raise fault(f"`{key}` must be a number from 0 to 65535", at(key))
    return int(text)
