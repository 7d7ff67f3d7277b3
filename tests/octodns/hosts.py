"""DNS hosts for tests of octoDNS: a real BIND and a real PowerDNS behind one face.

A zone is a list of ``(name, type, ttl, data)`` with data in presentation form; what counts is what a
zone transfer shows, octet for octet.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

import dns.exception
import dns.message
import dns.name
import dns.query
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.tsigkeyring
import dns.update
import dns.zone
import pytest

from tests.servers import pdns
from tests.servers.bind import WAIT, _free_port, tool

Record = tuple[str, str, int, str]
Wire = set[tuple[str, str, int, bytes]]

SECRET = "bm90IGEgc2VjcmV0LCBidXQgbG9uZyBlbm91Z2g="  # of a key for 127.0.0.1 only
KEY_NAME = "tests."


class Host(Protocol):
    """A server that octoDNS can write to."""

    port: int

    def add(self, zone: str, records: Iterable[Record]) -> None:
        """Make a zone (name with its final dot) with these records beside SOA and NS."""

    def change(self, zone: str, name: str, type: str, ttl: int, data: list[str]) -> None:
        """Another hand replaces a record set; without data it is deleted."""

    def provider(self) -> dict[str, Any]:
        """The octoDNS provider's configuration."""


def wire(host: Host, zone: str) -> Wire:
    """The whole zone but for its SOA record, from a transfer, types and data as on the wire."""
    found: Wire = set()
    keyring = dns.tsigkeyring.from_text({KEY_NAME: SECRET}) if isinstance(host, Bind) else None
    query = dns.message.make_query(zone, "AXFR")
    if keyring is not None:
        query.use_tsig(keyring)
    messages = dns.query.xfr(
        "127.0.0.1", zone, port=host.port, timeout=20, relativize=False, keyring=keyring
    )
    for message in messages:
        for rrset in message.answer:
            for data in rrset:
                type = dns.rdatatype.to_text(rrset.rdtype)
                if type != "SOA":
                    found.add((rrset.name.to_text().lower(), type, rrset.ttl, octets(data)))
    return found


def octets(data: dns.rdata.Rdata) -> bytes:
    made = data.to_wire()
    assert made is not None
    return made.lower() if data.rdtype == dns.rdatatype.CNAME else made


def texts(host: Host, zone: str, name: str, type: str = "TXT") -> list[str]:
    """The data at a name: TXT joined (Latin-1, so that octets show), else presentation form."""
    found = []
    for owner, kind, _, raw in sorted(wire(host, zone)):
        if (owner, kind) == (name, type):
            data = dns.rdata.from_wire(dns.rdataclass.IN, type, raw, 0, len(raw))
            found.append(
                b"".join(data.strings).decode("latin-1") if type == "TXT" else data.to_text()
            )
    return sorted(found)


