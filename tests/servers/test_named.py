"""Records as a real name server gives them out: what was compiled is what a receiver sees."""

from __future__ import annotations

import base64
from pathlib import Path

import dns.flags
import dns.rcode
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from generator.emit.build import plan
from generator.project import assemble
from tests.servers.bind import NOW, canonical, check_zone, plain, serving, tool, zone_files
from tests.support import ROOT, TODAY, Sandbox

PROJECTS = [ROOT, *sorted(path.parent for path in ROOT.glob("examples/*/zones"))]


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_named_answers_with_every_record_of_a_shipped_project(project: Path, tmp_path: Path):
    found = assemble(project, TODAY)
    assert not found.errors
    out = tmp_path / "out"
    plan(found.compiled, out, (), NOW, found.root).write()
    zones = zone_files(found.compiled, out, tmp_path)
    values = [value for one in found.compiled for value in one.values]
    assert values
    sets: dict[tuple[str, str], list] = {}
    for value in values:
        sets.setdefault((value.name, value.type), []).append(value)
    merging = any(one.domain.zone.mode == "merge" for one in found.compiled)
    shared = {("example.com.", "TXT")} if merging else set()  # beside records by hand
    with serving(zones, tmp_path) as server:
        for (name, type), members in sets.items():
            for tcp in (False, True):
                answer = server.rrset(name, type, tcp=tcp)
                wanted = sorted(canonical(value) for value in members)
                got = sorted(plain(data) for data in answer)
                # A parent zone has name servers of its own; a set by hand keeps its TTL.
                own = type == "NS" or (name, type) in shared
                assert set(wanted) <= set(got) if own else got == wanted, name
                assert own or {answer.ttl} == {value.ttl for value in members}


def test_a_wildcard_revocation_answers_for_every_selector(tmp_path: Path):
    found = assemble(ROOT / "examples/parked", TODAY)
    out = tmp_path / "out"
    plan(found.compiled, out, (), NOW, found.root).write()
    with serving(zone_files(found.compiled, out, tmp_path), tmp_path) as server:
        for selector in ("google", "selector1", "never-heard-of"):
            answer = server.rrset(f"{selector}._domainkey.example.net.", "TXT")
            assert [plain(data) for data in answer] == ["v=DKIM1; p="]
        nothing = server.ask("google._domainkey.example.biz.", "TXT")
        assert nothing.rcode() == dns.rcode.NXDOMAIN


def _base64(key) -> str:
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode("ascii")


@pytest.fixture(scope="module")
def keys():
    return {
        "r2048": rsa.generate_private_key(65537, 2048),
        "r4096": rsa.generate_private_key(65537, 4096),
        "ed": ed25519.Ed25519PrivateKey.generate(),
    }


@pytest.fixture(scope="module")
def key_server(keys, tmp_path_factory):
    """A server for a domain with a key of each kind, and one with many verification texts."""
    folder = tmp_path_factory.mktemp("keys")
    raw = keys["ed"].public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    sandbox = Sandbox(folder)
    sandbox.write(
        "zones/keys.example.yaml",
        f"""\
        domain: keys.example
        stage: monitor
        services:
          - use: self-hosted
            ipv4: 192.0.2.1
            dkim:
              r2048: "v=DKIM1; k=rsa; p={_base64(keys["r2048"])}"
              r4096: {_base64(keys["r4096"])}
              ed: {base64.b64encode(raw).decode("ascii")}
        dmarc: {{reports: ["mailto:dmarc@keys.example"]}}
        records:
          - {{name: many, type: TXT, value: [{", ".join(f"proof-{i}-{'x' * 200}" for i in range(12))}]}}
        """,
    )
    found = sandbox.assemble()
    assert not found.errors, [f.message for f in found.errors]
    out = folder / "out"
    plan(found.compiled, out, (), NOW, found.root).write()
    with serving(zone_files(found.compiled, out, folder), folder) as server:
        yield server


def _published(server, selector: str, **how) -> bytes:
    (data,) = server.rrset(f"{selector}._domainkey.keys.example.", "TXT", **how)
    tags = dict(part.strip().split("=", 1) for part in plain(data).split(";") if part.strip())
    return base64.b64decode(tags["p"], validate=True)


@pytest.mark.parametrize("selector", ["r2048", "r4096"])
@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_an_rsa_key_arrives_with_the_numbers_it_was_made_with(key_server, keys, selector, tcp):
    key = load_der_public_key(_published(key_server, selector, tcp=tcp))
    assert key.public_numbers() == keys[selector].public_key().public_numbers()


def test_an_ed25519_key_arrives_as_its_32_octets(key_server, keys):
    assert _published(key_server, "ed") == keys["ed"].public_key().public_bytes_raw()


def test_a_long_key_comes_in_strings_of_at_most_255_octets(key_server):
    (data,) = key_server.rrset("r4096._domainkey.keys.example.", "TXT")
    assert [len(string) for string in data.strings[:-1]] == [255] * (len(data.strings) - 1)
    assert len(data.strings) == 3


def test_a_key_too_large_for_plain_udp_arrives_by_edns_or_tcp(key_server):
    name = "r4096._domainkey.keys.example."
    short = key_server.ask(name, "TXT", edns=None)
    assert short.flags & dns.flags.TC
    assert not short.answer
    assert not key_server.ask(name, "TXT").flags & dns.flags.TC
    assert (
        key_server.ask(name, "TXT", tcp=True, edns=None).answer
        == key_server.ask(name, "TXT").answer
    )


def test_a_set_too_large_for_edns_arrives_whole_by_tcp(key_server):
    assert key_server.ask("many.keys.example.", "TXT").flags & dns.flags.TC
    texts = {plain(data) for data in key_server.rrset("many.keys.example.", "TXT", tcp=True)}
    assert texts == {f"proof-{i}-{'x' * 200}" for i in range(12)}


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_named_checkzone_accepts_every_shipped_file(project: Path, tmp_path: Path):
    tool("named-checkzone")
    found = assemble(project, TODAY)
    out = tmp_path / "out"
    plan(found.compiled, out, (), NOW, found.root).write()
    for name, file in zone_files(found.compiled, out, tmp_path).items():
        said = check_zone(name, file)
        assert f"zone {name}/IN: loaded serial" in said
        assert said.rstrip().endswith("OK")
        assert len(said.splitlines()) == 2, said  # no warnings
