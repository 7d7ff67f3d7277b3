"""An entry of the catalogue, as plain data that passed its checks, to a `Provider`."""

from __future__ import annotations

import re
from typing import Any

from generator.catalogue.model import (
    Carries,
    Cost,
    DkimFacts,
    DkimStyle,
    OtherRecord,
    Parameter,
    Provider,
    Purpose,
    RecordShape,
    SpfAlignment,
    SpfFacts,
    SpfNeed,
)
from generator.catalogue.shape import Shape, parse

_ANYTHING = ".{1,255}"
_QUALIFIERS = {"": "", "fail": "-"}


def provider(id: str, entry: dict[str, Any], region: str = "") -> Provider:
    """The service in a region; an unlisted or empty region has no overrides.

    Raises ShapeError, re.error or KeyError only for entries that `check` has not passed.
    """
    facts = merged(entry, region)
    spf, dkim, known = facts.get("spf", {}), facts.get("dkim", {}), facts.get("recognise", {})
    destination = facts.get("destination", {})
    return Provider(
        id=id,
        name=facts["name"],
        category=facts["category"],
        aliases=tuple(facts.get("aliases", ())),
        docs=tuple(facts.get("docs", ())),
        parameters=parameters(entry),
        regions=tuple(entry.get("regions") or ()),
        spf=SpfFacts(
            needed=SpfNeed(spf.get("needed", "never")),
            aligned=SpfAlignment(spf.get("aligned", "never")),
            terms=tuple(parse(term) for term in spf.get("terms", ())),
            at=parse(spf.get("at", "@")),
            cost=Cost(**spf["cost"]) if "cost" in spf else None,
            literal=spf.get("literal", False),
            wants_all=_QUALIFIERS[spf.get("wants_all", "")],
        ),
        dkim=DkimFacts(
            styles=tuple(DkimStyle(s) for s in dkim.get("styles", ("none",))),
            aligned=dkim.get("aligned", "never") == "when-configured",
            records=tuple(_record(r) for r in dkim.get("records", ())),
            selectors=tuple(str(s) for s in dkim.get("selectors", ())),
            target=re.compile(dkim["target"]) if "target" in dkim else None,
            key=dkim.get("key", ""),
            find=dkim.get("find", ""),
        ),
        other=tuple(
            OtherRecord(Purpose(r["purpose"]), _record(r), r.get("required", False))
            for r in facts.get("other", ())
        ),
        rua=parse(destination["rua"]) if "rua" in destination else None,
        ruf=parse(destination["ruf"]) if "ruf" in destination else None,
        ptr_suffixes=tuple(known.get("ptr_suffixes", ())),
        dkim_domains=tuple(known.get("dkim_domains", ())),
        mailfrom_domains=tuple(known.get("mailfrom_domains", ())),
        carries=Carries(facts.get("carries", "own")),
        warnings=tuple(facts.get("warnings", ())),
        confidence=facts.get("confidence", ""),
        as_of=facts.get("as_of", ""),
        evidence=tuple(facts.get("evidence", ())),
        disputed=tuple(facts.get("disputed", ())),
    )


def merged(entry: dict[str, Any], region: str) -> dict[str, Any]:
    """The entry with a region's overrides: mappings merge by key, lists replace.

    A region with SPF terms of its own does not inherit what the entry's terms cost.
    """
    overrides = (entry.get("regions") or {}).get(region) or {}
    facts = dict(entry)
    for key, value in overrides.items():
        facts[key] = {**entry.get(key, {}), **value} if isinstance(value, dict) else value
    own = overrides.get("spf", {})
    if "terms" in own and "cost" not in own:
        facts["spf"].pop("cost", None)
    return facts


def parameters(entry: dict[str, Any]) -> dict[str, Parameter]:
    """The entry's parameters; ``region`` is one of them wherever regions are listed."""
    made = {name: _parameter(name, facts) for name, facts in entry.get("parameters", {}).items()}
    regions = entry.get("regions")
    if regions and "region" not in made:
        default = entry.get("default_region")
        made["region"] = Parameter(
            name="region",
            help="where the account was opened: " + ", ".join(regions),
            example=next(iter(regions)),
            pattern=re.compile("|".join(re.escape(name) for name in regions)),
            required=default is None,
            default=parse(default) if default is not None else None,
        )
    return made


def _parameter(name: str, facts: dict[str, Any]) -> Parameter:
    default, example = facts.get("default"), facts["example"]
    is_list = facts.get("list", False)
    made: Shape | tuple[str, ...] | None = None
    if default is not None:
        made = tuple(map(str, default)) if isinstance(default, list) else parse(str(default))
    return Parameter(
        name=name,
        help=facts["help"],
        example=tuple(map(str, example)) if isinstance(example, list) else str(example),
        pattern=re.compile(facts.get("pattern", _ANYTHING)),
        required=facts.get("required", False),
        list=is_list,
        default=made,
    )


def _record(facts: dict[str, Any]) -> RecordShape:
    return RecordShape(
        parse(facts["name"]), facts["type"], parse(facts["value"]), facts.get("priority")
    )
