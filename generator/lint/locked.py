"""Checks that need the lock: what stands behind the names that records lead to.

Nothing is said of a name that is not locked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from generator.finding import Finding, Place, Severity, finding
from generator.lint.subject import Records, origin
from generator.lock import FILE, Lock
from generator.lock.gate import everybody
from generator.lock.needs import consent, exchangers
from generator.lock.tree import NOTHING, finds_nothing, followed, spf_texts, target, voids
from generator.records import dkim, dmarc, mx, spf
from generator.records.error import RecordError
from generator.records.uri import mailto_host, split_size
from generator.suffixes import organizational_domain
from generator.values import Value

MX_LIMIT = 10  # hosts behind one mx, RFC 7208 4.6.4
WARN_DAYS = 30  # since a name was last seen
ERROR_DAYS = 90


class _Behind(NamedTuple):
    """A name that a term leads to.  ``passes``: what passes there passes for the term's record."""

    name: str
    passes: bool


def _parsed(subject: Records) -> Iterator[tuple[Value, spf.Spf]]:
    for value in subject.spf:
        try:
            yield value, spf.parse(value.text)
        except RecordError:
            continue  # told by what looks at the text


def _passes(term: spf.Term) -> bool:
    return isinstance(term, spf.Modifier) or term.qualifier == "+"


def _behind(term: spf.Term, lock: Lock) -> Iterator[_Behind]:
    """The locked names that a term leads to, its own target first.

    A name comes twice where one way to it passes and another does not.
    """
    if "%" in term.value:
        return
    waiting = [_Behind(target(term.value), _passes(term))]
    met: set[_Behind] = set()
    for one in waiting:
        if one in met or not lock.knows(one.name, "TXT"):
            continue
        met.add(one)
        yield one
        record = lock.record(one.name)
        for inner in followed(record) if record is not None else ():
            if "%" not in inner.value:
                waiting.append(_Behind(target(inner.value), one.passes and _passes(inner)))


def includes(subject: Records, lock: Lock) -> Iterator[Finding]:
    """Targets without SPF, circles, and records that let everybody pass, however far behind."""
    for value, record in _parsed(subject):
        own = value.name[:-1]
        for term in followed(record):
            told: set[str] = set()
            for name, passes in _behind(term, lock):
                there = f"leads to {name}, which"
                leads = (
                    f"`{term}`: the target" if name == target(term.value) else f"`{term}` {there}"
                )
                texts = spf_texts(lock.answer(name, "TXT"))
                if lock.record(name) is None:
                    what = f"{len(texts)} SPF records" if len(texts) > 1 else "no valid SPF record"
                    message = f"{leads} has {what}: permerror for all mail"
                    rule = "spf-include-none"
                elif passes and everybody(texts):
                    message = f"{leads} lets everybody pass"
                    rule = "spf-pass-all"
                else:
                    continue
                if rule + name not in told:
                    told.add(rule + name)
                    yield _about(rule, value, term, message)
            tally = lock.tallies.get(target(term.value))
            if (tally is not None and tally.endless) or _returns(term, own, lock):
                message = f"`{term}` leads round in a circle"
                yield _about("spf-include-loop", value, term, message)


def _returns(term: spf.Term, own: str, lock: Lock) -> bool:
    """True if the term leads back to the record that it stands in."""
    if target(term.value) == own:
        return True
    for name, _ in _behind(term, lock):
        record = lock.record(name)
        if record is not None and any(target(t.value) == own for t in followed(record)):
            return True
    return False


