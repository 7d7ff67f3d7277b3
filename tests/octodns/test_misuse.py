"""Configurations that would delete other hands' records: each stops, even with ``--force``."""

from __future__ import annotations

import pytest

from tests.octodns.hosts import texts, wire
from tests.octodns.runs import OLD_SPF, TOKENS, foreign, octodns

SPF = "v=spf1 ip4:192.0.2.10 ~all"


@pytest.fixture
def made(host, zone, setup):
    host.add(zone, foreign(zone, spf=""))
    made = setup(host, zone)
    made.declare()
    return made


def zones(made, **more):
    """The zone's entry with parts replaced."""
    entry = made.whole()["zones"][made.zone]
    return {made.zone: {**entry, **more}}


def refused(made, *words):
    """The run stops for this reason, with and without --force, and nothing has changed."""
    for force in (False, True):
        before = wire(made.hosts["host"], made.zone)
        made.sync(force=force).stops(*words)
        assert wire(made.hosts["host"], made.zone) == before


@pytest.mark.parametrize("strict", [True, False])
def test_without_the_processor_planning_fails(made, strict):
    made.config = {"zones": zones(made, processors=[])}
    made.config["providers"] = {
        "host": {**made.hosts["host"].provider(), "strict_supports": strict}
    }
    refused(made, "MailOverlayMissing", "every other record of the zone would be deleted")


def test_the_command_line_fails_as_well(made):
    made.config = {"zones": zones(made, processors=[])}
    before = wire(made.hosts["host"], made.zone)
    run = octodns("sync", "--config-file", str(made.write()), "--doit", "--force")
    run.stops("MailOverlayMissing")
    assert wire(made.hosts["host"], made.zone) == before


@pytest.mark.parametrize(
    "filter",
    [
        {"class": "octodns.processor.filter.TypeAllowlistFilter", "allowlist": ["A"]},
        {"class": "octodns.processor.filter.NameAllowlistFilter", "allowlist": ["www"]},
        {"class": "octodns.processor.filter.TypeRejectlistFilter", "rejectlist": ["TXT", "CNAME"]},
    ],
    ids=["types", "names", "rejected"],
)
def test_a_filter_that_takes_out_everything_of_ours_does_not_open_the_door(made, filter):
    made.config = {"processors": {"filter": filter}, "zones": zones(made, processors=["filter"])}
    refused(made, "MailOverlayMissing")


FILTERS = [
    {"class": "octodns.processor.filter.TypeAllowlistFilter", "allowlist": ["TXT", "CNAME"]},
    {"class": "octodns.processor.filter.TypeRejectlistFilter", "rejectlist": ["A"]},
    {"class": "octodns.processor.filter.NameAllowlistFilter", "allowlist": ["", "_dmarc"]},
    {"class": "octodns.processor.filter.NameRejectlistFilter", "rejectlist": ["www"]},
    {"class": "octodns.processor.filter.ValueAllowlistFilter", "allowlist": ["/v=/"]},
    {"class": "octodns.processor.filter.ValueRejectlistFilter", "rejectlist": ["/google/"]},
]


@pytest.mark.parametrize("order", [["filter", "overlay"], ["overlay", "filter"]], ids=str)
@pytest.mark.parametrize("filter", FILTERS, ids=lambda one: one["class"].rpartition(".")[2])
def test_filters_cannot_be_used_beside_an_overlay(made, filter, order):
    made.config = {"processors": {"filter": filter}, "zones": zones(made, processors=order)}
    refused(made, "MailOverlayException", "processor")


@pytest.mark.parametrize("order", [["other", "overlay"], ["overlay", "other"]], ids=str)
@pytest.mark.parametrize(
    "other",
    [
        {"class": "octodns.processor.ownership.OwnershipProcessor"},
        {"class": "octodns.processor.meta.MetaProcessor", "include_version": True},
    ],
    ids=["ownership", "meta"],
)
def test_processors_that_add_records_are_refused(made, other, order):
    made.config = {"processors": {"other": other}, "zones": zones(made, processors=order)}
    refused(made, "MailOverlayException", "TXT at ")


