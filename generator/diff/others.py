"""What else a change does to mail: the way in, MTA-STS, and domains that come and go."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diff.model import Effect, Risk, Side
from generator.diff.pair import Pair
from generator.diff.presence import went_with_service
from generator.diff.reach import listed
from generator.finding import Locatable
from generator.names import display
from generator.records import mta_sts, mx
from generator.records.error import RecordError
from generator.values import Kind

_NULL = str(mx.NULL)


def domain(pair: Pair) -> Iterator[Effect]:
    """A domain that is declared for the first time, no longer, or released."""
    old, new = pair.old_domain, pair.new_domain
    if pair.old is None and pair.new is not None:
        at = f" at stage {new.stage.name}: {new.stage.meaning}" if new else ""
        yield Effect(f"{pair.display} is new{at}.", where=pair.where)
    elif pair.new is None and pair.old is not None:
        if old is not None and stays_published(pair):
            text = f"{pair.display} is declared no more: its records stay published, and nobody keeps them."
            help = "to take them back, declare it with `release: true` and build once"
            yield Effect(text, Risk.CAUTION, "change-domain-gone", _names(pair.old), None, help)
        else:
            yield Effect(f"{pair.display} is gone.", Risk.CAUTION, "change-domain-gone",
                         _names(pair.old))  # fmt: skip
    elif new is not None and new.release and not (old is not None and old.release):
        yield Effect(f"{pair.display} is released: all its records are removed.", where=pair.where)


def stays_published(pair: Pair) -> bool:
    """True if a declaration that disappears leaves a file of its own behind: it deletes nothing."""
    domain = pair.old_domain
    if domain is None:
        return False
    files = {side.domain.zone.name for side in pair.after.sides.values() if side.domain}
    return domain.parent not in pair.after.sides and domain.zone.name not in files


def _names(side: Side) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.name for value in side.values))


def exchangers(pair: Pair) -> Iterator[Effect]:
    """Who takes the mail: MX that come, go, or say that nobody does."""
    names = dict.fromkeys(change.name for change in pair.of(Kind.MX))
    for name in names:
        old, new = _hosts(pair.old, name), _hosts(pair.new, name)
        if old == new:
            continue
        shown, where = display(name.removesuffix(".")), _where(pair, name)
        if old and old != [_NULL] and new == [_NULL]:
            text = f"{shown} takes no mail any more (null MX); it went to {listed(old)}."
            yield Effect(text, Risk.DANGER, "change-mail-in", (name,), where)
        elif old and not new:
            text = f"{shown} has no MX any more: mail to it goes to its address record, or nowhere."
            if _went(pair, name):
                continue  # with its service, and that is said
            risk = Risk.DANGER if name == f"{pair.name}." else pair.loss
            risk = Risk.CAUTION if old == [_NULL] else risk
            yield Effect(text, risk, "change-mail-in", (name,), where)
        elif old and not set(old) & set(new):
            text = f"Mail to {shown} goes to {listed(new)} instead of {listed(old)}."
            yield Effect(text, Risk.CAUTION, "change-mail-in", (name,), where)
        elif set(old) != set(new):
            text = f"Mail to {shown} goes to {listed(new)}" + (
                f" (before: {listed(old)})." if old else "."
            )
            yield Effect(text, records=(name,), where=where)


def _hosts(side: Side | None, name: str) -> list[str]:
    if side is None:
        return []
    found = [v.text for v in side.values if v.name == name and v.type == "MX"]
    return [t if t == _NULL else t.partition(" ")[2].removesuffix(".") for t in sorted(found)]


def _went(pair: Pair, name: str) -> bool:
    values = [v for v in pair.old.values if v.name == name and v.type == "MX"] if pair.old else []
    return name != f"{pair.name}." and all(went_with_service(pair, value) for value in values)


def _where(pair: Pair, name: str) -> Locatable | None:
    values = pair.new.values if pair.new else ()
    return next((v.where for v in values if v.name == name and v.type == "MX"), pair.where)


def transport(pair: Pair) -> Iterator[Effect]:
    """MTA-STS that is dropped while senders hold to it, or changes unseen; TLS reports."""
    name = f"_mta-sts.{pair.name}."
    old, new = _id(pair.old, name), _id(pair.new, name)
    before, after = _policy(pair.old), _policy(pair.new)
    where = pair.where
    if old and not new:
        if before is not None and before.mode == "none":
            yield Effect(f"{pair.display} has no MTA-STS any more; it was in mode none.",
                         records=(name,), where=where)  # fmt: skip
        else:
            risk = Risk.CAUTION if before is not None and before.mode == "testing" else Risk.DANGER
            held = f" for up to {before.max_age} seconds" if before is not None else ""
            text = (
                f"{pair.display} drops MTA-STS at once: senders hold to the policy they know{held}."
            )
            help = "first `mta_sts: {mode: none}`; remove it when the old max_age has passed"
            yield Effect(text, risk, "mta-sts-abrupt-removal", (name,), where, help)
    elif new and not old:
        mode = f", mode {after.mode}" if after is not None else ""
        yield Effect(f"{pair.display} has MTA-STS{mode}.", records=(name,), where=where)
    elif old and before is not None and after is not None and before != after:
        if old == new:
            text = (
                f"The MTA-STS policy of {pair.display} changes, but its id does not: senders keep "
                "the old one."
            )
            yield Effect(text, Risk.DANGER, "mta-sts-id-unchanged", (name,), where)
        else:
            yield Effect(_says(pair, before, after), records=(name,), where=where)
    if after is not None and after.mode == "enforce" and pair.of(Kind.MX):
        hosts = [host for host in _hosts(pair.new, f"{pair.name}.") if host != _NULL]
        bare = [host for host in hosts if not after.covers(host)]
        if bare:
            text = f"Mail to {listed(bare)} is kept back: no `mx` of the MTA-STS policy names it."
            yield Effect(text, Risk.DANGER, "mta-sts-mx-uncovered", (f"{pair.name}.",), where)
    yield from _tls_reports(pair)


def _says(pair: Pair, before: mta_sts.Policy, after: mta_sts.Policy) -> str:
    said = []
    if before.mode != after.mode:
        said.append(f"mode {before.mode} → {after.mode}")
    gone = [pattern for pattern in before.mx if pattern not in after.mx]
    came = [pattern for pattern in after.mx if pattern not in before.mx]
    said += [f"without {listed(gone)}"] if gone else []
    said += [f"with {listed(came)}"] if came else []
    if before.max_age != after.max_age:
        said.append(f"max_age {before.max_age} → {after.max_age}")
    what = ", ".join(said) or "other fields"
    return f"The MTA-STS policy of {pair.display} changes: {what}."


def _id(side: Side | None, name: str) -> str:
    values = side.values if side else ()
    return next((v.text for v in values if v.name == name and v.type in ("TXT", "CNAME")), "")


def _policy(side: Side | None) -> mta_sts.Policy | None:
    if side is None or not side.mta_sts:
        return None
    try:
        return mta_sts.parse_policy(side.mta_sts)
    except RecordError:
        return None


def _tls_reports(pair: Pair) -> Iterator[Effect]:
    name = f"_smtp._tls.{pair.name}."
    old, new = _id(pair.old, name), _id(pair.new, name)
    if old and not new:
        text = f"Nobody gets TLS reports about {pair.display} any more."
        yield Effect(text, Risk.CAUTION, "change-reports-stop", (name,), pair.where)
    elif new and not old:
        yield Effect(f"Reports about TLS to {pair.display} are asked for.", records=(name,),
                     where=pair.where)  # fmt: skip


def times(pair: Pair) -> Iterator[Effect]:
    """TTLs that change, and nothing else with them."""
    changed = [c for c in pair.changes if c.old and c.new and c.old.ttl != c.new.ttl]
    spans = {(c.old.ttl, c.new.ttl) for c in changed if c.old and c.new}
    for old, new in sorted(spans):
        names = tuple(
            c.name for c in changed if c.old and c.new and (c.old.ttl, c.new.ttl) == (old, new)
        )
        records = f"{len(names)} record{'s' if len(names) > 1 else ''}"
        yield Effect(f"TTL of {records}: {old} → {new} seconds.", records=names, where=pair.where)


def plain(pair: Pair) -> Iterator[Effect]:
    """Records of no special meaning to mail that came, went or changed."""
    services = [use for was, now in pair.uses for use in (was, now) if not (was and now) and use]
    found = []
    for kind in (Kind.NS, Kind.SERVICE, Kind.PLAIN):
        for change in pair.of(kind):
            value = change.new or change.old
            reasons = value.because if value else ()
            told = any(reason.where is use.where for reason in reasons for use in services)
            if not change.same_meaning and not told:
                found.append(change)
    if found:
        names = tuple(change.name for change in found)
        many = "record differs" if len(found) == 1 else "records differ"
        shown = listed(dict.fromkeys(names))
        yield Effect(f"{len(found)} other {many}: {shown}.", records=names, where=pair.where)
