"""mailzone services, and stages."""

from __future__ import annotations

import json
import re

import jsonschema
import jsonschema_rs
import pytest

from generator.catalogue import load
from generator.catalogue.shape import FILTERS
from generator.cli.services.facts import CATEGORIES
from generator.cli.services.listing import WIDTH, fitted
from generator.cli.services.page import FILTER_WORDS
from generator.ladder import STAGES
from tests.support import ROOT, call

CATALOGUE = load()
IDS = sorted(CATALOGUE)
KEY = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA24oGH0JRpB82cyU1HY26/5/c8g8Qp51jDA0wspMkJjjMkPzo0ovoogf8vBJ8"
    "eBynF6Neh9vAuxITwyNcXYwOIFw6gCNhuSYCDWPCqM/6E9gXJdWVrUPHrG6/IGtqKDWoF+EhiIYfhoRAqvHbICv3HWTCiS/pfESFb9WQ"
    "lqR2yrZcgS32Qmzs6+tcogF26gjBHG2c3dhpBaFTwjSf2F7zPTp1+mYIeO5Nq/HEFk9mgeSgelJXS1F/PoID8Fd+nizdPm87RNcBJOQ7"
    "DlY+YzrPiTabuNBq9vELdeA8nGSsuLCwP68s2AKyAsWwzokMFSCU2VtYk9xvBT9KtebGmLAv+QIDAQAB"
)


SCHEMA = json.loads((ROOT / "schemas/services.schema.json").read_text())


WHOLE = jsonschema_rs.validator_for(SCHEMA)
PARTS = {
    part: jsonschema_rs.validator_for({"$ref": f"#/$defs/{part}", "$defs": SCHEMA["$defs"]})
    for part in SCHEMA["$defs"]
}


def printed(part: str, *arguments: str, code: int = 0):
    """The JSON of a command, checked against a part of the schema and the whole."""
    done = call("services", *arguments, "--format", "json")
    assert done.exit_code == code, done.stderr
    data = json.loads(done.stdout)
    WHOLE.validate(data)
    for one in data if isinstance(data, list) else [data]:
        PARTS[part].validate(one)
    return data


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


# -- list ---------------------------------------------------------------------------------------------


# An id that is too long for its column has a line to itself.
ALONE = re.compile(r"[a-z0-9-]+(?: \?)?")


def joined(table: str) -> list[str]:
    """The rows of a table without its heading; what stands on two lines as one."""
    found: list[str] = []
    for line in table.split("\n\n", maxsplit=1)[0].splitlines()[1:]:
        if line.startswith(" "):
            found[-1] += "  " + line.strip()
        else:
            found.append(line)
    return found


def rows(*arguments: str) -> list[str]:
    return joined(call("services", *arguments).stdout)


def test_the_list_has_a_line_for_every_service():
    lines = call("services").stdout.splitlines()
    assert lines[0].split() == ["service", "category", "SPF", "DKIM", "name"]
    assert [line.split()[0] for line in rows()] == IDS
    assert call("services", "list").stdout.splitlines() == lines


def test_the_list_is_aligned_and_fits_80_columns():
    lines = call("services").stdout.split("\n\n")[0].splitlines()
    start = lines[0].index("name")
    assert max(map(len, lines)) <= 80
    whole = [line for line in lines if not ALONE.fullmatch(line)]
    assert all(line[start - 1] == " " and line[start] != " " for line in whole)
    assert len(whole) == len(IDS) + 1


def test_doubtful_facts_are_marked_and_explained():
    done = call("services").stdout
    for line in rows():
        provider = CATALOGUE.get(line.split()[0])
        doubtful = provider.confidence == "secondary" or bool(provider.disputed)
        assert (line.split()[1] == "?") is doubtful
    assert "\n\n? second-hand or disputed facts" in done
    sure = next(id for id in IDS if not printed("service", "show", id)["doubt"])
    assert "?" not in call("services", "list", sure).stdout


@pytest.mark.parametrize("columns", [None, "40", "120", "200"])
def test_columns_give_way_one_after_the_other(monkeypatch, columns):
    if columns:
        monkeypatch.setenv("COLUMNS", columns)
    width = max(WIDTH, int(columns or 0))
    short = [("id", "kind", "name"), ("a", "b", "c" * 300)]
    long = [("id", "kind", "name"), ("a" * 300, "b", "c" * 30), ("short", "b", "c" * 8)]
    assert len(fitted(short)[1]) == width
    assert fitted(short)[1].endswith("ccc...")
    cut = fitted(long)
    assert cut[1] == "a" * 300, "what is typed is never cut"
    assert max(map(len, (cut[0], *cut[2:]))) <= width
    assert cut[2].split() == ["b", "c" * 11 + "..."]
    assert cut[2].index("b") == cut[0].index("kind") == cut[3].index("b")
    assert fitted([("id", "name"), ("a", "b")]) == ["id  name", "a   b"]