def test_a_processor_that_changes_our_texts_is_refused(made):
    made.declare(
        records=[{"name": "proof", "type": "TXT", "value": "of {zone_name}"}],
    )
    other = {"class": "octodns.processor.templating.Templating"}
    made.config = {
        "processors": {"other": other},
        "zones": zones(made, processors=["other", "overlay"]),
    }
    refused(made, "MailOverlayException", "not as the overlay source declares")


def test_include_meta_is_refused(made):
    made.config = {"manager": {"include_meta": True}}
    refused(made, "MailOverlayException", "meta")


def test_a_clamp_changes_only_our_ttls(made, host, zone):
    before = wire(host, zone)
    clamp = {"class": "octodns.processor.clamp.TtlClampProcessor", "min_ttl": 60, "max_ttl": 120}
    made.config = {
        "processors": {"clamp": clamp},
        "zones": zones(made, processors=["clamp", "overlay"]),
    }
    made.sync().ok()
    after = wire(host, zone)
    assert before <= after
    ttls = {name.removesuffix(zone): ttl for name, _, ttl, _ in after - before}
    assert ttls == {
        "": 1800,  # shared
        "_dmarc.": 120,
        "s1._domainkey.": 120,
        "k2._domainkey.": 120,
        "k3._domainkey.": 120,
        "_mailzone.": 3600,
    }


def test_a_second_source_is_refused(made, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / f"{made.zone}yaml").write_text("www2:\n  type: A\n  value: 192.0.2.3\n")
    yaml = {
        "class": "octodns.provider.yaml.YamlProvider",
        "directory": str(tmp_path / "config"),
        "escaped_semicolons": False,
    }
    made.config = {"providers": {"config": yaml}, "zones": zones(made, sources=["config", "mail"])}
    refused(made, "has to be the zone's only source")
    made.config["zones"] = zones(made, sources=["mail", "config"])
    refused(made, "MailOverlayException", "as the only source")


def test_an_alias_of_an_overlaid_zone_is_refused(made, host):
    alias = f"alias-{made.zone}"
    host.add(alias, foreign(alias))
    before = wire(host, alias)
    made.config = {"zones": {**zones(made), alias: {"alias": made.zone}}}
    refused(made, "an alias cannot be overlaid")
    made.config["zones"] = {
        made.zone: {**zones(made)[made.zone], "processors": ["overlay"]},
        alias: {"alias": made.zone},
        # The last zone's processors are what octoDNS gives to aliases.
        f"last-{made.zone}": {"sources": ["mail"], "processors": [], "targets": ["host"]},
    }
    made.sync(force=True).stops()
    assert wire(host, alias) == before


def test_a_target_that_writes_whole_files_is_refused(made, tmp_path):
    kept = tmp_path / "out" / f"{made.zone}yaml"
    kept.parent.mkdir()
    kept.write_text("www2:\n  type: A\n  value: 192.0.2.3\n")
    target = {
        "class": "octodns.provider.yaml.YamlProvider",
        "directory": str(kept.parent),
        "escaped_semicolons": False,
    }
    files = {"class": "octodns_bind.ZoneFileProvider", "directory": str(kept.parent)}
    for provider in (target, files):
        made.config = {"providers": {"out": provider}, "zones": zones(made, targets=["out"])}
        made.config["zones"][made.zone]["processors"] = ["overlay"]
        made.sync(force=True).stops("writes whole files")
        made.config["zones"] = zones(made, targets=["out"], processors=[])
        made.sync(force=True).stops("MailOverlayMissing")
    assert kept.read_text() == "www2:\n  type: A\n  value: 192.0.2.3\n"


