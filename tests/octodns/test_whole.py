"""`MailSource` after other sources, `MailPresent` at the end: octoDNS owns the whole zone."""

from __future__ import annotations

import pytest
import yaml

from tests.octodns.hosts import texts, wire
from tests.octodns.runs import OLD_SPF, TOKENS

SPF = "v=spf1 ip4:192.0.2.10 ~all"


@pytest.fixture
def made(host, zone, setup, tmp_path):
    """A zone whose other records stand in a YamlProvider's file."""
    host.add(zone, [])
    made = setup(host, zone, source={"overlay": False})
    made.declare()
    keep(made, {"": [txt(TOKENS), {"type": "A", "value": "192.0.2.1"}, mx(zone), ns(zone)]})
    return made


def txt(values):
    return {"type": "TXT", "ttl": 1800, "values": values}


def mx(zone):
    values = [{"preference": 10, "exchange": f"mail{n}.{zone}"} for n in (1, 2)]
    return {"type": "MX", "values": values}


def ns(zone):
    return {"type": "NS", "values": [f"ns1.{zone}", "ns.elsewhere.example."]}


def keep(made, records, replace=False, **more):
    """Write the YamlProvider's file and set the zone up with it."""
    folder = made.root / "config"
    folder.mkdir(exist_ok=True)
    records = {"ns1": {"type": "A", "value": "127.0.0.1"}, **records}
    records |= {f"mail{n}": {"type": "A", "value": "192.0.2.2"} for n in (1, 2)}
    (folder / f"{made.zone}yaml").write_text(yaml.safe_dump(records))
    config = {
        "class": "octodns.provider.yaml.YamlProvider",
        "directory": str(folder),
        "escaped_semicolons": False,
        "enforce_order": False,
        "populate_should_replace": replace,
    }
    entry = {
        "sources": ["config", "mail"],
        "processors": ["present"],
        "targets": ["host"],
        **more,
    }
    made.config = {
        "providers": {"config": config},
        "processors": {"present": {"class": "generator.octodns.MailPresent"}},
        "zones": {made.zone: entry},
    }


def test_our_values_join_the_other_source_and_go_again(made, host, zone):
    made.sync(force=True).ok()
    assert texts(host, zone, zone) == sorted([*TOKENS, SPF])
    assert {ttl for name, type, ttl, _ in wire(host, zone) if (name, type) == (zone, "TXT")} == {
        1800
    }
    assert "No changes were planned" in made.sync().ok().text
    made.declare(records=None)
    made.sync(force=True).ok()
    assert not any("k2._domainkey" in name for name, _, _, _ in wire(host, zone))
    assert not any("_mailzone" in name for name, _, _, _ in wire(host, zone))


def test_a_second_spf_record_is_refused_with_its_file_and_line(made, host, zone):
    keep(made, {"": txt([*TOKENS, OLD_SPF])})
    made.sync(force=True).stops("cannot stand beside", f"{zone}yaml", "line ", f"['{OLD_SPF}']")


def test_an_adopted_record_of_the_other_source_is_replaced(made, host, zone):
    keep(made, {"": [txt([*TOKENS, OLD_SPF]), ns(zone)]})
    made.declare(adopt=[OLD_SPF])
    made.sync(force=True).ok()
    assert texts(host, zone, zone) == sorted([*TOKENS, SPF])


def test_alone_it_is_refused(made, host, zone):
    before = wire(host, zone)
    made.config["zones"][zone]["sources"] = ["mail"]
    made.sync(force=True).stops("all that is published there would be deleted")
    assert wire(host, zone) == before


@pytest.mark.parametrize("replace", [False, True])
def test_the_wrong_order_is_refused(made, host, zone, replace):
    before = wire(host, zone)
    keep(made, {"": txt(TOKENS)}, replace, sources=["mail", "config"])
    made.sync(force=True).stops()
    assert wire(host, zone) == before


def test_a_later_source_that_replaces_ours_is_found(made, host, zone):
    before = wire(host, zone)
    keep(made, {"": txt(TOKENS)}, True, sources=["config", "mail", "more"])
    more = {**made.config["providers"]["config"]}
    made.config["providers"]["more"] = more
    made.sync(force=True).stops("was dropped or replaced after mail added it", "v=spf1")
    assert wire(host, zone) == before


def test_a_filter_that_takes_ours_out_is_found(made, host, zone):
    drop = {
        "class": "octodns.processor.filter.NameRejectlistFilter",
        "rejectlist": ["_dmarc"],
    }
    made.config["processors"]["drop"] = drop
    made.config["zones"][zone]["processors"] = ["drop", "present"]
    made.sync(force=True).stops("TXT at _dmarc", "was dropped")


def test_the_processor_needs_the_source(made, zone):
    made.config["zones"][zone]["sources"] = ["config"]
    made.sync(force=True).stops("needs one MailSource with `overlay: false`")


@pytest.mark.parametrize("sets", [["legacy"], ["strict"], ["legacy", "strict", "best-practice"]])
def test_our_records_pass_octodns_own_checks(made, host, zone, sets):
    made.config["manager"] = {"validators": {"enabled": sets}}
    made.sync(force=True).ok()
    assert SPF in texts(host, zone, zone)
    parked = {"services": None, "records": None, "dmarc": None, "null_mx": True}
    made.declare(**parked, stage="parked")
    keep(made, {"": [txt(TOKENS), ns(zone)]})
    made.config["manager"] = {"validators": {"enabled": sets}}
    made.sync(force=True).ok()
    assert texts(host, zone, zone, "MX") == ["0 ."]
