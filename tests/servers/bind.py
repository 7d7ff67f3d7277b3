"""BIND for tests: parent zones that include fragments, its checkers, and a server that answers."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdataset
import dns.zone
import pytest

from generator.values import Compiled, Value

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WAIT = 30  # seconds until a server that does not answer counts as broken


def tool(name: str) -> str:
    """The path of one of BIND's programs.

    Without it the test is skipped on somebody's desk and fails in CI, where it must not be missed.
    """
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is missing: apt-get install bind9 bind9-utils")
        pytest.skip(f"{name} is not installed (apt-get install bind9 bind9-utils)")
    return path


def parent_zone(name: str, *fragments: Path) -> str:
    """A hand-kept zone that includes fragments.

    Its $ORIGIN and $TTL are strange on purpose: a fragment must not depend on either.
    """
    lines = [
        "$TTL 5",
        f"{name}. 60 IN SOA ns.elsewhere.invalid. hostmaster.elsewhere.invalid. 7 7200 900 86400 60",
        f"{name}. 60 IN NS ns.elsewhere.invalid.",
        "$ORIGIN strange.invalid.",
        *(f'$INCLUDE "{fragment}"' for fragment in fragments),
    ]
    return "\n".join(lines) + "\n"


def zone_files(compiled: Iterable[Compiled], out: Path, into: Path) -> dict[str, Path]:
    """Zone name to master file for all that was built into ``out``.

    Fragments get a parent zone, written ``into`` a folder; whole zones stay as they are.
    """
    fragments: dict[str, list[Path]] = {}
    found: dict[str, Path] = {}
    zone_of = {one.domain.name: one.domain.zone.name for one in compiled}
    for path in sorted(out.iterdir()):
        if path.suffix == ".zone":
            found[path.stem] = path
        elif path.suffix == ".inc":
            fragments.setdefault(zone_of[path.stem], []).append(path)
    for name, paths in fragments.items():
        found[name] = into / f"{name}.parent"
        found[name].write_text(parent_zone(name, *paths), encoding="utf-8")
    return found


def check_zone(name: str, file: Path) -> str:
    """What named-checkzone says; the test fails if it refuses the file."""
    done = subprocess.run(
        [tool("named-checkzone"), "-i", "none", name, str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def check_zones(zones: Mapping[str, Path], folder: Path) -> None:
    """Load all zones in one run of named-checkconf; fails on a refusal or a warning."""
    config = folder / "check.conf"
    config.write_text(
        f'options {{ directory "{folder}"; check-integrity no; }};\n' + _zone_clauses(zones)
    )
    done = subprocess.run(
        [tool("named-checkconf"), "-z", str(config)], capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    lines = said.splitlines()
    for name in zones:
        loaded = [line for line in lines if line.startswith(f"zone {name}/IN: loaded serial")]
        assert loaded, said
    assert len(lines) == len(zones), said  # one line for each zone: nothing was warned of


def _zone_clauses(zones: Mapping[str, Path]) -> str:
    return "".join(
        f'zone "{name}" {{ type primary; file "{file}"; }};\n' for name, file in zones.items()
    )


def read_back(name: str, file: Path) -> set[tuple[str, str, int, str]]:
    """(owner, type, TTL, data) of each record, as dnspython reads the file; TXT joined."""
    zone = dns.zone.from_file(str(file), name, relativize=False, allow_include=True)
    return {
        (str(owner).lower(), dns.rdatatype.to_text(data.rdtype), ttl, plain(data))
        for owner, ttl, data in zone.iterate_rdatas()
    }


def compiled_records(values: Iterable[Value]) -> set[tuple[str, str, int, str]]:
    """The same form, of what was compiled."""
    return {(v.name, v.type, v.ttl, canonical(v)) for v in values}


def canonical(value: Value) -> str:
    if value.type == "TXT":
        return value.text
    return plain(dns.rdata.from_text(dns.rdataclass.IN, value.type, value.text))


def plain(data: dns.rdata.Rdata) -> str:
    """Record data as text: strings joined and unescaped for TXT, else dnspython's form."""
    if data.rdtype == dns.rdatatype.TXT:
        return b"".join(data.strings).decode("ascii")
    return data.to_text().lower()


@dataclass(frozen=True)
class Server:
    """A running name server."""

    port: int

    def ask(
        self, name: str, type: str, tcp: bool = False, edns: int | None = 0, payload: int = 1232
    ) -> dns.message.Message:
        query = dns.message.make_query(
            name, type, use_edns=False if edns is None else edns, payload=payload
        )
        how = dns.query.tcp if tcp else dns.query.udp
        return how(query, "127.0.0.1", port=self.port, timeout=10)

    def rrset(self, name: str, type: str, **how: bool) -> dns.rdataset.Rdataset:
        """The answer's record set; the test fails if the server has none of its own authority."""
        answer = self.ask(name, type, **how)
        assert answer.rcode() == dns.rcode.NOERROR, f"{name} {type}: {answer}"
        assert answer.flags & dns.flags.AA, f"{name} {type}: not authoritative"
        found = [s for s in answer.answer if s.rdtype == dns.rdatatype.from_text(type)]
        assert len(found) == 1, f"{name} {type}: {answer}"
        return found[0]


def _free_port() -> int:
    """A port of 127.0.0.1 that is free for both UDP and TCP."""
    while True:
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagram:
            stream.bind(("127.0.0.1", 0))
            port: int = stream.getsockname()[1]
            with contextlib.suppress(OSError):
                datagram.bind(("127.0.0.1", port))
                return port


@contextlib.contextmanager
def serving(zones: Mapping[str, Path], folder: Path) -> Iterator[Server]:
    """A real named for these zones, in the foreground, on a port of its own."""
    # A copy: AppArmor may confine the installed path to the system's folders.
    program = folder / "named-copy"
    shutil.copy2(tool("named"), program)
    config = folder / "named.conf"
    port = _free_port()
    config.write_text(
        f"""options {{
    directory "{folder}"; managed-keys-directory "{folder}"; pid-file none; lock-file none;
    session-keyfile none; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
    recursion no; notify no; empty-zones-enable no; dnssec-validation no;
    allow-query {{ 127.0.0.1; }}; allow-transfer {{ none; }};
}};
controls {{ }};
"""
        + _zone_clauses(zones)
    )
    log = folder / "named.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [program, "-g", "-n", "1", "-c", str(config)], stdout=stream, stderr=stream
        )
    try:
        server = Server(port)
        _wait(server, next(iter(zones)), process, log)
        yield server
    finally:
        process.kill()
        process.wait()


def _wait(server: Server, zone: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        assert process.poll() is None, f"named ended:\n{log.read_text()}"
        with contextlib.suppress(OSError, dns.exception.DNSException):
            query = dns.message.make_query(zone, "SOA")
            if dns.query.udp(query, "127.0.0.1", port=server.port, timeout=0.5).answer:
                return
        time.sleep(0.05)
    pytest.fail(f"named does not answer:\n{log.read_text()}")