def test_a_zone_that_the_target_does_not_have_is_refused(made, host, zone):
    missing = f"missing-{zone}"
    made.declare(missing)
    made.config = {"zones": {missing: zones(made)[zone]}}
    made.sync(force=True).stops()
    assert "No changes" not in made.sync().text


def test_faults_of_the_project_stop_the_run_with_their_place(made):
    made.declare(stage="enforced")
    refused(made, "MailSourceException", "unknown-stage", f"{made.zone}yaml:2")


def test_records_below_another_zone_of_the_configuration_are_refused(made, host, zone):
    child = f"news.{zone}"
    host.add(child, [])
    made.declare(helo=[f"out.news.{zone}".rstrip(".")])
    entry = zones(made)[zone]
    made.declare(f"other-{zone}")
    made.config = {"zones": {zone: entry, child: entry}}
    refused(made, "belongs to another zone", "zone: {name: ...}")


@pytest.mark.parametrize("owner", ["", "Big", "a b", "-x", "x" * 33])
def test_an_owner_id_is_checked(made, owner):
    made.source["owner"] = owner
    made.sync().stops("lower-case letters")


def test_on_conflict_is_checked(made):
    made.overlay["on_conflict"] = "force"
    made.sync().stops("error or skip")


def test_a_value_that_is_disabled_is_not_brought_to_life(powerdns_host, zone, setup):
    host = powerdns_host
    host.add(zone, foreign(zone, spf=""))
    listed = [f'"{token}"' for token in [*TOKENS, "asleep"]]
    host.change(zone, zone, "TXT", 1800, listed, disabled='"asleep"')
    before = wire(host, zone)
    made = setup(host, zone)
    made.declare()
    made.sync().stops("does not give out 'asleep'")
    assert wire(host, zone) == before


def test_targets_keep_their_own_foreign_records(bind_host, powerdns_host, zone, setup):
    hosts = {"one": bind_host, "two": powerdns_host}
    bind_host.add(zone, foreign(zone))
    powerdns_host.add(zone, [(zone, "TXT", 60, '"only here"'), (f"x.{zone}", "A", 5, "192.0.2.7")])
    made = setup(bind_host, zone)
    made.hosts = hosts
    made.declare(adopt=[OLD_SPF])
    made.sync().ok()
    assert texts(bind_host, zone, zone) == sorted([*TOKENS, SPF])
    assert texts(powerdns_host, zone, zone) == ["only here", SPF]
    assert texts(powerdns_host, zone, f"x.{zone}", "A") == ["192.0.2.7"]
    assert "No changes were planned" in made.sync().ok().text


def test_dynamic_zones_and_several_workers(host, zone, setup):
    made = setup(host, zone)
    names = [f"{label}.{zone}" for label in ("a", "b", "c", "d")]
    for name in names:
        host.add(name, foreign(name, spf=""))
        made.declare(name)
    before = {name: wire(host, name) for name in names}
    entry = zones(made)[zone]
    made.config = {
        "manager": {"max_workers": 3},
        "zones": {"*": {**entry, "glob": f"*.{zone}"}},
    }
    made.sync().ok()
    for name in names:
        assert before[name] <= wire(host, name)
        assert SPF in texts(host, name, name)
    assert "No changes were planned" in made.sync().ok().text


def test_a_checksum_plan_is_refused_when_the_zone_moved(made, host, zone):
    """octoDNS's own protection works with an overlay."""
    made.config = {"manager": {"enable_checksum": True}}
    run = octodns("sync", "--config-file", str(made.write())).ok()
    checksum = run.text.split("checksum=")[-1].split()[0]
    host.change(zone, zone, "TXT", 1800, [f'"{text}"' for text in [*TOKENS, "new-token"]])
    before = wire(host, zone)
    command = ["sync", "--config-file", str(made.write()), "--doit", "--checksum", checksum]
    octodns(*command).stops("does not match")
    assert wire(host, zone) == before
