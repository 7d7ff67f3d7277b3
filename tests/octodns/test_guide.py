"""The guide's configurations are the shipped ones, and they run."""

from __future__ import annotations

import re

import yaml

from generator.octodns import MailOverlay, MailPresent, MailSource
from tests.octodns.hosts import texts, wire
from tests.octodns.runs import ROOT
from tests.support import call

GUIDE = (ROOT / "docs" / "octodns.md").read_text()
BLOCKS = re.findall(r"^```yml\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
OLD_SPF = "v=spf1 include:_spf.oldhoster.example ~all"


def test_the_overlay_of_the_guide_is_the_example_and_does_what_it_shows(
    host, tmp_path, monkeypatch
):
    example = ROOT / "examples" / "octodns"
    assert yaml.safe_load(BLOCKS[0]) == yaml.safe_load((example / "octodns.yaml").read_text())
    zone = "example.com."
    host.add(zone, [(zone, "TXT", 1800, f'"{text}"') for text in ("t1", "t2", OLD_SPF)])
    before = wire(host, zone)
    config = yaml.safe_load(BLOCKS[0])
    config["providers"]["mail"]["project"] = str(example)
    config["providers"]["host"] = host.provider()
    config["processors"]["mail-overlay"]["nameservers"] = [f"127.0.0.1:{host.port}"]
    path = tmp_path / "octodns.yaml"
    path.write_text(yaml.safe_dump(config))
    result = call("push", "--config", str(path))
    assert result.exit_code == 0, result.output
    (shown,) = re.findall(r"^\$ mailzone push .*?\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    assert sorted(result.output.splitlines()) == sorted(shown.splitlines())
    assert wire(host, zone) == before
    assert call("push", "--config", str(path), "--apply").exit_code == 0
    assert "v=spf1 include:spf.protection.outlook.com ~all" in texts(host, zone, zone)


def defaults(cls):
    import inspect

    found = inspect.signature(cls.__init__).parameters.values()
    return {one.name: one.default for one in found if one.name not in ("self", "id")}


def test_every_option_is_listed_with_its_default():
    for cls in (MailSource, MailOverlay, MailPresent):
        section = GUIDE.partition(f"`generator.octodns.{cls.__name__}`")[2]
        listed = dict(re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", section, re.MULTILINE))
        options = defaults(cls)
        assert set(options) <= set(listed), cls
        for name, default in options.items():
            assert yaml.safe_load(listed[name]) == default
            assert cls.__doc__.count(f" {name}: ") >= 1
            assert f"(default: {listed[name]})" in cls.__doc__
