"""Hypothesis strategies for declarations.

`projects` makes sound projects over all services, stages and options; what it makes must assemble
without an error.  `anything` makes data that YAML can hold, sensible or not.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import strategies as st

from generator.catalogue.model import Carries, DkimStyle, Provider, Purpose, SpfNeed
from generator.ladder import GOALS, STAGES, Stage
from tests.cases import keys
from tests.services import UNDERIVED, catalogue, examples, needed, pasted, stands_alone

Data = dict[str, Any]


@dataclass(frozen=True)
class Project:
    """Declarations by file name, as data."""

    files: dict[str, list[Data]]

    def texts(self, sort_keys: bool = False) -> dict[str, str]:
        return {name: dump(documents, sort_keys) for name, documents in self.files.items()}


def dump(documents: list[Any], sort_keys: bool = False) -> str:
    """The documents as JSON, which is YAML: all text in quotes, so `no` and `0123` stay text."""
    texts = [json.dumps(d, indent=1, sort_keys=sort_keys, ensure_ascii=False) for d in documents]
    # JSON lets these characters stand bare, YAML 1.2 section 5.1 does not.
    return _BARE.sub(lambda m: f"\\u{ord(m[0]):04x}", "\n---\n".join(texts) + "\n")


_BARE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


# Labels that no service makes by itself, so that names do not meet by chance.
LABELS = ("news", "shop", "crm", "ops", "a1", "x-y")
DOMAINS = (
    "example.com",
    "example.org",
    "my-example.net",
    "bücher.example",
    "xn--mnchen-3ya.example",
    "dept.uni.ac.uk",
    "mail.example.info",
)
_DATES = st.dates(date(2027, 1, 1), date(2027, 12, 31)).map(date.isoformat)
_WORDS = st.from_regex(re.compile(r"r[a-z0-9]{2,12}", re.ASCII), fullmatch=True)  # no LABELS
_PUBLIC_KEYS = ("rsa2048", "rsa2048-other", "rsa4096")


@st.composite
def dkim_values(draw: st.DrawFn, provider: Provider) -> str | Data:
    """What a vendor's console shows for a selector."""
    if DkimStyle.TXT in provider.dkim.styles:
        key = keys()[draw(st.sampled_from(_PUBLIC_KEYS))]
        forms = (
            key,
            f"v=DKIM1; k=rsa; p={key}",
            f"k=rsa; p={key};",
            f'"p={key[:99]}" "{key[99:]}"',
        )
        text = draw(st.sampled_from(forms))
    else:
        text = draw(st.sampled_from(sorted(pasted(provider).values())))
        text += draw(st.sampled_from(("", ".")))
    if draw(st.booleans()):
        return text
    return {"key": text, "retiring": draw(_DATES)}


@st.composite
def parameter_values(draw: st.DrawFn, provider: Provider, name: str) -> Any:
    """A value that the parameter takes: made up where its pattern allows, else an example."""
    parameter = provider.parameters[name]
    example = examples(provider)[name]
    if name == "region" and provider.regions:
        return draw(st.sampled_from((*provider.regions, example)))
    if parameter.list:
        chosen = example[: draw(st.integers(1, len(example)))]
        return chosen[0] if len(chosen) == 1 and draw(st.booleans()) else chosen
    if name in ("tenant", "return_path") and draw(st.booleans()):
        word = draw(_WORDS)
        return word if parameter.pattern.fullmatch(word) else example
    return example


@st.composite
def services(draw: st.DrawFn, stage: Stage, taken: set[str], domain: str) -> str | Data | None:
    """A service that may stand in a sound declaration at this stage, at names not yet taken."""
    known = catalogue()
    id = draw(st.sampled_from([id for id in known if known.get(id).sends]))
    provider = known.get(id)
    free = [label for label in LABELS if label not in taken]
    label = draw(st.sampled_from(free)) if free else None
    if label is None:
        return None
    taken.add(label)
    use: Data = {"use": draw(st.sampled_from((id, *provider.aliases))), "at": label}
    if draw(st.booleans()):
        use["at"] = [label]
    forms = _receiving(provider, parked=stage.name == "parked")
    if not forms:
        return None
    receives = draw(st.sampled_from(forms))
    if receives:
        use["receives"] = receives
    sends = receives != "only"
    if sends and stage.at_least("quarantine-test") and not stands_alone(provider):
        return None  # nothing of it would align
    for name, parameter in provider.parameters.items():
        if parameter.required or name in needed(provider, bool(receives)) or draw(st.booleans()):
            use[name] = draw(parameter_values(provider, name))
    hyphen = id in UNDERIVED and "-" in f"{label}.{_ascii(domain)}"
    if sends and provider.dkim.styles not in ((DkimStyle.NONE,), (DkimStyle.DELEGATION,)):
        derived = bool(known.get(id, str(use.get("region", ""))).dkim.records)
        if hyphen or not derived or draw(st.booleans()):
            selectors = draw(
                st.lists(st.sampled_from(("s1", "no", "0123", "K2")), min_size=1, unique=True)
            )
            use["dkim"] = {s: draw(dkim_values(provider)) for s in selectors}
    if provider.has(Purpose.TRACKING) and draw(st.booleans()):
        use["tracking"] = True
    if sends and provider.spf.terms and draw(st.booleans()):
        use["spf"] = {"force": True}
    if draw(st.booleans()) and draw(st.booleans()):
        use["retiring"] = draw(_DATES)
    _complete(use, provider)
    if hyphen and "mx_host" in provider.parameters:
        use.setdefault("mx_host", examples(provider)["mx_host"])
    return use


