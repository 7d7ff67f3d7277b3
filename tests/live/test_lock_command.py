"""`mailzone lock` as a user runs it, against servers that behave and that do not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import dns.rcode
import pytest

from generator.lock import FILE, load
from tests.servers import misbehaving as bad
from tests.servers.bind import check_zone, serving
from tests.support import Sandbox

DECLARATION = """\
domain: example.com
stage: monitor
spf: {also: ["include:v.example", "include:w.example", mx]}
dmarc: {reports: ["mailto:a@example.com", "mailto:b@r.example"]}
"""
RECORDS = {
    ("v.example", "TXT"): ['"v=spf1 include:a.v.example ~all"', '"verification=1"'],
    ("a.v.example", "TXT"): ['"v=spf1 ip4:192.0.2.0/24  ip4:198.51.100.0/24 ~all"'],
    ("w.example", "TXT"): ['"v=spf1 ip6:2001:db8::/32 a:h.w.example -all"'],
    ("h.w.example", "A"): ["192.0.2.9"],
    ("example.com", "MX"): ["10 mx.example.com."],
    ("mx.example.com", "A"): ["192.0.2.10"],
    ("mx.example.com", "AAAA"): ["2001:db8::10"],
    ("r.example", "MX"): ["10 mx.example.com."],
    ("example.com._report._dmarc.r.example", "TXT"): ['"v=DMARC1;"'],
}
MORE = '"v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 ip4:203.0.113.0/24 ~all"'


@pytest.fixture
def server(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[bad.Server]:
    """The world as it is well, pinned two days ago."""
    sandbox.write("zones/a.yaml", DECLARATION)
    with bad.serving() as running:
        running.records |= RECORDS
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795500000")  # 2026-11-24
        assert lock(sandbox, running).exit_code == 0
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795700000")  # 2026-11-26
        yield running


def lock(sandbox: Sandbox, server: bad.Server, *arguments: str):
    where = f"127.0.0.1#{server.port}"
    patience = "0.3" if server.behaviours else "5"
    return sandbox.run("lock", "--resolver", where, "--timeout", patience, *arguments)


def entries(sandbox: Sandbox) -> dict[str, str]:
    """The block of each name, as text."""
    found: dict[str, str] = {}
    for line in (sandbox.root / FILE).read_text().splitlines():
        if line.startswith("  ") and line[2] != " ":
            name = line.strip()[:-1]
            found[name] = ""
        elif line.startswith("   "):
            found[name] += line + "\n"
    return found


def test_everything_that_the_declarations_depend_on_is_pinned(sandbox: Sandbox, server: bad.Server):
    found = load(sandbox.root)
    assert found.findings == []
    assert set(found.lock.entries) == {name for name, _ in RECORDS}
    assert found.lock.cost("include:v.example") == (2, 0)
    assert found.lock.answer("v.example", "TXT").data == ("v=spf1 include:a.v.example ~all",)
    assert found.lock.answer("h.w.example", "AAAA").status == "nodata"


def test_a_second_run_changes_the_day_only(sandbox: Sandbox, server: bad.Server):
    before = (sandbox.root / FILE).read_text()
    done = lock(sandbox, server)
    assert done.exit_code == 0
    assert done.output == f"{FILE}: 8 names, nothing has changed\n"
    after = (sandbox.root / FILE).read_text()
    assert after == before.replace("\nseen: 2026-11-24", "\nseen: 2026-11-26")
    assert after != before
    assert lock(sandbox, server).exit_code == 0
    assert (sandbox.root / FILE).read_text() == after


def test_check_tells_in_words_and_writes_nothing(sandbox: Sandbox, server: bad.Server):
    before = sandbox.files()
    assert lock(sandbox, server, "--check").exit_code == 0
    server.records["a.v.example", "TXT"] = [
        '"v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 ip4:203.0.113.0/24 '
        'a a:1.v.example a:2.v.example a:3.v.example a:4.v.example a:5.v.example ~all"'
    ]
    done = lock(sandbox, server, "--check")
    assert done.exit_code == 4
    assert "v.example: cost 2 -> 8; example.com now 11 of 10\n" in done.output
    assert (
        "a.v.example: 1 range added, a, a:1.v.example, a:2.v.example and 3 more added, "
        "has no A and no AAAA, cost 1 -> 7\n" in done.output
    )
    assert "1.v.example: new: does not exist\n" in done.output
    assert sandbox.files() == before


def test_accept_takes_what_is_refused(sandbox: Sandbox, server: bad.Server):
    before = entries(sandbox)
    server.records["a.v.example", "TXT"] = ['"v=spf1 ip4:192.0.2.0/24 ~all"']
    server.records["w.example", "TXT"] = ['"v=spf1 ip6:2001:db8::/32 a:h.w.example +all"']
    done = lock(sandbox, server)
    assert done.exit_code == 3
    assert (
        "a.v.example is refused: 50% of its IPv4 addresses are gone; `--accept a.v.example` takes it"
        in done.output
    )
    assert "w.example is refused: its SPF lets everybody pass" in done.output
    after = entries(sandbox)
    for name in ("a.v.example", "w.example"):
        assert after[name] == before[name].replace(
            "first: 2026-11-24\n", "first: 2026-11-24\n    seen: 2026-11-24\n"
        )
    assert lock(sandbox, server, "--check").exit_code == 4
    done = lock(sandbox, server, "--accept", "a.v.example", "--accept", "W.example.")
    assert done.exit_code == 0, done.output
    assert entries(sandbox)["w.example"].endswith("- +all\n")
    assert lock(sandbox, server, "--check").exit_code == 0


def test_update_renews_one_name(sandbox: Sandbox, server: bad.Server):
    server.records["a.v.example", "TXT"] = [MORE]
    server.records["w.example", "TXT"] = ['"v=spf1 -all"']
    server.asked.clear()
    done = lock(sandbox, server, "--update", "v.example")
    assert done.exit_code == 0
    assert {name for name, *_ in server.asked} == {".", "v.example", "a.v.example"}
    found = load(sandbox.root).lock
    assert str(found.seen) == "2026-11-24"
    assert str(found.entries["a.v.example"].seen) == "2026-11-26"
    assert found.answer("w.example", "TXT").data[0].startswith("v=spf1 ip6:")
    assert "a.v.example: 1 range added" in done.output


@pytest.mark.parametrize("option", ["--update", "--accept"])
def test_a_name_on_which_nothing_depends(sandbox: Sandbox, server: bad.Server, option: str):
    before = sandbox.files()
    done = lock(sandbox, server, option, "never.example")
    assert done.exit_code == 1
    assert "never.example" in done.output
    assert sandbox.files() == before


HOSTILE = {
    "silence": bad.silence,
    "wrong id": bad.wrong_id(MORE),
    "wrong question": bad.wrong_question(MORE),
    "truncated for ever": bad.truncated(),
    "cut off": bad.cut_off(MORE),
    "slow drip": bad.dripping(MORE, pause=0.1),
    "alias loop": bad.alias_loop("b.example", "c.example"),
    "alias of itself": bad.alias("a.v.example"),
    "SERVFAIL": bad.refusing(dns.rcode.SERVFAIL),
    "REFUSED": bad.refusing(dns.rcode.REFUSED),
    "noise": bad.noise,
    "referral": bad.referral,
    "500 strings": bad.truncated(" ".join(['"v=spf1 "', *['"ip4:192.0.2.0/24 "'] * 499])),
    "20 KB": bad.truncated('"v=spf1 " ' + f'"{"a" * 200}" ' * 99),
    "64 KB": bad.truncated('"v=spf1 " ' + f'"{"a" * 250}" ' * 250),
    "not ASCII": lambda query, tcp: iter([bad.framed(bad.answer(query, r'"v=spf1 ip4:192.0.2.0/24 \195\169 ~all"'), tcp)]),
    "not UTF-8": lambda query, tcp: iter([bad.framed(bad.answer(query, r'"v=spf1 ip4:192.0.2.0/24 \255 ~all"'), tcp)]),
}  # fmt: skip


@pytest.mark.parametrize("behaviour", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_answer_leaves_the_old_entry_untouched(
    sandbox: Sandbox, server: bad.Server, behaviour: bad.Behaviour
):
    before = entries(sandbox)
    server.behaviours["a.v.example"] = behaviour
    done = lock(sandbox, server)
    assert done.exit_code == 5
    assert "a.v.example keeps its old entry: TXT: " in done.output
    assert "1 name gave no sound answer" in done.output
    after = entries(sandbox)
    kept = "    first: 2026-11-24\n    seen: 2026-11-24\n"
    assert after.pop("a.v.example") == before.pop("a.v.example").replace(
        "    first: 2026-11-24\n", kept
    )
    assert after == before
    assert load(sandbox.root).findings == []


def test_a_server_that_is_silent_throughout_leaves_the_file_untouched(
    sandbox: Sandbox, server: bad.Server
):
    before = sandbox.files()
    server.behaviours |= dict.fromkeys([".", *(name for name, _ in RECORDS)], bad.silence)
    done = lock(sandbox, server)
    assert done.exit_code == 5
    assert "no resolver answers" in done.output
    assert sandbox.files() == before


def test_a_server_that_refuses_everything_leaves_the_file_untouched(
    sandbox: Sandbox, server: bad.Server
):
    before = sandbox.files()
    refused = bad.refusing(dns.rcode.REFUSED)
    server.behaviours |= dict.fromkeys([".", *(name for name, _ in RECORDS)], refused)
    done = lock(sandbox, server)
    assert done.exit_code == 5
    assert f"{FILE} is as it was" in done.output
    assert sandbox.files() == before


def test_a_first_lock_with_a_vendor_that_is_silent(sandbox: Sandbox, server: bad.Server):
    (sandbox.root / FILE).unlink()
    server.behaviours["a.v.example"] = bad.silence
    done = lock(sandbox, server)
    assert done.exit_code == 5
    assert "a.v.example is not locked: TXT: no answer" in done.output
    assert (
        "v.example is not locked: it leads to a.v.example, of which nothing is known" in done.output
    )
    assert {"v.example", "a.v.example"} & set(load(sandbox.root).lock.entries) == set()
    assert "w.example" in load(sandbox.root).lock.entries


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<<<<<<< HEAD\nformat: 1\n=======\nformat: 1\n>>>>>>> b\nnames: {}\n", "merge conflict"),
        ("format: 9\nnames: {}\n", "format 9; this mailzone reads up to 1"),
        ("format: 1\nnames: [\n", "error[yaml-syntax]"),
        ("nonsense", "a lock is one mapping"),
    ],
)
def test_a_lock_that_cannot_be_relied_on_is_not_overwritten(
    sandbox: Sandbox, server: bad.Server, text: str, says: str
):
    sandbox.write(FILE, text)
    server.asked.clear()
    done = lock(sandbox, server)
    assert done.exit_code == 1
    assert says in done.output
    assert (sandbox.root / FILE).read_text() == text
    assert server.asked == []


def test_a_lock_out_of_order_is_put_in_order(sandbox: Sandbox, server: bad.Server):
    lines = (sandbox.root / FILE).read_text().splitlines(keepends=True)
    start = lines.index("  w.example:\n")
    (sandbox.root / FILE).write_text("".join(lines[:start]) + "  0.example:\n    first: 2026-11-24\n"
                                     "    A:\n      status: nodata\n" + "".join(lines[start:]))  # fmt: skip
    done = lock(sandbox, server)
    assert "the lock is out of order" in done.output
    assert "0.example: no longer needed" in done.output
    assert done.exit_code == 0
    assert "order" not in lock(sandbox, server).output


def test_a_faulty_declaration_stops_before_anything_is_asked(sandbox: Sandbox, server: bad.Server):
    sandbox.write("zones/a.yaml", DECLARATION.replace("monitor", "monitr"))
    server.asked.clear()
    done = lock(sandbox, server)
    assert done.exit_code == 1
    assert "error[unknown-stage]" in done.output
    assert server.asked == []


def test_a_record_with_a_fault_can_be_locked_but_nothing_is_dropped(
    sandbox: Sandbox, server: bad.Server
):
    """Eleven look-ups are an error that only a lock may show; it must not be in the lock's way."""
    terms = ", ".join(f'"a:h{i}.example.com"' for i in range(11))
    sandbox.write(
        "zones/a.yaml", f"domain: example.com\nstage: monitor\nspf: {{also: [{terms}]}}\n"
        'dmarc: {reports: ["mailto:a@example.com"]}\n'
    )  # fmt: skip
    assert "spf-lookup-limit" in sandbox.errors()
    done = lock(sandbox, server)
    assert done.exit_code == 0
    found = load(sandbox.root).lock.entries
    assert {"h0.example.com", "v.example"} <= set(found)


