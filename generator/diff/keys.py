"""DKIM: selectors that come and go, and keys that change under a selector."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from generator.diff.model import Change, Effect, Risk
from generator.diff.pair import Pair, belongs
from generator.diff.parts import typed
from generator.diff.reach import listed
from generator.lint.rollout import AFTER_RETIRING
from generator.names import display
from generator.records import dkim
from generator.records.error import RecordError
from generator.values import Kind, Value


def keys(pair: Pair) -> Iterator[Effect]:
    """What happens to signatures that are made, or still under way."""
    came: list[str] = []
    for change in pair.of(Kind.DKIM):
        if change.same_meaning or change.name.startswith("*."):
            continue
        old, new = change.old, change.new
        if old is None and new is not None:
            if _holds(new):
                came.append(change.name)
        elif old is not None and _holds(old):
            if new is None or not _holds(new):
                yield from _gone(pair, change, old)
            else:
                yield from _other(pair, change, old, new)
    if came:
        many = "A key comes" if len(came) == 1 else "Keys come"
        text = f"{many} at {listed(_selector(name) for name in came)}: signatures with it verify."
        if len(came) > 1:
            text = text.replace("with it", "with them")
        yield Effect(text, records=tuple(came), where=pair.where)
    yield from _wildcard(pair)


def _holds(value: Value) -> bool:
    """True if signatures may verify with what stands there: a key, or an alias to one."""
    if value.type != "TXT":
        return True
    try:
        return not dkim.parse(value.text).revoked
    except RecordError:
        return False


def _selector(name: str) -> str:
    selector, _, domain = name.removesuffix(".").partition("._domainkey.")
    return f"{selector} of {display(domain)}"


def _gone(pair: Pair, change: Change, old: Value) -> Iterator[Effect]:
    what = "is revoked" if change.new is not None else "is gone"
    where = change.new.where if change.new else pair.where
    since = _retired(pair, old)
    name = _selector(change.name)
    if since is not None and since + AFTER_RETIRING <= pair.today:
        text = f"The key at {name} {what}; it has been retiring since {since}."
        yield Effect(text, records=(change.name,), where=where)
        return
    if since is None:
        why = "it was not marked as retiring"
    else:
        left = (since + AFTER_RETIRING - pair.today).days
        why = f"it retires on {since}, and mail under way needs it for {left} more days"
    text = f"The key at {name} {what}: mail signed with it no longer verifies; {why}."
    help = "`retiring: DATE` on the selector or its service first, and 7 days of patience"
    yield Effect(text, pair.loss, "dkim-early-removal", (change.name,), where, help)


def _retired(pair: Pair, old: Value) -> date | None:
    """The day on which the old declaration retired the selector, or its service."""
    domain = pair.old_domain
    for use in domain.services if domain else ():
        for entry in use.dkim:
            if any(f"{entry.selector}._domainkey.{at}." == old.name for at in use.at):
                return _earlier(entry.retiring, use.retiring)
        if belongs(old, use):
            return use.retiring
    return None


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)


def _other(pair: Pair, change: Change, old: Value, new: Value) -> Iterator[Effect]:
    """Another key, or another way to it, at the same selector."""
    name = _selector(change.name)
    before, after = typed(Kind.DKIM, old), typed(Kind.DKIM, new)
    help = "publish the new key at a selector of its own, switch, then retire this one"
    if old.type == new.type == "TXT" and _key(old) != _key(new):
        text = (
            f"The key at {name} is replaced in place ({before} → {after}): until the signer "
            "switches, and for mail under way, signatures fail."
        )
        yield Effect(text, pair.loss, "dkim-selector-reuse", (change.name,), new.where, help)
    elif old.type == new.type == "TXT":
        parts = listed(str(part) for part in change.parts)
        risk = Risk.CAUTION if "t=" in parts or "h=" in parts or "s=" in parts else Risk.NOTE
        rule = "dkim-selector-reuse" if risk is Risk.CAUTION else ""
        text = f"The key record at {name} says something else of the same key: {parts}."
        yield Effect(text, risk, rule, (change.name,), new.where)
    else:
        text = f"Selector {name} leads elsewhere: {before} → {after}; is the key there the same?"
        yield Effect(text, Risk.CAUTION, "dkim-selector-reuse", (change.name,), new.where, help)


def _key(value: Value) -> str:
    try:
        return "".join(dkim.parse(value.text).get("p").split())
    except RecordError:
        return value.text


def _wildcard(pair: Pair) -> Iterator[Effect]:
    for change in pair.of(Kind.DKIM):
        if change.name.startswith("*.") and change.old is None:
            text = f"No signature of {pair.display} counts but by the selectors listed."
            yield Effect(text, records=(change.name,), where=pair.where)
