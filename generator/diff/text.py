"""A diff for people at a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

from generator.diff.model import Change, Diff, DomainDiff, Effect, Risk
from generator.diff.parts import shown
from generator.diff.summary import moves, risks
from generator.finding import visible

WIDTH = 96  # columns
_INDENT = 11  # what stands before a sentence: its risk

# Paints a text in the colour of a risk; NONE is for what only frames.
Painter = Callable[[str, Risk], str]


def _plain(text: str, risk: Risk) -> str:
    return text


def render(diff: Diff, verbose: bool = False, paint: Painter = _plain) -> str:
    """The diff as text.  Short: sentences; ``verbose``: every record that differs below them."""
    lines = [paint(visible(f"{diff.old} → {diff.new}"), Risk.NONE), ""]
    for one in diff.domains:
        lines += [*_domain(one, verbose, paint), ""]
    lines += [visible(note) for note in diff.notes]
    lines.append(moves(diff))
    said = risks(diff)
    if said:
        lines.append(said)
    return "\n".join(lines) + "\n"


def sentences(diff: Diff, paint: Painter = _plain) -> Iterator[str]:
    """What the diff says of each domain, without the frame around it."""
    for one in diff.domains:
        yield from _domain(one, False, paint)


def _domain(one: DomainDiff, verbose: bool, paint: Painter) -> Iterator[str]:
    yield paint(visible(one.display), one.risk)
    for effect in one.effects:
        yield from _effect(effect, verbose, paint)
    if verbose:
        for change in one.changes:
            yield from _change(change)
    elif not one.effects:
        yield f"  {same_meaning(one)}"


def same_meaning(one: DomainDiff) -> str:
    """What to say of a domain whose records differ without a difference to mail."""
    many = "record is" if len(one.changes) == 1 else "records are"
    return f"{len(one.changes)} {many} written another way, and mean the same"


def _effect(effect: Effect, verbose: bool, paint: Painter) -> Iterator[str]:
    label = "" if effect.risk <= Risk.NOTE else effect.risk.label
    head = f"  {label:<{_INDENT - 2}}"
    tail = f" [{effect.rule}]" if effect.rule and label else ""
    wrapped = _wrapped(visible(effect.text) + tail)
    yield paint(head, effect.counts) + wrapped[0]
    yield from (" " * _INDENT + line for line in wrapped[1:])
    aside = set_aside(effect)
    if aside:
        yield from (" " * _INDENT + line for line in _wrapped(f"= {aside}"))
    elif effect.help and label:
        yield from (" " * _INDENT + line for line in _wrapped(f"= {visible(effect.help)}"))
    if verbose and effect.records and label:
        for line in _wrapped(f"records: {visible(' '.join(effect.records))}"):
            yield " " * _INDENT + line


def set_aside(effect: Effect) -> str:
    """Who took the risk on, and why; empty if nobody did."""
    if effect.waived is not None:
        waiver = effect.waived
        return visible(f"waived until {waiver.until}: {waiver.because}")
    return visible(f"because: {effect.because}") if effect.because else ""


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH - _INDENT, break_long_words=False, break_on_hyphens=False) or [
        ""
    ]


def _change(change: Change) -> Iterator[str]:
    for line in record_lines(change):
        yield f"  {visible(line)}"


def record_lines(change: Change) -> Iterator[str]:
    """A record that differs, its pieces below it where it is both in the old and the new state."""
    old, new = change.old, change.new
    if new is None or old is None:
        value, sign = (new, "+") if new is not None else (old, "-")
        assert value is not None  # a change is of something
        yield f"{sign} {value.name} {value.ttl} {value.type} {shown(change.kind, value)}"
        return
    ttl = f"{old.ttl} → {new.ttl}" if old.ttl != new.ttl else f"{new.ttl}"
    yield f"~ {new.name} {ttl} {new.type} {shown(change.kind, new)}"
    for part in change.parts:
        yield f"    {part}"
