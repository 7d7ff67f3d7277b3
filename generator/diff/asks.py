"""What is asked of receivers: the policy for mail that fails, and how SPF ends."""

from __future__ import annotations

from collections.abc import Iterator

from generator.alignment import alignments
from generator.diff.model import Effect, Risk, Side
from generator.diff.pair import Pair
from generator.diff.policy import (
    NO_RECORD,
    STRENGTH,
    Policy,
    fate,
    governing,
    spf_of,
)
from generator.diff.reach import listed
from generator.ladder import STAGES
from generator.names import display
from generator.suffixes import organizational_domain
from generator.values import Kind

_ENDING = {"+": "pass", "?": "neutral", "": "neutral (no `all`)", "~": "softfail", "-": "fail"}
_SENDING = frozenset({Kind.SPF, Kind.MX, Kind.DKIM})


def policy(pair: Pair) -> Iterator[Effect]:
    """What becomes of mail that fails DMARC: from the domain, from names below it."""
    old, new = pair.old_dmarc, pair.new_dmarc
    if new is None or (old is not None and pair.old_policy == pair.new_policy):
        return
    name = f"_dmarc.{pair.name}."
    where = pair.stage_where
    if old is None:
        before, after = governing(pair.name, pair.owners_before), pair.new_policy.own
        if before.level == NO_RECORD:
            text = f"{pair.display} asks for p={after} now; before, nothing was asked."
            yield Effect(text, records=(name,), where=where)
        else:
            text = (
                f"{pair.display} has a DMARC record of its own: mail that fails: "
                f"{fate(before)} → {fate(after)}."
            )
            yield from _weighed(pair, text, before, after, name)
        yield from _leap(pair, before, after, name)
    else:
        scopes = [
            (pair.display, pair.old_policy.own, pair.new_policy.own),
            ("names below it", pair.old_policy.below, pair.new_policy.below),
            ("names that do not exist", pair.old_policy.absent, pair.new_policy.absent),
        ]
        if organizational_domain(pair.name) != pair.name:
            scopes = scopes[:1]  # sp and np count only at the Organizational Domain
        groups: dict[tuple[Policy, Policy], list[str]] = {}
        for name_of, before, after in scopes:
            if before != after:
                groups.setdefault((before, after), []).append(name_of)
        for (before, after), whom in groups.items():
            text = f"Mail from {listed(whom)} that fails DMARC: {fate(before)} → {fate(after)}."
            yield from _weighed(pair, text, before, after, name)
        yield from _leap(pair, pair.old_policy.own, pair.new_policy.own, name)
    if pair.new_policy.own.effective > max(0, pair.old_policy.own.effective):
        text = (
            "Forwarded mail passes by its DKIM signature only, and mailing lists that change a "
            "message break that too: such mail fails."
        )
        yield Effect(text, records=(name,), where=where)
        yield from _left_behind(pair, name)


def _weighed(pair: Pair, text: str, before: Policy, after: Policy, name: str) -> Iterator[Effect]:
    """The sentence with its risk: weaker by going back a stage is news, else it is a risk."""
    where = pair.stage_where
    if after.level >= before.level and after.effective >= before.effective:
        yield Effect(text, Risk.NOTE, "", (name,), where)
        return
    if _by_stage(pair, before, after):
        yield Effect(text, Risk.NOTE, "", (name,), where)
        return
    risk = Risk.DANGER if before.effective > 0 and after.level <= 0 else Risk.CAUTION
    help = "`mailzone retreat` goes back a stage, and says so"
    yield Effect(text, risk, "change-policy-weakened", (name,), where, help)


def _goes_back(pair: Pair) -> bool:
    """True if the domain goes back a stage, no further than its own stage names."""
    old, new = pair.old_domain, pair.new_domain
    if old is None or new is None or not old.stage.back:
        return False
    return STAGES[old.stage.back].rung <= new.stage.rung < old.stage.rung


def _leap(pair: Pair, before: Policy, after: Policy, name: str) -> Iterator[Effect]:
    """Rungs left out where no declaration tells the stage: from nothing, or none, to reject."""
    declared = pair.old_domain is not None and pair.new_domain is not None
    if declared or after.effective - max(0, before.effective) < (1 if before.level < 0 else 2):
        return
    text = (
        f"{pair.display} goes from {before} to {after} at once: nobody has seen in reports what "
        "would fail."
    )
    help = "p=none with reports first, then quarantine, then reject (RFC 9989 7.4)"
    yield Effect(text, Risk.CAUTION, "rollout-stage-skipped", (name,), pair.stage_where, help)


def _by_stage(pair: Pair, before: Policy, after: Policy) -> bool:
    """True if the ladder itself makes it weaker: by going back, or where t=y lowers np for a while."""
    old, new = pair.old_domain, pair.new_domain
    climbs = old is not None and new is not None and new.stage.rung > old.stage.rung
    return _goes_back(pair) or (climbs and after.announced and after.level >= before.level)


