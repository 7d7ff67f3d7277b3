"""What tests share: projects made of text, and the command line called in this process."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from click.testing import CliRunner, Result

from generator.project import Project, assemble

ROOT = Path(__file__).resolve().parent.parent
TODAY = date(2026, 11, 21)


@dataclass
class Sandbox:
    """A project in a folder of its own."""

    root: Path

    def write(self, name: str, text: str | bytes) -> Path:
        """Write a file below the project; text is dedented."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def assemble(self, today: date = TODAY) -> Project:
        return assemble(self.root, today)

    def rules(self) -> list[str]:
        """The rules of all errors and warnings, in order."""
        return [f.rule for f in self.assemble().findings if f.severity > 1]

    def errors(self) -> list[str]:
        return [f.rule for f in self.assemble().errors]

    def records(self, domain: str | None = None) -> set[tuple[str, str, str]]:
        """(name, type, text) of all values, or of one domain's; fails on errors."""
        project = self.assemble()
        assert not project.errors, [f"{f.place}: {f.rule}: {f.message}" for f in project.errors]
        chosen = [c for c in project.compiled if domain in (None, c.domain.name)]
        return {(v.name, v.type, v.text) for one in chosen for v in one.values}

    def run(self, *arguments: str) -> Result:
        """Call the command line with --project; an exception that escapes fails the test."""
        return call(*arguments, "--project", str(self.root))

    def files(self) -> dict[str, bytes]:
        """Every file of the project with its content, to see that nothing changed."""
        return {
            str(p.relative_to(self.root)): p.read_bytes()
            for p in sorted(self.root.rglob("*"))
            if p.is_file()
        }


def call(*arguments: str) -> Result:
    """``mailzone`` with these arguments; only SystemExit may end it."""
    from generator.cli.group import mailzone

    result = CliRunner().invoke(mailzone, list(arguments), prog_name="mailzone")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result
