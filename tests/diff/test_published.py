"""What a build and a push are about to change, told in the sentences of a diff."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pytest

from generator.diff.published import Delta, difference, of_build, of_push, states
from generator.diff.states import state_of
from generator.emit import octodns
from generator.emit.build import plan
from generator.octodns.model import Change, Rrset
from generator.values import Kind, Value
from tests.cases import COMPILED, read
from tests.support import ROOT, TODAY

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FIRST = """\
domain: a.example
stage: reject
services:
  - {use: own-server, ipv4: 198.51.100.7, dkim: {s1: s1.keys.example}}
dmarc: {reports: ["mailto:d@a.example"]}
waive: {spf-ip-private: {because: a test, until: 2099-12-31}}
"""


def project(sandbox, text=FIRST):
    sandbox.write("zones/a.yaml", text)
    made = sandbox.assemble()
    assert not made.errors, [found.message for found in made.errors]
    return made


def built(made, folder):
    build = plan(made.compiled, folder, [], NOW, made.root)
    assert not build.findings
    return build


def said(made, delta):
    diff = difference(state_of(made, "declared"), delta, TODAY)
    return [effect.text for one in diff.domains for effect in one.effects]


def after(sandbox, text):
    """What building says when the declaration becomes another one."""
    out = sandbox.root / "build"
    built(project(sandbox), out).write()
    made = project(sandbox, text)
    delta = of_build(made, built(made, out))
    return said(made, delta)


def keys(values):
    return {(value.name, value.type, value.ttl, value.text) for value in values}


PLAIN = [path for path in sorted(COMPILED.rglob("*.yaml")) if "mode:" not in path.read_text()]


@pytest.mark.parametrize("path", PLAIN, ids=lambda path: path.stem)
def test_every_record_is_found_again_in_the_file_that_holds_it(sandbox, path):
    read(path).write(sandbox)
    made = sandbox.assemble()
    out = sandbox.root / "build"
    build = built(made, out)
    build.write()
    assert build.planned
    for change in build.planned:
        change.path.write_text(change.new.splitlines()[0] + "\n")
    delta = of_build(made, built(made, out))
    assert not delta.went
    assert keys(delta.came) == keys(value for one in made.compiled for value in one.values)


def test_the_first_build_has_nothing_to_compare_with(sandbox):
    project(sandbox)
    first = sandbox.run("build", "--check").stdout.splitlines()
    assert [line.split()[0] for line in first] == ["new", "1"]
    sandbox.run("build")
    project(sandbox, FIRST.replace("stage: reject", "stage: monitor"))
    second = sandbox.run("build", "--check").stdout.splitlines()
    assert len(second) > 2, "what a later one does to mail is told"


def test_a_service_that_comes_is_told_and_those_that_were_there_are_not(sandbox):
    more = FIRST.replace(
        "dmarc:",
        "  - {use: mailgun, dkim: {pdk1: pdk1._domainkey.9d876.dkim1.mailgun.com}}\ndmarc:",
    )
    found = after(sandbox, more)
    assert [text for text in found if "may send for" in text] == [
        "Mailgun may send for a.example: as a.example aligned by SPF and DKIM. "
        "It starts where failing mail is refused at once."
    ]
    assert any("Keys come" in text or "A key comes" in text for text in found)


def test_a_range_and_a_key_that_go_are_told(sandbox):
    found = after(
        sandbox,
        FIRST.replace("198.51.100.7, dkim: {s1: s1.keys.example}", "192.0.2.1, dkim: pending")
        .replace("reject", "monitor")
    )  # fmt: skip
    assert any("no longer passes 198.51.100.7" in text for text in found)
    assert any("The key at s1 of a.example is gone" in text for text in found)
    assert any("fails DMARC: refused → delivered" in text for text in found)


def test_a_domain_that_comes_is_new_and_one_that_is_released_says_so(sandbox):
    found = after(sandbox, f"{FIRST}---\ndomain: b.example\nstage: parked\n")
    assert any(text.startswith("b.example is new at stage parked") for text in found)
    assert not any("a.example" in text for text in found)
    found = after(sandbox, f"{FIRST}release: true\n")
    assert "a.example is released: all its records are removed." in found


def test_other_hands_records_in_a_merged_zone_are_no_change(sandbox):
    shutil.copytree(ROOT / "examples" / "hand-kept", sandbox.root, dirs_exist_ok=True)
    made = sandbox.assemble()
    out = sandbox.root / "build"
    built(made, out).write()
    path = next((sandbox.root / "zones").glob("*.yaml"))
    path.write_text(f"{path.read_text()}tls_rpt: ['mailto:tls@example.com']\n")
    made = sandbox.assemble()
    delta = of_build(made, built(made, out))
    assert {value.name for value in delta.came} == {"_smtp._tls.example.com."}
    assert not delta.went
    assert said(made, delta) == ["Reports about TLS to example.com are asked for."]


def test_an_mta_sts_policy_that_changes_is_told(sandbox):
    text = "domain: a.example\nstage: parked\nrecords: [{name: '@', type: MX, value: 10 mx.a.example}]\n"
    policy = "mta_sts: {mode: %s, mx: [mx.a.example]}\n"
    out = sandbox.root / "build"
    built(project(sandbox, text + policy % "testing"), out).write()
    made = project(sandbox, text + policy % "enforce")
    delta = of_build(made, built(made, out))
    assert any("mode testing → enforce" in one for one in said(made, delta))


def test_files_for_octodns_are_compared_too(sandbox):
    folder = sandbox.root / "config"
    sandbox.write("config/a.example.yaml", "www: {type: CNAME, value: a.example.}\n")
    made = project(sandbox)
    octodns.plan(made.compiled, folder)[0].write()
    made = project(sandbox, FIRST.replace("198.51.100.7", "198.51.100.8"))
    build, _ = octodns.plan(made.compiled, folder)
    delta = of_build(made, build)
    assert [value.text for value in delta.went] == ["v=spf1 ip4:198.51.100.7 ~all"]
    assert [value.text for value in delta.came] == ["v=spf1 ip4:198.51.100.8 ~all"]
    assert any("no longer passes 198.51.100.7" in text for text in said(made, delta))


# --- a push ----------------------------------------------------------------------------------

OLD, NEW = "v=spf1 mx ~all", "v=spf1 ip4:198.51.100.7 ~all"
DMARC = ("_dmarc.a.example.", "TXT")


def test_values_of_others_are_not_in_a_push():
    change = Change("a.example.", "TXT", Rrset(60, ("token", OLD)), Rrset(60, ("token", NEW)),
                    (OLD,), (NEW,), ("token",))  # fmt: skip
    book = Change("_mailzone.a.example.", "TXT", None, Rrset(60, ("x",)), (), ("x",), (), True)
    delta = of_push([change, book])
    assert [(value.ttl, value.text) for value in delta.went] == [(60, OLD)]
    assert [(value.ttl, value.text) for value in delta.came] == [(60, NEW)]


def test_a_ttl_of_ours_that_changes_is_told(sandbox):
    made = project(sandbox)
    text = next(v.text for v in made.compiled[0].values if (v.name, v.type) == DMARC)
    change = Change(*DMARC, Rrset(60, (text,)), Rrset(3600, (text,)), (), (), ())
    assert said(made, of_push([change])) == ["TTL of 1 record: 60 → 3600 seconds."]


def test_a_value_takes_the_ttl_of_the_set_that_it_joins(sandbox):
    made = project(sandbox)
    apex = ("a.example.", "TXT")
    change = Change(*apex, Rrset(60, ("t", OLD)), Rrset(60, ("t", NEW)), (OLD,), (NEW,), ("t",))
    before, after = states(state_of(made, "declared"), of_push([change]))
    for state, text in ((before, OLD), (after, NEW)):
        (value,) = [v for v in state.sides["a.example"].values if v.kind is Kind.SPF]
        assert (value.text, value.ttl) == (text, 60)


def test_a_value_of_no_declared_domain_changes_nothing(sandbox):
    made = project(sandbox)
    stray = Value("x.other.example.", "TXT", 60, "v=spf1 -all", Kind.PLAIN, ())
    assert said(made, Delta((stray,), ())) == []