def alignment(pair: Pair) -> Iterator[Effect]:
    """Strict alignment where it was relaxed, and the other way round (RFC 9989 4.4)."""
    old, new = pair.old_dmarc, pair.new_dmarc
    if old is None or new is None:
        return
    for tag, what in (("adkim", "DKIM"), ("aspf", "SPF")):
        before, after = (record.get(tag, "r").lower() for record in (old, new))
        if before == after:
            continue
        records = (f"_dmarc.{pair.name}.",)
        if after == "s":
            text = (
                f"From now on {what} counts for {pair.display} only if its domain is the very one "
                "in From; a subdomain's no longer does."
            )
            # Of declared services each is told of by itself.
            risk = Risk.NOTE if pair.new_domain is not None else pair.loss
            rule = "" if pair.new_domain is not None else "change-path-lost"
            yield Effect(text, risk, rule, records, pair.where)
        else:
            text = f"From now on {what} counts for {pair.display} if its domain is of one organisation."
            yield Effect(text, records=records, where=pair.where)


def _left_behind(pair: Pair, name: str) -> Iterator[Effect]:
    """Names below that stay open while the domain itself is guarded."""
    own, below = pair.new_policy.own, pair.new_policy.below
    above = organizational_domain(pair.name) == pair.name
    if above and below.effective < own.effective and below == pair.old_policy.below:
        text = f"Mail from names below {pair.display} that fails DMARC stays: {fate(below)}."
        help = "leave `sp` out, or waive this with a date"
        yield Effect(text, Risk.CAUTION, "dmarc-sp-weaker", (name,), pair.stage_where, help)


def inherited(pair: Pair) -> Iterator[Effect]:
    """Names below that have no record of their own and follow this one (RFC 9989 4.10.1)."""
    before, after = pair.old_policy.below, pair.new_policy.below
    if before == after or pair.new is None or organizational_domain(pair.name) != pair.name:
        return
    sending = _sending_below(pair)
    if not sending:
        return
    becomes = f"{fate(before)} → {fate(after)}"
    names = listed(display(name) for name in sending)
    have = "has" if len(sending) == 1 else "have"
    text = (
        f"{names} {have} no DMARC record of {'its' if have == 'has' else 'their'} own: {becomes}."
    )
    records = (f"_dmarc.{pair.name}.",)
    known = _aligned_names(pair)
    if after.effective > before.effective and any(name not in known for name in sending):
        help = "find out who sends there; a record at the name itself keeps it on its own policy"
        yield Effect(text, Risk.CAUTION, "change-inherited", records, pair.stage_where, help)
    else:
        yield Effect(text, Risk.NOTE, "", records, pair.stage_where)


def _sending_below(pair: Pair) -> list[str]:
    """Names below the domain that have SPF, MX or keys, and in neither state a policy."""
    tail = f".{pair.name}"
    found: dict[str, None] = {}
    for side in pair.families.of(pair.name):
        for value in side.values:
            if value.kind not in _SENDING:
                continue
            name = value.name.removesuffix(".").rpartition("._domainkey.")[2]
            if name.endswith(tail) and "_" not in name and "*" not in name:
                found.setdefault(name)
    return [
        name for name in found if name not in pair.owners_before and name not in pair.owners_after
    ]


def _aligned_names(pair: Pair) -> set[str]:
    """Names where declared services send whose mail passes DMARC."""
    found: set[str] = set()
    for side in pair.families.of(pair.name):
        if side.domain is None:
            continue
        paths = alignments(side.domain)
        for use in side.domain.services:
            mine = [path for path in paths if path.use is use]
            if all(path.passes for path in mine):
                found.update(use.at)
                path = use.values.get("return_path")
                if isinstance(path, str):
                    found.update(f"{path}.{at}" for at in use.at)
        found.update(host for host, _ in side.domain.helo)
    return found


def ending(pair: Pair) -> Iterator[Effect]:
    """How SPF ends: what is said of hosts that it does not list."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name in dict.fromkeys(change.name.removesuffix(".") for change in pair.of(Kind.SPF)):
        old, new = _ending(pair.old, name), _ending(pair.new, name)
        if old is not None and new is not None and old != new and "+" not in (old, new):
            groups.setdefault((old, new), []).append(name)
    for (before, after), names in groups.items():
        shown = listed(display(name) for name in names)
        text = f"Hosts that SPF of {shown} does not list: {_ENDING[before]} → {_ENDING[after]}."
        records = tuple(f"{name}." for name in names)
        if STRENGTH[after] > STRENGTH[before]:
            if after == "-":
                text += (
                    " Receivers may refuse them before they look at DKIM, forwarded mail included,"
                    " and no report tells."
                )
            yield Effect(text, Risk.NOTE, "", records, pair.stage_where)
        elif STRENGTH[after] < STRENGTH[before] and not _goes_back(pair):
            risk, rule = Risk.CAUTION, "change-policy-weakened"
            yield Effect(text, risk, rule, records, pair.stage_where)
        else:
            yield Effect(text, Risk.NOTE, "", records, pair.stage_where)


def _ending(side: Side | None, name: str) -> str | None:
    """The qualifier of ``all``; empty without one, None without a record, or where it redirects."""
    record = spf_of(side, name)
    if record is None:
        return None
    if record.all is not None:
        return record.all.qualifier
    redirects = any(str(term).startswith("redirect=") for term in record.terms)
    return None if redirects else ""
