"""SPF records by themselves (RFC 7208)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from functools import lru_cache

from generator.finding import Severity
from generator.lint.fault import Fault, of_error
from generator.records import spf
from generator.records.error import RecordError
from generator.simulate.cost import count, is_dear

NEAR_LIMIT = spf.LOOKUP_LIMIT - 1
SIZE_ADVISED = 450  # octets of name and text, RFC 7208 3.4
SIZE_MOST = 1232  # octets of an answer that no path cuts up (DNS flag day 2020)
WIDE = {4: (16, 8), 6: (32, 16)}  # prefix lengths below which a range is wide, and far too wide

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@lru_cache(maxsize=4096)
def faults(text: str) -> tuple[Fault, ...]:
    """What is wrong with an SPF record, apart from what its terms cost."""
    try:
        record = spf.parse(text)
    except RecordError as error:
        return (of_error(error),)
    spans = _spans(text)
    found = list(_ending(record, spans))
    seen: set[spf.Term] = set()
    ranges = 0
    for term, (start, length) in zip(record.terms, spans, strict=True):
        if term in seen and not isinstance(term, spf.Modifier):
            message = f"`{term}` stands twice"
            help = "each counts for itself towards the look-up limit; remove one"
            found.append(Fault("spf-duplicate-term", message, help, None, "", start, length))
        seen.add(term)
        if isinstance(term, spf.Mechanism):
            ranges += term.kind in ("ip4", "ip6")
            found += [f._replace(start=start, length=length) for f in _of_term(term)]
    if ranges > 1:
        found += _overlaps(record, spans)
    return tuple(found)


def cost_faults(text: str, costs: Mapping[str, int]) -> tuple[Fault, ...]:
    """What is wrong with the look-ups that a record costs (RFC 7208 4.6.4).

    ``costs`` are those of terms whose vendors' records are known.
    """
    try:
        record = spf.parse(text)
    except RecordError:
        return ()
    if not is_dear(record, costs, NEAR_LIMIT):
        return ()
    cost = count(record, costs)
    found = []
    shares = ", ".join(f"{term} {share}" for term, share in cost.terms)
    if cost.lookups > spf.LOOKUP_LIMIT:
        message = f"it costs {cost.lookups} look-ups; receivers stop at {spf.LOOKUP_LIMIT}"
        help = f"{shares}\nmove a service to a subdomain of its own, or drop one"
        found.append(Fault("spf-lookup-limit", message, help))
    elif cost.lookups >= NEAR_LIMIT:
        message = f"it costs {cost.lookups} of {spf.LOOKUP_LIMIT} look-ups"
        found.append(Fault("spf-lookup-near-limit", message, shares))
    if cost.unknown:
        message = f"what {', '.join(cost.unknown)} costs is unknown; counted as one look-up each"
        term = cost.unknown[0]
        start = max(0, text.find(term))
        found.append(Fault("spf-cost-unknown", message, "", None, term, start, start and len(term)))
    return tuple(found)


def size(text: str, octets: int = 0) -> tuple[Fault, ...]:
    """A TXT answer of doubtful size; ``octets`` are those of the name and of other texts there."""
    octets += len(text)
    if octets > SIZE_MOST:
        message = f"the TXT answer has some {octets} octets; {SIZE_MOST} get through"
        help = "move a service to a subdomain of its own, or other records to other names"
        return (Fault("spf-answer-size", message, help, Severity.ERROR),)
    if octets > SIZE_ADVISED:
        message = f"the TXT answer has some {octets} octets; {SIZE_ADVISED} are safe"
        return (Fault("spf-answer-size", message),)
    return ()


def _spans(text: str) -> list[tuple[int, int]]:
    """Offset and length of each term."""
    spans = []
    offset = len(spf.VERSION)
    for piece in text[offset:].split(" "):
        if piece:
            spans.append((offset, len(piece)))
        offset += len(piece) + 1
    return spans


def _ending(record: spf.Spf, spans: list[tuple[int, int]]) -> Iterator[Fault]:
    last: int | None = None  # the index of the first `all`
    redirect: int | None = None
    for index, term in enumerate(record.terms):
        if isinstance(term, spf.Modifier):
            redirect = index if term.name == "redirect" else redirect
        elif term.kind == "all" and last is None:
            last = index
        elif last is not None:
            message = f"`{term}` stands behind `{record.terms[last]}` and is never read"
            yield Fault("spf-after-all", message, "move it before `all`", None, "", *spans[index])
    if last is None:
        if redirect is None:
            message = "the record ends in neither all nor redirect: other hosts are neutral"
            yield Fault("spf-no-terminator", message, "end it in `~all`, later in `-all`")
        return
    ending = record.terms[last]
    if redirect is not None:
        message = f"`{record.terms[redirect]}` is ignored beside `{ending}`"
        yield Fault("spf-redirect-dead", message, "keep one of the two", None, "", *spans[redirect])
    if isinstance(ending, spf.Mechanism) and ending.qualifier == "?":
        message = "`?all` says nothing about other hosts"
        help = "`~all` is as harmless, and says something"
        yield Fault("spf-neutral-all", message, help, None, "", *spans[last])


@lru_cache(maxsize=4096)
def _of_term(term: spf.Mechanism) -> tuple[Fault, ...]:
    """What is wrong with a term by itself."""
    text = str(term)
    if term.kind == "all" and term.qualifier == "+":
        return (Fault("spf-pass-all", f"`{text}` lets everybody pass", "`~all`", term=text),)
    if term.kind == "ptr" or "%{p" in term.value.lower():
        message = f"`{text}` is slow, and many receivers pass over it"
        return (Fault("spf-ptr", message, "list addresses instead", term=text),)
    if term.value.endswith("."):
        message = f"`{text}` ends in a dot"
        return (Fault("spf-trailing-dot", message, f"write `{text[:-1]}`", term=text),)
    if term.kind not in ("ip4", "ip6"):
        return ()
    return _of_range(term, text)


def _network(term: spf.Mechanism) -> _Network:
    version = 4 if term.kind == "ip4" else 6
    prefix = term.prefix4 if version == 4 else term.prefix6
    length = (32 if version == 4 else 128) if prefix is None else prefix
    return ipaddress.ip_network(f"{term.value}/{length}", strict=False)


def _of_range(term: spf.Mechanism, text: str) -> tuple[Fault, ...]:
    network = _network(term)
    wide, far = WIDE[network.version]
    if network.prefixlen == 0:
        return (Fault("spf-pass-all", f"`{text}` lets every address pass", term=text),)
    if not network.is_global or network.is_multicast:
        message = f"`{text}` can never be seen on the Internet"
        return (Fault("spf-ip-private", message, term=text),)
    if network.prefixlen < wide:
        severity = Severity.ERROR if network.prefixlen < far else None
        message = f"`{text}` spans {network.num_addresses:,} addresses"
        return (Fault("spf-cidr-wide", message, severity=severity, term=text),)
    return ()


def _overlaps(record: spf.Spf, spans: list[tuple[int, int]]) -> Iterator[Fault]:
    """Ranges inside other ranges, and ranges that together leave no address out."""
    passing: dict[int, list[_Network]] = {4: [], 6: []}
    ranges: list[tuple[int, int, int, int, spf.Mechanism]] = []
    for index, term in enumerate(record.terms):
        if isinstance(term, spf.Mechanism) and term.kind in ("ip4", "ip6"):
            network = _network(term)
            if term.qualifier == "+" and network.prefixlen:
                passing[network.version].append(network)
            first, last = int(network.network_address), int(network.broadcast_address)
            ranges.append((network.version, first, -last, index, term))
    ranges.sort(key=lambda r: r[:4])
    widest = None
    for one in ranges:
        version, first, last, index, term = one
        if widest is not None and widest[0] == version and -last <= -widest[2]:
            other = widest[4]
            if str(other) != str(term) and other.qualifier == term.qualifier:
                message = f"`{term}` lies inside `{other}`"
                yield Fault("spf-ip-covered", message, "remove it", None, "", *spans[index])
        else:
            widest = one
    for networks in passing.values():
        if len(networks) > 1 and any(
            whole.prefixlen == 0
            for whole in ipaddress.collapse_addresses(networks)  # type: ignore[type-var]
        ):
            yield Fault("spf-pass-all", "the ranges together let every address pass")
