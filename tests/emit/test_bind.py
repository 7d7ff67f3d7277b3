"""Zone text: quoting, comments, and which file a record goes to."""

from __future__ import annotations

import dns.rdata
import dns.zone
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from generator.emit.bind import HEADER, files, line, quote, render
from generator.values import Reason
from tests.servers.bind import NOW, compiled_records, parent_zone, read_back

PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=700)


def strings(text: str) -> tuple[bytes, ...]:
    return dns.rdata.from_text("IN", "TXT", quote(text)).strings


@given(PRINTABLE)
@example('say "hi"; \\ and \\"')
@example("\\" * 255)
@example('"' * 256)
@example("x" * 254 + "\\" + '"' + "y" * 254)
@example("")
@example("$INCLUDE /etc/passwd ; ( ) @")
def test_quoted_text_reads_back_as_it_was(text):
    assert b"".join(strings(text)).decode() == text


@pytest.mark.parametrize(
    ("length", "parts"),
    [
        (0, [0]),
        (1, [1]),
        (254, [254]),
        (255, [255]),
        (256, [255, 1]),
        (510, [255, 255]),
        (511, [255, 255, 1]),
    ],
)
@pytest.mark.parametrize("character", ["x", '"', "\\"])
def test_strings_are_cut_at_255_octets_not_counting_escapes(length, parts, character):
    assert [len(part) for part in strings(character * length)] == parts


def build(sandbox, name):
    found = sandbox.assemble()
    assert not found.errors, [f.message for f in found.errors]
    made = {file.name: file for file in files(found.compiled)}
    assert name in made, sorted(made)
    return render(made[name], None, NOW), found.compiled


def test_a_fragment_depends_on_no_origin_ttl_or_class_around_it(sandbox, tmp_path):
    sandbox.write(
        "zones/example.com.yaml",
        """\
        domain: example.com
        ttl: 1234
        stage: audit
        services: [{use: google-workspace, dkim: pending, receives: true}]
        records:
          - {name: www, type: A, value: 192.0.2.1, ttl: 60}
          - {name: "*.apps", type: CNAME, value: www.example.com}
          - {name: _sip._tcp, type: SRV, value: 0 5 5060 sip.example.net}
        """,
    )
    text, compiled = build(sandbox, "example.com.inc")
    (tmp_path / "x.inc").write_text(text)
    (tmp_path / "x.zone").write_text(parent_zone("example.com", tmp_path / "x.inc"))
    read = read_back("example.com", tmp_path / "x.zone")
    wanted = compiled_records(compiled[0].values)
    assert wanted <= read
    assert {row[1] for row in read - wanted} == {"SOA", "NS"}
    assert ("www.example.com.", "A", 60, "192.0.2.1") in read
    assert ("example.com.", "MX", 1234, "1 smtp.google.com.") in read


def test_every_value_is_written_once_and_under_its_heading(sandbox):
    sandbox.write(
        "zones/example.com.yaml",
        """\
        domain: example.com
        stage: monitor
        services: [{use: microsoft-365, tenant: contoso, receives: true}]
        dmarc: {reports: ["mailto:d@example.com"]}
        """,
    )
    text, compiled = build(sandbox, "example.com.inc")
    heading, under = "", {}
    for row in text.splitlines():
        if row.startswith("; ") and not row.startswith(";  "):
            heading = row
        elif row and not row.startswith(";"):
            under[" ".join(row.split())] = heading.split(":")[0]
    assert len(under) == len(compiled[0].values)
    assert (
        under['example.com. 3600 IN TXT "v=spf1 include:spf.protection.outlook.com ~all"']
        == "; SPF"
    )
    assert under["example.com. 3600 IN MX 0 example-com.mail.protection.outlook.com."] == "; MX"
    assert {under[line] for line in under if line.startswith("_dmarc.")} == {"; DMARC"}
    assert {under[line] for line in under if "._domainkey." in line.split()[0]} == {"; DKIM"}


def test_each_record_is_preceded_by_its_reasons(sandbox):
    sandbox.write(
        "zones/example.com.yaml",
        """\
        domain: example.com
        stage: audit
        services: [{use: google-workspace, dkim: pending}]
        spf: {also: ["ip4:198.51.100.7"]}
        """,
    )
    lines = build(sandbox, "example.com.inc")[0].splitlines()
    at = next(i for i, line in enumerate(lines) if '"v=spf1' in line)
    notes = "\n".join(lines[at - 3 : at])
    assert "include:_spf.google.com: Google Workspace sends for example.com" in notes
    assert "ip4:198.51.100.7: declared under spf.also" in notes
    assert "stage audit ends SPF in ?all" in notes


