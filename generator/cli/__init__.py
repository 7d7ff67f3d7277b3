"""The command line: one small module per command, imported only when it is called."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of ``mailzone``."""
    if sys.argv[1:] == ["--version"]:
        # Answered before anything heavy is imported: editors and CI ask this often.
        from generator import __version__

        try:
            print(f"mailzone {__version__}", flush=True)
            return
        except OSError:
            pass  # the group below meets the same error and knows what to do
    from generator.cli.group import mailzone

    mailzone(prog_name="mailzone")