def _receiving(provider: Provider, parked: bool) -> tuple[bool | str, ...]:
    """What ``receives`` may be."""
    if not provider.has(Purpose.INBOUND_MX):
        return () if parked else (False,)
    lacks = provider.carries is Carries.FORWARDED and provider.spf.needed is SpfNeed.FROM_DOMAIN
    only = () if lacks else ("only",)
    return only if parked else (False, True, *only)


def _complete(use: Data, provider: Provider) -> None:
    """Give what makes a record whole of which a part was given, or that was asked for."""
    forced = provider.spf.terms[:1] if "spf" in use else ()
    wanted = {name for term in forced for name in term.parameters}
    for entry in provider.other:
        names = entry.record.parameters
        if names & use.keys() or ("tracking" in use and entry.purpose is Purpose.TRACKING):
            wanted |= names
    for name in sorted(wanted & provider.parameters.keys() - provider.defaulted):
        use.setdefault(name, examples(provider)[name])


def _ascii(domain: str) -> str:
    return domain.encode("idna").decode()


_TERMS = (
    "a", "mx", "ip4:8.8.8.8", "ip4:9.9.9.0/24", "ip6:2600::1", "a:mail.example.com/24", "?mx",
    "exists:%{i}.example.com", "include:_spf.google.com", "exp=why.example.com", "-ip4:8.8.4.4",
)  # fmt: skip
_REPORTS = (
    "valimail",
    "mailto:dmarc@example.com",
    "mailto:dmarc%2Cx@sub.example.org",
    "mailto:d@elsewhere.example",
    {"use": "dmarcian", "token": "abc123", "region": "eu"},
)
_DESTINATIONS = ("example.com",)  # declared domains that reports go to: they take mail
_RECORDS = (
    {"name": "www", "type": "CNAME", "value": "web.example.net"},
    {"name": "host", "type": "A", "value": ["8.8.8.8", "8.8.4.4"], "ttl": 60},
    {"name": "@", "type": "CAA", "value": '0 issue "ca.example.net"'},
    {"name": "@", "type": "TXT", "value": 'site="a"; \\ b'},
    {"name": "_sip._tcp", "type": "SRV", "value": "0 1 5060 sip.example.net"},
    {"name": "_443._tcp.www2", "type": "TLSA", "value": "3 1 1 " + "ab" * 32},
    {"name": "_dmarc.host", "type": "TXT", "value": "v=DMARC1; p=none"},
)


@st.composite
def dmarc_parts(draw: st.DrawFn) -> Data:
    """A ``dmarc:`` mapping with at least one report address."""
    part: Data = {
        "reports": draw(st.lists(st.sampled_from(_REPORTS), min_size=1, max_size=3, unique_by=repr))
    }
    for name, values in {
        "sp": ("none", "quarantine", "reject", None),
        "np": ("none", "quarantine", "reject", None),
        "adkim": ("r", None),  # strict alignment is a matter of the services
        "aspf": ("r", None),
        "psd": ("n", "u", None),
        "fo": ("0", 1, "d:s", None),
    }.items():
        if draw(st.booleans()):
            part[name] = draw(st.sampled_from(values))
    return part


@st.composite
def hosts(draw: st.DrawFn) -> Data:
    """What a declaration says of senders that are no services."""
    part: Data = {}
    if draw(st.booleans()):
        part["spf"] = {
            "also": draw(st.lists(st.sampled_from(_TERMS), max_size=5)),
            "all": draw(st.sampled_from(("neutral", "softfail", None))),  # -all needs DKIM
        }
    if draw(st.booleans()):
        part["helo"] = draw(st.sampled_from(("smtp1", ["smtp1", "smtp2"])))
    return part


