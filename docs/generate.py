"""Makes everything in the documentation that can be made: reference pages and real output.

    python docs/generate.py           write
    python docs/generate.py --check   exit code 1 if something is not current

Reference pages come from the catalogue, the ladder, the rules and the schema.  In README.md and
the hand-written guides, what stands below a ``$ command`` in a ``console`` block is that
command's output, from a run in a copy of the project.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import service_pages  # noqa: E402

from generator.catalogue import load  # noqa: E402
from generator.declaration.editor import editor_schema_text  # noqa: E402
from generator.ladder import STAGES  # noqa: E402
from generator.report.rules import NEEDS, TITLES, shown, source  # noqa: E402
from generator.rules import FAMILIES  # noqa: E402
from generator.rules.example import Example, examples  # noqa: E402

EPOCH = "1795219200"  # 2026-11-21, so that output is the same on every day
NOTE = "<!-- Made by docs/generate.py; do not edit. -->\n\n"
GUIDES = (
    "README.md",
    "docs/getting-started.md",
    "docs/declaration.md",
    "docs/output.md",
    "docs/merge.md",
    "docs/errors.md",
    "docs/catalogue.md",
    "docs/findings.md",
    "docs/lint.md",
    "docs/simulate.md",
    "docs/diff.md",
    "docs/rollout.md",
)
COMMAND = re.compile(r"^\$ (.*<<'END'\n(?:.*\n)*?END|.*)$", re.MULTILINE)
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def ladder() -> str:
    """docs/ladder.md."""
    lines = [
        NOTE + "# The rollout ladder\n",
        "A stage decides how SPF ends and what DMARC asks of receivers. One reviewed diff moves a",
        "domain one rung up; going back is always possible, to the rung named in the table.\n",
        "| stage | SPF | p | sp | np | t | least days | back to | meaning |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for s in STAGES.values():
        days = "" if s.days is None else s.days
        test = "y" if s.testing else ""
        cells = (s.name, f"`{s.all}all`", s.p, s.sp, s.np, test, days, s.back, s.meaning)
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    lines += [
        "",
        "- `t=y` (RFC 9989 4.7) asks receivers not to apply the policy yet. `pct=0` is always written",
        "  beside it: receivers older than RFC 9989 know only that one. `pct` is never written otherwise.",
        "- Below the Organizational Domain `sp` and `np` mean nothing and are not written.",
        "- `np` comes early: it can hurt only mail from names that are not in DNS.",
        "- Hard fail comes last: `-all` may refuse mail that DKIM would have let pass (RFC 9989 7.1).",
        "- From `quarantine-test` on every service needs an aligned path, from `reject-test` on",
        "  aligned DKIM.",
    ]
    return "\n".join(lines) + "\n"


def rules() -> str:
    """docs/rules.md."""
    lines = [
        NOTE + "# Everything that mailzone can find wrong\n",
        "Errors stop a build, warnings print, advice prints with `mailzone validate`. The severity",
        "is the usual one; a case may be graver or milder. `mailzone rules ID` prints what stands",
        "here. Rules marked *waivable* can be set aside for a domain, with a reason and a date:\n",
        "```yaml",
        "waive:",
        "  spf-ip-private: {because: the scanner's address is translated, until: 2027-06-30}",
        "```\n",
        "The other way round, `severity` in a project's defaults makes a rule weigh more;",
        "[Findings](findings.md) tells how.\n",
    ]
    for family, members in FAMILIES.items():
        lines += [f"## {TITLES[family]}\n", "| rule | severity | source | why | waivable |"]
        lines.append("|---|---|---|---|---|")
        for rule in members:
            cells = (f"[`{rule.id}`](#{rule.id})", rule.severity.label, source(rule), rule.reason)
            lines.append(f"| {' | '.join(cells)} | {'yes' if rule.waivable else ''} |")
        lines.append("")
        for rule in members:
            needs = f" Needs {NEEDS[rule.needs]}." if rule.needs else ""
            lines += [f"### {rule.id}\n", f"{rule.reason}{needs}\n"]
            example = examples()[rule.id]
            for title, texts in (("Bad", example.bad), ("Good", example.good)):
                lines += [f"{title}:\n", *_example(example, texts), ""]
    return "\n".join(lines)


def _example(example: Example, texts: dict[str, str]) -> list[str]:
    if example.kind == "words":
        return [f"> {texts['']}"]
    # Not `yaml`: blocks of that name must be sound.
    fence = "```yml" if example.kind in ("declaration", "octodns") else "```"
    return [fence, *(line.removeprefix("  ") for line in shown(example, texts)), "```"]


def keys() -> str:
    """docs/keys.md: every key of a declaration, from the schema."""
    schema = json.loads((ROOT / "schemas/declaration-structure.schema.json").read_text())
    defs = schema["$defs"]
    lines = [
        NOTE + "# Every key of a declaration\n",
        "docs/declaration.md explains them by example.\n",
        "| key | takes | meaning |",
        "|---|---|---|",
    ]
    for name, kind, meaning in _keys(defs["document"], defs, ""):
        lines.append(f"| `{name}` | {kind} | {meaning} |")
    return "\n".join(lines) + "\n"


def _keys(part: Any, defs: Any, prefix: str) -> Iterator[tuple[str, str, str]]:
    for name, value in part.get("properties", {}).items():
        full = _resolve(value, defs)
        meaning = value.get("description") or full.get("description") or full.get("title", "")
        yield prefix + name, _kind(full, defs), meaning
        yield from _keys(full, defs, f"{prefix}{name}.")
        if name == "services":
            yield from _keys(_resolve(full["items"], defs)["anyOf"][1], defs, "services[].")
        if name == "records":
            yield from _keys(_resolve(full["items"], defs), defs, "records[].")


def _resolve(part: Any, defs: Any) -> Any:
    return {**defs[part["$ref"].rpartition("/")[2]], **part} if "$ref" in part else part


def _kind(part: Any, defs: Any) -> str:
    words = {
        "object": "mapping",
        "array": "list",
        "string": "text",
        "integer": "number",
        "boolean": "true, false",
    }
    if "enum" in part:
        return ", ".join("null" if word is None else f"`{word}`" for word in part["enum"])
    if "const" in part:
        return f"`{part['const']}`"
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(_kind(_resolve(p, defs), defs) for p in part["anyOf"]))
    kind = part.get("type", "")
    return " or ".join(words.get(k, k) for k in ([kind] if isinstance(kind, str) else kind))


def guide(path: Path) -> str:
    """A guide with its console output renewed, its commands run in order in a copy of the project."""
    text = path.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "mailzone")
        for name in ("zones", "examples"):
            shutil.copytree(ROOT / name, project / name)
        shim = Path(folder, "bin", "mailzone")
        shim.parent.mkdir()
        shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m generator "$@"\n')
        shim.chmod(shim.stat().st_mode | stat.S_IXUSR)
        environment = {
            "PATH": f"{shim.parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "SOURCE_DATE_EPOCH": EPOCH,
            "HOME": folder,
            "LC_ALL": "C.UTF-8",
        }

        def renew(block: re.Match[str]) -> str:
            lines = []
            for command in COMMAND.findall(block[1]):
                run = subprocess.run(
                    command,
                    shell=True,
                    cwd=project,
                    env=environment,
                    text=True,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    check=False,
                    executable="/bin/bash",
                )
                lines.append(f"$ {command}\n{run.stdout}".rstrip("\n") + "\n")
            return "```console\n" + "".join(lines) + "```"

        return BLOCK.sub(renew, text)


def outputs() -> dict[Path, str]:
    """Every made file with its text."""
    made = {
        ROOT / "schemas/declaration.schema.json": editor_schema_text(load()),
        ROOT / "docs/ladder.md": ladder(),
        ROOT / "docs/rules.md": rules(),
        **{ROOT / "docs" / name: NOTE + text for name, text in service_pages.pages(load()).items()},
        ROOT / "docs/keys.md": keys(),
    }
    for name in GUIDES:
        made[ROOT / name] = guide(ROOT / name)
    return made


def main() -> int:
    stale = []
    made = outputs()
    for path, text in made.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path.relative_to(ROOT))
            if "--check" not in sys.argv:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
    for path in set((ROOT / "docs/services").glob("*.md")) - set(made):
        stale.append(path.relative_to(ROOT))  # of a service that is no more
        if "--check" not in sys.argv:
            path.unlink()
    for name in stale:
        print("not current:" if "--check" in sys.argv else "written:", name)
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
