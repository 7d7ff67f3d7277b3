"""Hosts for the tests of octoDNS, started once for all of them in a process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.octodns.hosts import SECRET, Bind, Host, PowerDns, bind, powerdns
from tests.octodns.runs import Setup
from tests.servers.pdns import KEY

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def bind_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bind]:
    with bind(tmp_path_factory.mktemp("named")) as host:
        yield host


@pytest.fixture(scope="session")
def powerdns_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PowerDns]:
    with powerdns(tmp_path_factory.mktemp("pdns")) as host:
        yield host


@pytest.fixture(params=["bind", "powerdns"])
def host(request: pytest.FixtureRequest) -> Host:
    """Each of the two servers in turn."""
    found: Host = request.getfixturevalue(f"{request.param}_host")
    return found


@pytest.fixture
def zone() -> str:
    """A zone that no other test uses, with its final dot."""
    return f"z{next(_NUMBERS)}.example."


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILZONE_TEST_SECRET", SECRET)
    monkeypatch.setenv("MAILZONE_TEST_KEY", KEY)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795262400")  # 2026-11-21


@pytest.fixture
def setup(tmp_path: Path) -> Callable[..., Setup]:
    """Make a project with its octoDNS configuration."""

    def make(host: Host, zone: str, **how: object) -> Setup:
        return Setup(tmp_path / "project", {"host": host}, zone, **how)  # type: ignore[arg-type]

    return make
