"""The pages about services: an index by category, and a page for each, from the catalogue."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from generator.catalogue import Catalogue
from generator.catalogue.model import Parameter, Provider
from generator.cli.services.example import example
from generator.cli.services.facts import CATEGORIES, summary
from generator.cli.services.page import head, sections

TODAY = date(2026, 11, 21)  # nothing on a page depends on it
INDEX = "services.md"
MEANING = {
    "mailbox": "People's mailboxes: they send, and take the domain's mail.",
    "gateway": "Filters in front of mailboxes.",
    "transactional": "Mail that programs send.",
    "marketing": "Newsletters and campaigns.",
    "crm": "Sales and customer records.",
    "helpdesk": "Tickets and support.",
    "commerce": "Shops, invoices, payments.",
    "saas": "Other services that send in your name.",
    "forwarding": "They take mail and pass it on.",
    "hosting": "Web hosts, and your own servers.",
    "monitoring": "They take DMARC reports.",
}
_SPF = {
    "always": "aligns",
    "with-custom-return-path": "with a return path",
    "never": "no",
    "unknown": "unknown",
}
_PROSE = re.compile(
    r"aligns|where to find|costs|no term|the vendor|passes on|carries|[A-Z-]+( or [A-Z-]+)* with "
)
_CODE = ("Declare it", "Records for")  # sections that are typed or published as they stand


def pages(catalogue: Catalogue) -> dict[str, str]:
    """Path below docs/ to text: the index, and ``services/<id>.md`` for each service."""
    made = {INDEX: index(catalogue)}
    for id in sorted(catalogue):
        made[f"services/{id}.md"] = page(catalogue, catalogue.get(id))
    return made


def index(catalogue: Catalogue) -> str:
    rows = [summary(catalogue, id) for id in sorted(catalogue)]
    lines = [
        "# Services\n",
        f"The catalogue knows {len(rows)} services. `mailzone services search TEXT` finds one by name,",
        "by a host seen in a report, or by an SPF term; `mailzone services show NAME` prints its page.",
        "[The catalogue's form](catalogue.md) says how to add your own.\n",
        "SPF and DKIM: whether the service's mail aligns with the From domain, and how its keys get",
        "into DNS. A question mark: facts that are second-hand or disputed; compare them with the",
        "vendor's console.",
    ]
    for category in CATEGORIES:
        listed = [row for row in rows if row["category"] == category]
        if listed:
            lines += [f"\n## {category.capitalize()}\n", f"{MEANING[category]}\n"]
            lines += ["| service | name | also called | SPF | DKIM | takes mail | as of |"]
            lines += ["|---|---|---|---|---|---|---|", *map(_row, listed)]
    return "\n".join(lines) + "\n"


def _row(row: dict[str, Any]) -> str:
    cells = (
        f"[`{row['id']}`](services/{row['id']}.md){' ?' if row['doubt'] else ''}",
        _cell(_text(row["name"])),
        _cell(_text(", ".join(row["aliases"]))),
        _SPF.get(row["spf"], ""),
        " or ".join(row["dkim"]),
        "yes" if row["receives"] else "",
        row["as_of"],
    )
    return "| " + " | ".join(cells) + " |"


def page(catalogue: Catalogue, provider: Provider) -> str:
    made = example(catalogue, provider, TODAY)
    lines = [
        f"# {provider.name}\n",
        f"`{provider.id}`, {provider.category}; [all services](../{INDEX})",
    ]
    lines += [f"\n{line[:1].upper()}{line[1:]}." for line in head(catalogue, provider)]
    for title, said in sections(provider, made):
        lines.append(f"\n## {title}\n")
        if title.startswith(_CODE):
            lines += ["```", *said, "```"]
        elif title == "Parameters":
            lines += [
                "| parameter | needed | meaning | example | pattern |",
                "|---|---|---|---|---|",
            ]
            lines += map(_parameter, provider.parameters.values())
        elif title in ("SPF", "DKIM", "Reports go to"):
            lines += [f"- {_code(line)}" for line in said]
        elif title == "Vendor's pages":
            lines += [f"- <{line}>" for line in said]
        else:
            lines += [f"- {_text(line)}" for line in said]
    return "\n".join(lines) + "\n"


def _parameter(parameter: Parameter) -> str:
    example, default = parameter.example, parameter.default
    shown = [example] if isinstance(example, str) else example
    needed = "yes" if parameter.required else ""
    if default is not None:
        needed = "default " + ", ".join(
            f"`{text}`" for text in (default if isinstance(default, tuple) else [default.text])
        )
    cells = (
        f"`{parameter.name}`",
        needed,
        _text(parameter.help),
        ", ".join(f"`{text}`" for text in shown),
        f"`{parameter.pattern.pattern}`",
    )
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _text(line: str) -> str:
    """Prose in which nothing is taken for Markdown or HTML."""
    return line.replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")


def _code(line: str) -> str:
    """A line about SPF or DKIM: prose as it is, what goes into DNS as code."""
    return _text(line) if _PROSE.match(line) else f"`{line}`"
