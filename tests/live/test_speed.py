"""A thousand domains against a name server that is 20 ms away."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.live.lock import run
from generator.live.resolver import Resolver, Server
from generator.lock import Lock
from tests.servers.bind import serving
from tests.support import ROOT, TODAY, Sandbox

DOMAINS = 1000
DELAY = 20  # ms
SAMPLE = 50  # questions asked one after the other
ROUNDS = 3  # at most
LEAST = 20  # times as fast

HEAD = "$TTL 300\n@ IN SOA ns hm 1 7200 900 86400 60\n@ IN NS ns.elsewhere.invalid.\n"


@pytest.fixture
def far_away(tmp_path: Path) -> Iterator[int]:
    """The port of a relay before a named that knows every vendor."""
    lines = [HEAD]
    for i in range(DOMAINS):
        lines.append(f'v{i} IN TXT "v=spf1 include:n{i % 50}.example ~all"\n')
        lines.append(f'k{i} IN TXT "v=DKIM1; k=rsa; p={"A" * 200}" "{"A" * 192}"\n')
    lines += [f'n{i} IN TXT "v=spf1 ip4:192.0.2.{i} ~all"\n' for i in range(50)]
    zone = tmp_path / "example.zone"
    zone.write_text("".join(lines))
    with serving({"example": zone}, tmp_path) as named:
        relay = subprocess.Popen(
            [sys.executable, ROOT / "tests/servers/delay.py", str(named.port), str(DELAY)],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert relay.stdout is not None
            yield int(relay.stdout.readline())
        finally:
            relay.kill()
            relay.wait()


def clock() -> float:
    """Seconds, without those in which this process could have run but others had the processor.

    Linux tells the latter; elsewhere other work on the machine counts against us.
    """
    waited = Path("/proc/self/schedstat")
    nanoseconds = int(waited.read_text().split()[1]) if waited.exists() else 0
    return time.perf_counter() - nanoseconds / 1e9


@pytest.mark.slow
def test_a_thousand_domains_are_locked_many_times_faster_than_one_by_one(
    sandbox: Sandbox, far_away: int
):
    sandbox.write(
        "zones/a.yaml",
        "domains:\n"
        + "".join(
            f"  d{i}.test: {{spf: {{also: ['include:v{i}.example']}}, records: "
            f"[{{name: s._domainkey, type: CNAME, value: k{i}.example}}]}}\n"
            for i in range(DOMAINS)
        )
        + "stage: audit\n",
    )
    project = sandbox.assemble()
    assert len(project.compiled) == DOMAINS
    servers = [Server("127.0.0.1", far_away)]

    async def one_by_one() -> None:
        resolver = Resolver(servers)
        for i in range(SAMPLE):
            assert (await resolver.ask(f"v{i}.example", "TXT")).answer.status == "ok"

    ratios: list[float] = []
    # Other work on the machine only ever slows, so one round that is fast enough is enough.
    while len(ratios) < ROUNDS and max(ratios, default=0) < LEAST:
        start = clock()
        asyncio.run(one_by_one())
        single = (clock() - start) / SAMPLE
        start = clock()
        outcome = run(project.compiled, Lock(), Resolver(servers), TODAY, {})
        took = clock() - start
        asked = 2 * DOMAINS + 50
        assert len(outcome.renewal.lock.entries) == asked
        assert not outcome.renewal.kept
        ratios.append(single * asked / took)
    assert max(ratios) >= LEAST, ratios
