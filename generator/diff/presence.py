"""Records that vanish, double, or that receivers can no longer read."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diff.model import Effect, Risk, Side
from generator.diff.pair import Pair, belongs
from generator.diff.policy import (
    FATE,
    NO_RECORD,
    dmarc_values,
    fate,
    governing,
    records_at,
    spf_at,
    spf_values,
)
from generator.names import display
from generator.records import dmarc, spf
from generator.records.error import RecordError
from generator.simulate.cost import count
from generator.values import Kind, Value


def spf_records(pair: Pair) -> Iterator[Effect]:
    """SPF that vanishes, stands twice, cannot be read, or asks too much."""
    for name in dict.fromkeys(change.name for change in pair.of(Kind.SPF)):
        bare = name.removesuffix(".")
        old, new = spf_values(pair.old, name), spf_values(pair.new, name)
        if old and not new:
            yield from _spf_gone(pair, bare, old)
        elif len(new) > 1 and len(old) < 2:
            text = (
                f"{display(bare)} has {len(new)} SPF records: all its mail fails SPF (permerror)."
            )
            yield Effect(text, Risk.DANGER, "spf-multiple-records", (name,), new[1].where)
        elif len(new) == 1:
            yield from _spf_sound(pair, bare, new[0], old)


def _spf_gone(pair: Pair, name: str, old: list[Value]) -> Iterator[Effect]:
    if name != pair.name and all(went_with_service(pair, value) for value in old):
        return  # that is said
    text = f"{display(name)} has no SPF any more: no host passes, and nothing is said of strangers."
    if [v for v in old if v.text.strip().lower() == "v=spf1 -all"]:
        text = f"{display(name)} has no SPF any more: anybody may use it in the envelope."
    help = "a domain that sends nothing keeps `v=spf1 -all`"
    risk = Risk.DANGER if name == pair.name else pair.loss
    yield Effect(text, risk, "change-spf-removed", (f"{name}.",), pair.where, help)


def went_with_service(pair: Pair, value: Value) -> bool:
    """True for a record that a service brought which is gone, too."""
    gone = [use for use, now in pair.uses if use is not None and now is None]
    return any(belongs(value, use) for use in gone)


def _spf_sound(pair: Pair, name: str, value: Value, old: list[Value]) -> Iterator[Effect]:
    before = spf_at(pair.old, name)
    try:
        record = spf.parse(value.text)
    except RecordError as error:
        if before != [None]:
            text = (
                f"SPF of {display(name)} cannot be read ({error.message}): all its mail fails SPF."
            )
            yield Effect(text, Risk.DANGER, "spf-syntax", (value.name,), value.where)
        return
    now = count(record, pair.after.costs).lookups
    was = count(before[0], pair.before.costs).lookups if len(before) == 1 and before[0] else 0
    if now > spf.LOOKUP_LIMIT >= was:
        text = (
            f"SPF of {display(name)} asks for {now} look-ups; past {spf.LOOKUP_LIMIT} all its mail "
            "fails SPF."
        )
        yield Effect(text, Risk.DANGER, "spf-lookup-limit", (value.name,), value.where)
    elif was != now and now >= spf.LOOKUP_LIMIT - 1:
        text = f"SPF of {display(name)} takes {now} of {spf.LOOKUP_LIMIT} look-ups ({was} before)."
        yield Effect(text, records=(value.name,), where=value.where)
    if len(old) > 1:
        text = f"{display(name)} has one SPF record again: receivers can use it."
        yield Effect(text, records=(value.name,), where=value.where)


def dmarc_records(pair: Pair) -> Iterator[Effect]:
    """DMARC records that vanish, stand twice or cannot be read."""
    for name in dict.fromkeys(change.name for change in pair.of(Kind.DMARC)):
        bare = name.removeprefix("_dmarc.").removesuffix(".")
        old, new = dmarc_values(pair.old, name), dmarc_values(pair.new, name)
        if old and not new and not _aliased(pair.new, name):
            yield _dmarc_gone(pair, bare)
        elif len(new) > 1 and len(old) < 2:
            text = f"{display(bare)} has {len(new)} DMARC records: receivers discard both."
            yield Effect(text, Risk.DANGER, "dmarc-multiple", (name,), new[1].where)
        elif len(new) == 1 and (len(old) != 1 or old[0].text != new[0].text):
            try:
                dmarc.parse(new[0].text)
            except RecordError as error:
                text = (
                    f"DMARC of {display(bare)}: {error.message}; "
                    "receivers drop the tag, or the whole record."
                )
                yield Effect(text, Risk.DANGER, error.rule, (name,), new[0].where)


def _aliased(side: Side | None, name: str) -> bool:
    return any(value.type == "CNAME" for value in records_at(side, name))


def _dmarc_gone(pair: Pair, name: str) -> Effect:
    before = governing(name, pair.owners_before)
    after = governing(name, pair.owners_after)
    records = (f"_dmarc.{name}.",)
    if after.level != NO_RECORD and after.effective >= before.effective:
        text = (
            f"{display(name)} has no DMARC record of its own any more; the policy above it: "
            f"{fate(before)} → {fate(after)}."
        )
        stricter = after.effective > before.effective
        risk, rule = (Risk.CAUTION, "change-inherited") if stricter else (Risk.NOTE, "")
        return Effect(text, risk, rule, records, pair.where)
    text = f"{display(name)} has no DMARC record any more: of mail that fails, {FATE[after.level]}."
    help = "to take the policy back, go back a stage: `p=none` keeps the reports"
    return Effect(text, Risk.DANGER, "change-dmarc-removed", records, pair.where, help)
