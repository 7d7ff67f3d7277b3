"""A diff in one or two lines: how many domains move, and how grave it is."""

from __future__ import annotations

from collections import Counter

from generator.diff.model import Diff, Risk

_MOVES = {
    "advance": ("advances", "advance"),
    "back": ("goes back", "go back"),
    "parked": ("is parked", "are parked"),
    "unparked": ("is parked no more", "are parked no more"),
    "new": ("is new", "are new"),
    "gone": ("is gone", "are gone"),
}


def moves(diff: Diff) -> str:
    """As ``412 domains: 3 advance, 1 goes back, 2 change, 406 stay as they are``."""
    kinds = Counter(one.step.kind for one in diff.domains)
    said = [
        f"{kinds[kind]:,} {one if kinds[kind] == 1 else many}"
        for kind, (one, many) in _MOVES.items()
        if kinds[kind]
    ]
    if kinds[""]:
        said.append(f"{kinds['']:,} {'changes' if kinds[''] == 1 else 'change'}")
    same = diff.total - len(diff.domains)
    if not diff.total:
        said.append("no domain differs")
    elif same:
        said.append(f"{same:,} {'stays' if same == 1 else 'stay'} the same")
    text = f"{diff.total:,} domain{'' if diff.total == 1 else 's'}: {', '.join(said)}"
    if not diff.total:
        text = said[0]
    if diff.unread:
        files = "1 file more is" if diff.unread == 1 else f"{diff.unread:,} files more are"
        text += f"; {files} unchanged"
    return text


def risks(diff: Diff) -> str:
    """As ``2 dangers, 1 caution (1 waived)``; empty if there is nothing of the kind."""
    effects = [effect for one in diff.domains for effect in one.effects]
    counts = Counter(effect.counts for effect in effects)
    said = [
        f"{counts[risk]:,} {risk.label}{'' if counts[risk] == 1 else 's'}"
        for risk in (Risk.DANGER, Risk.CAUTION)
        if counts[risk]
    ]
    aside = sum(effect.counts != effect.risk for effect in effects)
    if aside:
        said.append(f"{aside:,} set aside with a reason")
    return ", ".join(said)
