"""A simulation for people: rows of text, one table for each stage."""

from __future__ import annotations

from collections.abc import Sequence

from generator.simulate.cases import Path
from generator.simulate.dmarc import Disposition, Generation, Judgement, Outcome
from generator.simulate.matrix import Cell, Matrix, Row
from generator.simulate.message import Examined
from generator.simulate.spf import Result, Verdict

ASSUMED, EARLY, ELSEWHERE = "*", "!", "elsewhere"
HEAD = ("SPF", "DKIM", *Generation)
_MOST_NAMED = 3  # kinds of mail in one row; of more the number is told
_ACTS = {
    Disposition.DELIVER: "delivered",
    Disposition.JUNK: "junk",
    Disposition.REFUSE: "refused",
    Disposition.DEFER: "deferred",
}


def rows(matrix: Matrix, number: int) -> list[tuple[str, ...]]:
    """The table of one of the matrix's stages, its head first."""
    stage = matrix.stages[number]
    return [
        (f"at {stage.name}", *HEAD),
        *((who(row), *cells(row.cells[number])) for row in matrix.rows),
    ]


def who(row: Row) -> str:
    """The mail that a row is about."""
    what = ", ".join(row.what[:_MOST_NAMED])
    if len(row.what) > _MOST_NAMED:
        what += f" and {len(row.what) - _MOST_NAMED} more"
    if row.path is Path.FORWARDED:
        return f"forwarded: {what}"
    return f"by a mailing list: {what}" if row.path is Path.LIST else what


def cells(cell: Cell) -> tuple[str, ...]:
    """SPF, DKIM, and the two generations."""
    spf = ELSEWHERE if cell.spf is None else str(cell.spf.result)
    spf += ", unaligned" * cell.unaligned + ASSUMED * cell.spf_assumed + EARLY * cell.early
    return (spf, cell.dkim + ASSUMED * cell.dkim_assumed, *map(fate, cell.judgements))


def fate(judgement: Judgement) -> str:
    """The result of DMARC and what follows from it, such as ``fail: junk``."""
    act = _ACTS[judgement.disposition]
    if judgement.share < 100:
        act = f"{judgement.share} % {act}, else {_ACTS[judgement.otherwise]}"
    return f"{judgement.outcome}: {act}"


def notes(matrix: Matrix) -> list[str]:
    """What the marks in the tables mean, for those that occur."""
    found = [cell for row in matrix.rows for cell in row.cells]
    lines = []
    if any(cell.assumed for cell in found):
        why = "not in the lock" if matrix.locked else "there is no lock"
        lines.append(
            f"{ASSUMED} assumed, since {why}: the vendor's records authorise its own hosts and nobody else"
        )
    if any(cell.early for cell in found):
        lines.append(
            f"{EARLY} may be refused for SPF alone, before DKIM is looked at (RFC 9989 7.1)"
        )
    if any(cell.spf is None for cell in found):
        lines.append(f"{ELSEWHERE}: the envelope is not the domain's, so its SPF does not count")
    return lines


def message_rows(examined: Examined) -> list[tuple[str, ...]]:
    """A message's table, its head first."""
    spf = examined.spf
    listed: list[tuple[str, ...]] = [
        ("check", "result", "domain", "because"),
        ("SPF", str(spf.result), spf.domain, _spf_reason(spf)),
    ]
    for one in examined.signatures:
        reason = one.problem or f"selector {one.selector}"
        listed.append(("DKIM", one.result, one.domain, reason))
    if not examined.signatures:
        listed.append(("DKIM", "none", "", "the message is not signed"))
    for judged in examined.judgements:
        listed.append((judged.generation, fate(judged), judged.policy_domain, _reason(judged)))
    return listed


def _spf_reason(verdict: Verdict) -> str:
    if verdict.problem:
        return verdict.problem
    if verdict.path:
        return " > ".join(verdict.path)
    return "no SPF record" if verdict.result is Result.NONE else "nothing matches"


def _reason(judged: Judgement) -> str:
    if judged.outcome is Outcome.NONE:
        return "no policy"
    if judged.outcome is Outcome.TEMPERROR:
        return (
            f"{judged.tag}={judged.policy}; undecided"
            if judged.tag
            else "no answer about the policy"
        )
    policy = f"{judged.tag}={judged.policy}"
    if judged.outcome is Outcome.FAIL:
        return f"{policy}; neither SPF nor DKIM is aligned"
    ways = ("SPF",) * judged.spf_aligned + ("DKIM",) * judged.dkim_aligned
    return f"{policy}; aligned: {', '.join(ways)}"


def markdown(listed: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows as a Markdown table; the first is the head."""
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in listed]
    return [lines[0], "|" + "---|" * len(listed[0]), *lines[1:]]
