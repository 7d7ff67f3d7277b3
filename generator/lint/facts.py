"""Services whose facts need a look at the vendor's console."""

from __future__ import annotations

from collections.abc import Iterator

from generator.catalogue.doubt import doubtful
from generator.finding import Finding
from generator.lint.subject import Subject


def facts(subject: Subject) -> Iterator[Finding]:
    """Advice about every service in use that is known at second hand, or disputed."""
    for use in subject.domain.services:
        provider = use.provider
        if provider.disputed or provider.confidence == "secondary":
            found = doubtful(provider, use.where)
            if found is not None:
                yield found


DECLARED = (facts,)
