"""SOA serial numbers: RFC 1982 arithmetic in the style that a zone already has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum

_HALF = 1 << 31
_ALL = 1 << 32


class Style(StrEnum):
    """How a serial is counted."""

    DATE = "date"  # YYYYMMDDnn, RFC 1912 2.2
    UNIX = "unix"  # seconds since 1970
    COUNTER = "counter"


def style_of(serial: int) -> Style:
    """The style that a serial looks like; anything that is neither date nor time is a counter."""
    text = str(serial)
    if len(text) == 10:
        try:
            year = datetime.strptime(text[:8], "%Y%m%d").year
        except ValueError:
            year = 0
        if 1980 <= year < 2100:
            return Style.DATE
        if 1_000_000_000 <= serial < _HALF:
            return Style.UNIX
    return Style.COUNTER


def newer(a: int, b: int) -> bool:
    """True if serial ``a`` comes after ``b`` (RFC 1982 3.2)."""
    return a != b and (a - b) % _ALL < _HALF


def first(style: Style, now: datetime) -> int:
    """The serial of a zone that has none yet."""
    if style is Style.DATE:
        return int(f"{now.astimezone(UTC):%Y%m%d}01")
    return int(now.timestamp()) if style is Style.UNIX else 1


def following(serial: int, now: datetime) -> int:
    """A serial after this one, in its style; never 0, and always newer by RFC 1982."""
    style = style_of(serial)
    wanted = first(style, now) if style is not Style.COUNTER else serial + 1
    if not newer(wanted, serial):
        wanted = serial + 1
    if style is Style.DATE and style_of(wanted) is not Style.DATE:
        # The hundredth change on the last day of a month: the next serial would be no date.
        day = datetime.strptime(str(serial)[:8], "%Y%m%d").replace(tzinfo=UTC) + timedelta(days=1)
        wanted = first(style, day)
    return wanted % _ALL or 1
