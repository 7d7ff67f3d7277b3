"""The official test suite of RFC 7208, from pyspf's source distribution.

It is downloaded by pip, checked against a hash, and kept below .venv/; the repository has no copy.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.simulate.world import NODATA, NXDOMAIN, SERVFAIL, Answer
from tests.support import ROOT

VERSION = "2.0.14"
SHA256 = "57a7ef01bda090173aafb6af0106251686ed73f03db4e911fcd34c57fc347186"
CACHE = ROOT / ".venv" / "cache" / "pyspf"


class YamlTexts(yaml.CSafeLoader):
    """Values as they are written: the suite has addresses that YAML 1.1 takes for other things."""


YamlTexts.yaml_implicit_resolvers = {}


@dataclass(frozen=True)
class Case:
    """One case of the suite; ``results`` are the legal ones, the preferred one first."""

    id: str
    client: dict[str, str]
    results: tuple[str, ...]
    explanation: str | None
    zone: dict[str, list[Any]]


class Zone:
    """The world that a scenario describes."""

    def __init__(self, data: dict[str, list[Any]]) -> None:
        self.data = {name.lower().removesuffix("."): records for name, records in data.items()}

    def answer(self, name: str, type: str, depth: int = 0) -> Answer:
        if name not in self.data:
            return SERVFAIL if name.startswith("error.") else NXDOMAIN
        held, broken = [], False
        given = [r for r in self.data[name] if isinstance(r, dict)]
        types = {kind for record in given for kind in record}
        for record in self.data[name]:
            if record == "TIMEOUT":
                broken = True
                continue
            ((kind, value),) = record.items()
            if kind == "SPF" and "TXT" not in types:
                kind = "TXT"  # the suite means TXT wherever a name has no TXT of its own
            if kind == "CNAME" and type != "CNAME":
                if depth == 8:
                    return SERVFAIL
                return self.answer(value.lower().removesuffix("."), type, depth + 1)
            if kind == type and value not in ("NONE", ["NONE"]):
                if value == "TIMEOUT":
                    broken = True
                else:
                    held.append(text(kind, value))
        if held:
            return Answer("ok", tuple(held))
        return SERVFAIL if broken else NODATA


def text(kind: str, value: Any) -> str:
    """The data of a record as a world has it."""
    if kind == "TXT":
        joined = "".join(value) if isinstance(value, list) else value
        return joined.encode("utf-8").decode("latin-1")
    if kind == "MX":
        return f"{value[0]} {value[1] or '.'}"
    return str(value)


def suite() -> Path:
    """The file with the suite.  Tests are skipped without it, but where CI is set they fail."""
    file = CACHE / f"rfc7208-tests-{VERSION}.yml"
    if not file.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        # Several workers may come at once: each works in a folder of its own.
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            try:
                archive = download(Path(folder))
            except (OSError, subprocess.CalledProcessError) as error:
                if os.environ.get("CI"):
                    raise
                pytest.skip(f"no download of pyspf {VERSION}: {error}", allow_module_level=True)
            with tarfile.open(archive) as held:
                member = held.extractfile(f"pyspf-{VERSION}/test/rfc7208-tests.yml")
                assert member is not None
                part = Path(folder, file.name)
                part.write_bytes(member.read())
            part.rename(file)
    return file


def download(folder: Path) -> Path:
    """The source distribution, in a folder; pip refuses one that has another hash."""
    wanted = folder / "requirements.txt"
    wanted.write_text(f"pyspf=={VERSION} --hash=sha256:{SHA256}\n")
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
         "--no-deps", "--no-binary", ":all:", "--require-hashes",
         "--requirement", str(wanted), "--dest", str(folder)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return folder / f"pyspf-{VERSION}.tar.gz"


def cases() -> Iterator[Case]:
    """Every case of the suite."""
    for scenario in yaml.load_all(suite().read_bytes(), YamlTexts):
        for id, test in scenario["tests"].items():
            results = test["result"]
            client = {"ip": test["host"], "helo": test["helo"], "sender": test["mailfrom"]}
            yield Case(
                id,
                client,
                tuple(results) if isinstance(results, list) else (results,),
                test.get("explanation"),
                scenario["zonedata"],
            )
