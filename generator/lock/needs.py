"""What the declarations depend on outside: which names somebody must ask about, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from generator.lock.tree import spf_texts, target
from generator.records import dmarc, mx, spf
from generator.records.error import RecordError
from generator.records.uri import mailto_host, split_size
from generator.simulate.world import Answer
from generator.suffixes import organizational_domain
from generator.values import Compiled, Value

MOST_TERMS = 20  # of one record that are followed; receivers stop at 10 (RFC 7208 4.6.4)
MOST_HOSTS = 11  # behind one mx; receivers stop at 10, and the eleventh shows that they do
MOST_NESTED = 60  # names behind one that a declaration gives; a tree within the limit has 10
MOST_DEEP = 12  # levels of nesting; the eleventh look-up is one too many


class Kind(Enum):
    """What is wanted of a name."""

    SPF = "spf"  # its record, with all that this names
    HOST = "host"  # its addresses: the target of an a mechanism, or a host behind mx
    EXISTS = "exists"  # an IPv4 address; RFC 7208 5.7 asks for no other
    EXCHANGE = "exchange"  # its MX: the target of an mx mechanism
    KEY = "key"  # what stands behind a DKIM CNAME
    CONSENT = "consent"  # authorisation of reports, RFC 9990 4
    MAIL = "mail"  # whether reports can be mailed there

    @property
    def types(self) -> tuple[str, ...]:
        """The types of records to ask for."""
        return _TYPES[self]


_TYPES = {
    Kind.SPF: ("TXT",),
    Kind.HOST: ("A", "AAAA"),
    Kind.EXISTS: ("A",),
    Kind.EXCHANGE: ("MX",),
    Kind.KEY: ("TXT",),
    Kind.CONSENT: ("TXT",),
    Kind.MAIL: ("MX",),
}


class Need(NamedTuple):
    """A name (lower-case A-labels, no final dot) and what is wanted of it."""

    name: str
    kind: Kind


def needs(compiled: Iterable[Compiled]) -> dict[Need, list[str]]:
    """What compiled domains need from outside, each with the domains that need it.

    Names whose records are among the compiled values are the project's own, and not asked for.
    What the answers lead to in turn is `nested`.
    """
    domains = [one for one in compiled if not one.domain.release]
    own = {(value.name[:-1], value.type) for one in domains for value in one.values}
    found: dict[Need, list[str]] = {}
    for one in domains:
        for need in _of_domain(one):
            if not any((need.name, type) in own for type in (*need.kind.types, "CNAME")):
                asking = found.setdefault(need, [])
                if one.domain.name not in asking[-1:]:
                    asking.append(one.domain.name)
    return found


def _of_domain(one: Compiled) -> Iterator[Need]:
    aliases: dict[str, str] = {}
    for value in one.values:
        name = value.name[:-1]
        if value.type == "CNAME":
            aliases[name] = target(value.text)
            if "._domainkey." in value.name:
                yield Need(target(value.text), Kind.KEY)
        elif value.type == "TXT":
            if spf.is_spf(value.text):
                yield from _of_record(value.text, name)
            elif value.name.startswith("_dmarc."):
                yield from _of_reports(one, value)
    for use in one.domain.services:
        # Where a return path is an alias, the SPF of its mail stands at the alias's target.
        path = use.values.get("return_path")
        for at in use.at if isinstance(path, str) and use.sends else ():
            if (envelope := f"{path}.{at}".lower()) in aliases:
                yield Need(aliases[envelope], Kind.SPF)


def _of_record(text: str, name: str) -> Iterator[Need]:
    """What an SPF record at a name leads to; nothing if it is malformed."""
    try:
        record = spf.parse(text)
    except RecordError:
        return
    asking = 0
    for term in record.terms:
        if not term.lookups:
            continue
        asking += 1
        if asking > MOST_TERMS:
            return
        if "%" in term.value:
            continue
        about = target(term.value) if term.value else name
        kind = "redirect" if isinstance(term, spf.Modifier) else term.kind
        if kind in _OF_MECHANISM:
            yield Need(about, _OF_MECHANISM[kind])


_OF_MECHANISM = {
    "include": Kind.SPF,
    "redirect": Kind.SPF,
    "a": Kind.HOST,
    "mx": Kind.EXCHANGE,
    "exists": Kind.EXISTS,
}


def _of_reports(one: Compiled, value: Value) -> Iterator[Need]:
    """The hosts that a DMARC record sends reports to, and whether they consent (RFC 9990 4)."""
    try:
        record = dmarc.parse(value.text)
    except RecordError:
        return
    policy = value.name.removeprefix("_dmarc.")[:-1]
    for uri in (*record.addresses("rua"), *record.addresses("ruf")):
        try:
            host = target(mailto_host(split_size(uri)[0]))
        except RecordError:
            continue
        yield Need(host, Kind.MAIL)
        if organizational_domain(host) != organizational_domain(policy):
            yield Need(consent(policy, host), Kind.CONSENT)


def consent(policy: str, host: str) -> str:
    """The name at which a host agrees to take reports about a domain (RFC 9990 4)."""
    return f"{policy}._report._dmarc.{host}"


def nested(need: Need, answer: Callable[[str, str], Answer]) -> tuple[Need, ...]:
    """What the answers about a need lead to, by which it is to be asked for next."""
    if need.kind is Kind.SPF:
        texts = spf_texts(answer(need.name, "TXT"))
        return tuple(_of_record(texts[0], need.name)) if len(texts) == 1 else ()
    if need.kind is Kind.EXCHANGE:
        hosts = exchangers(answer(need.name, "MX"))
        return tuple(Need(host, Kind.HOST) for host in hosts[:MOST_HOSTS])
    if need.kind is Kind.MAIL and answer(need.name, "MX").status == "nodata":
        return (Need(need.name, Kind.HOST),)  # RFC 5321 5.1: the implicit MX
    return ()


def exchangers(answer: Answer) -> list[str]:
    """The hosts of an MX answer (no final dot), by preference; none for a null MX."""
    found = []
    for text in answer.data:
        try:
            record = mx.parse(text)
        except RecordError:
            continue  # no name that could be asked for
        if not record.null:
            found.append((record.preference, record.host.removesuffix(".")))
    return [host for _, host in sorted(found)]


def reachable(roots: Iterable[Need], answer: Callable[[str, str], Answer]) -> dict[Need, None]:
    """The needs, and all that they lead to by the answers, in the order in which they are met.

    What lies behind one root is bounded: a stranger's records must not make work without end.
    """
    found: dict[Need, None] = {}
    for root in roots:
        level, budget = [root], MOST_NESTED
        found[root] = None
        for _ in range(MOST_DEEP):
            below = [inner for need in level for inner in nested(need, answer)]
            level = [need for need in dict.fromkeys(below) if need not in found][:budget]
            budget -= len(level)
            found.update(dict.fromkeys(level))
            if not level:
                break
    return found
