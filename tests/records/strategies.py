"""Hypothesis strategies for records in canonical form, and for texts that are nearly records."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from generator.records import dmarc
from generator.records.dkim import Dkim
from generator.records.dmarc import Dmarc
from generator.records.mta_sts import MAX_AGE, MODES, MtaSts, Policy
from generator.records.spf import Mechanism, Modifier, Spf
from generator.records.tls_rpt import TlsRpt


def visible(but: str, longest: int = 8) -> st.SearchStrategy[str]:
    """Printable ASCII without spaces and without some characters, at least one."""
    characters = st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters=but)
    return st.text(characters, min_size=1, max_size=longest)


def either(*given: Any) -> st.SearchStrategy[Any]:
    return st.one_of(
        *(one if isinstance(one, st.SearchStrategy) else st.just(one) for one in given)
    )


LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
HOST = st.lists(LABEL, min_size=1, max_size=3).map(".".join)
PLAIN = st.from_regex(r"([a-z0-9._~$&'()*+=:-]|%[0-9A-F]{2}){1,8}", fullmatch=True)
ATOM = st.from_regex(r"([a-z0-9_~$&'*+=-]|%[0-9A-F]{2}){1,8}", fullmatch=True)
LOCAL_PART = st.lists(ATOM, min_size=1, max_size=2).map(".".join)
MAILTO = st.builds("mailto:{}@{}".format, LOCAL_PART, HOST)
HTTPS = st.builds("https://{}{}{}".format, HOST, either("", PLAIN.map("/{}".format)), either("", PLAIN.map("?{}".format)))  # fmt: skip
FIELD = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}", fullmatch=True)


def extensions(
    taken: tuple[str, ...], values: st.SearchStrategy[str]
) -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    """Fields that no standard knows."""
    names = FIELD.filter(lambda name: name not in taken)
    return st.dictionaries(names, values, max_size=2).map(lambda found: tuple(found.items()))


# -- SPF --------------------------------------------------------------------------------------------

_SPF_LABEL = st.from_regex(r"[a-z0-9_]([a-z0-9_-]{0,8}[a-z0-9])?", fullmatch=True)
_MACRO = st.one_of(
    st.builds(
        "%{{{}{}{}{}}}".format,
        st.sampled_from("slodiphvSLODIPHV"),
        st.sampled_from(["", "1", "2", "128"]),
        st.sampled_from(["", "r"]),
        st.text(".-+,/_=", max_size=3),
    ),
    st.sampled_from(["%%", "%_", "%-"]),
)
_TOP = st.sampled_from(["com", "example", "xn--p1ai", "c0", "1a"])
_DOMAIN_SPEC = st.one_of(
    st.builds(lambda labels, top: ".".join([*labels, top]), st.lists(_SPF_LABEL, min_size=1, max_size=4), _TOP),
    st.builds(lambda parts, end: ".".join([*parts, end]), st.lists(st.one_of(_SPF_LABEL, _MACRO), max_size=4), _MACRO),
)  # fmt: skip
_QUALIFIER = st.sampled_from("+-?~")
_PREFIX4 = st.none() | st.integers(0, 31)
_PREFIX6 = st.none() | st.integers(0, 127)
_ADDRESS4 = st.ip_addresses(v=4).map(str)
_ADDRESS6 = st.ip_addresses(v=6).map(str).filter(lambda text: not text.startswith("::ffff:"))
MECHANISMS = st.one_of(
    st.builds(Mechanism, st.just("all"), st.just(""), _QUALIFIER),
    st.builds(Mechanism, st.sampled_from(["include", "exists"]), _DOMAIN_SPEC, _QUALIFIER),
    st.builds(Mechanism, st.just("ptr"), either("", _DOMAIN_SPEC), _QUALIFIER),
    st.builds(
        Mechanism,
        st.sampled_from(["a", "mx"]),
        either("", _DOMAIN_SPEC),
        _QUALIFIER,
        _PREFIX4,
        _PREFIX6,
    ),
    st.builds(lambda a, q, p: Mechanism("ip4", a, q, p), _ADDRESS4, _QUALIFIER, _PREFIX4),
    st.builds(lambda a, q, p: Mechanism("ip6", a, q, None, p), _ADDRESS6, _QUALIFIER, _PREFIX6),
)
_UNKNOWN_MODIFIERS = st.builds(
    Modifier,
    st.from_regex(r"[a-z][a-z0-9._-]{0,8}", fullmatch=True).filter(
        lambda name: name not in ("redirect", "exp")
    ),
    either("", visible("%", 20)),
)
_MODIFIERS = st.lists(
    st.builds(Modifier, st.sampled_from(["redirect", "exp"]), _DOMAIN_SPEC),
    max_size=2,
    unique_by=lambda modifier: modifier.name,
)
SPF = st.builds(
    lambda terms, tail: Spf((*terms, *tail)),
    st.lists(MECHANISMS | _UNKNOWN_MODIFIERS, max_size=8),
    _MODIFIERS,
)


# -- DKIM -------------------------------------------------------------------------------------------

_DKIM_TAG = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,6}", fullmatch=True).filter(
    lambda name: name not in ("v", "p", "h", "k", "s", "t")
)
_WORD = st.from_regex(r"[A-Za-z]([A-Za-z0-9-]{0,5}[A-Za-z0-9])?", fullmatch=True)
_WORDS = st.lists(_WORD, min_size=1, max_size=3).map(":".join)
KEY_TYPES = _WORD | st.sampled_from(["rsa", "ed25519"])
_DKIM_LISTS = st.fixed_dictionaries(
    {},
    optional={
        "h": _WORDS | st.sampled_from(["sha256", "sha1 : sha256"]),
        "s": _WORDS | st.sampled_from(["*", "*:x", "email", "x : *"]),
        "t": _WORDS | st.sampled_from(["y", "s", "y:s"]),
    },
)
KEY_TEXT = st.text("ABCDEFabc0123456789+/=", max_size=40)


@st.composite
def dkim_records(
    draw: st.DrawFn,
    keys: st.SearchStrategy[str] = KEY_TEXT,
    types: st.SearchStrategy[str] = KEY_TYPES,
) -> Dkim:
    tags = draw(st.dictionaries(_DKIM_TAG, st.lists(visible(";"), max_size=3).map(" ".join), max_size=4))  # fmt: skip
    rows = list({**tags, **draw(_DKIM_LISTS)}.items())
    if draw(st.booleans()):
        rows.insert(draw(st.integers(0, len(rows))), ("k", draw(types)))
    rows.insert(draw(st.integers(0, len(rows))), ("p", draw(keys)))
    if draw(st.booleans()):
        rows.insert(0, ("v", "DKIM1"))
    return Dkim(tuple(rows))


# -- DMARC ------------------------------------------------------------------------------------------

_POLICY = st.sampled_from(dmarc.POLICIES)
_DMARC_ADDRESS = HTTPS | st.builds("{}{}".format, MAILTO, st.sampled_from(["", "", "!10m", "!5"]))
DMARC_KNOWN = st.fixed_dictionaries(
    {},
    optional={
        "p": _POLICY,
        "sp": _POLICY,
        "np": _POLICY,
        "adkim": st.sampled_from("rs"),
        "aspf": st.sampled_from("rs"),
        "psd": st.sampled_from("ynu"),
        "t": st.sampled_from("yn"),
        "pct": st.integers(0, 100).map(str),
        "fo": st.sampled_from(["0", "1", "d", "s", "1:d", "0:s:d"]),
        "rua": st.lists(_DMARC_ADDRESS, min_size=1, max_size=3).map(",".join),
        "ruf": _DMARC_ADDRESS,
    },
)
DMARC_UNKNOWN = st.dictionaries(
    st.from_regex(r"[a-z]{1,5}", fullmatch=True).filter(lambda n: n not in ("v", *dmarc.ORDER)),
    visible(";"),
    max_size=2,
)
DMARC: st.SearchStrategy[Dmarc] = st.builds(
    lambda known, unknown: dmarc.build({**unknown, **known}), DMARC_KNOWN, DMARC_UNKNOWN
)


# -- MTA-STS and TLS-RPT ----------------------------------------------------------------------------

_EXTENSION = visible(";=")
MTA_STS = st.builds(
    MtaSts,
    st.from_regex(r"[A-Za-z0-9]{1,32}", fullmatch=True),
    extensions(("v", "id"), _EXTENSION),
)
PATTERN = st.builds("{}{}".format, st.sampled_from(["", "*."]), HOST)
_POLICY_VALUE = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=[*map(chr, range(32)), "\x7f"]),
    min_size=1,
    max_size=8,
).filter(lambda text: text == text.strip(" "))
POLICIES = st.builds(
    Policy,
    st.sampled_from(MODES),
    st.integers(0, MAX_AGE),
    st.lists(PATTERN, min_size=1, max_size=3).map(tuple),
    extensions(("version", "mode", "mx", "max_age"), _POLICY_VALUE),
)
TLS_RPT = st.builds(
    TlsRpt,
    st.lists(MAILTO | HTTPS, min_size=1, max_size=3).map(tuple),
    extensions(("v", "rua"), _EXTENSION),
)


# -- damage -----------------------------------------------------------------------------------------


@st.composite
def damaged(draw: st.DrawFn, records: st.SearchStrategy[Any], alphabet: str) -> str:
    """A record's text in which some characters are others of the alphabet, or gone, or doubled."""
    text = str(draw(records))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, max(0, len(text) - 1)))
        kept = text[at + draw(st.integers(0, 1)) :]
        text = text[:at] + draw(st.sampled_from(["", *alphabet, text[at : at + 1]])) + kept
    return text
