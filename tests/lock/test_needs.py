"""What a project depends on outside, and what strangers' answers lead to."""

from __future__ import annotations

import pytest

from generator.lock import Lock
from generator.lock.needs import (
    MOST_DEEP,
    MOST_NESTED,
    MOST_TERMS,
    Kind,
    Need,
    exchangers,
    needs,
    nested,
    reachable,
)
from generator.simulate.world import Answer
from tests.lock.worlds import lock
from tests.support import Sandbox

FULL = """\
domain: example.com
stage: monitor
services:
  - use: microsoft-365
    tenant: contoso
    receives: true
  - use: mailgun
    at: mg
    dkim: {pdk1: pdk1._domainkey.9d876.dkim1.mailgun.com}
spf: {also: ["a:mail.example.com", "a:out.example.com", mx, "exists:%{i}.x.example.net", "exists:y.example.net"]}
helo: [mail.example.com]
dmarc: {reports: [valimail, "mailto:dmarc@example.com"]}
records:
  - {name: mail, type: A, value: 192.0.2.1}
"""


def _needs(sandbox: Sandbox) -> set[tuple[str, str]]:
    return {(need.name, need.kind.value) for need in needs(sandbox.assemble().compiled)}


def test_what_a_domain_needs(sandbox: Sandbox):
    sandbox.write("zones/a.yaml", FULL)
    assert _needs(sandbox) == {
        ("spf.protection.outlook.com", "spf"),
        ("mailgun.org", "spf"),
        ("out.example.com", "host"),  # mail.example.com is declared here
        ("y.example.net", "exists"),  # the other one depends on the message
        ("selector1-example-com._domainkey.contoso.onmicrosoft.com", "key"),
        ("selector2-example-com._domainkey.contoso.onmicrosoft.com", "key"),
        ("pdk1._domainkey.9d876.dkim1.mailgun.com", "key"),
        ("vali.email", "mail"),
        ("example.com._report._dmarc.vali.email", "consent"),
    }


def test_names_that_are_declared_here_are_not_asked_for(sandbox: Sandbox):
    sandbox.write(
        "zones/a.yaml",
        """\
        domain: example.com
        stage: monitor
        spf: {also: ["include:_spf.example.net"]}
        dmarc: {reports: ["mailto:a@example.net"]}
        ---
        domain: example.net
        stage: parked
        records:
          - {name: _spf, type: TXT, value: "v=spf1 include:vendor.example -all"}
          - {name: "@", type: MX, value: "10 mx.example.org."}
        """,
    )
    assert _needs(sandbox) == {("vendor.example", "spf")}


def test_a_return_path_that_is_an_alias_leads_to_the_vendors_spf(sandbox: Sandbox):
    sandbox.write(
        "providers.d/own.yaml",
        """\
        services:
          pathmail:
            name: Pathmail
            category: transactional
            parameters:
              return_path: {help: the label, example: bounce, pattern: "[a-z]+", required: true}
            spf: {needed: never, aligned: with-custom-return-path}
            dkim: {styles: [none]}
            other:
              - {purpose: return-path, name: "{return_path}", type: CNAME, value: pm.mtasv.example, required: true}
        """,
    )
    sandbox.write(
        "zones/a.yaml",
        "domain: example.com\nstage: monitor\nservices: [{use: pathmail, return_path: pm}]\n"
        "dmarc: {reports: ['mailto:a@example.com']}\n",
    )
    assert not sandbox.errors()
    assert ("pm.mtasv.example", "spf") in _needs(sandbox)


def test_a_released_domain_needs_nothing(sandbox: Sandbox):
    sandbox.write("zones/a.yaml", FULL + "release: true\n")
    assert _needs(sandbox) == set()


def test_domains_that_need_a_name_are_told(sandbox: Sandbox):
    sandbox.write(
        "zones/a.yaml",
        "domains: [a.example, b.example]\nstage: monitor\nspf: {also: ['include:v.example']}\n"
        "dmarc: {reports: ['mailto:x@a.example']}\n",
    )
    found = needs(sandbox.assemble().compiled)
    assert found[Need("v.example", Kind.SPF)] == ["a.example", "b.example"]


@pytest.mark.parametrize(
    ("need", "data", "leads"),
    [
        (Kind.SPF, ["v=spf1 include:A.example. a mx:b.example/24 redirect=c.example ptr -all"],
         [("a.example", Kind.SPF), ("x.example", Kind.HOST), ("b.example", Kind.EXCHANGE),
          ("c.example", Kind.SPF)]),
        (Kind.SPF, ["v=spf1 include:%{i}.example exists:%{i}.example exp=e.example -all"], []),
        (Kind.SPF, ["v=spf1 nonsense include:a.example -all"], []),
        (Kind.SPF, ["v=spf1 a -all", "v=spf1 mx -all"], []),
        (Kind.SPF, ["hello", "v=spf1 mx -all"], [("x.example", Kind.EXCHANGE)]),
        (Kind.EXCHANGE, ["20 b.example", "10 a.example"], [("a.example", Kind.HOST), ("b.example", Kind.HOST)]),
        (Kind.EXCHANGE, ["0 ."], []),
        (Kind.EXCHANGE, [r"10 a\032b.example"], []),
        (Kind.MAIL, ["10 a.example"], []),
        (Kind.MAIL, [], [("x.example", Kind.HOST)]),
        (Kind.KEY, ["v=DKIM1; p="], []),
    ],
)  # fmt: skip
def test_what_an_answer_leads_to(need: Kind, data: list[str], leads: list[tuple[str, Kind]]):
    type = need.types[0]
    made = lock({"x.example": {type: data}})
    assert list(nested(Need("x.example", need), made.answer)) == [Need(*one) for one in leads]


def test_hosts_behind_mx_come_by_preference():
    answer = Answer("ok", ("30 c.example", "5 b.example", "10 a.example", "10 .", "x"))
    assert exchangers(answer) == ["b.example", "a.example", "c.example"]


def test_work_behind_one_root_is_bounded():
    chain = {f"n{i}.example": f"v=spf1 include:n{i + 1}.example -all" for i in range(100)}
    fan = {"w.example": " ".join(["v=spf1", *(f"include:w{i}.example" for i in range(10_000))])}
    tree = {
        "t": "v=spf1 " + " ".join(f"include:t{i}.example" for i in range(15)),
        **{
            f"t{i}.example": "v=spf1 " + " ".join(f"include:t{i}x{j}.example" for j in range(15))
            for i in range(15)
        },
    }
    made = lock({**chain, **fan, **tree})
    for root, most in (("n0.example", MOST_DEEP), ("w.example", MOST_TERMS), ("t", MOST_NESTED)):
        assert len(reachable([Need(root, Kind.SPF)], made.answer)) == 1 + most


def test_circles_end():
    made = lock({"a.example": "v=spf1 include:b.example", "b.example": "v=spf1 include:a.example"})
    found = reachable([Need("a.example", Kind.SPF)], made.answer)
    assert [need.name for need in found] == ["a.example", "b.example"]


def test_what_nobody_knows_leads_nowhere():
    roots = [Need("a.example", Kind.SPF), Need("b.example", Kind.EXCHANGE)]
    assert list(reachable(roots, Lock().answer)) == roots
