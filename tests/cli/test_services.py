"""mailzone services, and stages."""

from __future__ import annotations

import re

import pytest

from generator.catalogue import load
from generator.catalogue.shape import FILTERS
from generator.cli.services import _FILTER_WORDS
from generator.ladder import STAGES
from tests.support import call

CATALOGUE = load()
IDS = sorted(CATALOGUE)
KEY = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA24oGH0JRpB82cyU1HY26/5/c8g8Qp51jDA0wspMkJjjMkPzo0ovoogf8vBJ8"
    "eBynF6Neh9vAuxITwyNcXYwOIFw6gCNhuSYCDWPCqM/6E9gXJdWVrUPHrG6/IGtqKDWoF+EhiIYfhoRAqvHbICv3HWTCiS/pfESFb9WQ"
    "lqR2yrZcgS32Qmzs6+tcogF26gjBHG2c3dhpBaFTwjSf2F7zPTp1+mYIeO5Nq/HEFk9mgeSgelJXS1F/PoID8Fd+nizdPm87RNcBJOQ7"
    "DlY+YzrPiTabuNBq9vELdeA8nGSsuLCwP68s2AKyAsWwzokMFSCU2VtYk9xvBT9KtebGmLAv+QIDAQAB"
)


def test_the_list_has_a_line_for_every_service():
    lines = call("services").stdout.splitlines()
    assert lines[0].split() == ["service", "category", "SPF", "DKIM", "name"]
    assert [line.split()[0] for line in lines[1:]] == IDS
    for line in lines[1:]:
        assert line.endswith(CATALOGUE.get(line.split()[0]).name)
    assert call("services", "list").stdout.splitlines() == lines


def test_the_list_is_aligned_and_fits_100_columns():
    lines = call("services").stdout.splitlines()
    start = lines[0].index("name")
    assert all(line[start - 1] == " " and line[start] != " " for line in lines)
    assert max(map(len, lines)) <= 100


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
        assert (
            f"{parameter.name}{' (required)' if parameter.required else ''}: {parameter.help}"
            in text
        )
    if provider.sends and provider.spf.cost and provider.spf.terms:
        assert f"costs {provider.spf.cost.lookups} of 10 look-ups" in text
    if provider.dkim.find:
        assert provider.dkim.find in text
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


def test_an_mx_is_shown_with_its_preference():
    assert (
        "inbound-mx: @ MX 1 smtp.google.com" in call("services", "show", "google-workspace").stdout
    )


def test_every_filter_of_a_shape_has_words():
    assert set(_FILTER_WORDS) == set(FILTERS)


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
