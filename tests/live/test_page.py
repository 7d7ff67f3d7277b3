"""docs/lock.md shows what happens: its commands, run in order against a world that changes."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import dns.rcode

from tests.servers import misbehaving as bad
from tests.support import ROOT

PAGE = ROOT / "docs" / "lock.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DECLARATION = re.compile(r"^```yaml\n(domain: .*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (.*)$", re.MULTILINE)


def well(server: bad.Server) -> None:
    server.records |= {
        ("_spf.vendor.example", "TXT"): [
            '"v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 include:_eu.vendor.example ~all"'
        ],
        ("_eu.vendor.example", "TXT"): ['"v=spf1 ip6:2001:db8::/32 ~all"'],
        ("k1.keys.vendor.example", "TXT"): [f'"v=DKIM1; k=ed25519; p={"A" * 43}="'],
        ("mail.example.com", "A"): ["192.0.2.25"],
        ("reports.example", "MX"): ["10 mx.reports.example."],
        ("example.com._report._dmarc.reports.example", "TXT"): ['"v=DMARC1;"'],
    }


def grown(server: bad.Server) -> None:
    server.records |= {
        ("_eu.vendor.example", "TXT"): [
            '"v=spf1 ip6:2001:db8::/32 ip4:203.0.113.0/24 include:_eu2.vendor.example a mx ~all"'
        ],
        ("_eu.vendor.example", "A"): ["203.0.113.1"],
        ("_eu.vendor.example", "MX"): ["10 mail.example.com."],
        ("_eu2.vendor.example", "TXT"): ['"v=spf1 ip4:203.0.113.128/25 ~all"'],
    }


def shrunk(server: bad.Server) -> None:
    server.records.clear()
    well(server)
    server.records["_spf.vendor.example", "TXT"] = [
        '"v=spf1 ip4:192.0.2.0/24 include:_eu.vendor.example ~all"'
    ]


def failing(server: bad.Server) -> None:
    server.behaviours["_eu.vendor.example"] = bad.refusing(dns.rcode.SERVFAIL)


STEPS: list[Callable[[bad.Server], None]] = [well, grown, shrunk, failing]  # one before each block


def renewed(text: str, folder: Path) -> str:
    """The page with the output of its commands as it is."""
    (folder / "zones").mkdir()
    declaration = DECLARATION.search(text)
    assert declaration is not None
    (folder / "zones" / "example.com.yaml").write_text(declaration[1])
    steps = iter(STEPS)
    with bad.serving() as server:
        where = f"127.0.0.1#{server.port}"
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SOURCE_DATE_EPOCH": "1795219200",
            "LC_ALL": "C.UTF-8",
        }
        python = shlex.quote(sys.executable)
        # The page asks the machine's resolver; here that is the server of this test.
        function = f'mailzone() {{ {python} -m generator "$@" --resolver {where}; }}\n'

        def run(block: re.Match[str]) -> str:
            next(steps)(server)
            lines = []
            for command in COMMAND.findall(block[1]):
                done = subprocess.run(
                    ["bash", "-c", function + command],
                    cwd=folder,
                    env=environment,
                    text=True,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    check=False,
                )
                lines.append(f"$ {command}\n{done.stdout.replace(where, '192.0.2.53')}")
            return "```console\n" + "".join(lines) + "```"

        made = BLOCK.sub(run, text)
    assert next(steps, None) is None
    return made


def test_the_page_shows_what_happens(tmp_path: Path):
    text = PAGE.read_text()
    assert renewed(text, tmp_path) == text


if __name__ == "__main__":  # renew the page
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        PAGE.write_text(renewed(PAGE.read_text(), Path(scratch)))
