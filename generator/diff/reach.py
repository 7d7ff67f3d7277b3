"""Whom an SPF record lets pass: address ranges, and what is known by name only.

This looks at a record as a set, where `generator.simulate` looks at one client: ranges that pass
before and not after are what a reviewer needs to see.  Terms are taken in their order, since an
earlier term that does not pass takes its range away from later ones (RFC 7208 4.6.2).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from typing import NamedTuple

from generator.records import spf

Span = tuple[int, int]  # first and last address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MAX_DEPTH = 10  # RFC 7208 4.6.4: no evaluation goes deeper


class Spans(NamedTuple):
    """Addresses of one family as disjoint, sorted spans."""

    items: tuple[Span, ...] = ()

    def union(self, other: Spans) -> Spans:
        merged: list[Span] = []
        for first, last in sorted((*self.items, *other.items)):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        return Spans(tuple(merged))

    def minus(self, other: Spans) -> Spans:
        left = list(self.items)
        for gone_first, gone_last in other.items:
            kept: list[Span] = []
            for first, last in left:
                if gone_last < first or last < gone_first:
                    kept.append((first, last))
                    continue
                if first < gone_first:
                    kept.append((first, gone_first - 1))
                if gone_last < last:
                    kept.append((gone_last + 1, last))
            left = kept
        return Spans(tuple(left))


class Reach(NamedTuple):
    """Who passes.  ``named`` are terms whose hosts only DNS knows, as ``include:spf.example``.

    ``everyone``: the record ends in ``+all``, or its ranges are the whole of IPv4.
    """

    four: Spans = Spans()
    six: Spans = Spans()
    named: frozenset[str] = frozenset()
    everyone: bool = False

    def lost(self, after: Reach) -> tuple[list[Network], list[str]]:
        """Ranges and named terms that pass here and no longer ``after``."""
        if after.everyone:
            return [], []
        ranges = [
            *_networks(self.four.minus(after.four), 4),
            *_networks(self.six.minus(after.six), 6),
        ]
        return ranges, sorted(self.named - after.named)


def only(network: Network) -> Reach:
    """The reach of one range."""
    spans = Spans(((int(network.network_address), int(network.broadcast_address)),))
    return Reach(four=spans) if network.version == 4 else Reach(six=spans)


# The reach of a name's own record, where the state knows it; None where only DNS does.
Known = Callable[[str], spf.Spf | None]

_ALL_FOUR: Span = (0, 2**32 - 1)
_ALL_SIX: Span = (0, 2**128 - 1)


def reach(record: spf.Spf, name: str, known: Known, depth: int = 0) -> Reach:
    """Whom the record at a name lets pass; records of the same state are followed.

    ``name`` has no final dot.
    """
    passing = {4: Spans(), 6: Spans()}
    decided = {4: Spans(), 6: Spans()}
    named: set[str] = set()
    everyone = False
    for term in record.terms:
        if isinstance(term, spf.Modifier):
            continue
        if term.kind == "all":
            everyone = term.qualifier == "+"
            break
        if term.kind in ("ip4", "ip6"):
            family = int(term.kind[-1])
            spans = Spans((_span(term),)).minus(decided[family])
            decided[family] = decided[family].union(spans)
            if term.qualifier == "+":
                passing[family] = passing[family].union(spans)
            continue
        inner = _inner(term, known, depth)
        if term.qualifier != "+":
            continue  # what it takes from later terms is not known, or not worth the trouble
        if inner is None:
            named.add(_bare(term, name))
            continue
        named |= inner.named
        everyone = everyone or inner.everyone
        for family, spans in ((4, inner.four), (6, inner.six)):
            spans = spans.minus(decided[family])
            decided[family] = decided[family].union(spans)
            passing[family] = passing[family].union(spans)
        if everyone:
            break
    target = _redirect(record, known, depth) if not record.all else None
    if isinstance(target, Reach):
        inner_four = target.four.minus(decided[4])
        inner_six = target.six.minus(decided[6])
        passing = {4: passing[4].union(inner_four), 6: passing[6].union(inner_six)}
        named |= target.named
        everyone = everyone or target.everyone
    elif target is not None:
        named.add(target)
    everyone = everyone or passing[4].items == (_ALL_FOUR,) or passing[6].items == (_ALL_SIX,)
    return Reach(passing[4], passing[6], frozenset(named), everyone)


def _inner(term: spf.Mechanism, known: Known, depth: int) -> Reach | None:
    if term.kind != "include" or "%" in term.value or depth >= MAX_DEPTH:
        return None
    record = known(term.value.removesuffix("."))
    return None if record is None else reach(record, term.value, known, depth + 1)


def _redirect(record: spf.Spf, known: Known, depth: int) -> Reach | str | None:
    for term in record.terms:
        if isinstance(term, spf.Modifier) and term.name == "redirect":
            inner = known(term.value.removesuffix(".")) if depth < MAX_DEPTH else None
            if inner is None:
                return str(term)
            return reach(inner, term.value, known, depth + 1)
    return None


def _bare(term: spf.Mechanism, name: str) -> str:
    """The term without its qualifier, a bare ``a`` or ``mx`` with the name that it means."""
    text = str(term).lstrip("+-~?")
    if term.kind in ("a", "mx", "ptr") and not term.value:
        return f"{term.kind}:{name}{text[len(term.kind) :]}"
    return text


def _span(term: spf.Mechanism) -> Span:
    bits = term.prefix4 if term.kind == "ip4" else term.prefix6
    text = term.value if bits is None else f"{term.value}/{bits}"
    network = ipaddress.ip_network(text, strict=False)
    return (int(network.network_address), int(network.broadcast_address))


def _networks(spans: Spans, family: int) -> list[Network]:
    made: list[Network] = []
    for first, last in spans.items:
        if family == 4:
            made += ipaddress.summarize_address_range(
                ipaddress.IPv4Address(first), ipaddress.IPv4Address(last)
            )
        else:
            made += ipaddress.summarize_address_range(
                ipaddress.IPv6Address(first), ipaddress.IPv6Address(last)
            )
    return made


def listed(items: Iterable[object], most: int = 4) -> str:
    """Things in a row for a sentence: ``a, b and 3 more``."""
    texts = [str(item) for item in items]
    if len(texts) > most + 1:
        return f"{', '.join(texts[:most])} and {len(texts) - most} more"
    return " and ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))
