"""What DMARC asks of receivers for mail that nothing vouches for, before and after.

The level of a policy: none, quarantine, reject count 0, 1, 2; no record at all is -1.  ``t=y``
lowers it by one (RFC 9989 A.6).
"""

from __future__ import annotations

from typing import NamedTuple

from generator.diff.model import Side, State
from generator.records import dmarc, spf
from generator.records.error import RecordError
from generator.suffixes import organizational_domain
from generator.values import Value

NO_RECORD = -1

# What becomes of mail for which neither SPF nor DKIM vouches.
FATE = {
    NO_RECORD: "receivers judge it without DMARC",
    0: "it is delivered like any other",
    1: "it goes to the junk folder",
    2: "it is refused",
}
STRENGTH = {"+": 0, "?": 1, "": 1, "~": 2, "-": 3}  # of an SPF ending


class Policy(NamedTuple):
    """One of p, sp and np, and whether it is only announced (t=y)."""

    level: int
    announced: bool = False

    @property
    def effective(self) -> int:
        """The level that receivers by RFC 9989 act on."""
        return max(0, self.level - 1) if self.announced else self.level

    def __str__(self) -> str:
        if self.level == NO_RECORD:
            return "no policy"
        word = dmarc.POLICIES[self.level]
        return f"{word}, announced only" if self.announced and self.level else word


def fate(policy: Policy) -> str:
    """What becomes of mail that fails, in a word or two."""
    words = {NO_RECORD: "judged without DMARC", 0: "delivered", 1: "junk folder", 2: "refused"}
    said = words[policy.effective]
    if policy.announced and policy.level > 0:
        said += f", {'quarantine' if policy.level == 1 else 'reject'} announced (t=y)"
    return said


NOTHING = Policy(NO_RECORD)


class Policies(NamedTuple):
    """What a domain's record asks for: for itself, existing names below, and names that are not."""

    own: Policy = NOTHING
    below: Policy = NOTHING
    absent: Policy = NOTHING


def records_at(side: Side | None, name: str) -> list[Value]:
    """The values at an absolute name."""
    return [value for value in side.values if value.name == name] if side else []


def spf_values(side: Side | None, name: str) -> list[Value]:
    """The values at an absolute name that are SPF records, readable or not."""
    return [v for v in records_at(side, name) if v.type == "TXT" and spf.is_spf(v.text)]


def dmarc_values(side: Side | None, name: str) -> list[Value]:
    """The values at an absolute name that are DMARC records, readable or not."""
    return [v for v in records_at(side, name) if v.type == "TXT" and dmarc.is_dmarc(v.text)]


def spf_at(side: Side | None, name: str) -> list[spf.Spf | None]:
    """The SPF records at a name (without final dot); None for one that is malformed."""
    found: list[spf.Spf | None] = []
    for value in spf_values(side, f"{name}."):
        try:
            found.append(spf.parse(value.text))
        except RecordError:
            found.append(None)
    return found


def spf_of(side: Side | None, name: str) -> spf.Spf | None:
    """The one valid SPF record at a name; None without one, and where receivers drop all of them."""
    found = spf_at(side, name)
    return found[0] if len(found) == 1 else None


def dmarc_at(side: Side | None, name: str) -> dmarc.Dmarc | None:
    """The one DMARC record of a name; of two, receivers take neither (RFC 9989 4.10).

    A record that this program would not write may still count for receivers: RFC 9989 4.7 lets
    them pass over what they do not know, so a malformed one is read for its policy all the same.
    """
    found = dmarc_values(side, f"_dmarc.{name}.")
    if len(found) != 1:
        return None
    try:
        return dmarc.parse(found[0].text)
    except RecordError:
        return _lenient(found[0].text)


def _lenient(text: str) -> dmarc.Dmarc:
    pairs: dict[str, str] = {}
    for piece in text.split(";")[1:]:
        name, equals, value = piece.partition("=")
        if equals:
            pairs.setdefault(name.strip().lower(), value.strip())
    # RFC 9989 4.10.1: a policy that is none counts as p=none, if reports are asked for.
    for tag in ("p", "sp", "np"):
        if tag in pairs and pairs[tag].lower() not in dmarc.POLICIES:
            pairs = {"p": "none"} | ({"rua": pairs["rua"]} if "rua" in pairs else {})
            break
    return dmarc.Dmarc(tuple(pairs.items()))


def policies(record: dmarc.Dmarc | None) -> Policies:
    """What a record asks for; nothing without one."""
    if record is None:
        return Policies()
    test = record.get("t").lower() == "y"
    levels = [
        _level(text) for text in (record.policy, record.subdomain_policy, record.nonexistent_policy)
    ]
    own, below, absent = (Policy(level, test) for level in levels)
    return Policies(own, below, absent)


def _level(text: str) -> int:
    word = text.lower()
    return dmarc.POLICIES.index(word) if word in dmarc.POLICIES else 0


def governing(name: str, owners: Owners) -> Policy:
    """The policy for mail from an existing name: its own record's, else that of the
    Organizational Domain (RFC 9989 4.10.1), as far as the state knows.

    ``owners`` are the sides of that state by the names that hold a DMARC record.
    """
    own = dmarc_at(owners.get(name), name)
    if own is not None:
        return policies(own).own
    top = organizational_domain(name)
    return policies(dmarc_at(owners.get(top), top)).below


class Owners:
    """The sides of a state by the names at which they publish a DMARC record.

    Looked for when asked: a side publishes nothing above its own name, so its owner is found on
    the way up.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._known: dict[str, Side | None] = {}

    def get(self, name: str) -> Side | None:
        """The side that publishes the record at ``_dmarc.name``, if any does."""
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def _find(self, name: str) -> Side | None:
        record = f"_dmarc.{name}."
        return next((side for side in self._state.upwards(name) if records_at(side, record)), None)


class Families:
    """The sides of a state by Organizational Domain, sorted out when first asked for."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._by_top: dict[str, list[Side]] | None = None

    def of(self, name: str) -> list[Side]:
        """The domain at the top of a family, and all declared below it."""
        if self._by_top is None:
            self._by_top = {}
            for side in self._state.sides.values():
                self._by_top.setdefault(organizational_domain(side.name), []).append(side)
        return self._by_top.get(organizational_domain(name), [])


def bites(side: Side | None) -> bool:
    """True if receivers act on failures: a policy above none, or SPF that ends in -all."""
    if side is None:
        return False
    return ends_hard(side) or policies(dmarc_at(side, side.name)).own.effective > 0


def ends_hard(side: Side) -> bool:
    """True if the SPF of the domain itself ends in -all."""
    record = spf_of(side, side.name)
    return record is not None and record.all is not None and record.all.qualifier == "-"