def test_a_project_that_needs_nothing_outside_gets_no_lock(sandbox: Sandbox, server: bad.Server):
    sandbox.write("zones/a.yaml", "domain: example.com\nstage: parked\n")
    done = lock(sandbox, server)
    assert done.exit_code == 0
    assert "h.w.example: no longer needed" in done.output
    assert load(sandbox.root).lock.entries == {}
    (sandbox.root / FILE).unlink()
    assert lock(sandbox, server).output == f"{FILE}: 0 names, nothing has changed\n"
    assert not (sandbox.root / FILE).exists()


def test_progress_is_shown_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch):
    from generator.cli.lock import _progress

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr("sys.stderr", stream)
        show = _progress()
        show(1, 2)
        show(1, 2)  # not so soon again
        show(2, 2)
        said = stream.getvalue()
        assert (said.count("1 of 2 answers") == 1) is shown
        assert said.endswith("\r\x1b[K") is shown


@pytest.mark.parametrize("argument", ["dns.example", "192.0.2.1#0"])
def test_a_resolver_that_is_none_is_wrong_usage(sandbox: Sandbox, argument: str):
    sandbox.write("zones/a.yaml", DECLARATION)
    assert sandbox.run("lock", "--resolver", argument).exit_code == 2


def test_a_folder_that_cannot_be_written(
    sandbox: Sandbox, server: bad.Server, monkeypatch: pytest.MonkeyPatch
):
    from generator.emit import write

    def full(change: object, temporary: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write, "_stage", full)
    before = sandbox.files()
    done = lock(sandbox, server)
    assert done.exit_code == 5
    assert "No space left" in done.output
    assert sandbox.files() == before


