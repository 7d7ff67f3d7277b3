"""Where the limits lie: the last value that passes, and the first that does not."""

from __future__ import annotations

import pytest

from generator.finding import Severity
from generator.records import spf
from generator.rules import RULES
from generator.simulate.cost import count
from tests.cases import with_keys
from tests.support import Sandbox

W, E = Severity.WARNING, Severity.ERROR


def _found(sandbox: Sandbox, body: str, stage: str = "monitor") -> list[tuple[str, Severity]]:
    text = f"domain: example.com\nstage: {stage}\n{body}\ndmarc: {{reports: [valimail]}}\n"
    sandbox.write("zones/a.yaml", with_keys(text).encode())
    return [(f.rule, f.severity) for f in sandbox.assemble().findings if f.severity > 1]


@pytest.mark.parametrize(
    ("lookups", "found"),
    [
        (8, []),
        (9, [("spf-lookup-near-limit", W)]),
        (10, [("spf-lookup-near-limit", W)]),
        (11, [("spf-lookup-limit", E)]),
    ],
)
def test_more_than_ten_lookups_are_an_error(
    lookups: int, found: list[tuple[str, Severity]], sandbox: Sandbox
) -> None:
    terms = ", ".join(f'"a:h{i}.example.com"' for i in range(lookups))
    assert _found(sandbox, f"spf: {{also: [{terms}]}}") == found


def test_lookups_are_counted_at_each_name_apart(sandbox: Sandbox) -> None:
    apart = ", ".join(f"{{use: mailgun, at: m{i}, dkim: {{s: s.mailgun.com}}}}" for i in range(4))
    assert _found(sandbox, f"services: [{apart}]") == []


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("ip4:8.8.0.0/16", []),
        ("ip4:8.8.0.0/15", [("spf-cidr-wide", W)]),
        ("ip4:8.0.0.0/8", [("spf-cidr-wide", W)]),
        ("ip4:8.0.0.0/7", [("spf-cidr-wide", E)]),
        ("ip4:0.0.0.0/0", [("spf-pass-all", E)]),
        ("ip6:2600::/32", []),
        ("ip6:2600::/31", [("spf-cidr-wide", W)]),
        ("ip6:2600::/15", [("spf-cidr-wide", E)]),
        ("ip6:::/0", [("spf-pass-all", E)]),
        ("ip4:10.1.2.3", [("spf-ip-private", W)]),
        ("ip4:224.0.0.1", [("spf-ip-private", W)]),
        ("ip4:192.0.2.1", [("spf-ip-private", W)]),
        ("ip6:fe80::1", [("spf-ip-private", W)]),
        ("ip4:8.8.8.8", []),
    ],
)
def test_ranges_that_are_wide_or_never_seen(
    term: str, found: list[tuple[str, Severity]], sandbox: Sandbox
) -> None:
    assert _found(sandbox, f'spf: {{also: ["{term}"]}}') == found


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("rsa512", [("dkim-rsa-short", E)]),
        ("rsa1024", [("dkim-rsa-1024", W)]),
        ("rsa2048", []),
        ("rsa4096", []),
        ("rsa8192", [("dkim-rsa-long", W)]),
        ("ed25519", [("dkim-ed25519-only", W)]),
    ],
)
def test_sizes_of_keys(key: str, found: list[tuple[str, Severity]], sandbox: Sandbox) -> None:
    service = f"services: [{{use: google-workspace, dkim: {{s: <{key}>}}}}]"
    assert _found(sandbox, service) == found


@pytest.mark.parametrize("other", ["s2: <rsa2048>", "s2: <rsa2048>, s3: <ed25519>"])
def test_ed25519_beside_rsa_is_welcome(other: str, sandbox: Sandbox) -> None:
    service = f"services: [{{use: google-workspace, dkim: {{s1: <ed25519>, {other}}}}}]"
    assert _found(sandbox, service) == []


def test_ed25519_beside_a_vendors_cname_is_welcome(sandbox: Sandbox) -> None:
    services = "services: [mailchimp, {use: google-workspace, dkim: {s1: <ed25519>}}]"
    assert _found(sandbox, services) == []


@pytest.mark.parametrize(
    ("stage", "severity"),
    [("monitor", W), ("quarantine-test", W), ("quarantine", E), ("enforce", E)],
)
def test_a_key_under_test_is_an_error_once_receivers_act(
    stage: str, severity: Severity, sandbox: Sandbox
) -> None:
    service = 'services: [{use: google-workspace, dkim: {s: "v=DKIM1; t=y; p=<rsa2048>"}}]'
    assert _found(sandbox, service, stage) == [("dkim-test-flag", severity)]


