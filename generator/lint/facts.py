"""Services whose facts need a look at the vendor's console."""

from __future__ import annotations

from generator.catalogue.doubt import RULE, doubtful
from generator.declaration.model import Domain
from generator.finding import Finding


def facts(domain: Domain, told: set[str]) -> list[Finding]:
    """Advice about each service in use that is known at second hand, or disputed.

    A service is told of once in a project: ``told`` are those that were, and grows.
    """
    found: list[Finding] = []
    for use in domain.services:
        provider = use.provider
        if provider.id in told or not (provider.disputed or provider.confidence == "secondary"):
            continue
        if any(waiver.rule == RULE for waiver in domain.waivers):
            continue
        one = doubtful(provider, use.where)
        if one is not None:
            told.add(provider.id)
            found.append(one)
    return found