def test_a_big_catalogue_keeps_to_the_page(sandbox):
    """200 services with long ids and names: aligned, no line too long."""
    entries = "".join(
        f"  {'service-' * (n % 4)}x{n}: {{name: {'Long name ' * (n % 5)}, category: transactional}}\n"
        for n in range(200)
    )
    sandbox.write("providers.d/own.yaml", "services:\n" + entries.replace("name: ,", "name: x,"))
    done = sandbox.run("services")
    assert len(joined(done.stdout)) == 200 + len(IDS)
    lines = done.stdout.split("\n\n")[0].splitlines()
    assert max(map(len, lines)) <= 80
    start = lines[0].index("category")
    whole = [line for line in lines if not ALONE.fullmatch(line)]
    assert all(line[start - 1] == " " and line[start] != " " for line in whole)


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_list_of_a_category(category):
    wanted = [id for id in IDS if CATALOGUE.get(id).category == category]
    done = call("services", "list", "--category", category)
    assert done.exit_code == (0 if wanted else 1)
    assert [
        row["id"] for row in printed("row", "list", "--category", category, code=done.exit_code)
    ] == wanted
    if not wanted:
        assert (
            done.stderr
            == f"mailzone: no service in category {category} has `` in its id, aliases or name\n"
        )


def test_categories_are_those_of_the_schema():
    schema = json.loads((ROOT / "schemas/catalogue.schema.json").read_text())
    assert list(CATEGORIES) == schema["$defs"]["service"]["properties"]["category"]["enum"]


def test_the_list_can_be_narrowed_by_a_text():
    assert [line.split()[0] for line in rows("list", "MAIL")] == [
        id for id in IDS
        if "mail" in f"{id} {CATALOGUE.get(id).name} {CATALOGUE.get(id).aliases}".lower()
    ]  # fmt: skip
    done = call("services", "list", "no-such-thing")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr == "mailzone: no service has `no-such-thing` in its id, aliases or name\n"


def test_the_list_as_JSON():
    found = printed("row", "list")
    assert [row["id"] for row in found] == IDS
    by_id = {row["id"]: row for row in found}
    assert by_id["valimail"]["spf"] is None
    assert by_id["mailgun"]["dkim"] == ["cname", "txt"]
    assert by_id["mailgun"]["receives"] is True
    assert by_id["mailchimp"]["receives"] is False
    assert by_id["mailgun"]["as_of"] == "2026-07"
    points = len(CATALOGUE.get("mailgun").disputed)
    assert by_id["mailgun"]["doubt"] == f"sources disagree on {points} points"
    assert not any(row["own"] for row in found)


# -- search -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "match"),
    [
        ("mailgun", "mailgun", "id mailgun"),
        ("MG", "mailgun", "alias mg"),
        ("o365", "microsoft-365", "alias o365"),
        ("Twilio Send", "sendgrid", "name Twilio SendGrid"),
        ("mail-12.mcdlv.net.", "mailchimp", "its hosts are below mcdlv.net"),
        ("gappssmtp.com", "google-workspace", "it signs as gappssmtp.com"),
        ("mailchimpapp.net", "mailchimp", "bounces go to mailchimpapp.net"),
        ("spf.protection.office365.us", "microsoft-365", "SPF include:spf.protection.office365.us"),
    ],
)
def test_search_finds_by_name_host_and_term(text, first, match):
    found = printed("row", "search", text)
    assert (found[0]["id"], found[0]["match"]) == (first, match)
    assert rows("search", text)[0].startswith(first)


def test_the_best_match_comes_first():
    """A name that begins so goes before one that only holds it."""
    found = printed("row", "search", "mail")
    starts = [any(n.startswith("mail") for n in (row["id"], *row["aliases"])) for row in found]
    assert starts == sorted(starts, reverse=True)
    assert {"mailgun", "proton-mail"} <= {row["id"] for row in found}


@pytest.mark.parametrize("text", ["no-such-thing", "", " ", "."])
def test_a_search_that_finds_nothing_says_so(text):
    done = call("services", "search", text)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("mailzone: nothing is known of `")
    assert printed("row", "search", text, code=1) == []


def test_a_search_suggests_the_nearest():
    assert "did you mean `sendgrid`?" in call("services", "search", "sendgird").stderr