def test_text_of_a_declaration_cannot_leave_its_comment(sandbox):
    sandbox.write(
        "zones/a\nevil.example. 60 IN A 192.0.2.66\n.yaml", "domain: example.com\nstage: audit\n"
    )
    found = sandbox.assemble()
    for file in files(found.compiled):
        zone = dns.zone.from_text(
            parent_zone("example.com") + render(file, None, NOW), "example.com", relativize=False
        )
        assert {str(name) for name in zone.nodes} <= {"example.com.", "_dmarc.example.com."}


def test_a_reason_of_several_lines_stays_in_its_comment(sandbox):
    sandbox.write("zones/x.yaml", "domain: example.com\nstage: audit\n")
    (one,) = sandbox.assemble().compiled
    evil = "a\nevil.example.com. 60 IN A 192.0.2.66\r\x0b\x0c\x1c\x85\u2028b"
    one.values = [value._replace(because=(Reason(evil),)) for value in one.values]
    (file,) = files([one])
    text = render(file, None, NOW)
    assert "evil" in text
    for row in text.splitlines():  # at every separator that any reader might know
        assert "evil" not in row or row.startswith(";")


def test_a_line_can_be_given_the_ttl_of_its_set(sandbox):
    sandbox.write("zones/x.yaml", "domain: example.com\nstage: parked\nnull_mx: true\n")
    (one,) = sandbox.assemble().compiled
    (value,) = [value for value in one.values if value.type == "MX"]
    assert line(value) == "example.com. 3600 IN MX 0 ."
    assert line(value, 14, 60) == "example.com.   60 IN MX 0 ."


def test_the_top_says_who_wrote_it_from_what_and_at_which_stage(sandbox):
    sandbox.write("zones/sub/x.yaml", "domain: bücher.example\nstage: parked\n")
    lines = build(sandbox, "xn--bcher-kva.example.inc")[0].splitlines()
    assert lines[0].startswith(HEADER + " from zones/sub/x.yaml;")
    assert lines[1] == "; $INCLUDE this file in zone xn--bcher-kva.example."
    assert "bücher.example" in lines[2]
    assert "stage parked" in lines[2]


def test_a_released_domain_leaves_an_empty_fragment_behind(sandbox):
    sandbox.write("zones/x.yaml", "domain: example.com\nstage: parked\nrelease: true\n")
    text, _ = build(sandbox, "example.com.inc")
    assert "released" in text
    assert all(line.startswith(";") or not line for line in text.splitlines())


def names(sandbox) -> dict[str, list[str]]:
    return {
        file.name: [one.domain.name for one in file.members]
        for file in files(sandbox.assemble().compiled)
    }


def test_a_subdomain_goes_where_its_domain_goes(sandbox):
    sandbox.write(
        "zones/x.yaml",
        """\
        domain: example.com
        stage: parked
        subdomains: {a: {}, b: {subdomains: {c: {}}}}
        """,
    )
    assert names(sandbox) == {
        "example.com.inc": ["example.com", "a.example.com", "b.example.com", "c.b.example.com"]
    }


def test_a_domain_declared_apart_goes_into_the_whole_zone_that_holds_it(sandbox):
    sandbox.write(
        "zones/x.yaml",
        """\
        domain: example.com
        stage: parked
        zone: {mode: zone, ns: [ns.example.net], mx: none}
        ---
        domain: apart.example.com
        stage: parked
        zone: {name: example.com}
        ---
        domain: own.example.com
        stage: parked
        """,
    )
    assert names(sandbox) == {
        "example.com.zone": ["example.com", "apart.example.com"],
        "own.example.com.inc": ["own.example.com"],
    }


def test_a_domain_in_somebody_elses_zone_gets_a_fragment_that_names_the_zone(sandbox):
    sandbox.write("zones/x.yaml", "domain: math.uni.edu\nstage: parked\nzone: {name: uni.edu}\n")
    assert "; $INCLUDE this file in zone uni.edu.\n" in build(sandbox, "math.uni.edu.inc")[0]


def test_files_come_sorted_by_name_whatever_the_order_of_declarations(sandbox):
    sandbox.write("zones/x.yaml", "domains: [zz.example, aa.example, mm.example]\nstage: parked\n")
    assert list(names(sandbox)) == ["aa.example.inc", "mm.example.inc", "zz.example.inc"]
