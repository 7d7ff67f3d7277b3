"""Our values put into a zone that others write to as well: the decision, as a pure function.

It works on values, not on record sets, because an apex TXT set is shared with strangers.  A value is
ours if it is in the ledger; it is put in, left, or taken out as the declarations say.  A foreign
value stays, or is the reason why nothing changes at its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from generator.emit.obstacles import adoptable
from generator.octodns import ledger as ledgers
from generator.octodns.model import Change, Conflict, Key, Member, Outcome, Published, Rrset
from generator.octodns.shape import misplaced
from generator.rivals import difference, rival, same
from generator.values import Value

MAX_STRING = 255  # octets in one character-string (RFC 1035 3.3)
# Types whose text is the whole of their data, whatever a provider does to it on the way.
_PLAIN = frozenset({"A", "AAAA", "CNAME", "MX", "NS", "SRV", "TLSA"})

Wanted = list[tuple[Value, Member]]


def overlay(
    published: Published,
    members: Sequence[Member],
    owner: str,
    blocked: Mapping[str, Conflict] | None = None,
    resplit: bool = False,
    shared: bool = True,
) -> Outcome:
    """What has to change in a published zone for the members' values to be in it.

    ``owner`` is the owner id in the ledger.  ``blocked`` names are left alone, for the reason
    given.  With ``resplit`` foreign texts of more than 255 octets may be rewritten, which keeps
    their octets but may move the boundaries of their strings.  Without ``shared`` the zone is no
    provider's but a source's, which keeps no ledger and whose values nobody rewrites.
    """
    return _Overlay(published, members, owner, blocked or {}, resplit, shared).outcome()


@dataclass(slots=True)
class _Name:
    """A name while it is decided: which values there are whose."""

    name: str
    wanted: Wanted
    ours: dict[str, set[str]] = field(default_factory=dict)  # by type: owned or taken over
    conflicts: list[Conflict] = field(default_factory=list)


class _Overlay:
    def __init__(
        self,
        published: Published,
        members: Sequence[Member],
        owner: str,
        blocked: Mapping[str, Conflict],
        resplit: bool,
        shared: bool,
    ) -> None:
        self.published = published
        self.members = members
        self.owner = owner
        self.resplit = resplit
        self.shared = shared
        self.at: Key = (f"{ledgers.LABEL}.{published.zone}", "TXT")
        present = published.sets.get(self.at)
        self.ledger = ledgers.read(present.texts if present else (), owner)
        self.wanted: dict[str, Wanted] = {}
        for member in members:
            for value in member.values:
                self.wanted.setdefault(value.name, []).append((value, member))
        self.conflicts: dict[str, list[Conflict]] = {}
        for conflict in [*blocked.values(), *misplaced(published.zone, published.types, members)]:
            self.conflicts.setdefault(conflict.name, []).append(conflict)
        self.notes: list[str] = []
        self.adopted: set[str] = set()

    def outcome(self) -> Outcome:
        owned, held, orphans = self._owned()
        changes: list[Change] = []
        for name in sorted({*self.wanted, *(key[0] for key in owned)}):
            state = _Name(name, self.wanted.get(name, []))
            for type, _ in self.published.at(name):
                state.ours[type] = owned.get((name, type), set())
            made = self._at(state)
            if state.conflicts:
                self.conflicts.setdefault(name, []).extend(state.conflicts)
            if name not in self.conflicts:
                changes += made
        if self.shared:
            changes += self._ledger(held, orphans)
        conflicts = [one for name in sorted(self.conflicts) for one in self.conflicts[name]]
        if self.at[0] in self.conflicts:
            changes = []  # what cannot be entered in the ledger is not published either
        return Outcome(tuple(changes), tuple(conflicts), tuple(self.notes), frozenset(self.adopted))

    # --- whose is what -----------------------------------------------------------------------

    def _owned(self) -> tuple[dict[Key, set[str]], dict[str, set[str]], set[str]]:
        """Our values in the zone by record set, our digests by name, and digests of orphans."""
        owned: dict[Key, set[str]] = {}
        held: dict[str, set[str]] = {}
        orphans: set[str] = set()
        abandoned: dict[str, list[str]] = {}
        domains = {member.domain for member in self.members}
        zone, ledger = self.published.zone, self.ledger
        for (name, type), present in self.published.sets.items() if ledger.own else ():
            for text in present.texts:
                listed = list(ledgers.digests(zone, name, type, text))
                mine = [(domain, one) for domain, one in listed if one in ledger.own]
                if not mine:
                    continue
                if not any(domain in domains for domain, _ in mine):
                    orphans.update(one for _, one in mine)
                    abandoned.setdefault(mine[0][0], []).append(f"{type} at {name}")
                    continue
                held.setdefault(name, set()).update(one for _, one in mine)
                # What another project holds as well stays when we let go of it.
                if self._declared(name, type, text) or not ledger.holder([d for _, d in listed]):
                    owned.setdefault((name, type), set()).add(text)
        for domain, listed_at in sorted(abandoned.items()):
            self.notes.append(
                f"{domain} has no declaration any more; left as published: "
                f"{', '.join(listed_at)}; declare it with `release: true` to have it removed"
            )
        return owned, held, orphans

    def _declared(self, name: str, type: str, text: str) -> bool:
        return any((v.type, v.text) == (type, text) for v, _ in self.wanted.get(name, ()))

    # --- one name ----------------------------------------------------------------------------

    def _at(self, state: _Name) -> list[Change]:
        """The changes at a name; conflicts go to the state."""
        for type, present in self.published.at(state.name):
            for text in present.texts:
                self._judge(state, type, text)
        types = {type for type, _ in self.published.at(state.name)}
        types.update(value.type for value, _ in state.wanted)
        made = []
        for type in sorted(types):
            change = self._change(state, type)
            if change is not None:
                made.append(change)
                state.conflicts += self._unsafe(change)
        self._missed(state)
        return made

    def _judge(self, state: _Name, type: str, text: str) -> None:
        """Decide about one published value: ours, taken over, foreign, or in the way."""
        ours = state.ours[type]
        if text in ours or self._declared(state.name, type, text):
            return
        against = [(value, member) for value, member in state.wanted if rival(value, type, text)]
        if not against:
            return
        if any(same(value, type, text) for value, _ in state.wanted):
            ours.add(text)  # it says the same, spelt otherwise
            return
        listed = adoptable(type, text)
        digests = [one for _, one in ledgers.digests(self.published.zone, state.name, type, text)]
        holder = self.ledger.holder(digests)
        if not holder and any(listed in member.adopt for _, member in against):
            self.adopted.add(listed)
            ours.add(text)
            return
        state.conflicts.append(_conflict(against[0][0], type, text, listed, holder))

    def _change(self, state: _Name, type: str) -> Change | None:
        name = state.name
        before = self.published.sets.get((name, type))
        present = before.texts if before else ()
        wanted = {v.text: v.ttl for v, _ in state.wanted if v.type == type}
        ours = state.ours.get(type, set()) | set(wanted)
        kept = tuple(text for text in present if text not in ours)
        if not kept and not wanted:
            if before is None:
                return None
            return Change(name, type, before, None, present, (), ())
        ttl = before.ttl if before and kept else min(wanted.values())
        texts = (*kept, *wanted)
        removed = tuple(text for text in present if text in ours and text not in wanted)
        added = tuple(text for text in wanted if text not in present)
        if before and not removed and not added and ttl == before.ttl:
            return None
        return Change(name, type, before, Rrset(ttl, texts), removed, added, kept)

    def _unsafe(self, change: Change) -> Iterator[Conflict]:
        """Foreign values that a provider may damage on the way, if their set is written anew."""
        if change.before is not None and change.before.special:
            what = f"the {change.type} set at {change.name} is {change.before.special}"
            yield Conflict(change.name, what, "take it out, or declare another name")
        for text in change.kept if self.shared and change.after else ():
            why = _damage(change.type, text, self.resplit)
            if why:
                what = f"{change.type} at {change.name} is shared with a value that {why}"
                help = f"it cannot be rewritten safely: {shown(text)}"
                yield Conflict(change.name, what, help)

    def _missed(self, state: _Name) -> None:
        """Tell of declared values that were published and are gone."""
        zone = self.published.zone
        for value, member in state.wanted:
            present = self.published.sets.get((value.name, value.type))
            if present is not None and value.text in present.texts:
                continue
            one = ledgers.digest(zone, member.domain, value.name, value.type, value.text)
            if one in self.ledger.own:
                note = f"{value.type} at {value.name} was removed or changed by another hand"
                self.notes.append(f"{note}: {shown(value.text)}")

    # --- the ledger --------------------------------------------------------------------------

    def _ledger(self, held: Mapping[str, set[str]], orphans: Iterable[str]) -> list[Change]:
        zone = self.published.zone
        keep = set(orphans)
        for name in self.conflicts:  # nothing changes there
            keep |= held.get(name, set())
        for name, wanted in self.wanted.items():
            if name not in self.conflicts:
                keep.update(
                    ledgers.digest(zone, member.domain, name, value.type, value.text)
                    for value, member in wanted
                )
        lines = ledgers.write(self.owner, keep)
        before = self.published.sets.get(self.at)
        if set(lines) == set(self.ledger.lines):
            return []
        if "CNAME" in self.published.types.get(self.at[0], ()):
            what = f"a CNAME stands at {self.at[0]}, where the ledger belongs"
            self.conflicts.setdefault(self.at[0], []).append(Conflict(self.at[0], what))
            return []
        kept, texts = self.ledger.foreign, (*self.ledger.foreign, *lines)
        after = Rrset(before.ttl if before and kept else ledgers.TTL, texts) if texts else None
        removed = tuple(line for line in self.ledger.lines if line not in lines)
        added = tuple(line for line in lines if line not in self.ledger.lines)
        change = Change(*self.at, before, after, removed, added, kept, ledger=True)
        unsafe = list(self._unsafe(change))
        if unsafe:
            self.conflicts.setdefault(self.at[0], []).extend(unsafe)
        return [change]


def _damage(type: str, text: str, resplit: bool) -> str:
    """What about a foreign value a provider may not survive; empty if it is safe."""
    if type in _PLAIN:
        return ""
    bare = text
    if type == "CAA":  # 0 issue "ca.example"
        bare = text[:-1].replace('"', "", 1) if text.endswith('"') else text
    if not bare:
        return "is empty"
    if not (bare.isascii() and bare.isprintable()):
        return "holds octets beyond printable ASCII"
    if "\\" in bare:
        return "holds a backslash"
    if '"' in bare:
        return "holds a quote"
    # Several providers cut texts while each semicolon still has its backslash.
    if type == "TXT" and len(bare) + bare.count(";") > MAX_STRING and not resplit:
        return (
            f"has {len(bare)} octets, whose strings might be cut anew (`resplit: true` allows it)"
        )
    return ""


def _conflict(value: Value, type: str, text: str, listed: str, holder: str) -> Conflict:
    what = f"{type} at {value.name} cannot stand beside the declared {value.type}: {shown(text)}"
    if holder:
        return Conflict(value.name, what, f"it is published by mailzone with `owner: {holder}`")
    lines = []
    if type == value.type and type != "MX":
        lines.append(difference(value, text))
    elif type == value.type:
        lines.append(f"declared: {value.text}")
    if listed.isascii() and listed.isprintable():
        quoted = listed.replace("'", "''")
        lines.append(f"to have it replaced, list it: `adopt: ['{quoted}']`")
    return Conflict(value.name, what, "\n".join(lines))


def shown(text: str) -> str:
    """A value fit to be printed on one line."""
    made = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
    return made if len(made) <= 300 else f"{made[:300]}... ({len(made)} characters)"
