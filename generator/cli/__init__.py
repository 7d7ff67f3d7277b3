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

    try:
        mailzone(prog_name="mailzone")
    except SystemExit as leaving:
        stop_at_once(leaving)


def stop_at_once(leaving: SystemExit) -> None:
    """Stop without taking a large project apart object by object, which nobody waits for."""
    import os

    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):  # closed or full: Python's own way out tells
        raise leaving from None
    if leaving.code is None or isinstance(leaving.code, int):
        os._exit(leaving.code or 0)
    raise leaving
