"""Every kind of mail of a domain at every stage: what receivers of both generations do with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from generator.compile import compile_domain
from generator.ladder import Stage, following
from generator.simulate import dmarc
from generator.simulate.cases import Case, Path, cases
from generator.simulate.dkim import KeyState, find_key
from generator.simulate.dmarc import Generation, Judgement, Mail, Outcome
from generator.simulate.planned import Planned
from generator.simulate.spf import Result, Verdict, check
from generator.simulate.world import World
from generator.values import Compiled


@dataclass(frozen=True, slots=True)
class Cell:
    """The fate of one kind of mail at one stage.

    ``spf`` is None where the envelope is not the customer's, and SPF says nothing about the
    domain; ``dkim`` is pass, fail or none.  ``judgements`` are those of RFC 9989 and RFC 7489, in
    this order.  What was ``assumed`` was taken for true of a vendor of whom nothing is known.
    """

    spf: Verdict | None
    dkim: str
    judgements: tuple[Judgement, Judgement]
    spf_assumed: bool = False
    dkim_assumed: bool = False

    @property
    def assumed(self) -> bool:
        return self.spf_assumed or self.dkim_assumed

    @property
    def unaligned(self) -> bool:
        """True if SPF passes and DMARC cannot use it."""
        judged = [one for one in self.judgements if one.outcome in (Outcome.PASS, Outcome.FAIL)]
        passes = self.spf is not None and self.spf.result is Result.PASS
        return passes and bool(judged) and not any(one.spf_aligned for one in judged)

    @property
    def early(self) -> bool:
        """True if DMARC lets pass what may be refused for SPF alone before (RFC 9989 7.1)."""
        fails = self.spf is not None and self.spf.result is Result.FAIL
        return fails and any(one.outcome is Outcome.PASS for one in self.judgements)


@dataclass(frozen=True, slots=True)
class Row:
    """Mail that fares alike at every stage.

    ``what`` names each kind of it; ``author`` is the domain in From, empty if there are several.
    """

    path: Path
    what: tuple[str, ...]
    author: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """``rows`` have one cell for each of ``stages``."""

    domain: str
    stages: tuple[Stage, ...]
    locked: bool
    rows: tuple[Row, ...]


def at_stage(compiled: Iterable[Compiled], name: str, stage: Stage) -> list[Compiled]:
    """The project with one domain at another stage."""
    return [
        compile_domain(one.domain._replace(stage=stage))
        if one.domain.name == name and one.domain.stage is not stage
        else one
        for one in compiled
    ]


def stages_from(present: Stage, goal: str) -> tuple[Stage, ...]:
    """The present stage and each later one up to the goal."""
    found = [present]
    while found[-1].name != goal and (later := following(found[-1])) is not None:
        found.append(later)
    return tuple(found)


def matrix(
    compiled: Sequence[Compiled],
    name: str,
    stages: Iterable[Stage] = (),
    lock: World | None = None,
    costs: Mapping[str, int] | None = None,
) -> Matrix:
    """The fate of a declared domain's mail at the stages, else at the present one and later ones.

    ``lock`` answers for names outside the project.  ``costs`` are look-ups of SPF terms that it
    does not know.  Raises KeyError if the domain is not among the compiled ones.
    """
    one = next((one for one in compiled if one.domain.name == name), None)
    if one is None:
        raise KeyError(name)
    chosen = tuple(stages) or stages_from(one.domain.stage, one.domain.goal)
    columns: list[list[Cell]] = []
    listed: list[Case] = []
    for stage in chosen:
        planned = at_stage(compiled, name, stage)
        present = next(one for one in planned if one.domain.name == name)
        known = Planned(planned, lock)
        listed, assumptions = cases(present, known, costs or {})
        guessed = known.assuming(assumptions.table)
        columns.append([_cell(case, known, guessed) for case in listed])
    rows = [
        Row(case.path, (case.what,), case.author, tuple(cells))
        for case, *cells in zip(listed, *columns, strict=True)
    ]
    return Matrix(name, chosen, lock is not None, tuple(_merged(rows)))


def _merged(rows: Iterable[Row]) -> list[Row]:
    """Rows of mail that was forwarded or sent through a list, those that fare alike as one."""
    kept: dict[object, Row] = {}
    for row in rows:
        key = (row.path, _fates(row)) if row.path in (Path.FORWARDED, Path.LIST) else row.what
        first = kept.get(key)
        if first is not None:
            cells = tuple(map(_either, first.cells, row.cells))
            author = first.author if first.author == row.author else ""
            row = Row(row.path, first.what + row.what, author, cells)
        kept[key] = row
    return list(kept.values())


def _either(first: Cell, second: Cell) -> Cell:
    """The first, with the assumptions of both."""
    return replace(
        first,
        spf_assumed=first.spf_assumed or second.spf_assumed,
        dkim_assumed=first.dkim_assumed or second.dkim_assumed,
    )


def _fates(row: Row) -> tuple[object, ...]:
    return tuple(
        (
            cell.spf and cell.spf.result,
            cell.dkim,
            cell.unaligned,
            tuple((j.outcome, j.disposition, j.share, j.otherwise) for j in cell.judgements),
        )
        for cell in row.cells
    )


def _cell(case: Case, known: Planned, guessed: Planned) -> Cell:
    """The fate of the mail; what is assumed serves SPF alone."""
    guessed.assumed.clear()
    spf = check(guessed, case.client) if case.envelope else None
    spf_assumed = bool(guessed.assumed)
    dkim, signers, dkim_assumed = _signature(case, known)
    result = None if spf is None else spf.result
    mail = Mail(
        case.author,
        case.envelope if result is Result.PASS else "",
        signers,
        case.envelope if result is Result.TEMPERROR else "",
    )
    judged = (
        dmarc.judge(known, mail, Generation.NEW),
        dmarc.judge(known, mail, Generation.OLD),
    )
    return Cell(spf, dkim, judged, spf_assumed, dkim_assumed)


def _signature(case: Case, world: World) -> tuple[str, tuple[str, ...], bool]:
    """The result of DKIM, the domains that it speaks for, and whether that is assumed."""
    if not case.signed:
        return "none", (), False
    if case.path is Path.LIST:  # lists change what they pass on
        return "fail", (), False
    if not case.keys:  # the vendor publishes them in a part of the domain that is delegated to it
        return "pass", (case.author,), True
    found = [(key.domain, find_key(world, key.selector, key.domain)) for key in case.keys]
    good = tuple(dict.fromkeys(domain for domain, key in found if key.usable))
    if good:
        return "pass", good, False
    guessed = tuple(d for d, key in found if key.state is KeyState.UNKNOWN)
    return ("pass", guessed, True) if guessed else ("fail", (), False)
