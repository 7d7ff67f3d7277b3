"""SOA serials: RFC 1982 arithmetic, and the next serial in the style that was found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from generator.serial import Style, first, following, newer, style_of

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
UNIX = int(NOW.timestamp())
TOP = 2**32 - 1

serials = st.one_of(
    st.integers(0, TOP),
    st.dates(datetime(1980, 1, 1).date(), datetime(2099, 12, 31).date()).flatmap(
        lambda day: st.integers(0, 99).map(lambda n: int(f"{day:%Y%m%d}{n:02}"))
    ),
    st.integers(1_000_000_000, 2**31 - 1),
)
moments = st.datetimes(datetime(2001, 9, 10), datetime(2037, 12, 31), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("serial", "style"),
    [
        (2026112101, Style.DATE),
        (2026112100, Style.DATE),
        (1980010100, Style.DATE),
        (2099123199, Style.DATE),
        (2024022901, Style.DATE),
        (2023022901, Style.UNIX),
        (2026113101, Style.UNIX),
        (1979123101, Style.UNIX),
        (UNIX, Style.UNIX),
        (1_000_000_000, Style.UNIX),
        (999_999_999, Style.COUNTER),
        (2100010101, Style.UNIX),
        (2147483647, Style.UNIX),
        (2147483648, Style.COUNTER),
        (4_000_000_000, Style.COUNTER),
        (TOP, Style.COUNTER),
        (20261121, Style.COUNTER),
        (0, Style.COUNTER),
        (1, Style.COUNTER),
    ],
)
def test_the_style_of_a_serial_is_seen(serial, style):
    assert style_of(serial) is style


@pytest.mark.parametrize(
    ("serial", "expected"),
    [
        (2026112101, 2026112102),  # changed again on the same day
        (2026112199, 2026112200),
        (2026112001, 2026112101),  # yesterday
        (2019010101, 2026112101),
        (2026122401, 2026122402),  # in the future: never back
        (2030010199, 2030010200),
        (2026113099, 2026120101),  # the hundredth change on the last of a month
        (2026123199, 2027010101),
        (2028022999, 2028030101),
        (2099123199, 2100010101),
        (1_600_000_000, UNIX),
        (UNIX, UNIX + 1),
        (UNIX + 500, UNIX + 501),
        (2147483647, 2147483648),
        (0, 1),
        (1, 2),
        (20261121, 20261122),
        (TOP - 1, TOP),
        (TOP, 1),  # 0 is left out
    ],
)
def test_the_serial_that_follows(serial, expected):
    assert following(serial, NOW) == expected
    assert newer(expected, serial)


def test_a_first_serial_in_each_style():
    assert first(Style.DATE, NOW) == 2026112101
    assert first(Style.UNIX, NOW) == UNIX
    assert first(Style.COUNTER, NOW) == 1


def test_the_date_is_the_one_in_Greenwich():
    """Two people in two time zones make the same serial at the same moment."""
    late = datetime(2026, 11, 21, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert following(2026110101, late) == 2026112201


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (1, 0, True),
        (0, 1, False),
        (0, 0, False),
        (0, TOP, True),
        (TOP, 0, False),
        (2**31 - 1, 0, True),
        (2**31, 0, False),  # undefined by RFC 1982 3.2: neither is newer
        (0, 2**31, False),
        (44, 2**32 - 56, True),
        (1795200000, 2026112101, False),  # Unix time after a date is a step backwards
        (2026112101, 1795200000, True),
    ],
)
def test_serials_compare_as_RFC_1982_says(a, b, expected):
    assert newer(a, b) is expected


@given(serials, serials)
def test_of_two_serials_one_at_most_is_newer(a, b):
    assert not (newer(a, b) and newer(b, a))
    assert newer(a, b) or newer(b, a) or a == b or (a - b) % 2**32 == 2**31


@given(serials, st.integers(1, 2**31 - 1))
def test_adding_up_to_half_the_circle_makes_a_serial_newer(serial, step):
    assert newer((serial + step) % 2**32, serial)


@given(serials, moments)
@example(TOP, NOW)
@example(2026113099, NOW)
def test_what_follows_is_newer_in_32_bits_and_never_0(serial, now):
    found = following(serial, now)
    assert 1 <= found <= TOP
    assert newer(found, serial)


@given(serials.filter(lambda s: style_of(s) is Style.DATE and s < 2099000000), moments)
def test_a_date_stays_a_date(serial, now):
    assert style_of(following(serial, now)) is Style.DATE


@given(
    st.integers(1_000_000_000, 1_979_000_000).filter(lambda s: style_of(s) is Style.UNIX), moments
)
def test_Unix_time_stays_Unix_time(serial, now):
    found = following(serial, now)
    assert found == max(int(now.timestamp()), serial + 1)


@given(st.integers(0, 900_000_000), moments)
def test_a_counter_counts(serial, now):
    assert following(serial, now) == serial + 1
