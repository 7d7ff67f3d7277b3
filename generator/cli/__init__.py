"""The command line: one small module per command, imported only when it is called."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of ``mailzone``."""
    if sys.argv[1:] == ["--version"]:
        # Answered before anything heavy is imported: editors and CI ask this often.
        from generator import __version__

        print(f"mailzone {__version__}")
        return
    from generator.cli.group import mailzone

    mailzone(prog_name="mailzone")
