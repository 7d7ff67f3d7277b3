"""The ladder: one rung at a time, after its days, and nothing else in the same change."""

from __future__ import annotations

from collections.abc import Iterator

from generator.declaration.model import Domain
from generator.diff.model import Effect, Risk, Step
from generator.diff.pair import Pair
from generator.diff.policy import STRENGTH, Policies, Policy, ends_hard, spf_of
from generator.diff.ranges import gained
from generator.diff.reach import listed
from generator.ladder import STAGES, Stage, following
from generator.policy import governs_subdomains
from generator.values import Kind

MAX_TTL = 3600  # seconds; a step back takes as long to reach everybody
FENCE = "fence"  # the rung that only np makes
_FREE = ("audit", "monitor")  # where a new domain may begin


def stage(pair: Pair) -> Iterator[Effect]:
    """The move on the ladder itself, and what it takes."""
    old, new = pair.old_domain, pair.new_domain
    if new is None or new.release:
        return
    if old is None:
        if pair.before.declared and new.parent == "":
            yield from _entered(pair, new)
        return
    step = Step(old.stage, new.stage)
    if not step.kind:
        yield from _by_test(pair)
        return
    if _follows(pair, new):
        return  # the domain above tells
    because = given(old, new)
    where, records = new.stage_where, _policy_records(pair)
    skipped = skips(old.stage, new.stage)
    over = f" over {listed(skipped)}" if skipped else ""
    text = f"{pair.display} {_said(step)}{over}: {new.stage.meaning}."
    if skipped or step.kind == "parked":
        help = f'one rung a change, or say why: `mailzone advance {pair.name} --because "…"`'
        if step.kind == "parked":
            help = "write `because:` beside the stage: how it is known that nothing sends"
        yield Effect(text, Risk.DANGER, "rollout-stage-skipped", records, where, help,
                     because=because)  # fmt: skip
    else:
        yield Effect(text, records=records, where=where)
    if step.kind == "back":
        if new.stage.testing and new.stage.p == old.stage.p:
            text = (
                f"{pair.display} goes back by t=y alone: receivers older than RFC 9989 still see "
                f"p={new.stage.p}."
            )
            help = f"the stage to go back to is {old.stage.back}: `mailzone retreat {pair.name}`"
            yield Effect(text, Risk.CAUTION, "rollout-rollback-by-t", records, where, help)
        return
    if step.kind == "unparked":
        if new.stage.rung > STAGES["monitor"].rung:
            text = f"{pair.display} was parked, and enters the ladder at {new.stage.name}."
            yield Effect(text, Risk.CAUTION, "rollout-stage-skipped", records, where,
                         "a domain that begins to send begins at monitor", because=because)  # fmt: skip
        return
    yield from _days(pair, old, new, because)
    if new.stage.name == FENCE and step.kind == "advance" and governs_subdomains(new):
        text = f"No reports show that nobody sends as names below {pair.display} that do not exist."
        help = f'look, and say so: `mailzone advance {pair.name} --because "…"`'
        yield Effect(text, Risk.CAUTION, "rollout-no-evidence", records, where, help,
                     because=because)  # fmt: skip


def _follows(pair: Pair, new: Domain) -> bool:
    """True for a subdomain that has its stage from the domain in whose declaration it stands."""
    above = pair.after.sides.get(new.parent)
    return (
        above is not None
        and above.domain is not None
        and above.domain.stage_where is new.stage_where
    )


def given(old: Domain | None, new: Domain) -> str:
    """The written reason for this step; one that stood there before is for another step."""
    if old is not None and old.because == new.because and old.since == new.since:
        return ""
    return new.because


def skips(old: Stage, new: Stage) -> list[str]:
    """The rungs that a step up leaves out."""
    found: list[str] = []
    at = following(old)
    while at is not None and at.name != new.name:
        found.append(at.name)
        at = following(at)
    return found if at is not None else []


def _said(step: Step) -> str:
    assert step.old is not None  # of a domain in both states
    assert step.new is not None
    verb = {"advance": "advances", "back": "goes back", "parked": "is parked, away"}
    return f"{verb.get(step.kind, 'goes')} from {step.old.name} to {step.new.name}"


def _policy_records(pair: Pair) -> tuple[str, ...]:
    return tuple(change.name for change in (*pair.of(Kind.SPF), *pair.of(Kind.DMARC)))


def _entered(pair: Pair, new: Domain) -> Iterator[Effect]:
    where = new.stage_where
    if new.stage.name in _FREE:
        return
    text = (
        f"{pair.display} enters at stage {new.stage.name}; what it publishes so far, if anything, "
        "may be milder."
    )
    help = (
        "a domain whose mail is not known begins at monitor; else write `because:` beside the stage"
    )
    yield Effect(text, Risk.CAUTION, "rollout-stage-skipped", (), where, help, because=new.because)


