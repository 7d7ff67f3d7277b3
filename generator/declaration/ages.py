"""How old what the lock knows may get: ``lock`` in zones/_defaults.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from generator.declaration.context import Context
from generator.finding import Locatable


class LockAges(NamedTuple):
    """Days since a name was last seen, after which a build warns, and after which it stops."""

    warn: int = 30
    error: int = 90


USUAL = LockAges()


def read_ages(data: Mapping[str, int], where: Locatable, top: bool, context: Context) -> LockAges:
    """What a defaults file says of the lock's age; a fault and the usual ages if it cannot.

    ``top`` is True for the file of the whole project, which has one lock.
    """
    if not top:
        message = "`lock` is about the whole project"
        context.fault("unknown-key", message, where, "it belongs in zones/_defaults.yaml")
        return USUAL
    made = LockAges(data.get("warn_days", USUAL.warn), data.get("error_days", USUAL.error))
    if made.warn > made.error:
        message = (
            f"an entry cannot be an error after {made.error} days and a warning after {made.warn}"
        )
        context.fault("wrong-value", message, where, "give `warn_days` and `error_days`")
        return USUAL
    return made
