"""What takes mailzone and a peer in one process: `joint.py TASK PROJECT`.

Runs in the environment that holds both.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks import compiled, report, timed

if TYPE_CHECKING:
    from generator.simulate.client import Client
    from generator.simulate.world import Records


# --- octoDNS ---------------------------------------------------------------------------------


def plan_plain(zones: str, _: str) -> None:
    """octoDNS plans so many zones, from a source that lists all their records."""
    _plan(int(zones), 6, {"mail": {"class": "inmemory.Everything"}}, {})


def plan_mail(zones: str, project: str) -> None:
    """octoDNS plans the same zones, with the mail records laid over what is there."""
    _plan(
        int(zones),
        7,  # the same six, and the ledger
        {"mail": {"class": "generator.octodns.MailSource", "project": project}},
        {"overlay": {"class": "generator.octodns.MailOverlay", "unchecked_rewrites": True}},
    )


def _plan(zones: int, changes: int, providers: dict[str, Any], processors: dict[str, Any]) -> None:
    """Time a dry run, the loading of the project within it; each zone takes so many changes."""
    import yaml
    from inputs import domain_name
    from octodns.manager import Manager

    logging.disable(logging.CRITICAL)
    entry = {"sources": ["mail"], "processors": list(processors), "targets": ["memory"]}
    config = {
        "manager": {"max_workers": 1},
        "providers": {**providers, "memory": {"class": "inmemory.Memory"}},
        "processors": processors,
        "zones": {f"{domain_name(number)}.": dict(entry) for number in range(zones)},
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "config.yaml")
        file.write_text(yaml.dump(config, Dumper=yaml.CSafeDumper), encoding="utf-8")
        manager = Manager(str(file))
    counted = _Counted()
    manager.plan_outputs = {"count": counted}
    seconds = timed(lambda: manager.sync(dry_run=True))
    if counted.changes != changes * zones:
        sys.exit(f"{counted.changes} changes were planned for {zones} zones")
    report(plan=seconds)


class _Counted:
    """A plan output of octoDNS that only counts: a dry run itself returns nothing."""

    changes = 0

    def run(self, plans: list[tuple[Any, Any]], **_: Any) -> None:
        self.changes += sum(len(plan.changes) for _, plan in plans)


# --- pyspf -----------------------------------------------------------------------------------


def spf(project: str) -> None:
    """SPF checks of the project's records over one world, by mailzone and by pyspf."""
    from generator.simulate.spf import check

    world, clients = _world(project)
    theirs = _Pyspf(world)
    ours = [check(world, client).result for client in clients]
    for client, result in zip(clients, ours, strict=True):
        if (found := theirs.check(client)) != result:
            sys.exit(f"{client}: {result}, but pyspf finds {found}")
    if len(set(ours)) < 3:
        sys.exit(f"all checks end in {set(ours)}")
    report(
        ours=timed(lambda: [check(world, client) for client in clients]),
        theirs=timed(lambda: [theirs.check(client) for client in clients]),
    )


def _world(project: str) -> tuple[Records, list[Client]]:
    """The project's records with vendors behind them, and who sends mail."""
    from inputs import NETWORK, vendor_records

    from generator.records import spf
    from generator.simulate.client import Client
    from generator.simulate.world import Records

    table: dict[str, dict[str, tuple[str, ...]]] = {}
    senders: list[str] = []
    for one in compiled(project):
        for value in one.values:
            if value.type != "TXT" or not spf.is_spf(value.text):
                continue
            name = value.name.removesuffix(".")
            senders.append(name)
            table[name] = {"TXT": (value.text,)}
            for term in spf.parse(value.text).terms:
                if isinstance(term, spf.Modifier):
                    continue
                if term.kind == "include":
                    table |= vendor_records(term.value)
                elif term.kind == "a" and term.value:
                    table[term.value] = {"A": (f"{NETWORK}.7",)}
    # Name after name, as a receiver meets them: what one check has parsed seldom serves the next.
    clients = [
        Client(address, f"out.{name}", f"jo@{name}")
        for address in (f"{NETWORK}.7", "203.0.64.9", "198.51.100.20", "2001:db8::9")
        for name in senders
    ]
    return Records(table), clients


class _Pyspf:
    """pyspf asked about the same world, its answers made ready in the form that it wants."""

    def __init__(self, world: Records) -> None:
        import spf

        self._module = spf
        self._answers = {
            (name, type): [((name, type), self._data(type, text)) for text in texts]
            for name, held in world.table.items()
            for type, texts in held.items()
        }
        spf.DNSLookup = self._look_up

    @staticmethod
    def _data(type: str, text: str) -> Any:
        return (text.encode("latin-1"),) if type == "TXT" else text

    def _look_up(self, name: str, type: str, *_: Any) -> list[Any]:
        return self._answers.get((name.lower(), type), [])

    def check(self, client: Client) -> str:
        query = self._module.query(i=client.ip, s=client.sender, h=client.helo, strict=True)
        result: str = query.check()[0]
        return result


TASKS = {task.__name__: task for task in (plan_plain, plan_mail, spf)}

if __name__ == "__main__":
    TASKS[sys.argv[1]](*sys.argv[2:])