@st.composite
def bodies(draw: st.DrawFn, domain: str, taken: set[str], depth: int = 0) -> Data:
    """What stands in a declaration beside its name."""
    stage = STAGES[draw(st.sampled_from(sorted(STAGES)))]
    body: Data = {"stage": stage.name, "dmarc": draw(dmarc_parts())}
    if stage.p == "reject" and body["dmarc"].get("sp") == "none":
        del body["dmarc"]["sp"]  # lags behind, which is an error
    wanted = [draw(services(stage, taken, domain)) for _ in range(draw(st.integers(0, 3)))]
    body["services"] = [use for use in wanted if use is not None]
    parked = stage.name == "parked"
    if not parked:
        body |= draw(hosts())
    if draw(st.booleans()):
        body["records"] = draw(st.lists(st.sampled_from(_RECORDS), unique_by=repr))
    if draw(st.booleans()):
        body["ttl"] = draw(st.integers(0, 2**31 - 1))
    if draw(st.booleans()):
        body["since"] = draw(_DATES)
    if draw(st.booleans()):
        body["goal"] = draw(st.sampled_from(GOALS))
    if parked and domain not in _DESTINATIONS and draw(st.booleans()):
        body["null_mx"] = True
    if draw(st.booleans()):
        body["revoke_dkim"] = draw(st.booleans())
    if draw(st.booleans()):
        body["accepts_reports"] = draw(st.sampled_from(("declared", "any")))
    if draw(st.integers(0, 9)) == 0:
        body["release"] = True
    if depth < 2 and draw(st.integers(0, 3)) == 0:
        label = draw(st.sampled_from(("sub1", "sub2")))
        inner = draw(bodies(f"{label}.{domain}", set(), depth + 1))
        for key in draw(st.lists(st.sampled_from(("stage", "dmarc")), unique=True)):
            if key == "dmarc" or stage.name == inner["stage"]:
                inner.pop(key)
        body["subdomains"] = {label: inner}
    return body


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """A sound project of some files, of one or several documents each."""
    names = draw(st.lists(st.sampled_from(DOMAINS), min_size=1, max_size=4, unique=True))
    files: dict[str, list[Data]] = {}
    for number, name in enumerate(names):
        document = {"domain": name, **draw(bodies(name, set()))}
        if draw(st.integers(0, 3)) == 0:
            document = {"domains": [document.pop("domain")], **document}
        elif draw(st.integers(0, 3)) == 0:
            stage = {"stage": document.pop("stage")}
            document = {"domains": {document.pop("domain"): stage}, "stage": "audit", **document}
        files.setdefault(f"zones/{'ab'[number % 2]}{draw(st.integers(0, 1))}.yaml", []).append(
            document
        )
    if draw(st.booleans()):
        files["zones/_defaults.yaml"] = [{"ttl": 600, "dmarc": {"fo": 1}}]
    return Project(files)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.text(max_size=20)
    | st.sampled_from(
        ("", "@", "*", ".", "example.com", "pending", "only", "v=spf1", "\ud7ff", "a\0b")
    )
)
_KEYS = st.sampled_from(
    (
        "domain", "domains", "stage", "services", "+services", "use", "at", "from", "dkim", "spf",
        "also", "all", "force", "dmarc", "reports", "failures", "sp", "np", "fo", "helo", "records",
        "name", "type", "value", "ttl", "waive", "because", "until", "subdomains", "zone", "mode",
        "ns", "soa", "rname", "mx", "key", "retiring", "receives", "region", "tenant", "return_path",
        "tokens", "ipv4", "release", "null_mx", "google", "goal", "since", "token",
    )
) | st.text(max_size=8)  # fmt: skip


def anything(leaves: int = 30) -> st.SearchStrategy[Any]:
    """Whatever YAML can hold, with the keys of declarations more often than not."""
    return st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=5),
        max_leaves=leaves,
    )


@st.composite
def damaged(draw: st.DrawFn) -> Project:
    """A sound project in which some values have been replaced by anything."""
    project = draw(projects())
    files = {name: list(documents) for name, documents in project.files.items()}
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(files)))
        index = draw(st.integers(0, len(files[name]) - 1))
        files[name][index] = _replaced(draw, files[name][index])
    return Project(files)


def _replaced(draw: st.DrawFn, data: Any) -> Any:
    """The data with one value somewhere in it replaced."""
    if isinstance(data, dict) and data and draw(st.integers(0, 9)):
        key = draw(st.sampled_from(sorted(data)))
        return {**data, key: _replaced(draw, data[key])}
    if isinstance(data, list) and data and draw(st.integers(0, 9)):
        at = draw(st.integers(0, len(data) - 1))
        return [*data[:at], _replaced(draw, data[at]), *data[at + 1 :]]
    return draw(anything(5))
