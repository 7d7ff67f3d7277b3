"""A real named that knows every vendor, far away: `nameserver.py ZONE-FILE MILLISECONDS`.

It serves the zone ``example``, prints the port where it answers after the delay, and ends when its
input does.  It and its delay are those of the tests.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import pytest  # noqa: E402

from tests.servers.bind import serving  # noqa: E402


def main(zone: str, milliseconds: str) -> None:
    delay = ROOT / "tests" / "servers" / "delay.py"
    with (
        tempfile.TemporaryDirectory() as folder,
        serving({"example": Path(zone)}, Path(folder)) as named,
        subprocess.Popen([sys.executable, delay, str(named.port), milliseconds]) as relay,
    ):
        try:
            sys.stdin.read()
        finally:
            relay.kill()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (pytest.skip.Exception, pytest.fail.Exception) as reason:
        sys.exit(str(reason))
