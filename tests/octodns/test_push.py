"""`mailzone push`: plan, verify, apply, verify again, against both servers."""

from __future__ import annotations

import json
import stat

import pytest
from jsonschema import Draft202012Validator

from generator.octodns.push import Pusher
from tests.octodns.hosts import SECRET, texts, wire
from tests.octodns.runs import OLD_SPF, TOKENS, foreign
from tests.servers.pdns import KEY
from tests.support import ROOT, call

SPF = "v=spf1 ip4:192.0.2.10 ~all"


@pytest.fixture
def made(host, zone, setup):
    host.add(zone, foreign(zone, spf=""))
    made = setup(host, zone)
    made.declare()
    made.overlay["on_conflict"] = "skip"
    return made


def push(made, *arguments):
    return call("push", "--config", str(made.write()), *arguments)


def entries(made):
    path = made.root / "mailzone-journal.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]


def conforms(data, name):
    """The data has the form of the published schema."""
    schema = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(data)


def test_without_apply_it_only_plans(made, host, zone):
    before = wire(host, zone)
    result = push(made)
    assert result.exit_code == 0, result.output
    assert f"+ {zone} 1800 TXT {SPF}  (beside 3 values of others)" in result.output
    assert f"+ k2._domainkey.{zone} 3600 CNAME k2.vendor.example." in result.output
    assert "1 zone: 5 values to add, 0 to remove; --apply does it" in result.output
    assert wire(host, zone) == before
    assert not (made.root / "mailzone-journal.jsonl").exists()
    assert push(made, "--exit-code").exit_code == 4


def test_it_says_what_the_change_does_to_mail(made, host, zone):
    assert push(made, "--apply").exit_code == 0
    made.declare(spf={"all": "fail"})
    result = push(made, "--exit-code")
    assert result.exit_code == 4
    name = zone.rstrip(".")
    assert f"  {name}\n" in result.output
    assert f"Hosts that SPF of {name} does not list: softfail → fail." in result.output
    assert "may send for" not in result.output


def test_it_applies_verifies_and_has_nothing_more_to_do(made, host, zone):
    before = wire(host, zone)
    result = push(made, "--apply")
    assert result.exit_code == 0, result.output
    assert "applied and verified" in result.output
    assert before <= wire(host, zone)
    assert SPF in texts(host, zone, zone)
    again = push(made, "--apply", "--exit-code")
    assert again.exit_code == 0
    assert f"{zone} at host: nothing to do" in again.output


def test_the_journal_has_the_former_values_and_no_secrets(made, zone):
    made.declare(adopt=[OLD_SPF])
    made.hosts["host"].change(zone, zone, "TXT", 1800, [f'"{t}"' for t in [*TOKENS, OLD_SPF]])
    result = push(made, "--apply", "--plan-out", str(made.root / "plan.json"))
    assert result.exit_code == 0, result.output
    begun, ended = entries(made)
    for entry in (begun, ended):
        conforms(entry, "push-journal")
    conforms(json.loads((made.root / "plan.json").read_text()), "push-plan")
    (apex,) = [one for one in begun["changes"] if one["name"] == zone]
    assert apex["before"] == {"ttl": 1800, "values": sorted([*TOKENS, OLD_SPF])}
    assert apex["removed"] == [OLD_SPF]
    assert apex["added"] == [SPF]
    assert (ended["event"], ended["result"]) == ("result", "done")
    for text in (
        result.output,
        (made.root / "plan.json").read_text(),
        (made.root / "mailzone-journal.jsonl").read_text(),
    ):
        assert SECRET not in text
        assert KEY not in text


def test_what_is_adopted_is_told_when_nothing_needs_it_any_more(made, zone):
    made.declare(adopt=[OLD_SPF, "MX 10 mail.gone.example."])
    made.hosts["host"].change(zone, zone, "TXT", 1800, [f'"{t}"' for t in [*TOKENS, OLD_SPF]])
    first = push(made, "--apply")
    assert f"note: {zone}: nothing is replaced as `MX 10 mail.gone.example.`" in first.output
    assert f"`{OLD_SPF}`; remove" not in first.output
    again = push(made)
    assert again.exit_code == 0
    assert f"note: {zone}: nothing is replaced as `{OLD_SPF}`; remove it" in again.output
    made.declare()
    assert "remove it from `adopt`" not in push(made).output


def test_nothing_is_said_of_adopt_where_a_zone_could_not_be_planned_in_full(made, zone):
    made.declare(adopt=["v=spf1 +all"])
    made.hosts["host"].change(zone, zone, "TXT", 1800, [f'"{t}"' for t in [*TOKENS, OLD_SPF]])
    result = push(made)
    assert result.exit_code == 1
    assert "remove it from `adopt`" not in result.output


