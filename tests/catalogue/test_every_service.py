"""Every shipped service, in every region, at every kind of name: what it publishes is sound.

The declarations are made of the entries' own examples (`tests.services`), twice: with what a
service cannot do without, and with everything that can be said of it.  All of them are one project,
compiled once, and one zone for BIND.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from generator.catalogue.model import Carries, DkimStyle, Purpose, SpfNeed
from generator.emit.bind import files, render
from generator.finding import Finding, Severity
from generator.project import Project, assemble
from generator.records import dkim, spf
from generator.values import Compiled, Kind
from tests.servers.bind import NOW, compiled_records, parent_zone, read_back, tool
from tests.services import (
    UNDERIVED,
    catalogue,
    consoles,
    least,
    most,
    senders,
    stands_alone,
)
from tests.support import TODAY

# A name of its own for each service, and where below it the service sends.
KINDS = {
    "apex": ("s{}.example", ""),
    "hyphenated": ("s{}-shop.example", ""),
    "subdomain": ("t{}.example", "news"),
    "international": ("bücher{}.example", ""),
}
ALL = [id for id in catalogue() if catalogue().get(id).sends]


@dataclass(frozen=True)
class Case:
    """A service as one domain uses it."""

    id: str
    region: str
    kind: str
    amount: str  # "least" or "most"

    @property
    def underived(self) -> bool:
        """True if its host names cannot be derived here, and nothing else was given."""
        hyphen = self.kind in ("hyphenated", "international")
        derives = bool(catalogue().get(self.id, self.region).dkim.records)
        return self.id in UNDERIVED and hyphen and derives and self.amount == "least"


def write(root: Path, bodies: dict[str, dict[str, Any]]) -> Project:
    """A project of one declaration for each name; JSON is YAML."""
    (root / "zones").mkdir(parents=True)
    documents = [json.dumps({"domain": name, **body}) for name, body in bodies.items()]
    for start in range(0, len(documents), 500):
        text = "\n---\n".join(documents[start : start + 500])
        (root / f"zones/{start}.yaml").write_text(text, encoding="utf-8")
    return assemble(root, TODAY)


def body(use: Any, stage: str = "monitor") -> dict[str, Any]:
    return {"stage": stage, "services": [use], "dmarc": {"reports": ["valimail"]}}


def by_domain(project: Project, bodies: dict[str, Any]) -> dict[str, list[Finding]]:
    """The findings of each domain, by the line that its document stands in."""
    found: dict[str, list[Finding]] = {name: [] for name in bodies}
    names = list(bodies)
    for one in project.findings:
        place = one.place
        assert place is not None
        start = int(Path(place.path).stem)
        found[names[start + (place.line - 1) // 2]].append(one)  # a line each, and `---` between
    return found


@dataclass(frozen=True)
class Everything:
    """The project of all cases."""

    cases: dict[str, Case]
    project: Project
    findings: dict[Case, list[Finding]]
    compiled: dict[Case, Compiled]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Everything:
    cases: dict[str, Case] = {}
    bodies: dict[str, dict[str, Any]] = {}
    for id, region in senders():
        for kind, (pattern, at) in KINDS.items():
            for make in (least, most):
                case = Case(id, region, kind, make.__name__)
                name = pattern.format(len(cases))
                cases[name] = case
                bodies[name] = body({**make(id, region), **({"at": at} if at else {})})
    project = write(tmp_path_factory.mktemp("every"), bodies)
    found = by_domain(project, bodies)
    ascii_names = {name.encode("idna").decode(): case for name, case in cases.items()}
    return Everything(
        cases,
        project,
        {cases[name]: listed for name, listed in found.items()},
        {ascii_names[one.domain.name]: one for one in project.compiled},
    )


def test_the_services_are_many() -> None:
    assert len(ALL) >= 180
    assert Counter(catalogue().get(id).category for id in catalogue()).keys() == {
        "mailbox", "hosting", "gateway", "forwarding", "transactional", "marketing", "crm",
        "helpdesk", "commerce", "saas", "monitoring",
    }  # fmt: skip


def test_its_examples_compile_without_an_error(everything: Everything) -> None:
    assert len(everything.compiled) == len(everything.cases) > 2000
    errors = {
        case: [f"{f.rule}: {f.message}" for f in found if f.severity is Severity.ERROR]
        for case, found in everything.findings.items()
    }
    assert {case: said for case, said in errors.items() if said and not case.underived} == {}


def test_a_name_that_cannot_be_derived_is_refused_and_never_guessed(
    everything: Everything,
) -> None:
    refused = [case for case in everything.cases.values() if case.underived]
    assert {case.id for case in refused} == UNDERIVED
    for case in refused:
        errors = [f for f in everything.findings[case] if f.severity is Severity.ERROR]
        assert {f.rule for f in errors} == {"service-derivation"}
        values = everything.compiled[case].values
        assert not [value for value in values if "._domainkey." in value.name]


# What else may be said of a sound use: a cost that nobody knows, a term asked for in vain, an
# address of the documentation, and what the vendor wants of the stage.
EXPECTED = {
    "spf-cost-unknown", "spf-useless-include", "spf-ip-private", "service-facts-doubtful", "service-wants-hardfail",
}  # fmt: skip


def test_what_else_is_found_is_to_be_expected(everything: Everything) -> None:
    for case, found in everything.findings.items():
        rules = {f.rule for f in found if f.severity is not Severity.ERROR}
        assert rules <= EXPECTED, (case, rules)
        forced = case.amount == "most" and bool(catalogue().get(case.id, case.region).spf.terms)
        useless = catalogue().get(case.id, case.region).spf.needed is not SpfNeed.FROM_DOMAIN
        assert ("spf-useless-include" in rules) is (forced and useless)


def test_every_service_publishes_something_of_its_own(everything: Everything) -> None:
    """A record, or a term in the domain's SPF."""
    silent = set()
    for case, one in everything.compiled.items():
        own = [value for value in one.values if value.by]
        terms = [spf.parse(v.text).terms[:-1] for v in one.values if v.kind is Kind.SPF]
        if not own and not any(terms) and not case.underived:
            silent.add(case.id)
    assert silent == {"novu"}  # it only receives, which nobody asked for


