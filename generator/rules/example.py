"""What each rule finds, and the same put right: for people, and as the vectors of tests.

The examples are data, one file per family in ``examples/``, read only when somebody asks.  There
each rule has a ``kind``, a ``bad`` and a ``good`` example; ``<rsa-2048>`` stands for a key of
``examples/keys.yaml``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from generator.rules import FAMILIES

# The text of a record; a zone file; octoDNS's YAML; declarations with what lies beside them; or,
# where text cannot show it, what it looks like in words.  With "mta-sts" a text that begins with
# `version:` is the policy file.
KINDS = (
    "spf", "dkim", "dmarc", "mta-sts", "tls-rpt", "zone", "octodns", "declaration", "words",
)  # fmt: skip

DECLARATION = "zones/example.com.yaml"  # where the text of a single declaration stands
FOLDER = Path(__file__).resolve().parent / "examples"

_KEY = re.compile(r"<([a-z0-9-]+)>")


@dataclass(frozen=True, slots=True)
class Example:
    """A rule's bad and good example.

    Each is text by file name: for declarations the files of a project, else one text under the
    name "".
    """

    kind: str
    bad: dict[str, str]
    good: dict[str, str]


@cache
def examples() -> dict[str, Example]:
    """The examples of all rules, by id, in the order of the rules."""
    keys: dict[str, str] = _data("keys")
    found: dict[str, Example] = {}
    for family in FAMILIES:
        for id, entry in _data(family).items():
            texts = [_texts(entry["kind"], entry[which], keys) for which in ("bad", "good")]
            found[id] = Example(entry["kind"], *texts)
    return found


def _data(name: str) -> Any:
    import yaml

    return yaml.load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)


def _texts(kind: str, given: str | dict[str, str], keys: dict[str, str]) -> dict[str, str]:
    if isinstance(given, str):
        given = {DECLARATION if kind == "declaration" else "": given}
    return {name: _KEY.sub(lambda m: keys.get(m[1], m[0]), text) for name, text in given.items()}
