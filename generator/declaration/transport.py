"""The ``mta_sts:`` and ``tls_rpt:`` parts: how others are to deliver to the domain."""

from __future__ import annotations

from typing import Any

from generator.declaration.context import Context
from generator.declaration.merge import Merged
from generator.declaration.model import MtaSts
from generator.finding import Locatable
from generator.records import mta_sts, tls_rpt
from generator.records.error import RecordError

DEFAULT_MAX_AGE = 604800  # seconds: a week outlives an attack, and a mistake ends some day


def read_mta_sts(merged: Merged, context: Context) -> MtaSts | None:
    """The policy that the declaration asks for; faults go to the context."""
    data: dict[str, Any] | None = merged.data.get("mta_sts")
    if data is None:
        return None
    mode = data.get("mode")
    if mode is None:
        return None  # refused by the schema
    max_age = data.get("max_age", DEFAULT_MAX_AGE)
    patterns: list[str] = []
    for index, text in enumerate(data.get("mx") or ()):
        where = merged.at("mta_sts", "mx", index)
        star, dot, rest = text.partition(".")
        name = context.host(rest if (star, dot) == ("*", ".") else text, where)
        if name is not None:
            patterns.append(f"*.{name}" if star == "*" else name)
    if mode == "enforce" and max_age < mta_sts.DAY:
        message = f"max_age {max_age} is less than a day: a short outage ends the protection"
        help = f"{DEFAULT_MAX_AGE} is a week"
        context.fault("mta-sts-policy", message, merged.at("mta_sts", "max_age"), help)
    host = ""
    if "host" in data:
        host = context.host(data["host"], merged.at("mta_sts", "host")) or ""
    names = tuple(dict.fromkeys(patterns))
    return MtaSts(mode, max_age, names, host, merged.at("mta_sts", key=True))


def read_tls_rpt(merged: Merged, context: Context) -> tuple[tuple[str, Locatable], ...]:
    """The addresses for reports about TLS; faults go to the context."""
    found: list[tuple[str, Locatable]] = []
    for index, uri in enumerate(merged.data.get("tls_rpt") or ()):
        where = merged.at("tls_rpt", index)
        try:
            tls_rpt.check_address(uri)
        except RecordError as error:
            context.fault(error.rule, error.message, where, error.help)
        else:
            found.append((uri, where))
    return tuple(found)
