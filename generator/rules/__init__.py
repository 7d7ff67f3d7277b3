"""The one list of everything that mailzone can find wrong.

Each rule has a stable id, a severity, the standard it comes from and one sentence that says why
it matters.  Declarations, records and zone files share the list.  A rule at error level whose
source is a standard cannot be waived; all others can, with a reason and a date.

Every rule's examples lie in ``examples/``; ``generator.rules.examples`` reads them on request.
"""

from __future__ import annotations

from generator.rules import change, declaration, dkim, dmarc, rollout, spf, transport, zone
from generator.rules.rule import Needs, Rule, Severity

__all__ = ["FAMILIES", "RULES", "Needs", "Rule", "Severity"]

# By what a rule is about, in the order in which a declaration becomes a zone.
FAMILIES: dict[str, tuple[Rule, ...]] = {
    "declaration": declaration.RULES,
    "spf": spf.RULES,
    "dkim": dkim.RULES,
    "dmarc": dmarc.POLICY,
    "reports": dmarc.REPORTS,
    "zone": zone.RULES,
    "transport": transport.RULES,
    "rollout": rollout.RULES,
    "change": change.RULES,
}

RULES: dict[str, Rule] = {rule.id: rule for family in FAMILIES.values() for rule in family}