def test_its_spf_stands_where_the_envelope_is(everything: Everything) -> None:
    for case, one in everything.compiled.items():
        facts = catalogue().get(case.id, case.region).spf
        at = one.domain.services[0].at[0] + "."
        records = {v.name: spf.parse(v.text) for v in one.values if v.kind is Kind.SPF}
        size = {name: len(record.terms) - 1 for name, record in records.items()}
        there = size.get(at, 0)
        if facts.needed is SpfNeed.FROM_DOMAIN or (facts.terms and case.amount == "most"):
            assert there > 0, case
        else:
            assert there == 0, case
        elsewhere = {name for name, terms in size.items() if terms and name != at}
        if facts.needed is SpfNeed.BOUNCE_SUBDOMAIN and (
            case.amount == "most" or "return_path" in one.domain.services[0].values
        ):
            assert elsewhere, case
            assert all(name.endswith(f".{at}") for name in elsewhere)
        else:
            assert not elsewhere, case


def test_its_keys_are_published_at_the_name_that_signs(everything: Everything) -> None:
    for case, one in everything.compiled.items():
        provider = catalogue().get(case.id, case.region)
        keys = [v for v in one.values if v.kind is Kind.DKIM]
        if case.underived:
            continue
        assert bool(keys) is provider.dkim.exists, case
        for value in keys:
            if value.type == "TXT":
                assert dkim.parse(value.text).key().bits >= 1024
            elif value.type == "NS":
                assert provider.dkim.styles == (DkimStyle.DELEGATION,)
            elif provider.dkim.target is not None:
                assert provider.dkim.target.fullmatch(value.text[:-1]), (case, value)


