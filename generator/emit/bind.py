"""BIND master files: fragments for $INCLUDE, and whole zones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from generator.declaration.model import Domain
from generator.emit.write import WriteError, encoded
from generator.finding import Finding, finding
from generator.ladder import Stage
from generator.names import display
from generator.resources import templates
from generator.serial import Style, first, following
from generator.values import Compiled, Kind, Value

if TYPE_CHECKING:
    import jinja2

# The first line of every file that mailzone owns; a file without it is never overwritten.
HEADER = "; Written by mailzone"

MAX_STRING = 255  # octets in one character-string, RFC 1035 3.3

_TITLES = {
    Kind.NS: "name servers",
    Kind.SPF: "SPF: which hosts may use the name in the envelope",
    Kind.DMARC: "DMARC: what receivers should do with mail that does not authenticate",
    Kind.DKIM: "DKIM: keys that mail is signed with",
    Kind.MX: "MX: where mail goes",
    Kind.REPORT: "DMARC reports about other domains that are welcome here",
    Kind.TRANSPORT: "MTA-STS and TLS-RPT: encrypted delivery to this domain",
    Kind.SERVICE: "what services ask for",
    Kind.PLAIN: "further records",
}


class ZoneFile(NamedTuple):
    """One output: the compiled domains that go into it, the one that it is named after first.

    ``source`` is the hand-kept zone file that they are merged into, if there is one.
    """

    name: str
    whole: bool
    members: tuple[Compiled, ...]
    source: str = ""


def files(compiled: Sequence[Compiled]) -> list[ZoneFile]:
    """The files that the domains make, sorted by name.

    A subdomain goes where its parent goes; a domain whose zone is written whole, or merged into,
    goes into it.
    """
    tops = {one.domain.name: one.domain for one in compiled}
    members: dict[str, list[Compiled]] = {}
    for one in compiled:
        members.setdefault(_home(one.domain, tops), []).append(one)
    made = []
    for home in sorted(members):
        ordered = members[home]
        if len(ordered) > 1:
            ordered = sorted(ordered, key=lambda one: (one.domain.name != home, one.domain.name))
        zone = tops[home].zone
        if zone.mode == "merge":
            made.append(ZoneFile(PurePosixPath(zone.file).name, False, tuple(ordered), zone.file))
            continue
        whole = zone.mode == "zone"
        made.append(ZoneFile(f"{home}.{'zone' if whole else 'inc'}", whole, tuple(ordered)))
    return made


def clashes(made: Sequence[ZoneFile]) -> Iterator[Finding]:
    """Zone files of one name, which would overwrite each other."""
    first: dict[str, ZoneFile] = {}
    for file in sorted(made, key=lambda file: bool(file.source)):
        other = first.setdefault(file.name, file)
        if other is not file:
            top, second = other.members[0].domain, file.members[0].domain
            message = (
                f"{display(top.name)} and {display(second.name)} would both become {file.name}"
            )
            help = "give the zone files names of their own"
            yield finding("zone-output", message, second.zone.where, help)


def _home(domain: Domain, known: dict[str, Domain]) -> str:
    zone = known.get(domain.zone.name)
    if zone is not None and zone.zone.mode in ("zone", "merge"):
        return zone.name
    while domain.parent:
        domain = known[domain.parent]
    return domain.name


def render(file: ZoneFile, old: str | None, now: datetime) -> str:
    """The file's text.

    ``old`` is the text there now; a whole zone keeps its serial while nothing else changes, and
    raises it otherwise (RFC 1982), in the style found.  Raises WriteError if ``old`` has no
    serial to go on from: a lower one would keep secondaries from taking the zone over.
    """
    if not file.whole:
        return _text(file, None)
    if old is None:
        soa = file.members[0].domain.zone.soa
        assert soa is not None
        return _text(file, first(Style(soa.serial), now))
    serial = _serial_of(file, old)
    text = _text(file, serial)
    return text if text == old else _text(file, following(serial, now))


def _serial_of(file: ZoneFile, old: str) -> int:
    from generator.zonefile import ZoneFileError

    try:
        return serial_in(encoded(old))
    except ZoneFileError as error:
        message = f"{file.name} has no serial to go on from ({error}); correct or remove the file"
        raise WriteError(message, foreign=True) from None


def serial_in(raw: bytes) -> int:
    """The serial of a zone file.  Raises ZoneFileError if there is none, or not of 32 bits."""
    from generator.zonefile import ZoneFileError, soa_serial  # only whole zones have one

    token = soa_serial(raw)
    serial = int(token.text)
    if serial >> 32:
        line = raw.count(b"\n", 0, token.start) + 1
        raise ZoneFileError(f"the serial {serial} has more than 32 bits", line)
    return serial


def quote(text: str) -> str:
    """TXT data: quoted strings of at most 255 octets each (RFC 1035 5.1, 3.3.14).

    The text is printable ASCII; only the quote and the backslash need escaping.
    """
    if len(text) <= MAX_STRING and "\\" not in text and '"' not in text:
        return f'"{text}"'
    strings = [text[i : i + MAX_STRING] for i in range(0, len(text), MAX_STRING)]
    return " ".join('"' + s.replace("\\", "\\\\").replace('"', '\\"') + '"' for s in strings)


def line(value: Value, width: int = 0, ttl: int | None = None) -> str:
    """One record in master-file form, everything explicit: absolute owner, TTL, class, type.

    ``ttl`` replaces the value's own where its set has another one already (RFC 2181 5.2).
    """
    data = quote(value.text) if value.type == "TXT" else value.text
    return f"{value.name:<{width}} {value.ttl if ttl is None else ttl} IN {value.type} {data}"


def _records(file: ZoneFile) -> str:
    """The records under their headings, each with its reasons; neighbours share theirs."""
    values = file.members[0].values
    if len(file.members) > 1:
        every = [value for one in file.members for value in one.values]
        values = sorted(every, key=_kind)  # stable: within a kind the members' order stays
    width = min(max([len(value.name) for value in values], default=0), 48)
    lines: list[str] = []
    before: Kind | None = None
    notes: tuple[str, ...] = ()
    for name, type, ttl, text, kind, because, _ in values:
        if kind is not before:
            before, notes = kind, ()
            lines += ("", f"; {_TITLES[kind]}")
        if len(because) == 1:
            own: tuple[str, ...] = (because[0].what,)
            if own != notes:
                lines.append(f";   {comment(own[0])}")
        else:
            own = tuple([what for what, _ in because])
            if own != notes:
                lines += [f";   {comment(what)}" for what in dict.fromkeys(own)]
        notes = own
        data = quote(text) if type == "TXT" else text
        lines.append(f"{name.ljust(width)} {ttl} IN {type} {data}")
    return "\n".join(lines)


def _kind(value: Value) -> int:
    return value.kind


def comment(text: str) -> str:
    """Text that cannot leave its comment line."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else "?" for char in text)
    return text if len(text) <= 200 else text[:200]


def _text(file: ZoneFile, serial: int | None) -> str:
    top = file.members[0].domain
    context = {
        "header": HEADER,
        "sources": [comment(name) for name in sources(file.members)],
        "zone": top.zone.name,
        "name": top.name,
        "ttl": top.ttl,
        "soa": top.zone.soa,
        "serial": serial,
        "domains": [_about(one.domain) for one in file.members],
        "records": _records(file),
    }
    return _template("zone.j2" if file.whole else "fragment.j2").render(context)


def sources(members: Iterable[Compiled]) -> list[str]:
    """The declarations that the members come from."""
    return list(dict.fromkeys(one.domain.file for one in members))


def _about(domain: Domain) -> str:
    stage: Stage = domain.stage
    shown = domain.name if domain.display == domain.name else f"{domain.name} ({domain.display})"
    state = "released: no records" if domain.release else f"stage {stage.name} ({stage.meaning})"
    return comment(f"{shown}: {state}")


@cache
def _template(name: str) -> jinja2.Template:
    template = environment().get_template(name)
    template.globals = {}  # Jinja's own functions, which no template of ours calls
    return template


@cache
def environment() -> jinja2.Environment:
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(
        loader=jinja2.FileSystemLoader(templates()),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        auto_reload=False,
    )
