"""Which services begin and cease to send, and whose mail aligns no longer."""

from __future__ import annotations

from collections.abc import Iterator

from generator.alignment import Alignment, alignments
from generator.declaration.model import ServiceUse
from generator.diff.model import Effect, Risk
from generator.diff.pair import Pair, belongs
from generator.diff.reach import listed
from generator.lint.rollout import AFTER_RETIRING
from generator.names import display


def services(pair: Pair) -> Iterator[Effect]:
    """Services that begin or cease to send, and those whose alignment changes."""
    before = _paths(pair, old=True)
    after = _paths(pair, old=False)
    for old, new in pair.uses:
        if old is None and new is not None:
            yield _added(pair, new, after)
        elif new is None and old is not None:
            yield _removed(pair, old)
        elif old is not None and new is not None:
            yield from _changed(pair, old, new, before, after)


def _paths(pair: Pair, old: bool) -> list[Alignment]:
    domain = pair.old_domain if old else pair.new_domain
    return alignments(domain) if domain is not None and not domain.release else []


def _of(use: ServiceUse, paths: list[Alignment]) -> list[Alignment]:
    return [path for path in paths if path.use is use]


def _added(pair: Pair, use: ServiceUse, after: list[Alignment]) -> Effect:
    paths = _of(use, after)
    how = (
        listed(f"as {display(path.sender)} {_aligned(path)}" for path in paths)
        or f"as {_names(use.at)}"
    )
    text = f"{use.provider.name} may send for {pair.display}: {how}."
    if pair.old is None:
        return Effect(text, where=use.where, records=_records(pair, use, new=True))
    level = pair.new_policy.own.effective
    if level == 2 and pair.old_domain is not None:
        help = "let it begin on a subdomain at stage monitor, or see its first mail pass"
        text += " It starts where failing mail is refused at once."
        records = _records(pair, use, new=True)
        return Effect(text, Risk.CAUTION, "rollout-late-service", records, use.where, help)
    return Effect(text, records=_records(pair, use, new=True), where=use.where)


def _removed(pair: Pair, use: ServiceUse) -> Effect:
    who = f"{use.provider.name} may no longer send as {_names(use.at)}"
    records = _records(pair, use, new=False)
    if use.retiring is not None and use.retiring + AFTER_RETIRING <= pair.today:
        return Effect(f"{who}; it has been retiring since {use.retiring}.", records=records,
                      where=pair.where)  # fmt: skip
    if use.retiring is not None:
        left = (use.retiring + AFTER_RETIRING - pair.today).days
        why = f"it retires on {use.retiring}, and mail under way needs {left} more days"
    else:
        why = "it was not marked as retiring, so mail of it may still be sent"
    help = "first `retiring: DATE` on the service; remove it 7 days after that day"
    text = f"{who}: what it still sends loses SPF and DKIM; {why}."
    return Effect(text, pair.loss, "change-service-removed", records, pair.where, help)


def _changed(
    pair: Pair, old: ServiceUse, new: ServiceUse, before: list[Alignment], after: list[Alignment]
) -> Iterator[Effect]:
    was = {path.sender: path for path in _of(old, before)}
    now = {path.sender: path for path in _of(new, after)}
    records = _records(pair, new, new=True)
    name = new.provider.name
    if old.at != new.at:
        yield Effect(f"{name} sends as {_names(new.at)} instead of {_names(old.at)}.",
                     records=records, where=new.where)  # fmt: skip
    for sender, path in now.items():
        former = was.get(sender)
        if former is None:
            text = f"{name} also sends as {display(sender)}, {_aligned(path)}."
            risk = Risk.NOTE if path.passes else pair.loss
            rule = "" if path.passes else "change-path-lost"
            yield Effect(text, risk, rule, records, new.where)
        elif former.passes and not path.passes:
            text = (
                f"Mail of {name} from {display(sender)} loses its only aligned path: "
                f"it passed DMARC {_aligned(former)}, and fails from now on."
            )
            help = "keep the service's `dkim`, its return path, and relaxed alignment"
            if new.retiring is not None:
                yield Effect(text, Risk.NOTE, "", records, new.where)
            else:
                yield Effect(text, pair.loss, "change-path-lost", records, new.where, help)
        elif (former.spf, former.dkim) != (path.spf, path.dkim):
            lost = [w for w, a, b in _both(former, path) if a and not b]
            if lost:
                text = (
                    f"Mail of {name} from {display(sender)} is no longer aligned by {lost[0]}, "
                    f"only by {'DKIM' if path.dkim else 'SPF'}."
                )
                yield Effect(text, Risk.CAUTION, "change-path-lost", records, new.where)
            else:
                text = f"Mail of {name} from {display(sender)} passes DMARC {_aligned(path)}."
                yield Effect(text, Risk.NOTE, "", records, new.where)
    if old.retiring != new.retiring:
        when = f"retires on {new.retiring}" if new.retiring else "is no longer retiring"
        yield Effect(f"{name} {when}.", where=new.where)
    if old.provider != new.provider and _touched(pair, records):
        text = f"What the catalogue knows of {name} has changed, not its declaration."
        yield Effect(text, Risk.NOTE, "", records, new.where)


def _both(old: Alignment, new: Alignment) -> tuple[tuple[str, bool, bool], ...]:
    return (("SPF", old.spf, new.spf), ("DKIM", old.dkim, new.dkim))


def _aligned(path: Alignment) -> str:
    if path.spf and path.dkim:
        return "aligned by SPF and DKIM"
    if path.passes:
        return f"aligned by {'SPF' if path.spf else 'DKIM'} alone"
    return "not aligned: it fails DMARC"


def _names(at: tuple[str, ...]) -> str:
    return listed(display(name) for name in at)


def _records(pair: Pair, use: ServiceUse, new: bool) -> tuple[str, ...]:
    """The names of a service's records, its SPF included."""
    side = pair.new if new else pair.old
    found = [v.name for v in side.values if belongs(v, use)] if side else []
    return tuple(dict.fromkeys(found))


def _touched(pair: Pair, records: tuple[str, ...]) -> bool:
    return any(change.name in records for change in pair.changes)
