"""Checks that need the lock: what stands behind the names that records lead to.

Nothing is said of a name that is not locked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from generator.declaration.ages import USUAL, LockAges
from generator.finding import Finding, Place, Severity, finding
from generator.lint.subject import Records, origin
from generator.lock import FILE, Lock
from generator.lock.gate import everybody
from generator.lock.needs import consent, exchangers
from generator.lock.tree import NOTHING, finds_nothing, followed, spf_texts, target
from generator.records import dkim, dmarc, mx, spf
from generator.records.error import RecordError
from generator.records.uri import mailto_host, split_size
from generator.suffixes import organizational_domain
from generator.values import Value

MX_LIMIT = 10  # hosts behind one mx, RFC 7208 4.6.4


class _Behind(NamedTuple):
    """What a term leads to, worked out once for all records that hold the term.

    ``faults`` are rules with messages, ``names`` all names led to, ``void`` how many terms there
    find nothing, ``crowded`` the names with too many mail hosts.
    """

    faults: tuple[tuple[str, str], ...] = ()
    names: frozenset[str] = frozenset()
    void: int = 0
    crowded: tuple[str, ...] = ()


_Seen = tuple[str, bool]  # a name, and whether what passes there passes for the term's record


def _parsed(subject: Records) -> Iterator[tuple[Value, spf.Spf]]:
    for value in subject.spf:
        try:
            yield value, spf.parse(value.text)
        except RecordError:
            continue  # told by what looks at the text


def _passes(term: spf.Term) -> bool:
    return isinstance(term, spf.Modifier) or term.qualifier == "+"


def _behind(term: spf.Term, lock: Lock) -> _Behind:
    """What an include or a redirect leads to."""
    found = lock.memo.get(term)
    if found is None:
        found = lock.memo[term] = _Behind() if "%" in term.value else _looked(term, lock)
    assert isinstance(found, _Behind)
    return found


def _looked(term: spf.Term, lock: Lock) -> _Behind:
    first = target(term.value)
    waiting: list[_Seen] = [(first, _passes(term))]
    met: set[_Seen] = set()
    faults: dict[tuple[str, str], None] = {}
    crowded: dict[str, None] = {}
    for one in waiting:
        if one in met:
            continue
        met.add(one)
        name, passes = one
        if not lock.knows(name, "TXT"):
            continue
        leads = f"`{term}`: the target" if name == first else f"`{term}` leads to {name}, which"
        texts = spf_texts(lock.answer(name, "TXT"))
        record = lock.record(name)
        if record is None:
            what = f"{len(texts)} SPF records" if len(texts) > 1 else "no valid SPF record"
            faults["spf-include-none", f"{leads} has {what}: permerror for all mail"] = None
            continue
        if passes and everybody(texts):
            faults["spf-pass-all", f"{leads} lets everybody pass"] = None
        for inner in followed(record):
            if "%" not in inner.value:
                waiting.append((target(inner.value), passes and _passes(inner)))
        crowded.update(dict.fromkeys(_crowded(record, name, lock)))
    tally = lock.tallies.get(first)
    if tally is not None and tally.endless:
        faults[_circle(term)] = None
    void = 0 if tally is None else tally.void
    return _Behind(tuple(faults), frozenset(name for name, _ in met), void, tuple(crowded))


def _circle(term: spf.Term) -> tuple[str, str]:
    return "spf-include-loop", f"`{term}` leads round in a circle"


def _crowded(record: spf.Spf, name: str, lock: Lock) -> Iterator[str]:
    """The targets of a record's mx mechanisms that have too many hosts."""
    for term in record.terms:
        if isinstance(term, spf.Mechanism) and term.kind == "mx" and "%" not in term.value:
            about = target(term.value) if term.value else name
            if len(exchangers(lock.answer(about, "MX"))) > MX_LIMIT:
                yield about


def includes(subject: Records, lock: Lock) -> Iterator[Finding]:
    """Targets without SPF, circles, and records that let everybody pass, however far behind."""
    for value, record in _parsed(subject):
        for term in followed(record):
            behind = _behind(term, lock)
            faults = behind.faults
            if value.name[:-1] in behind.names and _circle(term) not in faults:
                faults = (*faults, _circle(term))
            for rule, message in faults:
                yield _about(rule, value, term, message)


def void(subject: Records, lock: Lock) -> Iterator[Finding]:
    """Terms that find nothing, of which receivers forgive two (RFC 7208 4.6.4)."""
    for value, record in _parsed(subject):
        name = value.name[:-1]
        empty: list[str] = []
        total = 0
        for term in record.terms:
            if isinstance(term, spf.Mechanism) and term.kind != "include":
                about = target(term.value) if term.value else name
                if finds_nothing(term, about, lock.answer) and not _made(subject, about, term):
                    empty.append(str(term))
                    total += 1
                    yield _about("spf-void-term", value, term, f"`{term}` finds nothing")
                continue
            if not term.lookups:
                continue
            total += (
                "%" not in term.value and lock.answer(target(term.value), "TXT").status in NOTHING
            )
            if number := _behind(term, lock).void:
                empty.append(f"{term} ({number})")
                total += number
                what = "term behind it finds" if number == 1 else "terms behind it find"
                yield _about("spf-void-term", value, term, f"`{term}`: {number} {what} nothing")
        if empty and total > spf.VOID_LIMIT:
            message = f"{total} terms find nothing; receivers stop at the third"
            help = f"{', '.join(empty)}\nremove what names hosts that are gone"
            yield _about("spf-void-limit", value, None, message, help)


