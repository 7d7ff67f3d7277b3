"""The rollout ladder: one table, from an unknown inventory to hard fail.

A stage decides the SPF all-qualifier and the DMARC policy tags, nothing else.  One reviewed diff
moves a domain one rung up; going back is always possible, to the rung named here.
"""

from __future__ import annotations

from typing import NamedTuple


class Stage(NamedTuple):
    """One rung.

    ``all`` is the SPF qualifier before ``all``; ``p``, ``sp`` and ``np`` are DMARC policies
    (RFC 9989 4.7), empty where the tag is not written.  With ``testing``, t=y is published, always
    together with pct=0: receivers older than RFC 9989 know only the latter, newer ones only the
    former.  ``days`` is the least time before the next rung, ``back`` the rung to retreat to.
    """

    name: str
    all: str
    p: str
    sp: str
    np: str
    testing: bool
    days: int | None
    back: str
    meaning: str

    @property
    def rung(self) -> int:
        """Position from the bottom, starting at 0; parked stands beside the ladder, above it."""
        return _RUNGS[self.name]

    @property
    def tags(self) -> dict[str, str]:
        """The DMARC tags of the stage."""
        tags = {"p": self.p, "sp": self.sp, "np": self.np}
        if self.testing:
            tags |= {"t": "y", "pct": "0"}
        return {name: value for name, value in tags.items() if value}

    def at_least(self, name: str) -> bool:
        """True from the named stage on; parked counts as the strictest."""
        return _RUNGS[self.name] >= _RUNGS[name]


_TABLE = (
    Stage(
        "audit",
        "?",
        "none",
        "",
        "",
        False,
        0,
        "",
        "inventory unknown; nothing is asked of receivers",
    ),
    Stage("monitor", "~", "none", "", "", False, 28, "audit", "soft-fail; reports come in"),
    Stage(
        "fence",
        "~",
        "none",
        "none",
        "reject",
        False,
        7,
        "monitor",
        "names that do not exist can no longer be forged",
    ),
    Stage(
        "quarantine-test",
        "~",
        "quarantine",
        "quarantine",
        "reject",
        True,
        14,
        "fence",
        "announced, not yet applied",
    ),
    Stage(
        "quarantine",
        "~",
        "quarantine",
        "quarantine",
        "reject",
        False,
        28,
        "fence",
        "unauthenticated mail goes to the junk folder",
    ),
    Stage(
        "reject-test",
        "~",
        "reject",
        "reject",
        "reject",
        True,
        14,
        "quarantine",
        "announced; acts as quarantine",
    ),
    Stage(
        "reject",
        "~",
        "reject",
        "reject",
        "reject",
        False,
        28,
        "quarantine",
        "unauthenticated mail is refused",
    ),
    Stage(
        "enforce",
        "-",
        "reject",
        "reject",
        "reject",
        False,
        None,
        "reject",
        "hard fail: the last step",
    ),
    Stage("parked", "-", "reject", "reject", "reject", False, None, "", "sends nothing"),
)

STAGES: dict[str, Stage] = {stage.name: stage for stage in _TABLE}
ORDER: tuple[str, ...] = tuple(STAGES)
_RUNGS = {name: rung for rung, name in enumerate(ORDER)}  # asked many times for each domain
GOALS = ("quarantine", "reject", "enforce")  # where a rollout may end
SPF_ALL = {"neutral": "?", "softfail": "~", "fail": "-"}


def following(stage: Stage) -> Stage | None:
    """The next rung up; None at the top and for parked."""
    if stage.name in ("enforce", "parked"):
        return None
    return STAGES[ORDER[stage.rung + 1]]
