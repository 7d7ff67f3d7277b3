"""What is left of a document once everything that its schema refused is taken out.

The rest is still read for meaning, so that one run reports all errors; nothing is ever made of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from generator.source import YamlPath

# Readers pass over None in these lists, so that the others' places stay right.
_WITH_GAPS = ("services", "+services", "records")

_NEEDED = ("use", "name", "type", "value", "key", "because", "until")


def pruned(document: Any, faults: Iterable[YamlPath]) -> dict[str, Any] | None:
    """A copy without the values at ``faults`` (paths inside the document).

    None if nothing can be read any more: no mapping, or its domain is in doubt.
    """
    copy = _copied(document)
    # Longer paths first: what is inside a refused value goes with it.
    for path in sorted(set(faults), key=len, reverse=True):
        if not path or path[0] in ("domain", "domains"):
            return None
        _remove(copy, path)
    return copy if isinstance(copy, dict) else None


def _copied(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _copied(value) for key, value in data.items()}
    return [_copied(value) for value in data] if isinstance(data, list) else data


def _remove(data: Any, path: YamlPath) -> None:
    parents: list[Any] = [data]
    for step in path[:-1]:
        try:
            parents.append(parents[-1][step])
        except (KeyError, IndexError, TypeError):
            return  # gone with something else
    for depth in range(len(path) - 1, -1, -1):
        parent, step = parents[depth], path[depth]
        if isinstance(parent, list):
            if depth and path[depth - 1] in _WITH_GAPS and isinstance(step, int):
                parent[step] = None
                return
            continue  # the whole list goes: its other places would shift
        if isinstance(parent, dict):
            if step in _NEEDED:
                continue  # without it the mapping says nothing
            named = depth > 0 and path[depth - 1] in ("subdomains", "domains")
            if step == "stage" and not named:
                parent[step] = "monitor"  # any will do for the rest to be read
            else:
                parent.pop(step, None)
        return