@pytest.mark.parametrize(
    ("stage", "found"),
    [
        ("monitor", [("rollout-hardfail-early", W)]),
        ("reject-test", [("rollout-hardfail-early", W)]),
        ("reject", []),
        ("enforce", []),
    ],
)
def test_a_hard_fail_before_reject_is_warned_of(
    stage: str, found: list[tuple[str, Severity]], sandbox: Sandbox
) -> None:
    assert _found(sandbox, "spf: {all: fail}", stage) == found


@pytest.mark.parametrize(
    ("stage", "rule"),
    [
        ("quarantine-test", "rollout-service-unauthenticated"),
        ("quarantine", "rollout-service-unauthenticated"),
        ("reject", "rollout-service-unauthenticated"),
        ("enforce", "rollout-service-unauthenticated"),
    ],
)
def test_a_service_without_an_aligned_path_is_an_error_from_quarantine_test_on(
    stage: str, rule: str, sandbox: Sandbox
) -> None:
    found = _found(sandbox, "services: [{use: mailchimp, from: example.org}]", stage)
    assert found == [(rule, E)]


def test_a_service_without_an_aligned_path_is_announced_before(sandbox: Sandbox) -> None:
    found = _found(sandbox, "services: [{use: mailchimp, from: example.org}]", "fence")
    assert found == [("dkim-unaligned", W)]


@pytest.mark.parametrize(
    ("stage", "errors"), [("quarantine", []), ("reject-test", ["dmarc-reject-spf-only"])]
)
def test_spf_alone_carries_a_service_until_reject_test(
    stage: str, errors: list[str], sandbox: Sandbox
) -> None:
    sandbox.write(
        "providers.d/acme.yaml",
        """\
        services:
          acme-mail:
            name: Acme
            category: crm
            spf: {needed: from-domain, aligned: always, terms: ["ip4:8.8.8.8"]}
        """,
    )
    assert _found(sandbox, "services: [acme-mail]", stage) == [(rule, E) for rule in errors]


@pytest.mark.parametrize(
    ("part", "mail"),
    [
        ("services: [{use: google-workspace, receives: only}]", True),
        ('records: [{name: "@", type: MX, value: 10 mx.example.net}]', True),
        ("services: [{use: google-workspace, receives: only, at: sub}]", False),
        ("", False),
    ],
)
def test_a_whole_zone_needs_a_way_for_mail_in(part: str, mail: bool, sandbox: Sandbox) -> None:
    found = _found(sandbox, f"zone: {{mode: zone, ns: [ns.example.net]}}\n{part}")
    assert found == ([] if mail else [("zone-no-mail-in", E)])


@pytest.mark.parametrize(
    ("terms", "octets"), [(["ip4:8.8.8.8"], 12 + 6 + 12 + 5), (["a", "mx"], 12 + 6 + 5 + 5)]
)
def test_a_txt_answer_is_measured_with_its_name(
    terms: list[str], octets: int, sandbox: Sandbox
) -> None:
    filler = 450 - octets
    also = ", ".join(f'"{term}"' for term in terms)
    fits = f"spf: {{also: [{also}]}}\nrecords: [{{name: '@', type: TXT, value: {'x' * filler}}}]"
    assert _found(sandbox, fits) == []
    assert _found(sandbox, fits.replace("x" * filler, "x" * (filler + 1))) == [
        ("spf-answer-size", W)
    ]


@pytest.mark.parametrize(
    ("record", "lookups", "unknown"),
    [
        ("v=spf1 -all", 0, ()),
        ("v=spf1 ip4:8.8.8.8 ip6:2600::1 -all", 0, ()),
        ("v=spf1 a mx ptr exists:a.example -all", 4, ()),
        ("v=spf1 include:known.example ~all", 3, ()),
        ("v=spf1 ?include:known.example ~all", 3, ()),
        (
            "v=spf1 include:other.example redirect=more.example",
            2,
            ("include:other.example", "redirect=more.example"),
        ),
        ("v=spf1 exp=why.example -all", 0, ()),
    ],
)
def test_the_cost_of_a_record_is_counted_as_receivers_count(
    record: str, lookups: int, unknown: tuple[str, ...]
) -> None:
    cost = count(spf.parse(record), {"include:known.example": 3})
    assert (cost.lookups, cost.unknown) == (lookups, unknown)
    assert sum(share for _, share in cost.terms) == cost.lookups


def test_findings_of_lint_have_registered_severities() -> None:
    assert RULES["spf-cidr-wide"].severity is W
    assert RULES["dkim-missing"].severity is W
    assert RULES["rua-missing"].severity is E