# -- show ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", IDS)
def test_show_tells_what_is_known(id):
    provider = CATALOGUE.get(id)
    done = call("services", "show", id)
    assert done.exit_code == 0
    text = done.stdout
    assert text.startswith(f"{provider.name} ({provider.category})\n")
    for fact in (*provider.aliases, *provider.docs, *provider.evidence, *provider.warnings):
        assert fact in text
    for parameter in provider.parameters.values():
        begins = re.compile(rf"  {parameter.name}( \(|: )")
        line = next(line for line in text.splitlines() if begins.match(line))
        assert line.endswith(f": {parameter.help}")
        assert ("required" in line.split(":")[0]) is parameter.required
        assert ("default" in line.split(":")[0]) is (parameter.default is not None)
    assert ("compare with the vendor's console" in text.split("\n\n")[0]) is bool(
        provider.confidence == "secondary" or provider.disputed
    )
    if provider.sends and provider.spf.cost and provider.spf.terms:
        assert f"costs {provider.spf.cost.lookups} of 10 look-ups" in text
    if provider.dkim.find:
        assert provider.dkim.find in text
    own = [p.help for p in provider.parameters.values()]
    own += [*provider.warnings, *provider.evidence, *provider.disputed, provider.dkim.find]
    for fact in (*own, provider.name, provider.spf.cost.source if provider.spf.cost else ""):
        text = text.replace(fact, "") if fact else text
    assert not re.search(r"\bNone\b|<|\|| OR ", text), "no insides of the program"


@pytest.mark.parametrize("id", IDS)
def test_what_show_says_to_declare_is_a_sound_declaration(sandbox, id):
    text = call("services", "show", id).stdout
    snippet = text.split("Declare it\n")[1].split("\n\n")[0]
    # What only the vendor's console knows stands there as an obvious placeholder.
    snippet = snippet.replace("p=MIIB...", f"p={KEY}")
    if "host.vendor.example" in snippet:
        snippet = re.sub(r"dkim: .*", "dkim: pending", snippet)
    head = "domain: example.com\nstage: audit\n"
    if CATALOGUE.get(id).sends:
        body = head + "services:\n" + snippet + "\n"
    else:
        body = head + re.sub(r"(?m)^  ", "", snippet) + "\n"
    sandbox.write("zones/x.yaml", body.encode())
    project = sandbox.assemble()
    assert not project.errors, [f"{f.rule}: {f.message}" for f in project.errors]


@pytest.mark.parametrize("id", IDS)
def test_every_alias_shows_the_same(id):
    wanted = call("services", "show", id).stdout
    for alias in CATALOGUE.get(id).aliases:
        assert call("services", "show", alias).stdout == wanted


def test_an_unknown_service_suggests_the_nearest():
    done = call("services", "show", "mailgunn")
    assert done.exit_code == 1
    assert done.stderr == "mailzone: no service `mailgunn`; did you mean `mailgun`?\n"


@pytest.mark.parametrize("id", IDS)
def test_the_records_shown_are_those_that_the_compiler_makes(sandbox, id):
    data = printed("service", "show", id)
    assert data["example"], "every service makes some record"
    provider = CATALOGUE.get(id)
    snippet = re.sub(r"p=MIIB\.\.\.", f"p={KEY}", data["declaration"])
    head = "domain: example.com\nstage: audit\n" + ("services:\n" if provider.sends else "")
    sandbox.write("zones/x.yaml", (head + snippet + "\n").encode())
    (one,) = sandbox.assemble().compiled
    made = {(v.name, v.type) for v in one.values}
    least = {(row["name"], row["type"]) for row in data["example"] if not row["when"]}
    assert least <= made
    text = call("services", "show", id).stdout
    for row in data["example"]:
        assert f"{row['name']} {row['type']} {row['value'][:20]}" in text


def test_options_show_the_records_that_they_bring():
    text = call("services", "show", "amazon-ses").stdout
    example = text.split("Records for example.com\n")[1].split("\n\n")[0]
    assert example.splitlines()[3:] == [
        "  with return_path",
        "    bounce.example.com. TXT v=spf1 include:amazonses.com ~all",
        "    bounce.example.com. MX 10 feedback-smtp.eu-west-1.amazonses.com.",
        "  with receives: true",
        "    example.com. MX 10 inbound-smtp.eu-west-1.amazonaws.com.",
    ]


def test_a_key_that_only_the_vendor_knows_is_a_placeholder():
    data = printed("service", "show", "postmark")
    assert 'p=MIIB..."' in data["declaration"]
    (key,) = [row["value"] for row in data["example"] if row["type"] == "TXT"]
    assert key == "v=DKIM1; k=rsa; p=MIIB..."
    assert (
        f"selector._domainkey.example.com. TXT {key}\n"
        in call("services", "show", "postmark").stdout
    )