def test_a_reviewed_plan_is_applied_as_it_was_reviewed(made, host, zone):
    plan = str(made.root / "plan.json")
    assert push(made, "--plan-out", plan).exit_code == 0
    result = push(made, "--plan", plan, "--apply")
    assert result.exit_code == 0, result.output
    assert SPF in texts(host, zone, zone)
    # It has been applied: there is nothing left of it to be done.
    assert push(made, "--plan", plan, "--apply").exit_code == 3


@pytest.mark.parametrize("what", ["zone", "declaration"])
def test_a_plan_is_refused_when_anything_moved_since(made, host, zone, what):
    plan = str(made.root / "plan.json")
    push(made, "--plan-out", plan)
    if what == "zone":
        host.change(zone, zone, "TXT", 1800, [f'"{text}"' for text in [*TOKENS, "new-token"]])
    else:
        made.declare(spf={"also": ["ip4:192.0.2.99"]})
    before = wire(host, zone)
    result = push(made, "--plan", plan, "--apply")
    assert result.exit_code == 3
    why = {"zone": "was changed by another hand", "declaration": "would become something else"}
    assert f"TXT at {zone} {why[what]}" in result.output
    assert "moved since the plan; nothing was written" in result.output
    assert wire(host, zone) == before
    assert not (made.root / "mailzone-journal.jsonl").exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 1, "steps": [{}]}', "\0"])
def test_what_is_no_plan_is_refused(made, text):
    path = made.root / "plan.json"
    path.write_text(text)
    assert push(made, "--plan", str(path)).exit_code == 1


def test_a_conflict_leaves_that_zone_alone_and_the_others_go_on(made, host, zone):
    other, third = f"b.{zone}", f"c.{zone}"
    for name in (other, third):
        host.add(name, foreign(name, spf=OLD_SPF if name == other else ""))
        made.declare(name)
    entry = made.whole()["zones"][zone]
    made.config = {"zones": {zone: entry, other: entry, third: entry}}
    made.overlay["on_conflict"] = "error"
    before = wire(host, other)
    result = push(made, "--apply")
    assert result.exit_code == 1
    assert f"{other} at host: left alone" in result.output
    assert f"adopt: ['{OLD_SPF}']" in result.output
    assert wire(host, other) == before
    for name in (zone, third):
        assert SPF in texts(host, name, name)


def test_one_zone_may_be_chosen_by_its_name_or_a_domain_in_it(made, host, zone):
    other = f"b.{zone}"
    host.add(other, foreign(other, spf=""))
    made.declare(other)
    entry = made.whole()["zones"][zone]
    made.config = {"zones": {"*": entry}}
    before = wire(host, zone)
    result = push(made, other.rstrip("."), "--apply")
    assert result.exit_code == 0, result.output
    assert SPF in texts(host, other, other)
    assert wire(host, zone) == before
    assert push(made, "unknown.example").exit_code == 1


class Fails:
    """An `apply` that goes wrong before, in the middle of, or after the real one."""

    def __init__(self, real, when):
        self.real, self.when = real, when

    def __call__(self, plan):
        if self.when == "before":
            raise ConnectionError("refused")
        if self.when == "middle":
            plan.changes = plan.changes[:2]
        self.real(plan)
        raise TimeoutError("no answer")


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("before", ["nothing was changed", "ConnectionError: refused"]),
        ("middle", ["partly changed", "is gone", "TimeoutError"]),
        ("after", ["applied", "TimeoutError: no answer"]),
    ],
)
def test_a_failing_target_is_reported_by_what_stands_there(
    made, host, zone, monkeypatch, when, words
):
    other = f"b.{zone}"
    host.add(other, foreign(other, spf=""))
    made.declare(other)
    entry = made.whole()["zones"][zone]
    made.config = {"zones": {zone: entry, other: entry}}
    before = wire(host, zone)
    real = Pusher.apply

    def apply(self, step, patience=0):
        if step.zone == zone:
            provider = self._manager.providers[step.target]
            provider.apply = Fails(type(provider).apply.__get__(provider), when)
            try:
                return real(self, step, 0)
            finally:
                del provider.apply
        return real(self, step, 0)

    monkeypatch.setattr(Pusher, "apply", apply)
    result = push(made, "--apply")
    assert result.exit_code == 5, result.output
    for word in words:
        assert word in result.output
    assert before <= wire(host, zone)
    assert SPF in texts(host, other, other)  # the other zone went on
    results = {one["zone"]: one["result"] for one in entries(made) if one["event"] == "result"}
    expected = {"before": "nothing", "middle": "partly", "after": "done"}[when]
    assert results == {zone: expected, other: "done"}
    # The next run puts right what is left to do.
    monkeypatch.undo()
    monkeypatch.setenv("MAILZONE_TEST_SECRET", SECRET)
    monkeypatch.setenv("MAILZONE_TEST_KEY", KEY)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795262400")
    assert push(made, "--apply").exit_code == 0
    assert "nothing to do" in push(made).output
    assert before <= wire(host, zone)


