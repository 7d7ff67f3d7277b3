"""Providers that behave otherwise than BIND and PowerDNS."""

from __future__ import annotations

import pytest

from tests.octodns.memory import ZONES
from tests.octodns.runs import TOKENS
from tests.support import call

SPF = "v=spf1 ip4:192.0.2.10 ~all"


@pytest.fixture
def made(zone, setup, request):
    ZONES[zone] = {
        ("", "NS"): {"type": "NS", "ttl": 3600, "values": ["ns1.host.example."]},
        ("", "A"): {"type": "A", "ttl": 60, "values": ["192.0.2.1"]},
        ("", "TXT"): {
            "type": "TXT",
            "ttl": 60,
            "values": [token.replace(";", "\\;") for token in TOKENS],
        },
        ("www", "CNAME"): {"type": "CNAME", "ttl": 60, "value": zone},
    }
    made = setup(None, zone, overlay={"unchecked_rewrites": True, "nameservers": "auto"})
    made.hosts = {}
    made.declare()
    entry = {"sources": ["mail"], "processors": ["overlay"], "targets": ["memory"]}
    made.config = {"zones": {zone: entry}}
    return made


def use(made, name, **more):
    made.config["providers"] = {"memory": {"class": f"tests.octodns.memory.{name}", **more}}


def test_a_host_that_writes_zones_whole_loses_nothing_not_even_its_name_servers(made, zone):
    before = dict(ZONES[zone])
    use(made, "WholeWriter")
    made.sync().ok()
    after = ZONES[zone]
    for key, data in before.items():
        if key != ("", "TXT"):
            assert after[key] == data
    assert sorted(after["", "TXT"]["values"]) == sorted([*before["", "TXT"]["values"], SPF])
    assert set(after) - set(before) == {
        (name, type)
        for name, type in [
            ("_mailzone", "TXT"),
            ("_dmarc", "TXT"),
            ("s1._domainkey", "TXT"),
            ("k2._domainkey", "CNAME"),
            ("k3._domainkey", "CNAME"),
        ]
    }
    assert "No changes were planned" in made.sync().ok().text


def test_push_verifies_such_a_host_too(made, zone):
    use(made, "WholeWriter")
    result = call("push", "--config", str(made.write()), "--apply")
    assert result.exit_code == 0, result.output
    assert "applied and verified" in result.output
    assert ZONES[zone]["", "NS"]["values"] == ["ns1.host.example."]


def test_a_zone_that_changes_while_it_is_planned_stops_the_run(made, zone):
    use(made, "Meddler")
    made.sync().stops("TXT at meddled", "somebody else just changed them")
    assert ("_mailzone", "TXT") not in ZONES[zone]


@pytest.mark.parametrize("strict", [True, False])
def test_a_host_that_lacks_a_type_that_we_need_is_refused(made, zone, strict):
    before = dict(ZONES[zone])
    use(made, "Picky", strict_supports=strict)
    made.sync(force=True).stops("CNAME")
    assert ZONES[zone] == before
