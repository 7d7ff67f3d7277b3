"""Alignment (RFC 9989 4.4): of identifiers, and of services as they are declared."""

from __future__ import annotations

import pytest

from generator.alignment import aligned, alignments
from tests.cases import with_keys
from tests.support import Sandbox


@pytest.mark.parametrize(
    ("identifier", "sender", "relaxed", "strict"),
    [
        ("example.com", "example.com", True, True),
        ("mail.example.com", "example.com", True, False),
        ("example.com", "news.example.com", True, False),
        ("a.example.com", "b.example.com", True, False),
        ("example.org", "example.com", False, False),
        ("myexample.com", "example.com", False, False),
        ("a.co.uk", "b.co.uk", False, False),
        ("x.a.co.uk", "a.co.uk", True, False),
        ("a.github.io", "b.github.io", False, False),
    ],
)
def test_relaxed_alignment_is_of_one_organizational_domain(
    identifier: str, sender: str, relaxed: bool, strict: bool
) -> None:
    assert aligned(identifier, sender, strict=False) is relaxed
    assert aligned(identifier, sender, strict=True) is strict


def _judged(sandbox: Sandbox, service: str, dmarc: str = "") -> list[tuple[str, bool, bool]]:
    text = f"domain: example.com\nstage: monitor\nservices: [{service}]\n"
    text += f"dmarc: {{reports: [valimail]{dmarc}}}\n"
    sandbox.write("zones/a.yaml", with_keys(text).encode())
    project = sandbox.assemble()
    found = project.find("example.com")
    assert found is not None
    return [(one.sender, one.spf, one.dkim) for one in alignments(found.domain)]


@pytest.mark.parametrize(
    ("service", "dmarc", "spf", "dkim"),
    [
        ("google-workspace", "", True, False),
        ("{use: google-workspace, dkim: {google: <rsa2048>}}", "", True, True),
        ("{use: google-workspace, dkim: pending}", "", True, False),
        ("mailchimp", "", False, True),
        ("{use: mailchimp, dkim: pending}", "", False, False),
        ("{use: mailchimp, at: news, from: example.com}", "", False, True),
        ("{use: mailchimp, at: news, from: example.com}", ", adkim: s", False, False),
        ("{use: mailchimp, at: [news, '@'], from: example.com}", ", adkim: s", False, True),
        ("{use: microsoft-365, tenant: contoso}", "", True, True),
        ("{use: postmark, dkim: pending}", "", False, False),
        ("{use: postmark, dkim: pending, return_path: pm}", "", True, False),
        ("{use: postmark, dkim: pending, return_path: pm}", ", aspf: s", False, False),
        ("{use: mailgun, at: mg, from: example.com, dkim: pending}", "", True, False),
        ("{use: mailgun, at: mg, from: example.com, dkim: pending}", ", aspf: s", False, False),
    ],
)
def test_a_service_aligns_by_what_its_set_up_produces(
    service: str, dmarc: str, spf: bool, dkim: bool, sandbox: Sandbox
) -> None:
    assert _judged(sandbox, service, dmarc) == [("example.com", spf, dkim)]


def test_every_from_domain_is_judged_once_by_the_name_that_fits_best(sandbox: Sandbox) -> None:
    service = "{use: mailchimp, at: [news, shop], from: ['@', example.org, '@']}"
    assert _judged(sandbox, service) == [
        ("example.com", False, True),
        ("example.org", False, False),
    ]


def test_a_service_that_only_receives_is_not_judged(sandbox: Sandbox) -> None:
    assert _judged(sandbox, "{use: google-workspace, receives: only}") == []