def void(subject: Records, lock: Lock) -> Iterator[Finding]:
    """Terms that find nothing, of which receivers forgive two (RFC 7208 4.6.4)."""
    for value, record in _parsed(subject):
        name = value.name[:-1]
        empty: list[str] = []
        for term in record.terms:
            if isinstance(term, spf.Mechanism) and term.kind != "include":
                about = target(term.value) if term.value else name
                if finds_nothing(term, about, lock.answer) and not _made(subject, about, term):
                    empty.append(str(term))
                    message = f"`{term}` finds nothing"
                    yield _about("spf-void-term", value, term, message)
            elif "%" not in term.value:
                tally = lock.tallies.get(target(term.value))
                if tally is not None and tally.void:
                    number = f"{tally.void} term{'s' if tally.void > 1 else ''}"
                    empty.append(f"{term} ({tally.void})")
                    message = f"`{term}`: {number} behind it find{'s' * (tally.void == 1)} nothing"
                    yield _about("spf-void-term", value, term, message)
        total = voids(record, name, lock.answer, lock.tallies)
        if total > spf.VOID_LIMIT:
            message = f"{total} terms find nothing; receivers stop at the third"
            help = f"{', '.join(empty)}\nremove what names hosts that are gone" if empty else ""
            yield _about("spf-void-limit", value, None, message, help)


def _made(subject: Records, name: str, term: spf.Mechanism) -> bool:
    """True if the records at hand hold what the lock did not find."""
    types = ("MX",) if term.kind == "mx" else ("A", "AAAA")
    return any(value.type in types for value in subject.by_name.get(f"{name}.", ()))


def mx_names(subject: Records, lock: Lock) -> Iterator[Finding]:
    """An mx with more than ten hosts behind it, in the record or behind its includes."""
    for value, record in _parsed(subject):
        for term in record.terms:
            own = term.value or value.name[:-1]
            for name in _with_many(term, own, lock):
                behind = "" if target(own) == name else f" leads to {name}, which"
                message = f"`{term}`{behind} has more than {MX_LIMIT} mail hosts: permerror"
                yield _about("spf-mx-names", value, term, message)


def _with_many(term: spf.Term, own: str, lock: Lock) -> Iterator[str]:
    if isinstance(term, spf.Mechanism) and term.kind == "mx":
        if len(exchangers(lock.answer(target(own), "MX"))) > MX_LIMIT:
            yield target(own)
        return
    if not followed(spf.Spf((term,))):
        return
    for name in dict.fromkeys(name for name, _ in _behind(term, lock)):
        record = lock.record(name)
        for inner in record.terms if record is not None else ():
            if isinstance(inner, spf.Mechanism) and inner.kind == "mx":
                about = target(inner.value) if inner.value else name
                if len(exchangers(lock.answer(about, "MX"))) > MX_LIMIT:
                    yield about


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


def reports(subject: Records, lock: Lock) -> Iterator[Finding]:
    """Report addresses whose hosts take no mail, or do not consent (RFC 9990 4)."""
    for value in subject.policies:
        try:
            record = dmarc.parse(value.text)
        except RecordError:
            continue
        policy = value.name.removeprefix("_dmarc.")[:-1]
        hosts: dict[str, None] = {}
        for uri in (*record.addresses("rua"), *record.addresses("ruf")):
            try:
                hosts[target(mailto_host(split_size(uri)[0]))] = None
            except RecordError:
                continue
        for host in hosts:
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
            if lock.answer(name, "TXT").status in NOTHING:
                message = f"{host} does not consent to reports about {policy}"
                help = f'it must publish {name} TXT "v=DMARC1;"'
                yield finding("rua-unauthorised", message, where, help, Severity.WARNING)


def _takes_no_mail(host: str, lock: Lock) -> bool:
    answer = lock.answer(host, "MX")
    if answer.status == "nodata":
        return all(lock.answer(host, type).status in NOTHING for type in ("A", "AAAA"))
    return answer.status == "nxdomain" or answer.data == (str(mx.NULL),)


def stale(
    lock: Lock, today: date, warn: int = WARN_DAYS, error: int = ERROR_DAYS
) -> Iterator[Finding]:
    """One finding about all names that were last seen too many days ago."""
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
    yield finding("spf-cost-unknown", message, Place(FILE), help, grave)


def _about(rule: str, value: Value, term: spf.Term | None, message: str, help: str = "") -> Finding:
    where = value.where if term is None else origin(value, str(term))
    return finding(rule, f"SPF of {value.name[:-1]}: {message}", where, help)


Check = Callable[[Records, Lock], Iterable[Finding]]
RECORDS: tuple[Check, ...] = (includes, void, mx_names, dangling, reports)
