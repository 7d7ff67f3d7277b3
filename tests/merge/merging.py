"""Merges called directly, and what to compare them by."""

from __future__ import annotations

from collections.abc import Callable, Collection

from generator.emit.merge import Merged, Order, merge
from generator.values import Kind, Reason, Value
from tests.servers.bind import NOW

SHOWN = "dns/example.com.zone"
SPF = "v=spf1 include:spf.example.net ip4:203.0.113.7 -all"
DMARC = "v=DMARC1; p=reject; rua=mailto:d@example.net;"
KEY = "v=DKIM1; p=MCowBQYDK2VwAyEAMb5mQyLJWi4kUPKoXCGzmOxUDKTCCUNP1aWWzEWn1Zk="


def values(zone: str = "example.com.") -> list[Value]:
    """What most domains declare, at names that cannot be lost to a wildcard."""
    made = [("", Kind.SPF, SPF), ("_dmarc.", Kind.DMARC, DMARC), ("s1._domainkey.", Kind.DKIM, KEY)]
    return [
        Value(f"{name}{zone}", "TXT", 3600, text, kind, (Reason("a test"),))
        for name, kind, text in made
    ]


def merged(
    present: bytes,
    ours: list[Value] | None = None,
    *,
    published: bytes | None = None,
    adopt: Collection[str] = (),
    zone: str = "example.com.",
    include: Callable[[str], bytes] | None = None,
) -> Merged:
    chosen = values(zone) if ours is None else ours
    order = Order(zone, SHOWN, chosen, adopt, f"put into {SHOWN} from a test")
    return merge(present, order, include, published, NOW)


def text(present: bytes, ours: list[Value] | None = None, **how) -> bytes:
    """The merged text; the test fails if there is none."""
    done = merged(present, ours, **how)
    assert not done.findings, [(one.rule, one.message) for one in done.findings]
    return done.text


def rule(present: bytes, **how) -> str:
    """The one rule that a merge breaks; the text is then the old one."""
    done = merged(present, **how)
    assert done.text == present
    (found,) = done.findings
    return found.rule
