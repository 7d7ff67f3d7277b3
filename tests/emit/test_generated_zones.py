"""Declarations made at random: BIND accepts what they compile to, and it reads back the same."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.emit.build import plan
from generator.project import assemble
from tests.servers.bind import NOW, check_zones, compiled_records, read_back, tool, zone_files
from tests.support import TODAY

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True).filter(
    lambda text: text[2:4] != "--"
)
LENGTHS = st.one_of(st.sampled_from([1, 254, 255, 256, 510, 511]), st.integers(1, 900))


@st.composite
def texts(draw) -> str:
    """Printable text of an interesting length, with many quotes and backslashes."""
    unit = draw(st.text('"\\;()@$ abc=%', min_size=1, max_size=12))
    length = draw(LENGTHS)
    made = (unit * (length // len(unit) + 1))[:length]
    return "t" + made[1:]  # no accidental "v=spf1"


def address(version: int):
    return st.ip_addresses(
        v=version, network="203.0.113.0/24" if version == 4 else "2001:db8::/32"
    ).map(str)


DATA = {
    "A": address(4),
    "AAAA": address(6),
    "MX": st.builds("{} {}.example.net".format, st.integers(0, 65535), LABEL),
    "TXT": texts(),
    "CAA": st.sampled_from(
        ['0 issue "ca.example.net"', '128 iodef "mailto:x@example.net"', '0 issue ";"']
    ),
    "SRV": st.builds("{} {} {} {}.example.net".format, *[st.integers(0, 65535)] * 3, LABEL),
    "TLSA": st.binary(min_size=32, max_size=32).map(lambda b: f"3 1 1 {b.hex()}"),
    "CNAME": LABEL.map("{}.example.net".format),
    "NS": LABEL.map("{}.example.net".format),
}
TTL = st.sampled_from([0, 60, 3600, 2147483647])

SERVICES = st.sampled_from(
    [
        {"use": "google-workspace", "dkim": "pending"},
        {
            "use": "microsoft-365",
            "tenant": "contoso",
            "dkim": {"selector1": "selector1-a._domainkey.b.onmicrosoft.com"},
        },
        {"use": "mailgun", "dkim": {"pdk1": "pdk1._domainkey.9d876.dkim1.mailgun.com"}},
        {"use": "self-hosted", "ipv4": ["198.51.100.4"], "dkim": "pending"},
        {"use": "sendgrid", "return_path": "em1", "account_host": "u1.wl2.sendgrid.net"},
        "mailchimp",
    ]
)


@st.composite
def plain_records(draw) -> list[dict]:
    """Records at names of their own, each name with one type, so that none is in another's way."""
    made = []
    for number in range(draw(st.integers(0, 4))):
        type = draw(st.sampled_from(sorted(DATA)))
        value = draw(DATA[type])
        many = type not in ("CNAME", "NS") and draw(st.booleans())
        host = draw(st.sampled_from(["", "deep.er-", "*.w"])) if type != "NS" else ""
        record = {"name": f"{host}r{number}", "type": type, "value": value}
        if many:
            record["value"] = sorted({value, draw(DATA[type])})
        if draw(st.booleans()):
            record["ttl"] = draw(TTL)
        made.append(record)
    return made


@st.composite
def declarations(draw, name: str) -> dict:
    parked = draw(st.booleans())
    body: dict = {
        "domain": name,
        "stage": "parked" if parked else draw(st.sampled_from(["audit", "monitor"])),
    }
    if parked:
        body |= {"null_mx": True, "revoke_dkim": draw(st.booleans())}
    else:
        body["services"] = draw(st.lists(SERVICES, max_size=3, unique_by=str))
        body["dmarc"] = {"reports": [f"mailto:dmarc@{name}"]}
        body["spf"] = {"also": [f"ip4:{a}" for a in draw(st.lists(address(4), max_size=30))]}
        if draw(st.booleans()):
            body["subdomains"] = {"sub": {"spf": {"also": ["mx"]}}}
    body["records"] = draw(plain_records())
    if draw(st.booleans()):
        body["ttl"] = draw(TTL)
    if draw(st.booleans()):
        serial = draw(st.sampled_from(["date", "counter", "unix"]))
        body["zone"] = {
            "mode": "zone",
            "ns": ["ns1.example.net"],
            "mx": "none",
            "soa": {"serial": serial},
        }
    return body


@st.composite
def projects(draw) -> list[dict]:
    stems = draw(st.lists(LABEL, min_size=1, max_size=6, unique=True))
    return [draw(declarations(f"{stem}.example")) for stem in stems]


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(projects())
def test_bind_loads_them_and_dnspython_reads_what_was_compiled(made):
    tool("named-checkconf")
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        (root / "zones").mkdir()
        for number, body in enumerate(made):
            # JSON is YAML.
            (root / f"zones/{number}.yaml").write_text(json.dumps(body))
        found = assemble(root, TODAY)
        assert not found.errors, [f.message for f in found.errors]
        out = root / "out"
        plan(found.compiled, out, (), NOW).write()
        zones = zone_files(found.compiled, out, root)
        assert sorted(zones) == sorted(body["domain"] for body in made)
        check_zones(zones, root)
        for name, file in zones.items():
            wanted = compiled_records(
                value
                for one in found.compiled
                if one.domain.zone.name == name or one.domain.name.endswith(f".{name}")
                for value in one.values
            )
            read = read_back(name, file)
            assert wanted <= read
            # Beyond what was compiled stands only what every zone has at its top.
            assert {row[:2] for row in read - wanted} <= {(f"{name}.", "SOA"), (f"{name}.", "NS")}
