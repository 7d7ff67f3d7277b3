"""octoDNS as its users run it: a configuration file and the manager, or its commands."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.octodns.hosts import Host

ROOT = Path(__file__).resolve().parents[2]
OLD_SPF = "v=spf1 mx include:_spf.oldhoster.example ~all"
TOKENS = ["google-site-verification=abc", "MS=ms12345678", "a=1; b=2;"]


def declaration(zone: str, /, **more: Any) -> dict[str, Any]:
    """A domain with an SPF term, two keys and a policy."""
    made: dict[str, Any] = {
        "domain": zone.rstrip("."),
        "stage": "monitor",
        "services": [
            {
                "use": "own-server",
                "ipv4": "192.0.2.10",
                "dkim": {"s1": "MCowBQYDK2VwAyEAMb5mQyLJWi4kUPKoXCGzmOxUDKTCCUNP1aWWzEWn1Zk="},
            },
        ],
        "dmarc": {"reports": [f"mailto:d@{zone.rstrip('.')}"]},
        "records": [
            {"name": "k2._domainkey", "type": "CNAME", "value": "k2.vendor.example"},
            {"name": "k3._domainkey", "type": "CNAME", "value": "k3.vendor.example"},
        ],
        "waive": {"spf-ip-private": {"because": "a test", "until": "2099-12-31"}},
    }
    made.update(more)
    return {key: value for key, value in made.items() if value is not None}


@dataclass
class Run:
    code: int
    text: str

    def ok(self) -> Run:
        assert self.code == 0, self.text
        return self

    def stops(self, *words: str) -> Run:
        assert self.code != 0, self.text
        for word in words:
            assert word in self.text, self.text
        return self


@dataclass
class Setup:
    """A mailzone project and an octoDNS configuration that pushes it."""

    root: Path
    hosts: dict[str, Host]
    zone: str
    source: dict[str, Any] = field(default_factory=dict)
    overlay: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)  # replaces parts of the whole

    def __post_init__(self) -> None:
        (self.root / "zones").mkdir(parents=True, exist_ok=True)

    def declare(self, name: str = "", /, **more: Any) -> None:
        """Write the declaration of the zone, or of another one."""
        zone = name or self.zone
        text = yaml.safe_dump(declaration(zone, **more), sort_keys=False)
        (self.root / "zones" / f"{zone}yaml").write_text(text)

    def whole(self) -> dict[str, Any]:
        """The configuration as octoDNS gets it."""
        providers: dict[str, Any] = {
            "mail": {
                "class": "generator.octodns.MailSource",
                "project": str(self.root),
                **self.source,
            }
        }
        servers = {}
        for id, host in self.hosts.items():
            providers[id] = host.provider()
            servers[id] = f"127.0.0.1:{host.port}"
        made: dict[str, Any] = {
            "manager": {"max_workers": 1},
            "providers": providers,
            "processors": {
                "overlay": {
                    "class": "generator.octodns.MailOverlay",
                    "nameservers": servers,
                    "patience": 0,
                    **self.overlay,
                }
            },
            "zones": {
                self.zone: {
                    "sources": ["mail"],
                    "processors": ["overlay"],
                    "targets": list(self.hosts),
                }
            },
        }
        for key, value in self.config.items():
            if key == "zones":
                made[key] = value
            else:
                made.setdefault(key, {}).update(value)
        return made

    def write(self) -> Path:
        path = self.root / "octodns.yaml"
        path.write_text(yaml.safe_dump(self.whole(), sort_keys=False))
        return path

    def sync(self, *, doit: bool = True, force: bool = False) -> Run:
        """What `octodns-sync` does, in this process; applies unless said otherwise."""
        from octodns.manager import Manager

        said = io.StringIO()
        handler = logging.StreamHandler(said)
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
        root = logging.getLogger()
        level = root.level
        root.addHandler(handler)
        root.setLevel(logging.INFO)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # between octoDNS's packages
                manager = Manager(str(self.write()))
                manager.sync(dry_run=not doit, force=force, plan_output_fh=said)
        except Exception as error:
            return Run(1, f"{said.getvalue()}\n{type(error).__name__}: {error}")
        finally:
            root.removeHandler(handler)
            root.setLevel(level)
        return Run(0, said.getvalue())


def octodns(command: str, *arguments: str) -> Run:
    """One of octoDNS's commands, in a process of its own, as its users run it."""
    code = f"import sys; from octodns.cmds.{command} import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=300,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1795262400"},
    )
    return Run(done.returncode, done.stdout + done.stderr)


def foreign(zone: str, *, spf: str = OLD_SPF) -> list[tuple[str, str, int, str]]:
    """A zone that others keep: an apex with tokens, a host, mail, somebody's own key."""
    apex = [f'"{token}"' for token in [*TOKENS, *([spf] if spf else [])]]
    return [
        (zone, "A", 300, "192.0.2.1"),
        (zone, "MX", 3600, f"10 mail.{zone}"),
        *((zone, "TXT", 1800, text) for text in apex),
        (f"www.{zone}", "CNAME", 300, zone),
        (f"mail.{zone}", "A", 300, "192.0.2.2"),
        (f"hand._domainkey.{zone}", "TXT", 300, '"v=DKIM1; p="'),
        (f"_acme-challenge.{zone}", "TXT", 60, '"token"'),
    ]
