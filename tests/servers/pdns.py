"""PowerDNS for tests: a real pdns_server with its HTTP API on an SQLite database."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import pytest

from tests.servers.bind import WAIT, _free_port

SCHEMAS = [
    Path("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"),
    Path("/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql"),
]
KEY = "not-a-secret"  # of an API that listens on 127.0.0.1 while a test runs


def _missing(what: str) -> None:
    """Skip on somebody's desk, fail in CI, where it must not be missed."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@dataclass(frozen=True)
class PowerDns:
    """A running PowerDNS: ``port`` for DNS, ``api`` for HTTP."""

    port: int
    api: int

    def call(self, method: str, path: str, data: object = None) -> object:
        """The API's answer; the test fails if it refuses."""
        connection = http.client.HTTPConnection("127.0.0.1", self.api, timeout=30)
        body = None if data is None else json.dumps(data)
        headers = {"X-API-Key": KEY, "Content-Type": "application/json"}
        connection.request(method, f"/api/v1/servers/localhost{path}", body, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        assert answer.status < 300, (answer.status, text)
        return json.loads(text) if text else None


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[PowerDns]:
    """A PowerDNS without zones, on ports of its own."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
    program = shutil.which("pdns_server", path=path)
    schema = next((one for one in SCHEMAS if one.exists()), None)
    if program is None or schema is None:
        _missing("apt-get install pdns-server pdns-backend-sqlite3")
    assert program is not None
    assert schema is not None
    database = folder / "pdns.sqlite3"
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.executescript(schema.read_text())
        connection.commit()
    empty = folder / "empty"
    empty.mkdir()
    server = PowerDns(_free_port(), _free_port())
    log = folder / "pdns.log"
    settings = {
        "config-dir": empty,
        "launch": "gsqlite3",
        "gsqlite3-database": database,
        "gsqlite3-pragma-synchronous": 0,
        "local-address": "127.0.0.1",
        "local-port": server.port,
        "api": "yes",
        "api-key": KEY,
        "webserver": "yes",
        "webserver-address": "127.0.0.1",
        "webserver-port": server.api,
        "webserver-allow-from": "127.0.0.1",
        "allow-axfr-ips": "127.0.0.1",
        "daemon": "no",
        "guardian": "no",
        "socket-dir": folder,
        "cache-ttl": 0,
        "query-cache-ttl": 0,
        "negquery-cache-ttl": 0,
        "zone-cache-refresh-interval": 0,
        "version-string": "anonymous",
        "security-poll-suffix": "",
    }
    command = [program, *(f"--{name}={value}" for name, value in settings.items())]
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream)
    try:
        _wait(server, process, log)
        yield server
    finally:
        process.kill()
        process.wait()


def _wait(server: PowerDns, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        assert process.poll() is None, f"pdns_server ended:\n{log.read_text()}"
        with contextlib.suppress(OSError, dns.exception.DNSException):
            query = dns.message.make_query("nothing.invalid.", "SOA")
            dns.query.tcp(query, "127.0.0.1", port=server.port, timeout=0.5)
            server.call("GET", "/zones")
            return
        time.sleep(0.05)
    pytest.fail(f"pdns_server does not answer:\n{log.read_text()}")
