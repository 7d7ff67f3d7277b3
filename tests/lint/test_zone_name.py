"""Which zone a file is about, when nobody says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.lint.zonename import of_file, of_text

SOA = "SOA ns.example.net. h.example.net. 1 1h 10m 2w 1h\n"


@pytest.mark.parametrize(
    ("file", "zone"),
    [
        ("example.com.zone", "example.com."),
        ("Example.COM.inc", "example.com."),
        ("db.example.com", "example.com."),
        ("example.com", "example.com."),
        ("example.com.yaml", "example.com."),
        ("example.com..yaml", "example.com."),
        ("xn--bcher-kva.example.zone", "xn--bcher-kva.example."),
        ("2.0.192.in-addr.arpa.zone", "2.0.192.in-addr.arpa."),
        ("zone.txt", ""),
        ("master", ""),
        ("-", ""),
        ("", ""),
        ("a b.example.zone", ""),
        ("b\u00fccher.example.zone", ""),
    ],
)
def test_a_file_is_often_called_after_its_zone(file, zone):
    assert of_file(file) == zone


@pytest.mark.parametrize(
    ("text", "file", "zone"),
    [
        # The owner of the SOA is the zone, whatever the file is called.
        (f"$TTL 1\nexample.org. {SOA}", "example.com.zone", "example.org."),
        (f"$ORIGIN example.org.\n@ IN 60 {SOA}", "x", "example.org."),
        (f"$ORIGIN org.\nexample 60 IN {SOA}", "x", "example.org."),
        (f"$ORIGIN .\n$TTL 1\nexample.org IN {SOA}", "x", "example.org."),
        (f"$ORIGIN org.\n$ORIGIN example\n@ {SOA}$ORIGIN sub\na A 8.8.8.8\n", "x", "example.org."),
        # An origin behind the first record is that of a part.
        (f"@ {SOA}$ORIGIN sub.example.com.\na A 8.8.8.8\n", "example.com.zone", "example.com."),
        # Without an SOA the file's name counts more than an origin below it.
        ("$ORIGIN mail.example.com.\na A 8.8.8.8\n", "example.com.inc", "example.com."),
        ("$ORIGIN example.org.\na A 8.8.8.8\n", "example.com.inc", "example.org."),
        ("$ORIGIN example.org.\na A 8.8.8.8\n", "part", "example.org."),
        ("a A 8.8.8.8\n", "example.com.inc", "example.com."),
        ("a A 8.8.8.8\n", "part", ""),
        (f"@ {SOA}", "part", ""),
        ("$ORIGIN .\na A 8.8.8.8\n", "part", ""),
        ("$ORIGIN b\u00fccher.example.\n", "example.com.zone", "example.com."),
        ('"', "example.com.zone", "example.com."),
        ("", "example.com.zone", "example.com."),
        ("", "part", ""),
    ],
)
def test_the_text_says_it_first(text, file, zone):
    assert of_text(text.encode(), file) == zone


@given(
    st.binary(max_size=200) | st.text('$ORIGIN @.a;"( \n', max_size=60).map(str.encode), st.text()
)
def test_any_text_and_any_name_are_taken(text, file):
    zone = of_text(text, file)
    assert zone == "" or zone.endswith(".")