class Bind:
    """named that takes dynamic updates and zones at run time."""

    def __init__(self, folder: Path, port: int, control: int) -> None:
        self.folder, self.port, self.control = folder, port, control

    def add(self, zone: str, records: Iterable[Record]) -> None:
        self.add_many({zone: records})

    def add_many(self, zones: dict[str, Iterable[Record]]) -> None:
        for zone, records in zones.items():
            lines = [
                f"{zone} 3600 IN SOA ns1.{zone} hostmaster.{zone} 1 7200 900 86400 60",
                f"{zone} 3600 IN NS ns1.{zone}",
                f"ns1.{zone} 3600 IN A 127.0.0.1",
                *(f"{name} {ttl} IN {type} {data}" for name, type, ttl, data in records),
            ]
            path = self.folder / f"{zone}db"
            path.write_text("\n".join(lines) + "\n", encoding="latin-1")
            spec = (
                f'{{ type primary; file "{path}"; allow-update {{ key {KEY_NAME}; }}; '
                f"allow-transfer {{ key {KEY_NAME}; }}; check-names ignore; }};"
            )
            self._rndc("addzone", zone.rstrip("."), spec)

    def change(self, zone: str, name: str, type: str, ttl: int, data: list[str]) -> None:
        update = dns.update.UpdateMessage(
            zone, keyring=dns.tsigkeyring.from_text({KEY_NAME: SECRET})
        )
        update.delete(name, type)
        for one in data:
            update.add(name, ttl, type, one)
        answer = dns.query.tcp(update, "127.0.0.1", port=self.port, timeout=10)
        assert answer.rcode() == 0, answer

    def provider(self) -> dict[str, Any]:
        return {
            "class": "octodns_bind.Rfc2136Provider",
            "host": "127.0.0.1",
            "port": self.port,
            "key_name": KEY_NAME,
            "key_secret": "env/MAILZONE_TEST_SECRET",
        }

    def _rndc(self, *words: str) -> None:
        command = [tool("rndc"), "-s", "127.0.0.1", "-p", str(self.control)]
        command += ["-k", str(self.folder / "rndc.key"), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


class PowerDns:
    """pdns_server, written to through its HTTP API."""

    def __init__(self, server: pdns.PowerDns) -> None:
        self.server, self.port = server, server.port

    def add(self, zone: str, records: Iterable[Record]) -> None:
        sets: dict[tuple[str, str, int], list[str]] = {
            (zone, "NS", 3600): [f"ns1.{zone}"],
            (f"ns1.{zone}", "A", 3600): ["127.0.0.1"],
        }
        for name, type, ttl, data in records:
            sets.setdefault((name, type, ttl), []).append(data)
        rrsets = [
            {
                "name": name,
                "type": type,
                "ttl": ttl,
                "records": [{"content": one, "disabled": False} for one in data],
            }
            for (name, type, ttl), data in sets.items()
        ]
        made = {"name": zone, "kind": "Native", "rrsets": rrsets, "soa_edit_api": "DEFAULT"}
        self.server.call("POST", "/zones", made)

    def change(
        self, zone: str, name: str, type: str, ttl: int, data: list[str], disabled: str = ""
    ) -> None:
        made = {
            "name": name,
            "type": type,
            "ttl": ttl,
            "changetype": "REPLACE" if data else "DELETE",
            "records": [{"content": one, "disabled": one == disabled} for one in data],
        }
        self.server.call("PATCH", f"/zones/{zone}", {"rrsets": [made]})

    def provider(self) -> dict[str, Any]:
        return {
            "class": "octodns_powerdns.PowerDnsProvider",
            "host": "127.0.0.1",
            "port": self.server.api,
            "api_key": "env/MAILZONE_TEST_KEY",
            "mode_of_operation": "native",
        }


@contextlib.contextmanager
def bind(folder: Path) -> Iterator[Bind]:
    """A real named that takes zones and updates."""
    program = folder / "named-copy"  # AppArmor may confine the installed path
    shutil.copy2(tool("named"), program)
    host = Bind(folder, _free_port(), _free_port())
    key = f'key "rndc" {{ algorithm hmac-sha256; secret "{SECRET}"; }};\n'
    (folder / "rndc.key").write_text(key)
    config = folder / "named.conf"
    config.write_text(
        key
        + f"""key "{KEY_NAME}" {{ algorithm hmac-sha256; secret "{SECRET}"; }};
options {{
    directory "{folder}"; managed-keys-directory "{folder}"; pid-file none; lock-file none;
    session-keyfile none; listen-on port {host.port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
    recursion no; notify no; empty-zones-enable no; dnssec-validation no; allow-new-zones yes;
    allow-query {{ 127.0.0.1; }}; allow-transfer {{ none; }}; ixfr-from-differences no;
}};
controls {{ inet 127.0.0.1 port {host.control} allow {{ 127.0.0.1; }} keys {{ "rndc"; }}; }};
zone "ready.invalid" {{ type primary; file "ready.db"; }};
"""
    )
    (folder / "ready.db").write_text(
        "$TTL 60\n@ IN SOA ns h 1 7200 900 86400 60\n@ IN NS ns\nns IN A 127.0.0.1\n"
    )
    log = folder / "named.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [program, "-g", "-n", "1", "-c", str(config)], stdout=stream, stderr=stream
        )
    try:
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline:
            assert process.poll() is None, f"named ended:\n{log.read_text()}"
            with contextlib.suppress(OSError, dns.exception.DNSException):
                query = dns.message.make_query("ready.invalid.", "SOA")
                if dns.query.tcp(query, "127.0.0.1", port=host.port, timeout=0.5).answer:
                    yield host
                    return
            time.sleep(0.05)
        pytest.fail(f"named does not answer:\n{log.read_text()}")
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def powerdns(folder: Path) -> Iterator[PowerDns]:
    """A real PowerDNS."""
    with pdns.serving(folder) as server:
        yield PowerDns(server)