def test_a_change_by_another_hand_between_plan_and_apply_is_told_of(made, host, zone, monkeypatch):
    real = Pusher.apply

    def apply(self, step, patience=0):
        host.change(zone, f"www.{zone}", "CNAME", 300, ["elsewhere.example."])
        return real(self, step, 0)

    monkeypatch.setattr(Pusher, "apply", apply)
    result = push(made, "--apply")
    assert result.exit_code == 0, result.output
    assert f"changed by another hand meanwhile: CNAME at www.{zone}" in result.output
    assert texts(host, zone, f"www.{zone}", "CNAME") == ["elsewhere.example."]


def test_a_value_that_is_added_between_plan_and_apply_is_not_lost(made, host, zone, monkeypatch):
    real = Pusher.apply

    def apply(self, step, patience=0):
        host.change(zone, zone, "TXT", 1800, [f'"{text}"' for text in [*TOKENS, "new-token"]])
        return real(self, step, 0)

    monkeypatch.setattr(Pusher, "apply", apply)
    result = push(made, "--apply")
    assert result.exit_code == 5, result.output
    assert "changed since it was planned" in result.output
    assert "also there: new-token" in result.output
    assert texts(host, zone, zone) == sorted([*TOKENS, "new-token"])
    assert entries(made)[-1]["result"] == "nothing"


def test_an_unreadable_zone_is_an_outside_failure_and_the_others_go_on(bind_host, zone, setup):
    other = f"b.{zone}"
    bind_host.add(zone, [(f"odd.{zone}", "TXT", 60, r'"\255"')])
    bind_host.add(other, foreign(other, spf=""))
    made = setup(bind_host, zone)
    made.declare()
    made.declare(other)
    entry = made.whole()["zones"][zone]
    made.config = {"zones": {zone: entry, other: entry}}
    before = wire(bind_host, zone)
    result = push(made, "--apply")
    assert result.exit_code == 5, result.output
    assert f"{zone} at host: left alone" in result.output
    assert wire(bind_host, zone) == before
    assert SPF in texts(bind_host, other, other)


def test_a_dead_target_does_not_hold_up_the_other(made, host, zone):
    entry = made.whole()["zones"][zone]
    dead = {**host.provider(), "port": 1}
    made.config = {
        "providers": {"dead": dead},
        "zones": {zone: {**entry, "targets": ["dead", "host"]}},
    }
    result = push(made, "--apply")
    assert result.exit_code == 5, result.output
    assert f"{zone} at dead: left alone" in result.output
    assert SPF in texts(host, zone, zone)


def test_zones_that_are_not_overlaid_are_left_to_octodns(made, zone):
    made.source["overlay"] = False
    result = push(made)
    assert result.exit_code == 1
    assert "no zone of the configuration has an overlay MailSource" in result.output


def test_always_dry_run_is_heeded(made, host, zone):
    before = wire(host, zone)
    entry = made.whole()["zones"][zone]
    made.config = {"zones": {zone: {**entry, "always-dry-run": True}}}
    result = push(made, "--apply")
    assert result.exit_code == 5
    assert "always-dry-run" in result.output
    assert wire(host, zone) == before


def test_a_broken_configuration_is_refused(made):
    path = made.write()
    path.write_text("providers: {mail: {class: generator.octodns.MailSourc}}\nzones: {}\n")
    result = call("push", "--config", str(path))
    assert result.exit_code == 1
    assert "Unknown provider class" in result.output


def test_faults_of_the_project_are_told(made, zone):
    made.declare(stage="enforced")
    result = push(made)
    assert result.exit_code == 1
    assert "unknown-stage" in result.output


def test_a_journal_that_cannot_be_written_stops_before_anything_is(made, host, zone, tmp_path):
    before = wire(host, zone)
    result = push(made, "--apply", "--journal", str(tmp_path / "missing" / "journal"))
    assert result.exit_code == 5
    assert wire(host, zone) == before
    assert stat.S_ISDIR(tmp_path.stat().st_mode)


def test_an_internationalised_zone_is_pushed_by_either_name(host, zone, setup):
    name = f"xn--bcher-kva.{zone}"
    host.add(name, foreign(name, spf=""))
    made = setup(host, name)
    made.declare()
    entry = made.whole()["zones"][name]
    made.config = {"zones": {f"bücher.{zone}": entry}}
    result = push(made, f"bücher.{zone}", "--apply")
    assert result.exit_code == 0, result.output
    assert "applied and verified" in result.output
    assert SPF in texts(host, name, name)
    assert push(made, name.rstrip("."), "--exit-code").exit_code == 0
