"""What crosses domains: names made twice, and reports that others agree to take.

The records of agreement are in ``tests/data/declaration-compiled/reports``, the mistakes in
``tests/data/bad``.
"""

from __future__ import annotations

from tests.support import Sandbox

REPORTS = 'dmarc: {{reports: ["mailto:d@{0}"]}}\n'


def _declare(sandbox: Sandbox, name: str, host: str, more: str = "") -> None:
    text = f"domain: {name}\nstage: parked\n{more}" + REPORTS.format(host)
    sandbox.write(f"zones/{name}.yaml", text)


def test_an_undeclared_destination_becomes_a_to_do_with_the_record_to_ask_for(
    sandbox: Sandbox,
) -> None:
    _declare(sandbox, "example.com", "example.net")
    (found,) = sandbox.assemble().findings
    assert found.rule == "rua-unauthorised"
    assert found.help == 'example.com._report._dmarc.example.net TXT "v=DMARC1;"'
    assert found.place is not None
    assert (found.place.path, found.place.line) == ("zones/example.com.yaml", 3)


def test_a_report_service_of_the_catalogue_has_published_its_own(sandbox: Sandbox) -> None:
    sandbox.write(
        "zones/a.yaml", "domain: example.com\nstage: parked\ndmarc: {reports: [valimail]}\n"
    )
    assert sandbox.assemble().findings == []


def test_the_to_do_can_be_waived(sandbox: Sandbox) -> None:
    waiver = "waive: {rua-unauthorised: {because: they did it, until: 2099-01-01}}\n"
    _declare(sandbox, "example.com", "example.net", waiver)
    assert sandbox.assemble().findings == []


def test_reports_within_the_policy_domain_need_no_agreement(sandbox: Sandbox) -> None:
    _declare(sandbox, "example.com", "in.example.com")
    assert {name for name, _, _ in sandbox.records()} == {"example.com.", "_dmarc.example.com."}


def test_the_agreement_says_whose_reports_it_is_for_and_why(sandbox: Sandbox) -> None:
    _declare(sandbox, "bücher.example", "example.net")
    _declare(sandbox, "example.net", "example.net")
    taker = sandbox.assemble().find("example.net")
    assert taker is not None
    (value,) = [v for v in taker.values if "_report" in v.name]
    assert value.name == "xn--bcher-kva.example._report._dmarc.example.net."
    (reason,) = value.because
    assert reason.what == "example.net takes DMARC reports about bücher.example (RFC 9990 4)"
    assert reason.where is not None
    assert reason.where.place().path == "zones/bücher.example.yaml"


def test_a_destination_that_takes_reports_of_any_domain_says_so_without_being_asked(
    sandbox: Sandbox,
) -> None:
    _declare(sandbox, "example.net", "example.net", "accepts_reports: any\n")
    records = sandbox.records()
    assert ("*._report._dmarc.example.net.", "TXT", "v=DMARC1;") in records


def test_a_wildcard_agreement_is_written_once_for_many_domains(sandbox: Sandbox) -> None:
    _declare(sandbox, "example.net", "example.net", "accepts_reports: any\n")
    for name in ("example.com", "example.org"):
        _declare(sandbox, name, "example.net")
    taker = sandbox.assemble().find("example.net")
    assert taker is not None
    names = [v.name for v in taker.values if "_report" in v.name]
    assert names == ["*._report._dmarc.example.net."]


def test_a_released_destination_agrees_to_nothing(sandbox: Sandbox) -> None:
    _declare(sandbox, "example.com", "example.net")
    _declare(sandbox, "example.net", "example.net", "release: true\n")
    assert sandbox.records("example.net") == set()


def test_two_domains_may_use_like_named_subdomains(sandbox: Sandbox) -> None:
    for name in ("example.com", "example.net"):
        sandbox.write(
            f"zones/{name}.yaml",
            f"domain: {name}\nstage: monitor\nservices: [{{use: mailchimp, at: news}}]\n"
            "dmarc: {reports: [valimail]}\n",
        )
    assert sandbox.errors() == []
