"""DMARC records by themselves (RFC 9989 4.7, 4.8)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from generator.finding import Severity
from generator.lint.fault import Fault, of_error
from generator.records import dmarc
from generator.records.error import RecordError
from generator.records.uri import split_size

MAX_ADDRESSES = 2  # RFC 7489 6.2 promised no more
REMOVED = ("rf", "ri")  # RFC 9989 appendix C.5.2; pct is looked at for itself


@lru_cache(maxsize=1024)
def faults(text: str) -> tuple[Fault, ...]:
    """What is wrong with a DMARC record, wherever it is published."""
    try:
        record = dmarc.parse(text)
    except RecordError as error:
        return (of_error(error),)
    spans = _spans(text)

    def at(fault: Fault) -> Fault:
        start, length = spans.get(fault.term, (0, 0))
        return fault._replace(start=start, length=length)

    found = [*_tags(record, list(spans)), *_policies(record), *_pct(record), *_reports(record)]
    return tuple(at(fault) for fault in found)


def _spans(text: str) -> dict[str, tuple[int, int]]:
    """Offset and length of each tag, by name, in the order written, v left out."""
    spans: dict[str, tuple[int, int]] = {}
    offset = 0
    for piece in text.split(";"):
        name = piece.partition("=")[0].strip(" \t").lower()
        if name and name != "v":
            lead = len(piece) - len(piece.lstrip(" \t"))
            spans[name] = (offset + lead, len(piece.strip(" \t")))
        offset += len(piece) + 1
    return spans


def _tags(record: dmarc.Dmarc, order: list[str]) -> Iterator[Fault]:
    if not record.get("p"):
        message = "p is missing; receivers disagree on what that means"
        yield Fault("dmarc-p-absent", message, "`p=none` to begin with")
    elif order[0] != "p":
        message = "p does not follow v; receivers of the older standard ignore the record"
        yield Fault("dmarc-p-position", message, "v=DMARC1; p=...; and then the rest", term="p")
    for name in order:
        if name in REMOVED:
            message = f"{name} is a tag of the old standard; receivers ignore it"
            yield Fault("dmarc-removed-tag", message, "remove it", term=name)
        elif name not in dmarc.ORDER:
            message = f"`{name[:40]}` is no DMARC tag; receivers ignore it"
            yield Fault("dmarc-unknown-tag", message, _nearest(name), term=name)
    if record.get("psd") == "y":
        message = "psd=y says that strangers register domains below this one"
        yield Fault("dmarc-psd-y", message, "only registries publish it; remove it", term="psd")
    if record.get("fo") and not record.get("ruf"):
        message = "fo counts for nothing without ruf"
        yield Fault("dmarc-fo-dead", message, "remove it, or name an address in ruf", term="fo")


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    if name == "policy":
        return "did you mean `p`?"
    near = get_close_matches(name, dmarc.ORDER, 1)
    return f"did you mean `{near[0]}`?" if near else ""


def _policies(record: dmarc.Dmarc) -> Iterator[Fault]:
    strength = dmarc.POLICIES.index
    sp, np = record.get("sp"), record.get("np")
    if sp and strength(sp) < strength(record.policy):
        message = f"sp={sp} is weaker than p={record.policy}"
        yield Fault("dmarc-sp-weaker", message, term="sp")
    if np and strength(np) < strength(record.subdomain_policy):
        message = f"np={np} is weaker than what subdomains that exist get"
        yield Fault("dmarc-np-weaker", message, term="np")
    if not np:
        message = "np is missing: names that do not exist are treated like those that do"
        yield Fault("dmarc-np-absent", message, "`np=reject` refuses forged subdomains early")


def _pct(record: dmarc.Dmarc) -> Iterator[Fault]:
    pct, testing = record.get("pct"), record.get("t") == "y"
    policies = {record.policy, record.subdomain_policy, record.nonexistent_policy}
    if pct == "0" and not testing:
        message = "pct=0 without t=y: receivers of RFC 9989 apply the policy in full"
        yield Fault("dmarc-pct0-no-t", message, "add t=y, or remove pct", term="pct")
    elif pct and pct.strip("0") and int(pct) < 100:
        message = f"pct={pct}: receivers of RFC 9989 apply the policy to all mail"
        yield Fault("dmarc-pct-partial", message, "remove pct; t=y with pct=0 tests", term="pct")
    elif pct and int(pct) == 100:
        yield Fault("dmarc-removed-tag", "pct=100 says nothing", "remove it", term="pct")
    if testing and policies == {"none"}:
        message = "t=y counts for nothing while every policy is none"
        yield Fault("dmarc-t-idle", message, "remove it", term="t")
    elif testing and pct != "0":
        message = "t=y without pct=0: receivers of the older standard apply the policy in full"
        yield Fault("dmarc-t-no-brake", message, "add pct=0", term="t")


def _reports(record: dmarc.Dmarc) -> Iterator[Fault]:
    for tag in ("rua", "ruf"):
        listed = record.addresses(tag)
        for uri in listed:
            address, limit = split_size(uri)
            if limit:
                message = f"`{uri[:60]}` has a size limit, which reporters no longer read"
                yield Fault("rua-size-suffix", message, f"`{address}`", term=tag)
            try:
                dmarc.check_address(address)
            except RecordError as error:
                yield Fault(error.rule, error.message, error.help, term=tag)
        if len(listed) > MAX_ADDRESSES:
            message = f"{len(listed)} addresses in {tag}; reporters may serve only the first two"
            yield Fault("rua-many", message, term=tag)
    if record.get("ruf"):
        message = "ruf asks for reports that may hold whole messages; few reporters send them"
        yield Fault("ruf-privacy", message, term="ruf")
    if not record.get("rua"):
        # An error of a declaration below enforcement; of a record by itself nobody knows the plan.
        watching = record.policy != "reject" or record.get("t") == "y"
        message = "no address for aggregate reports (rua)"
        severity = Severity.WARNING if watching else Severity.ADVICE
        yield Fault("rua-missing", message, "rua=mailto:dmarc@example.com", severity)


SIZE_ADVISED = 450  # octets of name and text; RFC 7208 3.4 by analogy
SIZE_MOST = 1232  # octets of an answer that no path cuts up


def size(text: str) -> tuple[Fault, ...]:
    """A record that makes an answer of doubtful size."""
    if len(text) > SIZE_MOST:
        message = f"the record has {len(text)} octets; {SIZE_MOST} get through over UDP"
        return (Fault("dmarc-size", message, "fewer addresses", Severity.ERROR),)
    if len(text) > SIZE_ADVISED:
        message = f"the record has {len(text)} octets; {SIZE_ADVISED} are safe"
        return (Fault("dmarc-size", message, "fewer addresses"),)
    return ()