def _days(pair: Pair, old: Domain, new: Domain, because: str) -> Iterator[Effect]:
    """Whether the stage that is left has lasted as long as it must."""
    least = old.stage.days
    if not least:
        return
    served = pair.serving(old)
    where, name = new.stage_where, old.stage.name
    help = 'wait, or say why: `mailzone advance … --because "…"`'
    if served.since is None:
        text = (
            f"How long {pair.display} has been at {name} is not known; {least} days are the least."
        )
        help = "`since:` beside the stage tells; so does git, where its history is whole"
        yield Effect(text, Risk.CAUTION, "rollout-dwell", (), where, help, because=because)
        return
    days = (pair.today - served.since).days
    if days >= least:
        return
    if served.at_least:
        text = (
            f"{pair.display} has been at {name} for {days} days or more, as far as the history "
            f"goes; {least} are the least."
        )
        yield Effect(text, Risk.CAUTION, "rollout-dwell", (), where, help, because=because)
    else:
        text = (
            f"{pair.display} leaves {name} after {days} of {least} days (since {served.since}, "
            f"{served.how})."
        )
        yield Effect(text, Risk.DANGER, "rollout-dwell", (), where, help, because=because)


def _by_test(pair: Pair) -> Iterator[Effect]:
    """t=y by hand, as a way back."""
    old, new = pair.old_policy.own, pair.new_policy.own
    if new.announced and not old.announced and new.level == old.level > 0:
        text = f"{pair.display} goes back by t=y alone: receivers older than RFC 9989 know no t."
        yield Effect(text, Risk.CAUTION, "rollout-rollback-by-t", _policy_records(pair),
                     pair.stage_where)  # fmt: skip


def at_once(pair: Pair) -> Iterator[Effect]:
    """Changes that must not be made together: if mail is lost, nobody knows by which."""
    if pair.old is None or pair.new is None:
        return
    because = ""
    if pair.old_domain is not None and pair.new_domain is not None:
        because = given(pair.old_domain, pair.new_domain)
    policy = _tightened(pair.old_policy, pair.new_policy)
    ending = _harder(pair)
    where, records = pair.stage_where, _policy_records(pair)
    if policy and ending:
        text = f"{pair.display}: the DMARC policy and the end of SPF become stricter in one change."
        help = "the policy first; the SPF ending in a change of its own"
        yield Effect(text, Risk.DANGER, "rollout-two-axes", records, where, help, because=because)
    if policy or ending:
        yield from _added(pair, policy or ends_hard(pair.new), because)
        yield from _lasting(pair)


def _tightened(old: Policies, new: Policies) -> bool:
    pairs = ((old.own, new.own), (old.below, new.below))
    return any(_stricter(before, after) for before, after in pairs) and old.own.level >= 0


def _stricter(before: Policy, after: Policy) -> bool:
    return after.level > before.level or after.effective > before.effective


def _harder(pair: Pair) -> bool:
    old, new = spf_of(pair.old, pair.name), spf_of(pair.new, pair.name)
    if old is None or new is None:
        return False
    before, after = (record.all.qualifier if record.all else "" for record in (old, new))
    return STRENGTH[after] > STRENGTH[before]


def _added(pair: Pair, acted_on: bool, because: str) -> Iterator[Effect]:
    """A new key or term is not everywhere yet when the policy begins to bite."""
    keys = [c.name for c in pair.of(Kind.DKIM) if c.old is None and not c.name.startswith("*.")]
    came = [name.removesuffix(".") for name in keys]
    for change in pair.of(Kind.SPF):
        if change.old is None:
            came.append(f"SPF of {change.name.removesuffix('.')}")
            keys.append(change.name)
        else:
            terms = gained(pair, change)
            came += terms
            keys += [change.name] if terms else []
    if not came:
        return
    text = (
        f"{pair.display} adds {listed(came)} and becomes stricter in one change: caches lack the "
        "new records when the policy begins to bite."
    )
    help = "add first, look it up, tighten in a later change"
    risk = Risk.DANGER if acted_on else Risk.CAUTION
    yield Effect(text, risk, "rollout-add-and-tighten", tuple(keys), pair.stage_where, help,
                 because=because)  # fmt: skip


def _lasting(pair: Pair) -> Iterator[Effect]:
    """A long TTL on a record that becomes stricter: the way back takes as long."""
    long = [
        (change.name, max(value.ttl for value in (change.old, change.new) if value is not None))
        for change in (*pair.of(Kind.SPF), *pair.of(Kind.DMARC))
        if change.parts
    ]
    slow = [(name, ttl) for name, ttl in long if ttl > MAX_TTL]
    if slow:
        ttl = max(ttl for _, ttl in slow)
        text = (
            f"{pair.display} becomes stricter with a TTL of {ttl} seconds: to go back would take "
            f"{_hours(ttl)} to reach everybody."
        )
        help = f"`ttl: {MAX_TTL}` first; tighten when the old TTL has passed"
        names = tuple(name for name, _ in slow)
        yield Effect(text, Risk.CAUTION, "change-ttl", names, pair.stage_where, help)


def _hours(seconds: int) -> str:
    hours = -(-seconds // 3600)
    return f"{hours} hours" if hours < 48 else f"{-(-hours // 24)} days"
