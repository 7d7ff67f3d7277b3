"""Report addresses as URIs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.records import uri
from generator.records.error import RecordError
from tests.records.vectors import check_error, check_refused, load


@pytest.mark.parametrize("vector", load("uris"), ids=lambda v: repr(v["uri"]))
def test_a_URI_has_a_scheme_or_a_fault(vector):
    if "scheme" in vector:
        assert uri.check_uri(vector["uri"]) == vector["scheme"]
    else:
        check_refused(uri.check_uri, vector, "uri")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("mailto:a@example.com", ("mailto:a@example.com", "")),
        ("mailto:a@example.com!10m", ("mailto:a@example.com", "10m")),
        ("mailto:a@example.com!5", ("mailto:a@example.com", "5")),
        ("mailto:a@example.com!9T", ("mailto:a@example.com", "9T")),
        ("mailto:a@example.com!m", ("mailto:a@example.com!m", "")),
        ("mailto:a@example.com!10mb", ("mailto:a@example.com!10mb", "")),
        ("mailto:a@example.com!10m\n", ("mailto:a@example.com!10m\n", "")),
        ("mailto:a!1@example.com", ("mailto:a!1@example.com", "")),
        ("", ("", "")),
    ],
)
def test_a_size_limit_stands_behind_the_address(text, parts):
    assert uri.split_size(text) == parts


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://Example.com:8443/x", "example.com"),
        ("https://a@b.example", ""),
        ("https://@b.example", ""),
        ("https://[2001:DB8::1]/", "[2001:db8::1]"),
        ("https:///x", ""),
        ("https://a=b/", ""),
        ("https://a..b/", ""),
        ("https://a.b./", "a.b."),
        ("urn:a", ""),
        ("no uri", ""),
    ],
)
def test_the_host_of_a_URI(text, host):
    assert uri.host(text) == host


@given(st.text() | st.text("mailtohps:/@[]?#%!,;.0aF-", max_size=30))
def test_any_text_is_a_URI_or_a_RecordError(text):
    for given_text in (text, "x:" + text, "https://" + text, "mailto:a@" + text):
        try:
            scheme = uri.check_uri(given_text)
        except RecordError as error:
            check_error(error, given_text)
        else:
            assert given_text.lower().startswith(f"{scheme}:")
            assert not set(given_text) & set(' ,;!"<>\\^`{|}\n')
