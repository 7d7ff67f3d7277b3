"""One message, judged by the planned records."""

from __future__ import annotations

import base64
import importlib
import os
import subprocess
import sys

import pytest

from generator.simulate.client import Client
from generator.simulate.message import MessageProblem, author_domain, examine
from generator.simulate.planned import Planned
from tests.support import ROOT

pytest.importorskip("cryptography")

BODY = b"To: x@example.net\r\nSubject: s\r\nDate: Sun, 22 Nov 2026 00:00:00 +0000\r\n\r\nHello\r\n"
OWN, STRANGER = (
    Client("192.0.2.10", "h.test", "jo@example.com"),
    Client("198.51.100.1", "h.test", ""),
)


def dkimpy():
    """dkimpy.  Tests without it are skipped, but where CI is set they fail."""
    return importlib.import_module("dkim") if os.environ.get("CI") else pytest.importorskip("dkim")


@pytest.fixture(scope="module")
def pair():
    """A private key in PEM, and its public half as DKIM has it."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        form.Encoding.PEM, form.PrivateFormat.TraditionalOpenSSL, form.NoEncryption()
    )
    public = key.public_key().public_bytes(
        form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo
    )
    return private, base64.b64encode(public).decode()


@pytest.fixture
def world(sandbox, pair):
    def make():
        sandbox.write(
            "zones/a.yaml",
            f"""
            domain: example.com
            stage: reject
            services:
              - {{use: self-hosted, ipv4: 192.0.2.10, dkim: {{sel: {pair[1]}}}}}
            dmarc: {{reports: ["mailto:d@example.com"]}}
            waive:
              spf-ip-private: {{because: documentation, until: 2027-01-01}}
            """,
        )
        project = sandbox.assemble()
        assert not project.errors, [f.message for f in project.errors]
        return Planned(project.compiled)

    return make


def message(sender: bytes = b"Jo <jo@example.com>") -> bytes:
    return b"From: " + sender + b"\r\n" + BODY


def signed(pair, raw=None, selector=b"sel", domain=b"example.com") -> bytes:
    raw = message() if raw is None else raw
    headers = [b"From", b"To", b"Subject"]
    return dkimpy().sign(raw, selector, domain, pair[0], include_headers=headers) + raw


def results(found):
    signatures = [(s.domain, s.selector, s.result) for s in found.signatures]
    acts = [(str(j.outcome), str(j.disposition)) for j in found.judgements]
    return found.spf.result, signatures, acts


PASSES, FAILS = [("pass", "deliver")] * 2, [("fail", "refuse")] * 2


def test_a_signed_message_from_an_own_host(world, pair):
    found = examine(signed(pair), OWN, world())
    assert results(found) == ("pass", [("example.com", "sel", "pass")], PASSES)
    assert found.author == "example.com"
    assert found.unknown == ()
    assert all(j.spf_aligned and j.dkim_aligned for j in found.judgements)


def test_line_ends_of_a_file_do_not_matter(world, pair):
    raw = signed(pair).replace(b"\r\n", b"\n")
    assert results(examine(raw, OWN, world()))[1] == [("example.com", "sel", "pass")]


def test_a_forwarded_message(world, pair):
    found = examine(signed(pair), STRANGER, world())
    assert results(found)[1:] == ([("example.com", "sel", "pass")], PASSES)
    assert found.spf.result == "temperror"  # h.test is unknown
    assert found.unknown == ("h.test",)


def test_a_changed_message(world, pair):
    raw = signed(pair).replace(b"Hello", b"Hollo")
    found = examine(raw, Client("198.51.100.1", "h.test", "jo@example.com"), world())
    assert results(found) == ("softfail", [("example.com", "sel", "fail")], FAILS)


def test_another_key(world, pair):
    found = examine(signed(pair, selector=b"other"), OWN, world())
    assert results(found)[1] == [("example.com", "other", "fail")]
    assert "no record" in found.signatures[0].problem


def test_a_signature_of_a_stranger(world, pair):
    found = examine(signed(pair, domain=b"evil.net"), Client("198.51.100.1", "h", "a@b"), world())
    assert results(found) == ("none", [("evil.net", "sel", "temperror")], FAILS)


def test_several_signatures(world, pair):
    raw = signed(pair, signed(pair, selector=b"gone"))
    found = examine(raw, OWN, world())
    assert [s.result for s in found.signatures] == ["pass", "fail"]


def test_no_signature(world):
    found = examine(message(), OWN, world())
    assert results(found) == ("pass", [], PASSES)


HOSTILE = [
    b"DKIM-Signature: ",
    b"DKIM-Signature: v=1",
    b"DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=sel; h=from; bh=; b=",
    b"DKIM-Signature: v=1; a=rsa-sha1; d=example.com; s=sel; h=from; bh=AAAA; b=AAAA",
    b"DKIM-Signature: v=1; a=rsa-sha256; d=\xff\xfe; s=sel; h=from; bh=AAAA; b=AAAA",
    b"DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s="
    + b"a." * 300
    + b"; h=from; bh=AA; b=AA",
    b"DKIM-Signature: v=1; v=1; a=rsa-sha256",
    b"DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=sel; h="
    + b"from:" * 9999
    + b"; bh=AAAA; b=AAAA",
]


@pytest.mark.parametrize("field", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_signatures_are_no_pass(world, field):
    dkimpy()
    found = examine(field + b"\r\n" + message(), OWN, world())
    assert [s.result for s in found.signatures] in (["neutral"], ["fail"])


def test_only_ten_signatures_are_tried(world):
    dkimpy()
    found = examine(b"DKIM-Signature: v=1\r\n" * 50 + message(), OWN, world())
    assert len(found.signatures) == 10


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "no From"),
        (BODY, "no From"),
        (b"From: a@example.com\r\nFrom: b@example.com\r\n\r\n", "2 From fields"),
        (b"From: a@example.com, b@example.net\r\n\r\n", "2 domains"),
        (b"From: jo\r\n\r\n", "single label"),
        (b"From: jo@localhost\r\n\r\n", "single label"),
        (b"From: a@" + b"x" * 9999 + b".com\r\n\r\n", "characters"),
        (b"From: jo@[192.0.2.1]\r\n\r\n", "the domain in From"),
        (b"From: \xff\xfe@\xff\r\n\r\n", "From"),
    ],
)
def test_mail_without_an_author_domain_is_refused(raw, said):
    with pytest.raises(MessageProblem, match=said):
        author_domain(raw)


@pytest.mark.parametrize(
    ("field", "domain"),
    [
        (b"jo@Example.COM", "example.com"),
        (b'"a@b.c" <jo@example.com>', "example.com"),
        (b"=?utf-8?q?J=C3=B6?= <jo@example.com>", "example.com"),
        (b"a@example.com, b@EXAMPLE.com", "example.com"),
    ],
)
def test_the_author_domain(field, domain):
    assert author_domain(message(field)) == domain


def test_without_dkimpy_it_is_said(tmp_path, sandbox, pair):
    """In a Python of its own, in which dkimpy cannot be imported."""
    sandbox.write("zones/a.yaml", "domain: example.com\nstage: parked\n")
    mail = tmp_path / "m.eml"
    mail.write_bytes(signed(pair))
    code = (
        "import sys; sys.modules['dkim'] = None\n"
        "from generator.cli.group import mailzone\n"
        f"mailzone(['simulate', 'example.com', '--project', {str(sandbox.root)!r},"
        f"'--mail', {str(mail)!r}, '--ip', '192.0.2.1', '--mailfrom', '', '--helo', 'h.test'])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "mailzone[simulate]" in run.stderr