def test_an_entry_of_one_s_own_says_so(sandbox):
    sandbox.write(
        "providers.d/own.yaml",
        """
        services:
          ours: {name: Ours, category: saas, spf: {needed: from-domain, terms: ["a:x.example.com"]}}
          mailgun: {name: Another, category: saas, spf: {needed: from-domain, terms: ["a:y.example.com"]}}
        """,
    )
    assert (
        "an entry of yours: providers.d/own.yaml\n"
        in sandbox.run("services", "show", "ours").stdout
    )
    shown = sandbox.run("services", "show", "mg").stdout
    assert "an entry of yours: providers.d/own.yaml, in place of the shipped one" in shown
    assert "also called: mg, sinch-mailgun" in shown


def test_every_filter_of_a_shape_has_words():
    assert set(FILTER_WORDS) == set(FILTERS)


# -- check --------------------------------------------------------------------------------------------


def test_the_shipped_catalogue_has_no_error(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795219200")
    done = call("services", "check")
    assert done.exit_code == 0
    assert done.stdout.startswith(f"{len(IDS)} services: 0 errors\n")
    assert done.stderr == "", "the age of shipped facts is nothing that a project could mend"
    data = printed("review", "check")
    assert (data["services"], data["own"]) == (len(IDS), 0)
    assert {f["severity"] for f in data["findings"]} <= {"advice"}


def test_facts_grow_old(sandbox, monkeypatch):
    sandbox.write(
        "providers.d/own.yaml",
        """
        services:
          fresh: {name: A, category: saas, as_of: "2026-11"}
          stale: {name: B, category: saas, as_of: "2024-10-31"}
          limit: {name: C, category: saas, as_of: "2024-11"}
          silent: {name: D, category: saas}
        """,
    )
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795219200")
    done = sandbox.run("services", "check", "--format", "json")
    assert done.exit_code == 0
    found = {
        f["message"] for f in json.loads(done.stdout)["findings"] if f["file"].startswith("prov")
    }
    assert found == {
        "stale: its facts are of 2024-10, 25 months old",
        "silent: nothing says when its facts were seen to be so",
    }
    assert "advice[service-facts-doubtful]: stale" in sandbox.run("services", "check").stderr


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{name: X}", "the entry needs `category`"),
        ("{name: X, category: saas, spf: {terms: ['{oops']}}", "stray brace in shape `{oops`"),
        (
            "{name: X, category: saas, parameters: {a: {help: h, example: '0', pattern: '[a-z]'}}}",
            "the example of `a` does not match its own pattern",
        ),
        (
            "{name: X, category: saas, spf: {needed: from-domain, terms: ['include x']}}",
            "x: its example does not compile: x: `include x`",
        ),
        (
            "{name: X, category: saas, dkim: {styles: [cname],"
            " records: [{name: 'a b', type: CNAME, value: x.example}]}}",
            "x: its example does not compile: `a b._domainkey",
        ),
    ],
)
def test_check_finds_what_is_wrong_with_an_entry(sandbox, entry, message):
    sandbox.write("providers.d/own.yaml", f"services:\n  x: {entry}\n")
    done = sandbox.run("services", "check")
    assert done.exit_code == 1
    assert message[:30] in done.stderr
    assert done.stderr.endswith("mailzone: 1 error in the catalogue\n")
    found = json.loads(sandbox.run("services", "check", "--format", "json").stdout)["findings"]
    assert [f["file"] for f in found if f["severity"] == "error"] == ["providers.d/own.yaml"]


# -- stages -------------------------------------------------------------------------------------------


def test_stages_are_the_ladder():
    lines = call("stages").stdout.splitlines()
    rows = {line.split()[0]: line.split() for line in lines[1 : len(STAGES) + 1]}
    assert list(rows) == list(STAGES)
    for stage in STAGES.values():
        cells = [
            stage.name,
            f"{stage.all}all",
            stage.p,
            stage.sp,
            stage.np,
            "y" if stage.testing else "",
        ]
        cells += ["" if stage.days is None else str(stage.days), stage.back]
        assert rows[stage.name] == [cell for cell in cells if cell]
        assert any(line.split() == f"{stage.name} {stage.meaning}".split() for line in lines)
    assert max(map(len, lines)) <= 80 + 8


def test_columns_of_the_ladder_stand_under_their_headings():
    lines = call("stages").stdout.splitlines()
    column = {word: lines[0].index(word) for word in ("SPF", "np", "days", "back to")}
    quarantine = next(line for line in lines if line.startswith("quarantine "))
    assert quarantine[column["SPF"] :].startswith("~all")
    assert quarantine[column["np"] :].startswith("reject")
    assert quarantine[column["days"] :].startswith("28")
    assert quarantine[column["back to"] :] == "fence"
