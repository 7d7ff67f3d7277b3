"""MTA-STS: the TXT record (RFC 8461 3.1) and the policy file that it announces (3.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from generator.records import fields
from generator.records.error import RecordError, shown

VERSION = "STSv1"
MODES = ("none", "testing", "enforce")  # from mild to strict
DAY = 86400  # seconds
MAX_AGE = 31557600  # seconds, about a year: the longest life of a policy

_RECORD = "mta-sts-record"
_POLICY = "mta-sts-policy"
_ID = re.compile(r"[A-Za-z0-9]{1,32}", re.ASCII)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PATTERN = re.compile(rf"(?:\*\.)?{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,10}", re.ASCII)
# RFC 8461 3.2 sts-policy-ext-value: UTF-8 without control characters, no spaces at its ends.
_EXTENSION = re.compile(r"(?! )[^\x00-\x1f\x7f\ud800-\udfff]+(?<! )")


@dataclass(frozen=True, slots=True)
class MtaSts:
    """The TXT record at ``_mta-sts``.

    ``id`` changes whenever the policy does: 1 to 32 letters and digits.  ``extensions`` are fields
    that the standard does not know.
    """

    id: str
    extensions: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        known = (f"v={VERSION};", f"id={self.id};")
        return " ".join([*known, *(f"{name}={value};" for name, value in self.extensions)])


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy file.

    ``mode`` is one of `MODES`, ``max_age`` the seconds for which senders may keep the policy.
    ``mx`` are the names that mail exchangers may have, in lower case; `*.` at the front stands for
    one label.  Only mode none may do without.
    """

    mode: str
    max_age: int
    mx: tuple[str, ...] = ()
    extensions: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        """An id for the TXT record, which changes with the policy."""
        return policy_id(str(self))

    def covers(self, host: str) -> bool:
        """True if a mail exchanger's name matches a pattern (RFC 8461 4.1).

        The name is in A-labels, with or without its final dot.
        """
        name = host.removesuffix(".").lower()
        label, _, parent = name.partition(".")
        if label in ("", "*"):
            return False
        return name in self.mx or f"*.{parent}" in self.mx

    def __str__(self) -> str:
        """The file's text, lines ended by CRLF; it is served as UTF-8."""
        lines = [("version", VERSION), ("mode", self.mode)]
        lines += [("mx", pattern) for pattern in self.mx]
        lines += [("max_age", str(self.max_age)), *self.extensions]
        return "".join(f"{name}: {value}\r\n" for name, value in lines)


def is_mta_sts(text: str) -> bool:
    """True if senders take the TXT record at a _mta-sts name for MTA-STS (RFC 8461 3.1)."""
    return fields.begins(text, VERSION)


def parse(text: str) -> MtaSts:
    """The TXT record that the text is.  Raises RecordError (``mta-sts-record``).

    A field given twice is refused although senders would take the first (RFC 8461 3.2): who wrote
    the second meant something by it.
    """
    values: dict[str, str] = {}
    for field in fields.parse(text, VERSION, _RECORD):
        if field.name in values:
            message = f"field {field.name}= appears twice"
            raise RecordError(_RECORD, message, field.offset, length=len(field.name))
        if field.name != "id":
            fields.check_extension(field, _RECORD)
        elif not _ID.fullmatch(field.value):
            message = f"id={shown(field.value, 40)} is not made of 1 to 32 letters and digits"
            raise RecordError(_RECORD, message, field.value_offset, length=len(field.value))
        values[field.name] = field.value
    if "id" not in values:
        raise RecordError(_RECORD, "the record has no id=", len(text), "id=20261121T120000")
    id = values.pop("id")
    return MtaSts(id, tuple(values.items()))


class _Line(NamedTuple):
    """A line of a policy file, and where its name and its value begin."""

    name: str
    value: str
    offset: int
    value_offset: int


def parse_policy(text: str) -> Policy:
    """The policy that the text of a file is; lines may end in CRLF or LF.

    Raises RecordError (``mta-sts-policy``).  As in `parse`, only mx may be given more than once.
    """
    values: dict[str, str] = {}
    patterns: list[str] = []
    extensions: list[tuple[str, str]] = []
    for line in _lines(text):
        if line.name == "mx":
            patterns.append(line.value.lower())
        elif line.name in values or any(line.name == name for name, _ in extensions):
            message = f"`{line.name}` appears twice"
            raise RecordError(_POLICY, message, line.offset, length=len(line.name))
        elif line.name in _CHECKS:
            values[line.name] = line.value
        else:
            extensions.append((line.name, line.value))
        _check(line)
    for name in ("version", "mode", "max_age"):
        if name not in values:
            raise RecordError(_POLICY, f"the policy has no `{name}`", len(text))
    if not patterns and values["mode"] != "none":
        message = f"mode {values['mode']} needs an `mx`"
        raise RecordError(_POLICY, message, len(text), "mx: mail.example.com")
    return Policy(values["mode"], int(values["max_age"]), tuple(patterns), tuple(extensions))


def policy_id(text: str) -> str:
    """An id for the TXT record, made of the policy file's text: 32 letters and digits.

    The same text gives the same id, so that nothing is announced where nothing has changed.
    """
    import hashlib

    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    offset = 0
    rows = text.split("\n")
    if len(rows) > 1 and not rows[-1]:
        rows.pop()  # the last line may be ended or not
    for row in rows:
        bare = row.removesuffix("\r").rstrip(" \t")
        name, colon, rest = bare.partition(":")
        if not colon or not fields.NAME.fullmatch(name):
            message = f"`{shown(bare, 40)}` is no `name: value`" if bare else "an empty line"
            raise RecordError(_POLICY, message, offset, length=len(bare))
        value = rest.lstrip(" \t")
        lines.append(_Line(name, value, offset, offset + len(bare) - len(value)))
        offset += len(row) + 1
    return lines


def _is_age(text: str) -> bool:
    return _SECONDS.fullmatch(text) is not None and int(text) <= MAX_AGE


def _is_pattern(text: str) -> bool:
    return _PATTERN.fullmatch(text) is not None and len(text) <= 253


_CHECKS = {
    "version": (lambda text: text == VERSION, f"the version is {VERSION}"),
    "mode": (lambda text: text in MODES, f"a mode is one of {', '.join(MODES)}"),
    "max_age": (_is_age, f"max_age is a number of seconds, {MAX_AGE} at most"),
    "mx": (_is_pattern, "a pattern is a host name; `*.` may stand for its first label"),
}
_EXTENSION_CHECK = (
    lambda text: _EXTENSION.fullmatch(text) is not None,
    "a value is text without control characters",
)


def _check(line: _Line) -> None:
    is_sound, wanted = _CHECKS.get(line.name, _EXTENSION_CHECK)
    if not is_sound(line.value):
        message = f"`{line.name}: {shown(line.value, 40)}`: {wanted}"
        raise RecordError(_POLICY, message, line.value_offset, length=len(line.value))
