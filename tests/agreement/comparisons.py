"""Which parser of ours is compared with which peer, over which vectors and generated texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from hypothesis import strategies as st

from generator.records import dkim, dmarc, mta_sts, spf, tls_rpt
from generator.records.error import RecordError
from tests.agreement import peers
from tests.cases import keys
from tests.records import strategies
from tests.records.vectors import load

SIMPLE_TAGS = ("p", "sp", "np", "adkim", "aspf", "psd", "t", "fo")
RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}


@dataclass(frozen=True)
class Comparison:
    """One kind of record and one peer.

    ``parse`` is ours and raises RecordError, ``theirs`` gives None for a text that it refuses.
    ``meaning`` says of a record of ours what ``theirs`` should have given for the same text.
    ``damage`` are the characters that sound texts are damaged with.
    """

    who: str
    kind: str
    parse: Callable[[str], Any]
    theirs: Callable[[str], Any]
    meaning: Callable[[Any], Any]
    vectors: tuple[str, ...]
    generated: st.SearchStrategy[Any]
    damage: str

    @property
    def needs(self) -> str:
        """The module of the peer."""
        return {"pyspf": "spf", "dkimpy": "dkim"}.get(self.who, self.who)

    @property
    def texts(self) -> list[str]:
        """The texts of the vectors, in which ``<name>`` may stand for a key."""
        return list(dict.fromkeys(vector["text"] for name in self.vectors for vector in load(name)))

    @property
    def nearly(self) -> st.SearchStrategy[str]:
        return strategies.damaged(self.generated, self.damage)

    def ours(self, text: str) -> str:
        """`accept`, or the rule by which the text is refused."""
        try:
            self.parse(text)
        except RecordError as error:
            return error.rule
        return "accept"

    def they(self, text: str) -> str:
        return "refuse" if self.theirs(text) is None else "accept"


def _dmarc_meaning(record: dmarc.Dmarc) -> dict[str, Any]:
    tags = {name: value for name, value in record.tags if name in SIMPLE_TAGS}
    return tags | {name: len(record.addresses(name)) for name in ("rua", "ruf") if record.get(name)}


def _checkdmarc_dmarc(text: str) -> dict[str, Any] | None:
    found = peers.checkdmarc_dmarc(text)
    if found is None:
        return None
    tags = {name: value for name, value in found.items() if name in SIMPLE_TAGS}
    return tags | {name: len(found[name]) for name in ("rua", "ruf") if name in found}


def _spf_until_all(record: spf.Spf) -> list[tuple[str, str]]:
    """What checkdmarc keeps: the mechanisms before the first `all`."""
    found: list[tuple[str, str]] = []
    for term in record.terms:
        if isinstance(term, spf.Mechanism):
            if term.kind == "all":
                break
            found.append((RESULTS[term.qualifier], term.kind))
    return found


def _spf_meaning(record: spf.Spf) -> list[tuple[str, str, int]]:
    """Result, kind and prefix length of every mechanism; pyspf gives 32 where there is none."""
    found = [term for term in record.terms if isinstance(term, spf.Mechanism)]
    return [(RESULTS[term.qualifier], term.kind, _length(term)) for term in found]


def _length(term: spf.Mechanism) -> int:
    if term.kind == "ip6":
        return 128 if term.prefix6 is None else term.prefix6
    return 32 if term.prefix4 is None else term.prefix4


def _key(text: str) -> dkim.Key:
    """The key of a record.  A withdrawn one is refused, as a verifier would."""
    _, key = dkim.check(text)
    if key is None:
        raise RecordError("dkim-p-invalid", "withdrawn", len(text))
    return key


def _key_meaning(key: dkim.Key) -> tuple[str, int]:
    return key.type, key.bits


def _policy_meaning(policy: mta_sts.Policy) -> dict[str, Any]:
    return {
        "version": mta_sts.VERSION,
        "mode": policy.mode,
        "max_age": policy.max_age,
        "mx": list(policy.mx),
    }


def _checkdmarc_policy(text: str) -> dict[str, Any] | None:
    found = peers.checkdmarc_policy(text)
    return found and found | {"mx": [pattern.lower() for pattern in found["mx"]]}


KEYS = st.sampled_from([keys()[name] for name in ("rsa512", "rsa1024", "rsa2048", "ed25519", "ec")])
RSA_KEYS = st.sampled_from([keys()[name] for name in ("rsa512", "rsa1024", "rsa2048", "ec")])
KEYED = strategies.dkim_records(KEYS, st.sampled_from(["rsa", "rsa", "ed25519"]))

COMPARISONS = [
    Comparison("checkdmarc", "dmarc", dmarc.parse, _checkdmarc_dmarc, _dmarc_meaning, ("dmarc-valid", "dmarc-invalid"), strategies.DMARC, ' ;=,:!"\tpvnrüX%10'),
    Comparison("checkdmarc", "spf", spf.parse, peers.checkdmarc_spf, _spf_until_all, ("spf-valid", "spf-invalid"), strategies.SPF, ' %{}:/=.,+-~?"\tdalrixü0123_v'),
    Comparison("pyspf", "spf", spf.parse, peers.pyspf, _spf_meaning, ("spf-valid", "spf-invalid"), strategies.SPF, ' %{}:/=.,+-~?"\tdalrixü0123_v'),
    Comparison("checkdmarc", "mta-sts", mta_sts.parse, peers.checkdmarc_mta_sts, lambda record: record.id, ("mta-sts-valid", "mta-sts-invalid"), strategies.MTA_STS, ' ;="v\ti1_\nü'),
    Comparison("checkdmarc", "mta-sts-policy", mta_sts.parse_policy, _checkdmarc_policy, _policy_meaning, ("mta-sts-policy-valid", "mta-sts-policy-invalid"), strategies.POLICIES, " \n\r:*.ümx1-_"),
    Comparison("checkdmarc", "tls-rpt", tls_rpt.parse, peers.checkdmarc_tls_rpt, lambda record: list(record.rua), ("tls-rpt-valid", "tls-rpt-invalid"), strategies.TLS_RPT, ' ;=,:!"\t%ü/@'),
    Comparison("dkimpy", "dkim", _key, peers.dkimpy, _key_meaning, ("dkim-keys", "dkim-valid", "dkim-invalid"), KEYED, ' ;="\tüpkvA=-'),
    Comparison("cryptography", "key", partial(dkim.read_key, "rsa"), peers.cryptography, _key_meaning, ("dkim-der",), RSA_KEYS, "AMQBDw+/= \n"),
]  # fmt: skip
