"""`mailzone show --spf-tree`: every term with its look-ups, down to what nobody knows."""

from __future__ import annotations

from generator.lock.text import text
from tests.lock.worlds import Told, lock
from tests.support import TODAY, Sandbox

DECLARED = """\
domain: example.com
stage: monitor
services: [google-workspace]
spf: {also: ["include:shared.example.com", "include:nobody.example.net", mx]}
dmarc: {reports: [valimail]}
subdomains:
  shared: {spf: {also: ["a:h.example.com", "ip4:8.8.8.8"]}}
"""


def tree(sandbox: Sandbox) -> list[str]:
    done = sandbox.run("show", "example.com", "--spf-tree")
    assert done.exit_code == 0, done.stderr
    return done.stdout.splitlines()


def test_own_names_are_followed_and_unknown_ones_are_said_to_be(sandbox: Sandbox) -> None:
    sandbox.write("zones/example.com.yaml", DECLARED)
    lines = [" ".join(line.split()) for line in tree(sandbox)]
    assert lines == [
        "example.com.",
        "mx 1",
        "include:_spf.google.com 1 as of 2026-02",
        "include:shared.example.com 2 declared in this project",
        "ip4:8.8.8.8 -",
        "a:h.example.com 1",
        "~all -",
        "include:nobody.example.net 1 unknown; counted as one",
        "~all -",
        "in all 5 of 10 look-ups",
    ]


def test_a_branch_is_indented_below_its_term(sandbox: Sandbox) -> None:
    sandbox.write("zones/example.com.yaml", DECLARED)
    lines = tree(sandbox)
    above = next(line for line in lines if "shared" in line)
    below = next(line for line in lines if "a:h.example.com" in line)
    indent = [len(line) - len(line.lstrip()) for line in (above, below)]
    assert indent[1] == indent[0] + 2


def test_the_tree_is_for_people(sandbox: Sandbox) -> None:
    sandbox.write("zones/example.com.yaml", DECLARED)
    assert sandbox.run("show", "example.com", "--spf-tree", "--format", "json").exit_code == 2


def test_a_lock_shows_what_vendors_nest_and_what_finds_nothing(sandbox: Sandbox) -> None:
    sandbox.write("zones/example.com.yaml", DECLARED)
    told: dict[str, Told] = {
        "_spf.google.com": "v=spf1 include:_netblocks.google.com ~all",
        "_netblocks.google.com": "v=spf1 ip4:8.8.4.0/24 ~all",
        "nobody.example.net": "v=spf1 a:gone.example.net -all",
        "gone.example.net": {"A": "-", "AAAA": "-"},
    }
    sandbox.write("zones/_lock.yaml", text(lock(told)).encode())
    lines = [" ".join(line.split()) for line in tree(sandbox)]
    assert f"include:_spf.google.com 2 seen {TODAY}" in lines
    assert f"include:_netblocks.google.com 1 seen {TODAY}" in lines
    assert "a:gone.example.net 1" in lines
    assert "in all 7 of 10 look-ups" in lines
