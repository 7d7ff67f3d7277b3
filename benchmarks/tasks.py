"""What is measured inside a process of its own: `tasks.py TASK PROJECT [ARGUMENT]`.

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
    from datetime import date

    from generator.diff.model import Diff, State
    from generator.project import Project
    from generator.values import Compiled

SAMPLE = 100  # zones that dnspython gets, and look-ups one by one; their time is scaled up
FEW = 20  # domains of a small change


def floor(project: str) -> None:
    """F: PyYAML's fast loader parses every file, and nothing else happens."""
    import yaml

    folder = f"{project}/zones"
    for name in sorted(os.listdir(folder)):  # noqa: PTH208 - the floor does as little as can be
        with open(f"{folder}/{name}", encoding="utf-8") as stream:  # noqa: PTH123
            yaml.load(stream.read(), yaml.CSafeLoader)


def build(project: str) -> None:
    """A whole build, all texts included, without writing them; it ends as the command ends."""
    from datetime import UTC, datetime

    from generator.cli import stop_at_once
    from generator.cli.common import assembled
    from generator.emit.bind import files, render

    found = assembled(Path(project))
    if found.errors:
        sys.exit("the input has errors")
    now = datetime.now(UTC)
    texts = [render(file, None, now) for file in files(found.compiled)]
    stop_at_once(SystemExit(0 if texts else "nothing was built"))


def compiled(project: str) -> list[Compiled]:
    """The project's domains, compiled and without faults."""
    return _assembled(project).compiled


def _assembled(project: str) -> Project:
    from datetime import UTC, datetime

    from generator.project import assemble

    made = assemble(Path(project), datetime.now(UTC).date())
    if made.errors:
        sys.exit(f"{made.errors[0].rule}: {made.errors[0].message}")
    return made


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
    report(schema=seconds)


def states(project: str, changed: str, changes: str) -> None:
    """Two compiled states compared, of which so many domains differ, and told as Markdown.

    Also how long the lint of the declarations takes within the first state's assembly.
    """
    from dataclasses import replace
    from datetime import UTC, datetime

    import generator.project
    from generator.diff.markdown import render
    from generator.diff.states import state_of

    linted = 0.0
    lint = generator.project.lint

    def clocked(*given: Any) -> Any:
        nonlocal linted
        started = time.perf_counter()
        found = lint(*given)
        linted += time.perf_counter() - started
        return found

    generator.project.lint = clocked
    old = state_of(_assembled(project), "old")
    generator.project.lint = lint
    new = state_of(_assembled(changed), "new")
    today = datetime.now(UTC).date()
    diff, seconds = _compared(old, new, today)
    # Most changes are small: the same with all but a few of the domains as they were.
    kept = {one.name: old.sides[one.name] for one in diff.domains[FEW:]}
    few, few_seconds = _compared(old, replace(new, sides=dict(new.sides) | kept), today)
    for found, wanted in ((diff, int(changes)), (few, FEW)):
        if len(found.domains) != wanted:
            sys.exit(f"{len(found.domains)} domains differ, not {wanted}")
    report(
        lint=linted,
        compare=seconds,
        compare_few=few_seconds,
        markdown=timed(lambda: render(diff)),
    )


def _compared(old: State, new: State, today: date) -> tuple[Diff, float]:
    from generator.diff.compare import compare

    found: list[Diff] = []
    seconds = timed(lambda: found.append(compare(old, new, today)))
    return found[0], seconds


def lock(project: str, port: str) -> None:
    """Everything outside that the project depends on asked for, and a sample one by one."""
    import asyncio
    from datetime import UTC, datetime

    from generator.live.lock import run
    from generator.live.resolver import Resolver, Server
    from generator.lock import Lock

    domains = compiled(project)
    servers = [Server("127.0.0.1", int(port))]

    async def one_by_one() -> None:
        resolver = Resolver(servers)
        for number in range(SAMPLE):
            found = await resolver.ask(f"v{number}.example", "TXT")
            if found.answer.status != "ok":
                sys.exit(f"v{number}.example: {found.answer.status}")

    single = timed(lambda: asyncio.run(one_by_one())) / SAMPLE
    today = datetime.now(UTC).date()
    outcomes = []
    seconds = timed(lambda: outcomes.append(run(domains, Lock(), Resolver(servers), today, {})))
    renewal = outcomes[0].renewal
    asked = len(renewal.lock.entries)
    if renewal.kept or asked < 2 * len(domains):
        sys.exit(f"{asked} names were answered, {len(renewal.kept)} were not")
    report(lock=seconds, one_by_one=single * asked)


def catalogue(installed: str, copy: str) -> None:
    """Write the catalogue of full size into a copy of the installed package."""
    from inputs import full_catalogue

    from generator.catalogue.packed import pack, unpack

    name = "_data/catalogue.json"
    entries = dict(unpack(Path(installed, name).read_bytes()))
    full = full_catalogue(entries)
    Path(copy, name).write_bytes(pack(full))
    report(shipped=len(entries), full=len(full))


def zones(project: str) -> None:
    """Merging into hand-kept zones and reading them; dnspython does a sample of the same."""
    from datetime import UTC, datetime

    import dns.zone
    from inputs import zone_text

    from generator.emit.merge import Order, merge
    from generator.zonefile import Reader

    domains = compiled(project)
    names = [one.domain.name for one in domains]
    texts = [zone_text(number) for number in range(len(domains))]
    if any(f"; {name}," not in text[:40].decode() for name, text in zip(names, texts, strict=True)):
        sys.exit("zones and declarations are not in the same order")
    orders = [Order(f"{one.domain.name}.", one.domain.name, one.values) for one in domains]
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
    report(
        merge=timed(merged),
        read=timed(read),
        peer_read=timed(peer_read) * scale,
        peer_write=timed(peer_write) * scale,
    )


def timed(work: Callable[[], object]) -> float:
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def report(**figures: float) -> None:
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
    for one in compiled(project):
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
    report(records=count)


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


TASKS = {
    task.__name__: task for task in (floor, build, schema, states, lock, zones, octodns, catalogue)
}

if __name__ == "__main__":
    TASKS[sys.argv[1]](*sys.argv[2:])
