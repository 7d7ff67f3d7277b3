"""A diff as Markdown: a comment under a pull request.

GitHub takes 65,536 characters, so detail goes first where a change is large: records, then the
sentences of domains that risk nothing, then those domains themselves.  What people wrote is escaped:
no declaration can mention anybody, link anywhere or break out of its place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from generator.diff.model import Diff, DomainDiff, Effect, Risk
from generator.diff.summary import moves, risks
from generator.diff.text import record_lines, same_meaning, set_aside
from generator.finding import visible

LIMIT = 65_000  # octets in UTF-8, for GitHub's 65,536 characters
_RESERVE = 3_000  # for what stands around the domains
_LABEL = {Risk.DANGER: "🔴 danger", Risk.CAUTION: "🟠 caution", Risk.NOTE: "", Risk.NONE: ""}

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~$&])")
_LINKS = re.compile(r"@|://|(?<=www)\.|(?<=\w)#(?=\d)", re.IGNORECASE)
_NOTHING = "<!-- -->"  # a comment that shows nothing, and keeps words from becoming links


def render(diff: Diff, limit: int = LIMIT) -> str:
    """The diff as GitHub-flavoured Markdown of at most ``limit`` octets."""
    from generator.emit.bind import environment

    said = risks(diff)
    blocks, left = _chosen(diff.domains, limit - _RESERVE)
    return (
        environment()
        .get_template("diff.md.j2")
        .render(
            old=escaped(diff.old),
            new=escaped(diff.new),
            moves=escaped(moves(diff)),
            risks=escaped(said),
            grave=blocks[True],
            plain=blocks[False],
            plain_count=len(blocks[False]),
            left=left,
            notes=[escaped(note) for note in diff.notes],
        )
    )


def _chosen(domains: Sequence[DomainDiff], limit: int) -> tuple[dict[bool, list[str]], str]:
    """The blocks of domains by whether they risk anything, as detailed as there is room for."""
    forms = [(one, [_block(one, True), _block(one, False), _head(one)]) for one in domains]
    room = limit - sum(len(made[-1].encode()) for _, made in forms)
    blocks: dict[bool, list[str]] = {True: [], False: []}
    left: Counter[Risk] = Counter()
    used = 0
    for one, made in forms:  # the gravest first
        least = len(made[-1].encode())
        text = next((t for t in made[:-1] if len(t.encode()) - least <= room), made[-1])
        size = len(text.encode())
        if used + size > limit:
            left[one.risk] += 1
            continue
        room -= size - least
        used += size
        blocks[one.risk > Risk.NOTE].append(text)
    total = sum(left.values())
    if not total:
        return blocks, ""
    grave = sum(left[risk] for risk in (Risk.CAUTION, Risk.DANGER))
    return blocks, f"{total:,} more domains do not fit here, {grave:,} of them with a risk."


def _head(one: DomainDiff) -> str:
    label = f" {_LABEL[one.risk]}" if _LABEL[one.risk] else ""
    step = one.step
    move = ""
    if step.old and step.new and step.kind:
        move = f" ({escaped(step.old.name)} → {escaped(step.new.name)})"
    return f"**{escaped(one.display)}**{move}{label}\n"


def _block(one: DomainDiff, records: bool) -> str:
    lines = [_head(one)]
    lines += [_sentence(effect) for effect in one.effects]
    if not one.effects:
        lines.append(f"- {escaped(same_meaning(one))}")
    if records and one.changes:
        listed = "\n".join(visible(line) for change in one.changes for line in record_lines(change))
        count = f"{len(one.changes)} record{'' if len(one.changes) == 1 else 's'}"
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", listed)), default=0))
        lines += [
            "",
            f"<details><summary>{count}</summary>\n",
            f"{fence}diff\n{listed}\n{fence}\n",
            "</details>",
        ]
    return "\n".join(lines) + "\n"


def _sentence(effect: Effect) -> str:
    label = f"**{effect.risk.label}** " if effect.risk > Risk.NOTE else ""
    text = f"- {label}{escaped(effect.text)}"
    if effect.rule and effect.risk > Risk.NOTE:
        text += f" `{effect.rule}`"
    aside = set_aside(effect)
    if aside:
        text += f"<br>*{escaped(aside)}*"
    elif effect.help and effect.risk > Risk.NOTE:
        text += f"<br>{escaped(effect.help)}"
    return text


def escaped(text: str) -> str:
    """Text that shows as it is, on one line, and links to nobody; `words in backticks` stay code."""
    plain = " ".join(visible(text).split())
    pieces = plain.split("`")
    if len(pieces) % 2 == 0:
        return _escaped(plain)
    return "".join(
        f"`{piece}`" if index % 2 and piece.strip() else _escaped(piece)
        for index, piece in enumerate(pieces)
    )


def _escaped(plain: str) -> str:
    marked = _SPECIAL.sub(r"\\\1", plain).replace("\\<", "&lt;").replace("\\>", "&gt;")
    return _LINKS.sub(lambda found: f"{found[0]}{_NOTHING}", marked)