def test_it_takes_mail_only_when_asked_to(everything: Everything) -> None:
    for case, one in everything.compiled.items():
        provider = catalogue().get(case.id, case.region)
        at = one.domain.services[0].at[0] + "."
        there = [v for v in one.values if v.type == "MX" and v.name == at]
        assert bool(there) is (case.amount == "most" and provider.has(Purpose.INBOUND_MX)), case


def test_bind_loads_all_of_it_and_reads_what_was_compiled(
    everything: Everything, tmp_path: Path
) -> None:
    tool("named-checkzone")
    sound = [one for case, one in everything.compiled.items() if not case.underived]
    fragments = tmp_path / "all.inc"
    fragments.write_text("".join(render(file, None, NOW) for file in files(sound)))
    zone = tmp_path / "example.zone"
    zone.write_text(parent_zone("example", fragments))
    # Names with addresses or mail must be host names, too.
    done = subprocess.run(
        [tool("named-checkzone"), "-i", "none", "-k", "fail", "example", str(zone)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "loaded serial" in done.stdout
    assert "warning" not in (done.stdout + done.stderr).lower()
    # dnspython reads slowly: one use of each service.
    some = [
        one
        for case, one in everything.compiled.items()
        if (case.kind, case.amount, case.region) == ("apex", "most", "")
    ]
    assert len(some) == len(ALL)
    fragments.write_text("".join(render(file, None, NOW) for file in files(some)))
    wanted = compiled_records(value for one in some for value in one.values)
    assert wanted < read_back("example", zone)


def test_under_reject_whoever_signs_passes_and_nobody_else(tmp_path: Path) -> None:
    bodies = {f"s{n}.example": body(least(id), "reject") for n, id in enumerate(ALL)}
    found = by_domain(write(tmp_path, bodies), bodies)
    refused = {
        id: {f.rule for f in found[f"s{n}.example"] if f.severity is Severity.ERROR}
        for n, id in enumerate(ALL)
    }
    refused = {id: rules for id, rules in refused.items() if rules}
    assert refused == {
        "appriver-hosted-exchange": {"dmarc-reject-spf-only"},
        "statuspage": {"rollout-service-unauthenticated"},
        # Alone they are judged like anybody; beside the service that writes the mail they are not.
        "appriver-zix": {"dmarc-reject-spf-only"},
        "barracuda-email-gateway-defense": {"dmarc-reject-spf-only"},
        "checkpoint-harmony-email": {"dmarc-reject-spf-only"},
        "checkpoint-spf-management": {"dmarc-reject-spf-only"},
        "exclaimer": {"dmarc-reject-spf-only"},
        "proofpoint-hosted-spf": {"dmarc-reject-spf-only"},
    }
    assert not any(stands_alone(catalogue().get(id)) for id in refused)


def test_beside_a_mailbox_host_relays_and_forwarders_pass_under_reject(tmp_path: Path) -> None:
    host = least("google-workspace")
    passing = [id for id in ALL if catalogue().get(id).carries is not Carries.OWN]
    assert len(passing) > 15
    bodies = {
        f"s{n}.example": {**body(host, "reject"), "services": [host, least(id)]}
        for n, id in enumerate(passing)
    }
    project = write(tmp_path, bodies)
    assert [f"{f.rule}: {f.message}" for f in project.errors] == []


def test_what_consoles_show_is_given_for_those_whose_targets_have_a_pattern() -> None:
    facts = {id: catalogue().get(id).dkim for id in ALL}
    pasting = {
        id
        for id, dkim in facts.items()
        if DkimStyle.CNAME in dkim.styles and dkim.target is not None and not dkim.records
    }
    assert set(consoles()) == pasting
    for id, keys in consoles().items():
        targets = [text for text in keys.values() if "p=" not in text and "." in text]
        assert targets
        assert all(facts[id].target.fullmatch(text) for text in targets), id