ZONE = """\
$TTL 300
@ IN SOA ns.example. host.example. 1 7200 900 86400 60
@ IN NS ns
ns IN A 127.0.0.1
v IN TXT "v=spf1 include:a.v.example include:big.example ~all"
a.v IN CNAME b.v
b.v IN TXT "v=spf1 ip4:192.0.2.0/24" " ~all"
big IN TXT {big}
w IN TXT "v=spf1 exists:gone.example -all"
r IN MX 10 ns
example.com._report._dmarc.r IN TXT "v=DMARC1;"
"""


def test_a_real_name_server_is_asked_over_udp_and_tcp(sandbox: Sandbox, tmp_path: Path):
    """A record of 2.5 KB does not fit into a UDP answer; an alias is followed by the server."""
    big = " ".join(f'"{"v=spf1 " if not i else ""}ip4:198.51.{i}.0/24 "' for i in range(100))
    file = tmp_path / "example.zone"
    file.write_text(ZONE.format(big=f"( {big} )"))
    check_zone("example", file)
    com = tmp_path / "com.zone"
    com.write_text("$TTL 300\n@ IN SOA ns hm 1 7200 900 86400 60\n@ IN NS ns\nns IN A 127.0.0.1\n"
                   "@ IN MX 10 ns\n")  # fmt: skip
    sandbox.write("zones/a.yaml", DECLARATION)
    with serving({"example": file, "example.com": com}, tmp_path) as named:
        done = sandbox.run("lock", "--resolver", f"127.0.0.1#{named.port}")
        assert done.exit_code == 0, done.output
        again = sandbox.run("lock", "--check", "--resolver", f"127.0.0.1#{named.port}")
        assert again.exit_code == 0, again.output
    found = load(sandbox.root).lock
    assert found.answer("a.v.example", "TXT").data == ("v=spf1 ip4:192.0.2.0/24 ~all",)
    assert found.answer("big.example", "TXT").data[0].count("ip4:") == 100
    assert found.answer("gone.example", "A").status == "nxdomain"
    assert found.cost("include:v.example") == (3, 0)
    assert found.cost("include:w.example") == (2, 1)
    assert found.answer("example.com._report._dmarc.r.example", "TXT").status == "ok"
