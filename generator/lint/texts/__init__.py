"""Records as texts: what is wrong with one wherever it may stand.

Each module yields `Fault`s of one kind of record; `lint_text` makes findings of them, with their
place in the text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from generator.finding import Finding, Place, finding, visible
from generator.lint.fault import Fault
from generator.lint.secret import HELP, holds_private_key
from generator.lint.texts import dkim, dmarc, spf


def _mta_sts(text: str) -> tuple[Fault, ...]:
    from generator.lint.texts.transport import mta_sts_faults  # few records are of these two kinds

    return mta_sts_faults(text)


def _tls_rpt(text: str) -> tuple[Fault, ...]:
    from generator.lint.texts.transport import tls_rpt_faults

    return tls_rpt_faults(text)


KINDS: dict[str, Callable[[str], tuple[Fault, ...]]] = {
    "spf": spf.faults,
    "dkim": dkim.faults,
    "dmarc": dmarc.faults,
    "mta-sts": _mta_sts,
    "tls-rpt": _tls_rpt,
}
_LONG = 160  # characters of a line that are shown
_AROUND = 60  # of them before the fault
_ANSWER = {"dmarc": dmarc.size, "spf": spf.size}


def lint_text(
    kind: str, text: str, costs: Mapping[str, int] | None = None, shown: str = ""
) -> list[Finding]:
    """All findings about a record's text; ``kind`` is one of `KINDS`.

    ``costs`` are the look-ups that SPF terms are known to cost, by term; what no one knows is
    said to be unknown.  Places are in ``shown``, or else in ``<spf>`` and so on.
    """
    shown = shown or f"<{kind}>"
    if holds_private_key(text):
        return [finding("private-key", "a private key", Place(shown), HELP)]
    found = [*KINDS[kind](text)]
    if kind == "spf":
        found += spf.cost_faults(text, costs or {})
    measure = _ANSWER.get(kind)
    found += measure(text) if measure is not None else ()
    return [
        finding(f.rule, f.message, _place(shown, text, f), f.help, f.severity)
        for f in dict.fromkeys(found)
    ]


def _place(shown: str, text: str, fault: Fault) -> Place:
    """The line that the fault is in; of a long one the part around the fault."""
    start = min(fault.start, len(text))
    first = text.rfind("\n", 0, start) + 1
    line = text.count("\n", 0, start) + 1
    whole = text[first:].partition("\n")[0].rstrip("\r")
    column = min(start - first, len(whole))
    width = min(fault.length or max(1, len(whole)), max(1, len(whole) - column))
    cut = max(0, column - _AROUND) if len(whole) > _LONG else 0
    end = cut + _LONG
    before = visible(whole[cut:column])
    marked = visible(whole[column : min(column + width, end)])
    after = visible(whole[column + width : end])
    return Place(
        shown,
        line,
        column + 1,
        before + marked + after,
        width=max(1, len(marked)),
        shown=len(before) + 1,
        span=width,
    )
