"""What is measured inside a process of its own: `tasks.py TASK PROJECT`.

Runs in the environment of the wheel.  Imports stand in the functions, so that each task pays for
its own only.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.values import Compiled

SAMPLE = 100  # zones that dnspython gets; its time is scaled up


def floor(project: str) -> None:
    """F: PyYAML's fast loader parses every file, and nothing else happens."""
    import yaml

    folder = f"{project}/zones"
    for name in sorted(os.listdir(folder)):  # noqa: PTH208 - the floor does as little as can be
        with open(f"{folder}/{name}", encoding="utf-8") as stream:  # noqa: PTH123
            yaml.load(stream.read(), yaml.CSafeLoader)


def build(project: str) -> None:
    """A whole build, all texts included, without writing them."""
    from datetime import UTC, datetime

    from generator.emit.bind import files, render

    now = datetime.now(UTC)
    texts = [render(file, None, now) for file in files(_compiled(project))]
    if not texts:
        sys.exit("nothing was built")


def _compiled(project: str) -> list[Compiled]:
    from datetime import UTC, datetime

    from generator.project import assemble

    made = assemble(Path(project), datetime.now(UTC).date())
    if made.errors:
        sys.exit(f"{made.errors[0].rule}: {made.errors[0].message}")
    return made.compiled


def schema(project: str) -> None:
    """Only the check against the schema, of documents already read."""
    from generator.schema import accepts
    from generator.source import read

    gc.disable()
    documents = [
        document
        for path in sorted(Path(project, "zones").iterdir())
        for document in read(path, path.name).documents
    ]
    started = time.perf_counter()
    accepted = sum(accepts(document, "declaration-structure") for document in documents)
    seconds = time.perf_counter() - started
    if accepted != len(documents):
        sys.exit("a document was rejected")
    _report(schema=seconds)


def zones(project: str) -> None:
    """Merging into hand-kept zones and reading them; dnspython does a sample of the same."""
    from datetime import UTC, datetime

    import dns.zone
    from inputs import zone_text

    from generator.emit.merge import Order, merge
    from generator.zonefile import Reader

    compiled = _compiled(project)
    names = [one.domain.name for one in compiled]
    texts = [zone_text(number) for number in range(len(compiled))]
    if any(f"; {name}," not in text[:40].decode() for name, text in zip(names, texts, strict=True)):
        sys.exit("zones and declarations are not in the same order")
    orders = [Order(f"{one.domain.name}.", one.domain.name, one.values) for one in compiled]
    now = datetime.now(UTC)
    work = list(zip(texts, orders, strict=True))

    def merged() -> None:
        for text, order in work:
            found = merge(text, order, None, None, now)
            if found.findings or found.text == text:
                sys.exit(f"{order.zone} was not merged: {found.findings[:1]}")

    def read() -> None:
        for text, order in work:
            Reader(order.zone).read(text)

    sample = list(zip(texts, names, strict=True))[:SAMPLE]

    def peer_read() -> list[Any]:
        return [dns.zone.from_text(text.decode(), origin=f"{name}.") for text, name in sample]

    def peer_write() -> None:
        for zone in peer_read():
            zone.to_text()

    scale = len(work) / len(sample)
    _report(
        merge=_timed(merged),
        read=_timed(read),
        peer_read=_timed(peer_read) * scale,
        peer_write=_timed(peer_write) * scale,
    )


def _timed(work: Callable[[], object]) -> float:
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _report(**figures: float) -> None:
    json.dump(figures, sys.stdout)


# --- the same records for octoDNS ------------------------------------------------------------


def octodns(project: str) -> None:
    """Write the project's records as an octoDNS configuration into PROJECT/octodns."""
    import yaml

    folder = Path(project, "octodns")
    source = folder / "config"
    source.mkdir(parents=True)
    (folder / "target").mkdir()
    count = 0
    for one in _compiled(project):
        zone = f"{one.domain.name}."
        text = yaml.dump(_zone(one, zone), Dumper=yaml.CSafeDumper, sort_keys=True)
        (source / f"{zone}yaml").write_text(text, encoding="utf-8")
        count += len(one.values)
    yaml_provider = {"class": "octodns.provider.yaml.YamlProvider", "enforce_order": False}
    bind_provider = {"class": "octodns_bind.ZoneFileProvider", "file_extension": ".zone"}
    config = {
        "manager": {"max_workers": 1},
        "providers": {
            "config": yaml_provider | {"directory": str(source)},
            "target": bind_provider | {"directory": str(folder / "target")},
        },
        "zones": {"*": {"sources": ["config"], "targets": ["target"]}},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    _report(records=count)


def _zone(one: Compiled, zone: str) -> dict[str, list[dict[str, Any]]]:
    sets: dict[tuple[str, str], dict[str, Any]] = {}
    for value in one.values:
        name = value.name.removesuffix(zone).removesuffix(".")
        kept = sets.setdefault((name, value.type), {"ttl": value.ttl, "type": value.type})
        if value.type == "CNAME":
            kept["value"] = value.text
        else:
            kept.setdefault("values", []).append(_octodns_value(value.type, value.text))
    out: dict[str, list[dict[str, Any]]] = {}
    for (name, _), kept in sets.items():
        out.setdefault(name, []).append(kept)
    return out


def _octodns_value(type: str, text: str) -> str | dict[str, Any]:
    if type == "MX":
        preference, _, exchange = text.partition(" ")
        return {"preference": int(preference), "exchange": exchange}
    return text.replace(";", "\\;") if type == "TXT" else text


TASKS = {task.__name__: task for task in (floor, build, schema, zones, octodns)}

if __name__ == "__main__":
    TASKS[sys.argv[1]](sys.argv[2])
