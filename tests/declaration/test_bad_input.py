"""Every mistake in a declaration: found at its place, once, with what to write instead.

The mistakes are the files below ``tests/data/bad``; `tests.cases` describes their form.
"""

from __future__ import annotations

import base64
import unicodedata

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from generator.finding import Finding, Severity
from generator.rules import RULES
from generator.rules.example import examples
from tests.cases import Case, cases, keys
from tests.rules.not_yet import NOT_YET
from tests.support import Sandbox

CASES = cases()
EPOCH = "1795219200"  # the day of tests.support.TODAY

# Found by reading files, writing them, or made at run time: tested beside those.
# The rules of a merge have their cases below ``tests/data/merge``.
ELSEWHERE = {
    "template-invalid",  # tests/catalogue: a template is no part of a project
    "adopt-unused", "zone-dynamic", "zone-file", "zone-merge", "zone-output",
    "zone-rival", "zone-signed",
    "file-encoding", "file-link", "file-name", "file-too-large", "file-unreadable",
    "orphan", "private-key",
}  # fmt: skip


def harmless(output: str) -> bool:
    """True if nothing in the output can repaint a terminal or reverse what is read."""
    return not any(
        unicodedata.category(c) in ("Cc", "Zl", "Zp") or unicodedata.bidirectional(c) in _TURNS
        for c in output.replace("\n", "")
    )


_TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def _said(found: Finding) -> tuple[str, str, str, int, int]:
    place = found.place
    assert place is not None
    return found.severity.label, found.rule, place.path, place.line, place.column


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_brings_up_exactly_the_findings_that_its_file_names(
    case: Case, sandbox: Sandbox
) -> None:
    case.write(sandbox)
    findings = sandbox.assemble().findings
    wanted = [(e.severity, e.rule, e.path, e.line, e.column) for e in case.expected]
    advised = {one for one in wanted if one[0] == "advice"}
    found = [f for f in findings if f.severity > Severity.ADVICE or _said(f) in advised]
    assert [_said(f) for f in found] == wanted
    for one, expected in zip(found, case.expected, strict=True):
        assert expected.message in one.message
        assert expected.help in one.help


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_build_says_where_and_touches_no_file(
    case: Case, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    monkeypatch.setenv("NO_COLOR", "1")
    case.write(sandbox)
    sandbox.write("build/kept.txt", "not ours")
    before = sandbox.files()
    result = sandbox.run("build")
    if not case.fails:
        assert result.exit_code == 0
        return
    assert result.exit_code == 1
    assert sandbox.files() == before
    for one in case.expected:
        if one.severity != "advice":
            place = f"{one.path}:{one.line}:{one.column}" if one.line else one.path
            assert f"{one.severity}[{one.rule}]" in result.output
            assert f"--> {place}\n" in result.output
    assert harmless(result.output)


def test_every_rule_is_brought_up_by_a_case() -> None:
    found = {expected.rule for case in CASES for expected in case.expected}
    shown = {id for id, example in examples().items() if example.kind != "words"}
    needy = {rule.id for rule in RULES.values() if rule.needs}
    assert found | shown | needy | NOT_YET | ELSEWHERE == set(RULES)
    assert not found & ELSEWHERE


def test_every_error_that_a_case_shows_says_what_is_wrong_in_one_line() -> None:
    for case in CASES:
        assert case.expected, case.name
        for one in case.expected:
            assert len(one.message) > 10, case.name


# --- private keys ----------------------------------------------------------------------------


def _private_keys() -> dict[str, str]:
    """Private keys as people have them: base64 of DER, and the PEM file."""
    made = {
        "rsa": rsa.generate_private_key(65537, 1024),
        "ec": ec.generate_private_key(ec.SECP256R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate(),
    }
    texts = {}
    for name, key in made.items():
        forms = {"pkcs8": PrivateFormat.PKCS8, "traditional": PrivateFormat.TraditionalOpenSSL}
        for label, form in forms.items():
            if name == "ed25519" and label != "pkcs8":
                continue
            der = key.private_bytes(Encoding.DER, form, NoEncryption())
            pem = key.private_bytes(Encoding.PEM, form, NoEncryption())
            texts[f"{name}-{label}-der"] = base64.b64encode(der).decode()
            texts[f"{name}-{label}-pem"] = pem.decode()
    return texts


PRIVATE = _private_keys()


def _body(key: str) -> str:
    return "".join(line for line in key.split("\n") if not line.startswith("-----"))


def _secrets(key: str) -> set[str]:
    """Every stretch of twelve characters behind the structure that all keys begin with."""
    body = _body(key)
    return {body[i : i + 12] for i in range(40, len(body) - 12)}


_KEYED = {
    "dkim": "services: [{{use: google-workspace, dkim: {{google: {0}}}}}]",
    "dkim with key": "services: [{{use: google-workspace, dkim: {{google: {{key: {0}}}}}}}]",
    "parameter": "services: [{{use: microsoft-365, tenant: {0}}}]",
    "plain record": "records: [{{name: a, type: TXT, value: {0}}}]",
}


@pytest.mark.parametrize("place", _KEYED)
@pytest.mark.parametrize("name", PRIVATE)
def test_a_private_key_is_refused_and_never_shown(name: str, place: str, sandbox: Sandbox) -> None:
    key = PRIVATE[name]
    quoted = '"' + key.replace("\n", "\\n") + '"'
    line = _KEYED[place].format(quoted)
    sandbox.write(
        "zones/a.yaml",
        f"domain: example.com\nstage: monitor\n{line}\ndmarc: {{reports: [valimail]}}\n",
    )
    result = sandbox.run("validate")
    assert sandbox.errors() == ["private-key"]
    assert result.exit_code == 1
    assert not any(secret in result.output for secret in _secrets(key))


@pytest.mark.parametrize("form", ["v=DKIM1; k=rsa; p={}", "p={}", "{}"])
def test_a_private_key_inside_a_key_record_is_refused(form: str, sandbox: Sandbox) -> None:
    value = form.format(PRIVATE["rsa-pkcs8-der"])
    sandbox.write(
        "zones/a.yaml",
        f"""\
        domain: example.com
        stage: monitor
        services:
          - {{use: google-workspace, dkim: {{google: '"{value}"'}}}}
        dmarc: {{reports: [valimail]}}
        """,
    )
    assert sandbox.errors() == ["private-key"]


_ANYWHERE = {
    "domain": "domain: {0}\nstage: parked\n",
    "stage": "domain: example.com\nstage: {0}\n",
    "key": "domain: example.com\nstage: parked\n{0}: x\n",
    "service": "domain: example.com\nstage: monitor\nservices: [{0}]\n",
    "at": "domain: example.com\nstage: monitor\nservices: [{{use: mailchimp, at: {0}}}]\n",
    "from": "domain: example.com\nstage: monitor\nservices: [{{use: mailchimp, from: {0}}}]\n",
    "parameter name": "domain: example.com\nstage: monitor\nservices: [{{use: mailchimp, {0}: x}}]\n",
    "selector": "domain: example.com\nstage: monitor\n"
    "services: [{{use: google-workspace, dkim: {{{0}: x}}}}]\n",
    "retiring": "domain: example.com\nstage: monitor\nservices: [{{use: mailchimp, retiring: {0}}}]\n",
    "report": "domain: example.com\nstage: monitor\ndmarc: {{reports: [{0}]}}\n",
    "failure options": "domain: example.com\nstage: monitor\ndmarc: {{fo: {0}}}\n",
    "also": "domain: example.com\nstage: monitor\nspf: {{also: [{0}]}}\n",
    "helo": "domain: example.com\nstage: monitor\nhelo: {0}\n",
    "record name": "domain: example.com\nstage: parked\nrecords: [{{name: {0}, type: A, value: x}}]\n",
    "record data": "domain: example.com\nstage: parked\nrecords: [{{name: x, type: TLSA, value: {0}}}]\n",
    "waiver": "domain: example.com\nstage: parked\nwaive: {{{0}: {{because: abc, until: 2099-01-01}}}}\n",
    "zone": "domain: example.com\nstage: parked\nzone: {{name: {0}}}\n",
    "mailbox": "domain: example.com\nstage: parked\nzone: {{mode: zone, mx: none, ns: [ns.example.net], "
    "soa: {{rname: {0}}}}}\n",
    "subdomain": "domain: example.com\nstage: parked\nsubdomains: {{{0}: {{}}}}\n",
}


@pytest.mark.parametrize("place", _ANYWHERE)
def test_no_message_shows_a_private_key_wherever_it_was_pasted(
    place: str, sandbox: Sandbox
) -> None:
    key = PRIVATE["rsa-pkcs8-der"]
    sandbox.write("zones/a.yaml", _ANYWHERE[place].format(f'"{key}"').encode())
    result = sandbox.run("validate")
    assert result.exit_code == 1
    assert not any(secret in result.output for secret in _secrets(key))


# --- texts meant to break out ----------------------------------------------------------------

_EVIL = [
    'x"\nevil.example. 1 IN TXT "y',
    "x\\",
    'x" ; y',
    "x;evil",
    "x\u2028y",
    "x\u202ey",
    "x\x1b[2Jy",
]


@pytest.mark.parametrize("place", _ANYWHERE)
@pytest.mark.parametrize("evil", _EVIL, ids=range(len(_EVIL)))
def test_a_text_meant_to_break_out_is_refused_and_printed_harmlessly(
    place: str, evil: str, sandbox: Sandbox
) -> None:
    quoted = '"' + "".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in evil) + '"'
    sandbox.write("zones/a.yaml", _ANYWHERE[place].format(quoted).encode())
    result = sandbox.run("build")
    assert result.exit_code == 1
    assert not (sandbox.root / "build").exists()
    assert harmless(result.output)
    assert "\nevil" not in result.output


def test_a_reason_for_a_waiver_cannot_leave_its_comment(sandbox: Sandbox) -> None:
    sandbox.write(
        "zones/a.yaml",
        """\
        domain: example.com
        stage: monitor
        services: [google-workspace]
        dmarc: {reports: [valimail]}
        waive:
          dkim-missing: {because: "soon\\nevil 1 IN TXT x", until: 2099-01-01}
        """,
    )
    assert sandbox.run("build").exit_code == 0
    assert "\nevil" not in (sandbox.root / "build/example.com.inc").read_text()


@pytest.mark.parametrize(
    "name", ["a\nevil 1 IN TXT x.yaml", "a; evil.yaml", 'a"\\.yaml', "a\x1b[2J.yaml"]
)
def test_the_name_of_a_declaration_cannot_leave_its_comment(name: str, sandbox: Sandbox) -> None:
    text = "domain: example.com\nstage: parked\ndmarc: {reports: [valimail]}\n"
    (sandbox.root / "zones" / name).write_text(text)
    (sandbox.root / "zones" / f"{name}.yaml").write_text(text)
    twice = sandbox.run("validate")
    assert twice.exit_code == 1
    assert harmless(twice.output)
    assert "\nevil" not in twice.output
    (sandbox.root / "zones" / f"{name}.yaml").unlink()
    assert sandbox.run("build").exit_code == 0
    lines = (sandbox.root / "build/example.com.inc").read_text().splitlines()
    assert all(line.startswith(";") or "example.com. " in line for line in lines if line)
    assert all(line.isprintable() for line in lines)


def test_a_text_of_the_user_is_quoted_whole_in_the_zone_file(sandbox: Sandbox) -> None:
    import dns.rdata

    text = 'a "quoted" \\ back; slash $ORIGIN ' + "x" * 300
    sandbox.write(
        "zones/a.yaml",
        "domain: example.com\nstage: parked\ndmarc: {reports: [valimail]}\nrecords:\n"
        f"  - name: t\n    type: TXT\n    value: '{text}'\n",
    )
    assert sandbox.run("build").exit_code == 0
    lines = (sandbox.root / "build/example.com.inc").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("t.example.com.")]
    data = dns.rdata.from_text("IN", "TXT", line.partition(" TXT ")[2])
    assert b"".join(data.strings).decode() == text


def test_a_public_key_is_shortened_in_messages(sandbox: Sandbox) -> None:
    key = keys()["rsa2048"]
    sandbox.write(
        "zones/a.yaml",
        f"domain: example.com\nstage: monitor\nservices: [{{use: mailchimp, dkim: {{k2: {key}}}}}]\n"
        "dmarc: {reports: [valimail]}\n",
    )
    output = sandbox.run("validate").output
    assert f"{key[:8]}...({len(key)} characters)" in output
    assert key[:48] not in output
