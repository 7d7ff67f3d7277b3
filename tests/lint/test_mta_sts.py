"""MTA-STS and TLS-RPT from the declaration to the files: records, the policy, and its end."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.lint.others import lint_zone
from generator.lint.texts import lint_text
from generator.records import mta_sts
from tests.servers.bind import check_zone, parent_zone
from tests.support import Sandbox

EPOCH = "1795262400"  # 2026-11-21
POLICY = "build/mta-sts.example.com/.well-known/mta-sts.txt"
HEAD = 'domain: example.com\nstage: monitor\ndmarc: {reports: ["mailto:d@example.com"]}\n'
ENFORCED = "mta_sts: {mode: enforce, mx: [mx.example.net]}\n"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)


def declare(sandbox: Sandbox, *parts: str) -> None:
    sandbox.write("zones/example.com.yaml", (HEAD + "".join(parts)).encode())


def build(sandbox: Sandbox, *parts: str, code: int = 0) -> str:
    """Build with these parts; returns what is said."""
    declare(sandbox, *parts)
    done = sandbox.run("build", "--serial-by-hand")
    assert done.exit_code == code, done.output
    return done.output


def read(sandbox: Sandbox, name: str = POLICY) -> bytes:
    return (sandbox.root / name).read_bytes()


def published_id(sandbox: Sandbox) -> str:
    text = read(sandbox, "build/example.com.inc").decode()
    found = re.search(r'_mta-sts\.example\.com\. .* "v=STSv1; id=([A-Za-z0-9]{1,32});"', text)
    assert found
    return found[1]


# --- what is written -------------------------------------------------------------------------


def test_the_policy_file_is_octet_for_octet_what_senders_read(sandbox):
    build(
        sandbox, 'mta_sts: {mode: enforce, mx: [mx.example.net, "*.example.org"], max_age: 86400}\n'
    )
    assert read(sandbox) == (
        b"version: STSv1\r\nmode: enforce\r\nmx: mx.example.net\r\nmx: *.example.org\r\nmax_age: 86400\r\n"
    )
    assert lint_text("mta-sts", read(sandbox).decode(), shown=POLICY) == []


def test_without_patterns_the_declared_mx_are_named_in_their_order(sandbox):
    records = 'records: [{name: "@", type: MX, value: [20 b.example.net, 10 a.example.net]}]\n'
    build(sandbox, records, "mta_sts: {mode: testing}\n")
    assert re.findall(rb"mx: (\S+)\r\n", read(sandbox)) == [b"b.example.net", b"a.example.net"]
    assert b"max_age: 604800\r\n" in read(sandbox)


def test_a_second_build_changes_nothing(sandbox):
    first = build(sandbox, ENFORCED)
    assert f"new     {POLICY}" in first
    before = sandbox.files()
    assert "0 files written, 2 unchanged" in build(sandbox, ENFORCED)
    assert sandbox.files() == before
    assert sandbox.run("build", "--check", "--serial-by-hand").exit_code == 0


def test_check_tells_of_a_policy_that_would_change_and_writes_nothing(sandbox):
    build(sandbox, ENFORCED)
    before = sandbox.files()
    declare(sandbox, ENFORCED.replace("enforce", "testing"))
    done = sandbox.run("build", "--check", "--serial-by-hand")
    assert done.exit_code == 4
    assert f"changed {POLICY}" in done.stdout
    after = sandbox.files()
    assert after.pop("zones/example.com.yaml") != before.pop("zones/example.com.yaml")
    assert after == before


def test_a_policy_of_a_subdomain_has_a_folder_of_its_own(sandbox):
    build(sandbox, "subdomains: {post: {mta_sts: {mode: testing, mx: [mx.example.net]}}}\n")
    assert b"mode: testing" in read(
        sandbox, "build/mta-sts.post.example.com/.well-known/mta-sts.txt"
    )
    assert not (sandbox.root / POLICY).exists()


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ("mta_sts: {mx: [mx.example.net], mode: enforce}\n", False),
        ("mta_sts: {mode: enforce, mx: [MX.example.net., mx.example.net]}\n", False),
        ("mta_sts: {mode: enforce, max_age: 604800, mx: [mx.example.net]}\n", False),
        ("mta_sts: {mode: enforce, mx: [mx.example.net], host: web.example.net}\n", False),
        (ENFORCED + "ttl: 60\n", False),
        (ENFORCED + 'tls_rpt: ["mailto:tls@example.com"]\n', False),
        ("mta_sts: {mode: testing, mx: [mx.example.net]}\n", True),
        ("mta_sts: {mode: enforce, max_age: 604801, mx: [mx.example.net]}\n", True),
        ("mta_sts: {mode: enforce, mx: [mx.example.net, mx2.example.net]}\n", True),
        ('mta_sts: {mode: enforce, mx: ["*.example.net"]}\n', True),
    ],
)
def test_the_id_changes_if_and_only_if_the_policy_does(change, differs, sandbox):
    build(sandbox, ENFORCED)
    old, id = read(sandbox), published_id(sandbox)
    build(sandbox, change)
    assert (read(sandbox) != old) is differs
    assert (published_id(sandbox) != id) is differs


POLICIES = st.builds(
    mta_sts.Policy,
    st.sampled_from(mta_sts.MODES),
    st.integers(0, mta_sts.MAX_AGE),
    st.lists(
        st.sampled_from(("a.example", "*.b.example", "c.example")), min_size=1, unique=True
    ).map(tuple),
)


@given(POLICIES, POLICIES)
def test_two_policies_have_one_id_only_if_their_files_are_equal(one, other):
    assert (one.id == other.id) is (str(one) == str(other))
    assert mta_sts.parse_policy(str(one)) == one


# --- what senders would do -------------------------------------------------------------------


def test_an_mx_that_the_policy_does_not_name_stops_the_build_only_in_mode_enforce(sandbox):
    records = 'records: [{name: "@", type: MX, value: 10 other.example.net}]\n'
    said = build(sandbox, records, ENFORCED, code=1)
    assert "error[mta-sts-mx-uncovered]" in said
    assert not (sandbox.root / "build").exists()
    said = build(sandbox, records, ENFORCED.replace("enforce", "testing"))
    assert "warning[mta-sts-mx-uncovered]" in said
    assert "uncovered" not in build(sandbox, records, ENFORCED.replace("enforce", "none"))


def test_a_foreign_mx_in_the_zone_is_looked_at_too(sandbox):
    zone = "$TTL 3600\n@ SOA ns h 1 1h 10m 2w 1h\n@ NS ns.example.net.\n@ MX 10 {}\n@ MX 20 b.mx.example.net.\n"
    merge = "zone: {mode: merge, file: dns/example.com.zone}\n"
    patterns = 'mta_sts: {mode: enforce, mx: ["*.mx.example.net"]}\n'
    sandbox.write("dns/example.com.zone", zone.format("a.mx.example.net."))
    build(sandbox, merge, patterns)
    for host, name in (("old", "old.example.com"), ("x.a.mx.example.net.", "x.a.mx.example.net")):
        sandbox.write("dns/example.com.zone", zone.format(host))
        before = sandbox.files()
        said = build(sandbox, merge, patterns, code=1)
        assert f"error[mta-sts-mx-uncovered]: no `mx` of the MTA-STS policy names {name}" in said
        assert "--> dns/example.com.zone:4:1\n" in said
        assert {**sandbox.files(), "zones/example.com.yaml": b""} == {
            **before,
            "zones/example.com.yaml": b"",
        }
        assert "uncovered" in sandbox.run("validate").stderr
    build(sandbox, merge, patterns.replace("enforce", "testing"))


def test_an_mx_elsewhere_in_the_zone_is_none_of_the_policys_business(sandbox):
    sandbox.write(
        "dns/example.com.zone",
        "$TTL 3600\n@ SOA ns h 1 1h 10m 2w 1h\n@ NS ns.example.net.\n@ MX 10 mx.example.net.\nsub MX 10 other.example.net.\n",
    )
    build(sandbox, "zone: {mode: merge, file: dns/example.com.zone}\n", ENFORCED)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ('_mta-sts TXT "v=STSv1; id=20200101;"', "zone-rival"),
        ("_mta-sts CNAME policies.example.net.", "zone-cname-other"),
        ('_smtp._tls TXT "v=TLSRPTv1; rua=mailto:other@example.com"', "zone-rival"),
        ("mta-sts A 8.8.8.8", "zone-cname-other"),
    ],
)
def test_a_rival_in_a_zone_by_hand_is_refused_unless_adopted(line, rule, sandbox):
    sandbox.write(
        "dns/example.com.zone",
        f"$TTL 3600\n@ SOA ns h 1 1h 10m 2w 1h\n@ NS ns.example.net.\n{line}\n",
    )
    parts = (
        "zone: {mode: merge, file: dns/example.com.zone}\n",
        "mta_sts: {mode: testing, mx: [mx.example.net], host: web.example.net}\n",
        'tls_rpt: ["mailto:tls@example.com"]\n',
    )
    said = build(sandbox, *parts, code=1)
    assert f"error[{rule}]" in said
    (entry,) = re.findall(r"`adopt: \['(.*)'\]`", said)
    build(sandbox, *parts, f"adopt: ['{entry}']\n")
    merged = read(sandbox, "build/example.com.zone").decode()
    assert f"\n{line}\n" not in merged
    assert "_mta-sts.example.com." in merged


def test_other_texts_at_the_name_are_left_alone(sandbox):
    sandbox.write(
        "dns/example.com.zone",
        '$TTL 3600\n@ SOA ns h 1 1h 10m 2w 1h\n@ NS ns.example.net.\n_mta-sts TXT "site=1"\n',
    )
    build(sandbox, "zone: {mode: merge, file: dns/example.com.zone}\n", ENFORCED)
    assert b'\n_mta-sts TXT "site=1"\n' in read(sandbox, "build/example.com.zone")


# --- the end of a policy ---------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["enforce", "testing"])
@pytest.mark.parametrize("then", ["", "release: true\n"])
def test_a_policy_in_force_is_not_dropped(mode, then, sandbox):
    build(sandbox, ENFORCED.replace("enforce", mode))
    before = read(sandbox)
    said = build(sandbox, then, code=1)
    assert "error[mta-sts-abrupt-removal]" in said
    assert f"{POLICY}\n" in said
    assert "after 7 days" in said
    assert read(sandbox) == before
    assert published_id(sandbox)


def test_it_goes_by_way_of_mode_none(sandbox):
    build(sandbox, ENFORCED)
    old = published_id(sandbox)
    build(sandbox, "mta_sts: {mode: none, max_age: 86400}\n")
    assert read(sandbox) == b"version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"
    assert published_id(sandbox) != old
    said = build(sandbox)
    assert b"_mta-sts" not in read(sandbox, "build/example.com.inc")
    # Its file has done its work, and nobody is asked to declare it again.
    assert said.count("warning[orphan]") == 1
    assert "the MTA-STS policy of example.com (mode none) has no declaration any more" in said
    (sandbox.root / POLICY).unlink()
    assert "orphan" not in build(sandbox)


def test_a_declared_policy_in_mode_none_is_no_orphan(sandbox):
    build(sandbox, ENFORCED.replace("enforce", "none"))
    assert "orphan" not in build(sandbox, ENFORCED.replace("enforce", "none"))


def test_removing_the_whole_declaration_is_removing_the_policy(sandbox):
    build(sandbox, ENFORCED)
    (sandbox.root / "zones/example.com.yaml").unlink()
    sandbox.write("zones/other.yaml", "domain: example.org\nstage: parked\n")
    done = sandbox.run("build", "--serial-by-hand")
    assert done.exit_code == 1
    assert "senders still hold to the MTA-STS policy of example.com" in done.stderr


# --- files by other hands --------------------------------------------------------------------


@pytest.mark.parametrize("raw", [b"", b"hello\n", b"version: STSv1\nmode: enforced\n", b"\xff\xfe"])
def test_a_file_there_that_is_no_policy_is_left_alone(raw, sandbox):
    sandbox.write(POLICY, raw)
    said = build(sandbox, ENFORCED, code=1)
    assert f"{POLICY} is no MTA-STS policy and is left alone" in said
    assert read(sandbox) == raw
    assert not (sandbox.root / "build/example.com.inc").exists()


@pytest.mark.parametrize("what", ["link", "folder", "file in the way"])
def test_only_a_plain_file_in_plain_folders_is_written(what, sandbox, tmp_path):
    path = sandbox.root / POLICY
    outside = tmp_path / "outside"
    outside.write_text("kept")
    if what == "file in the way":
        path.parent.parent.parent.mkdir(parents=True)
        path.parent.parent.write_text("x")
    else:
        path.parent.mkdir(parents=True)
        path.mkdir() if what == "folder" else path.symlink_to(outside)
    declare(sandbox, ENFORCED)
    done = sandbox.run("build", "--serial-by-hand")
    assert done.exit_code in (1, 5)
    assert "Traceback" not in done.output
    assert outside.read_text() == "kept"
    assert not (sandbox.root / "build/example.com.inc").exists()


def test_a_policy_of_a_stranger_that_nobody_declares_stops_nothing_it_is_not_named_like_ours(
    sandbox,
):
    sandbox.write(
        "build/elsewhere/.well-known/mta-sts.txt",
        "version: STSv1\nmode: enforce\nmx: a.b\nmax_age: 9\n",
    )
    sandbox.write("build/mta-sts.example.org/index.html", "hello")
    build(sandbox)


# --- name servers ----------------------------------------------------------------------------

WHOLE = (
    "zone: {mode: zone, ns: [ns.example.net], soa: {rname: h@example.com}}\n"
    'records: [{name: "@", type: MX, value: 10 mx.example.net}]\n'
    "mta_sts: {mode: enforce, host: web.example.net}\n"
    'tls_rpt: ["mailto:tls@example.com", "https://reports.example.net/v1?a=b"]\n'
)


@pytest.mark.parametrize("mode", ["zone", "fragment", "merge"])
def test_a_name_server_takes_the_zone_and_lint_finds_nothing_in_it(mode, sandbox):
    parts = WHOLE
    if mode != "zone":
        parts = parts.partition("\n")[2].replace("mta_sts: {", "mta_sts: {mx: [mx.example.net], ")
    if mode == "merge":
        parts += "zone: {mode: merge, file: dns/example.com.zone}\n"
        sandbox.write(
            "dns/example.com.zone", "$TTL 60\n@ SOA ns h 1 1h 10m 2w 1h\n@ NS ns.example.net.\n"
        )
    build(sandbox, parts)
    name = "example.com.inc" if mode == "fragment" else "example.com.zone"
    raw = read(sandbox, f"build/{name}")
    assert [f.rule for f in lint_zone(raw, "example.com.", name, {}) if f.severity > 1] == []
    file = sandbox.root / "build" / name
    if mode == "fragment":
        file = sandbox.write("parent.zone", parent_zone("example.com", file))
    check_zone("example.com", file)