def _made(subject: Records, name: str, term: spf.Mechanism) -> bool:
    """True if the records at hand hold what the lock did not find."""
    types = ("MX",) if term.kind == "mx" else ("A", "AAAA")
    return any(value.type in types for value in subject.by_name.get(f"{name}.", ()))


def mx_names(subject: Records, lock: Lock) -> Iterator[Finding]:
    """An mx with more than ten hosts behind it, in the record or behind its includes."""
    many = f"more than {MX_LIMIT} mail hosts: permerror"
    for value, record in _parsed(subject):
        for term in record.terms:
            if isinstance(term, spf.Mechanism) and term.kind == "mx":
                if any(_crowded(spf.Spf((term,)), value.name[:-1], lock)):
                    yield _about("spf-mx-names", value, term, f"`{term}` has {many}")
            elif term.lookups and (isinstance(term, spf.Modifier) or term.kind == "include"):
                for name in _behind(term, lock).crowded:
                    message = f"`{term}` leads to {name}, which has {many}"
                    yield _about("spf-mx-names", value, term, message)


def dangling(subject: Records, lock: Lock) -> Iterator[Finding]:
    """A DKIM CNAME with no key at its end (RFC 6376 6.1.2: none, and revoked, are the same)."""
    for value in subject.aliases:
        name = target(value.text)
        if "._domainkey." not in value.name or not lock.knows(name, "TXT"):
            continue
        answer = lock.answer(name, "TXT")
        if any(_is_key(text) for text in answer.data):
            continue
        what = {"nxdomain": "does not exist", "ok": "holds no key that is in force"}
        message = f"{value.name[:-1]}: {name} {what.get(answer.status, 'holds no key')}"
        help = "compare the target with the vendor's console; switch signing on there"
        yield finding("dkim-cname-dangling", message, value.where, help)


def _is_key(text: str) -> bool:
    try:
        return not dkim.parse(text).revoked
    except RecordError:
        return False


def _hosts(text: str) -> tuple[str, ...]:
    """The hosts that a DMARC record has reports mailed to."""
    try:
        record = dmarc.parse(text)
    except RecordError:
        return ()
    hosts: dict[str, None] = {}
    for uri in (*record.addresses("rua"), *record.addresses("ruf")):
        try:
            hosts[target(mailto_host(split_size(uri)[0]))] = None
        except RecordError:
            continue
    return tuple(hosts)


def reports(subject: Records, lock: Lock) -> Iterator[Finding]:
    """Report addresses whose hosts take no mail, or do not consent (RFC 9990 4)."""
    for value in subject.policies:
        policy = value.name.removeprefix("_dmarc.")[:-1]
        for host in _hosts(value.text):
            where = next(
                (r.where for r in value.because if r.where and host in r.what), value.where
            )
            if _takes_no_mail(host, lock):
                message = f"{host} takes no mail, so no reports either"
                yield finding("rua-dead-host", message, where)
                continue
            name = consent(policy, host)
            if organizational_domain(host) == organizational_domain(policy):
                continue
            answer = lock.answer(name, "TXT")
            consents = answer.status == "servfail" or any(map(dmarc.is_dmarc, answer.data))
            if not consents:
                message = f"{host} does not consent to reports about {policy}"
                help = f'it must publish {name} TXT "v=DMARC1;"'
                yield finding("rua-unauthorised", message, where, help, Severity.WARNING)


def _takes_no_mail(host: str, lock: Lock) -> bool:
    answer = lock.answer(host, "MX")
    if answer.status == "nodata":
        return all(lock.answer(host, type).status in NOTHING for type in ("A", "AAAA"))
    return answer.status == "nxdomain" or answer.data == (str(mx.NULL),)


def stale(lock: Lock, today: date, limits: LockAges = USUAL) -> Iterator[Finding]:
    """One finding about all names that were last seen too many days ago."""
    warn, error = limits
    ages = sorted(((today - e.seen).days, name) for name, e in lock.entries.items())
    old = [(days, name) for days, name in ages if days > warn]
    if not old:
        return
    days, name = old[-1]
    others = f" and {len(old) - 1} more" if len(old) > 1 else ""
    message = f"{name}{others}: last seen {days} days ago; what it costs and holds may have changed"
    grave = Severity.ERROR if days > error else None
    limit = f"after {warn} days a warning, after {error} an error"
    help = f"`mailzone lock` looks again; {limit}"
    yield finding("lock-stale", message, Place(FILE), help, grave)


def _about(rule: str, value: Value, term: spf.Term | None, message: str, help: str = "") -> Finding:
    where = value.where if term is None else origin(value, str(term))
    return finding(rule, f"SPF of {value.name[:-1]}: {message}", where, help)


Check = Callable[[Records, Lock], Iterable[Finding]]
RECORDS: tuple[Check, ...] = (includes, void, mx_names, dangling, reports)
