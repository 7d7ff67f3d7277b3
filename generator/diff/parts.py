"""What differs inside two records: SPF term by term, DMARC tag by tag, keys by fingerprint.

Texts that mean the same to receivers yield nothing, however they are spelt.
"""

from __future__ import annotations

import hashlib
from collections import Counter

from generator.diff.model import Part
from generator.records import dkim, dmarc, spf
from generator.records.error import RecordError
from generator.values import Kind, Value

_MAX_SHOWN = 120  # characters of a text that is no record


def parts(kind: Kind, old: Value | None, new: Value | None) -> tuple[Part, ...]:
    """The pieces that came, went or have another value."""
    if old is None or new is None:
        return ()
    if old.type != new.type:
        return (Part("~", typed(kind, new), typed(kind, old)),)
    if old.text == new.text:
        return ()
    try:
        if kind is Kind.SPF:
            return _terms(spf.parse(old.text), spf.parse(new.text))
        if kind is Kind.DMARC and old.type == "TXT":
            return _tags(dmarc.parse(old.text), dmarc.parse(new.text))
        if kind is Kind.DKIM and old.type == "TXT":
            return _key(dkim.parse(old.text), dkim.parse(new.text))
    except RecordError:
        pass  # one of them is malformed: all of the text is what differs
    return (Part("~", shown(kind, new), shown(kind, old)),)


def shown(kind: Kind, value: Value) -> str:
    """The data for people: a key by its fingerprint, anything else as it is, cut if very long."""
    if kind is Kind.DKIM and value.type == "TXT":
        try:
            return described(dkim.parse(value.text))
        except RecordError:
            pass
    text = value.text
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}… ({len(text)} characters)"


def typed(kind: Kind, value: Value) -> str:
    """As `shown`, with the type where the data alone do not tell it."""
    return f"CNAME {value.text}" if value.type == "CNAME" else shown(kind, value)


def described(record: dkim.Dkim) -> str:
    """A key in a few words, as ``rsa 2048 key 4f1c29ab``."""
    if record.revoked:
        return "a revoked key"
    try:
        key = record.key()
    except RecordError:
        return f"an unreadable key {fingerprint(record)}"
    return f"{key.type} {key.bits} key {fingerprint(record)}"


def fingerprint(record: dkim.Dkim) -> str:
    """The first half of a SHA-256 over the key data without white space, 16 hexadecimal digits."""
    data = "".join(record.get("p").split())
    return hashlib.sha256(data.encode("ascii", "replace")).hexdigest()[:16]


def _terms(old: spf.Spf, new: spf.Spf) -> tuple[Part, ...]:
    before, after = Counter(map(str, old.terms)), Counter(map(str, new.terms))
    found: list[Part] = []
    gone = [term for term in before if term not in after]
    came = [term for term in after if term not in before]
    for term in gone:
        bare = term.lstrip("+-~?")
        twin = next((other for other in came if other.lstrip("+-~?") == bare), None)
        if twin is None:
            found.append(Part("-", term))
        else:
            came.remove(twin)
            found.append(Part("~", twin, term))
    found += [Part("+", term) for term in came]
    if not found and _ordered(old) != _ordered(new):
        found.append(Part("~", "another order", "one order"))
    return tuple(found)


def _ordered(record: spf.Spf) -> tuple[str, ...]:
    """The terms in an order that counts: only qualifiers other than ``+`` make one matter."""
    terms = tuple(dict.fromkeys(map(str, record.terms)))
    ends = ("all", "-all", "~all", "?all", "+all")
    plain = all(term[0] not in "-~?" for term in terms if term not in ends)
    last = not terms or terms[-1] in ends or not any(term in ends for term in terms)
    return tuple(sorted(terms)) if plain and last else terms


def _tags(old: dmarc.Dmarc, new: dmarc.Dmarc) -> tuple[Part, ...]:
    found: list[Part] = []
    names = dict.fromkeys(name for record in (old, new) for name, _ in record.tags)
    for name in names:
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if name in ("rua", "ruf"):
            gone = [uri for uri in old.addresses(name) if uri not in new.addresses(name)]
            came = [uri for uri in new.addresses(name) if uri not in old.addresses(name)]
            found += [Part("-", f"{name}={uri}") for uri in gone]
            found += [Part("+", f"{name}={uri}") for uri in came]
        elif not before:
            found.append(Part("+", f"{name}={after}"))
        elif not after:
            found.append(Part("-", f"{name}={before}"))
        else:
            found.append(Part("~", f"{name}={after}", f"{name}={before}"))
    return tuple(found)


def _key(old: dkim.Dkim, new: dkim.Dkim) -> tuple[Part, ...]:
    found: list[Part] = []
    before, after = "".join(old.get("p").split()), "".join(new.get("p").split())
    if before != after:
        found.append(Part("~", described(new), described(old)))
    for name in dict.fromkeys(name for record in (old, new) for name, _ in record.tags):
        one, other = old.get(name, _DEFAULTS.get(name, "")), new.get(name, _DEFAULTS.get(name, ""))
        if name in ("p", "v", "n") or one == other:
            continue
        if not one or not other:
            found.append(Part("+", f"{name}={other}") if other else Part("-", f"{name}={one}"))
        else:
            found.append(Part("~", f"{name}={other}", f"{name}={one}"))
    return tuple(found)


_DEFAULTS = {"k": "rsa", "s": "*"}  # RFC 6376 3.6.1
