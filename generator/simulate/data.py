"""The documented JSON form of a simulation: schemas/simulate.schema.json."""

from __future__ import annotations

from typing import Any

from generator.simulate.dmarc import Judgement
from generator.simulate.matrix import Cell, Matrix
from generator.simulate.message import Examined
from generator.simulate.spf import Verdict


def of_matrix(matrix: Matrix) -> dict[str, Any]:
    """A matrix as plain data."""
    return {
        "domain": matrix.domain,
        "locked": matrix.locked,
        "stages": [
            {
                "stage": stage.name,
                "mail": [
                    {
                        "path": str(row.path),
                        "what": list(row.what),
                        "from": row.author or None,
                        **_cell(row.cells[number]),
                    }
                    for row in matrix.rows
                ],
            }
            for number, stage in enumerate(matrix.stages)
        ],
    }


def of_message(domain: str, stage: str, examined: Examined) -> dict[str, Any]:
    """A judged message as plain data."""
    return {
        "domain": domain,
        "stage": stage,
        "from": examined.author,
        "spf": _spf(examined.spf),
        "dkim": [
            {
                "domain": one.domain,
                "selector": one.selector,
                "result": one.result,
                "problem": one.problem,
            }
            for one in examined.signatures
        ],
        "dmarc": [_judgement(one) for one in examined.judgements],
        "unknown": list(examined.unknown),
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "spf": None if cell.spf is None else _spf(cell.spf),
        "dkim": cell.dkim,
        "dmarc": [_judgement(one) for one in cell.judgements],
        "assumed": {"spf": cell.spf_assumed, "dkim": cell.dkim_assumed},
        "may_be_refused_for_spf": cell.early,
    }


def _spf(verdict: Verdict) -> dict[str, Any]:
    return {
        "result": str(verdict.result),
        "domain": verdict.domain,
        "matched": list(verdict.path),
        "problem": verdict.problem,
        "explanation": verdict.explanation,
        "lookups": verdict.lookups,
        "void": verdict.voids,
    }


def _judgement(one: Judgement) -> dict[str, Any]:
    return {
        "standard": str(one.generation),
        "result": str(one.outcome),
        "aligned": {"spf": one.spf_aligned, "dkim": one.dkim_aligned},
        "policy_domain": one.policy_domain,
        "tag": one.tag,
        "policy": one.policy,
        "disposition": str(one.disposition),
        "percent": one.share,
        "otherwise": str(one.otherwise),
    }
