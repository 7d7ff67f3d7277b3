"""Services in rows."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from typing import Any

import click

from generator.catalogue import Catalogue
from generator.cli.common import INVALID, leave
from generator.cli.services.facts import summary
from generator.emit.json import text as json_text

WIDTH = 80
_LEAST = 14  # columns of the last one; less would tell nothing
_SPF = {
    "always": "aligned",
    "with-custom-return-path": "return path",
    "never": "no",
    "unknown": "unknown",
    None: "-",
}
_HOSTS = {
    "ptr_suffixes": "its hosts are below",
    "dkim_domains": "it signs as",
    "mailfrom_domains": "bounces go to",
}
_LEGEND = "? second-hand or disputed facts: compare with the vendor's console"


def print_list(catalogue: Catalogue, text: str, category: str, form: str) -> None:
    word = text.lower()
    rows = [
        row
        for id in sorted(catalogue)
        if (row := summary(catalogue, id))
        and category in ("", row["category"])
        and any(word in name.lower() for name in (id, row["name"], *row["aliases"]))
    ]
    _print(rows, form, ("service", "category", "SPF", "DKIM", "name"))
    if not rows:
        what = f" in category {category}" if category else ""
        leave(INVALID, f"no service{what} has `{text[:60]}` in its id, aliases or name")


def print_search(catalogue: Catalogue, text: str, form: str) -> None:
    word = text.lower().strip().removesuffix(".")
    found = []
    for id in sorted(catalogue):
        rank, match = _match(catalogue, id, word)
        if match:
            found.append((rank, {**summary(catalogue, id), "match": match}))
    rows = [row for _, row in sorted(found, key=lambda pair: pair[0])]
    _print(rows, form, ("service", "SPF", "DKIM", "found in"))
    if not rows:
        from generator.schema import suggest

        near = suggest(word, catalogue.names())
        leave(INVALID, f"nothing is known of `{text[:60]}`{'; ' + near if near else ''}")


def _match(catalogue: Catalogue, id: str, word: str) -> tuple[int, str]:
    """How well an entry fits (the best first), and what of it did; empty if nothing does."""
    entry = catalogue.entries[id]
    known, spf = entry.get("recognise", {}), entry.get("spf", {})
    regions = [(facts or {}).get("spf", {}) for facts in (entry.get("regions") or {}).values()]
    names = [("id", id), *(("alias", name) for name in catalogue.aliases(id))]
    hosts = [(_HOSTS[kind], host) for kind in known for host in known[kind]]
    terms = [("SPF", term) for part in (spf, *regions) for term in part.get("terms", ())]
    fits: Iterable[tuple[Callable[[str], bool], list[tuple[str, str]]]] = (
        (lambda text: text == word, names),
        (lambda text: text.startswith(word), names),
        (lambda text: text == word or word.endswith(f".{text}"), hosts),
        (lambda text: word in text, [*names, ("name", entry["name"])]),
        (lambda text: word in text, [*hosts, *terms]),
    )
    for rank, (fit, texts) in enumerate(fits):
        for what, text in texts if word else ():
            if fit(text.lower()):
                return rank, f"{what} {text}"
    return len(names), ""


def _print(rows: list[dict[str, Any]], form: str, columns: tuple[str, ...]) -> None:
    if form == "json":
        click.echo(json_text(rows).encode("utf-8"), nl=False)
        return
    if not rows:
        return
    cells = [columns, *(tuple(_CELLS[column](row) for column in columns) for row in rows)]
    for number, line in enumerate(fitted(cells)):
        click.echo(click.style(line, bold=True) if number == 0 else line)
    if any(row["doubt"] for row in rows):
        click.echo(f"\n{_LEGEND}")


_CELLS: dict[str, Callable[[dict[str, Any]], str]] = {
    "service": lambda row: f"{row['id']} ?" if row["doubt"] else str(row["id"]),
    "category": lambda row: str(row["category"]),
    "SPF": lambda row: _SPF[row["spf"]],
    "DKIM": lambda row: "/".join(map(_short, row["dkim"])) or "-",
    "name": lambda row: str(row["name"]),
    "found in": lambda row: str(row["match"]),
}


def _short(style: str) -> str:
    return "ns" if style == "ns-delegation" else style


def fitted(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows with their columns aligned, cut to the terminal.

    The last column gives way.  The first one is what people have to type and is never cut: where it
    is too long for its column it has a line to itself.  A terminal narrower than 80 columns wraps.
    """
    width = max(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    free = width - 2 * (len(widths) - 1) - sum(widths[1:-1])
    widths[0] = min(widths[0], free - min(_LEAST, widths[-1]))
    widths[-1] = min(widths[-1], free - widths[0])
    lines: list[str] = []
    for first, *middle, last in rows:
        if len(first) > widths[0]:
            lines.append(first)
            first = ""
        cells = (first, *middle, _cut(last, widths[-1]))
        padded = (cell.ljust(w) for cell, w in zip(cells, widths, strict=True))
        lines.append("  ".join(padded).rstrip())
    return lines


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3].rstrip() + "..."
