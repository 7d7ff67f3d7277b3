"""Loading the catalogue: the shipped one, its cache, and a project's own entries."""

from __future__ import annotations

import pytest

from generator.catalogue import load
from generator.catalogue.check import RESERVED, compile_source
from generator.catalogue.load import Catalogue
from generator.catalogue.model import DkimStyle, Purpose, SpfAlignment, SpfNeed
from generator.catalogue.packed import pack, unpack
from generator.declaration.services import KEYS
from generator.source import parse
from tests.support import ROOT

SHIPPED = (ROOT / "providers.yaml").read_bytes()


def faults(text: str) -> list[tuple[str, str, str]]:
    """(rule, message, line:column) of the faults of a catalogue file."""
    found, _ = compile_source(parse(text.encode(), "own.yaml"))
    return [(f.rule, f.message, f"{f.place.line}:{f.place.column}") for f in found]


def entry(body: str) -> str:
    """A catalogue file of one entry, its further keys at line 5."""
    return "services:\n  x:\n    name: X\n    category: saas\n" + "".join(
        f"    {line}\n" for line in body.strip("\n").split("\n")
    )


# -- the project's own entries ----------------------------------------------------------------------


def test_a_project_without_entries_has_the_shipped_catalogue(sandbox):
    found = load(sandbox.root)
    assert found.findings == []
    assert list(found) == list(load())


def test_a_project_adds_and_overrides_entries(sandbox):
    sandbox.write(
        "providers.d/own.yaml",
        """
        services:
          our-mail: {name: Ours, category: saas, aliases: [ours], spf: {terms: ["a:mail.example.com"]}}
          mailchimp: {name: Not that one, category: marketing}
        """,
    )
    found = load(sandbox.root)
    assert found.findings == []
    assert found.get("our-mail").name == "Ours"
    assert found.id_of("ours") == "our-mail"
    assert found.get("mailchimp").name == "Not that one"
    assert found.get("mailchimp").dkim.records == ()
    assert set(found) == {*load(), "our-mail"}


def test_files_are_read_in_the_order_of_their_names(sandbox):
    for name in ("b", "a"):
        text = f"services:\n  x: {{name: from {name}, category: saas}}\n"
        sandbox.write(f"providers.d/{name}.yaml", text)
    sandbox.write("providers.d/c.yml", "services:\n  x: {name: from c, category: saas}\n")
    assert load(sandbox.root).get("x").name == "from b"


def test_a_faulty_entry_is_found_and_left_out_alone(sandbox):
    sandbox.write(
        "providers.d/own.yaml",
        """
        services:
          good: {name: Good, category: saas}
          bad: {name: Bad, category: saas, spf: {terms: ["{oops"]}}
        """,
    )
    found = load(sandbox.root)
    assert [(f.rule, f.place.path) for f in found.findings] == [
        ("catalogue-entry", "providers.d/own.yaml")
    ]
    assert "good" in set(found)
    assert "bad" not in set(found)


def test_a_faulty_override_leaves_the_shipped_entry(sandbox):
    sandbox.write("providers.d/own.yaml", "services:\n  mailchimp: {name: X}\n")
    found = load(sandbox.root)
    assert [f.rule for f in found.findings] == ["missing-key"]
    assert found.get("mailchimp").name == "Mailchimp"


def test_a_broken_file_is_a_finding_and_the_others_are_read(sandbox):
    sandbox.write("providers.d/a.yaml", "services: [\n")
    sandbox.write("providers.d/b.yaml", b"\xff")
    (sandbox.root / "providers.d/c.yaml").mkdir()
    sandbox.write("providers.d/d.yaml", "services:\n  ours: {name: X, category: saas}\n")
    found = load(sandbox.root)
    assert [f.rule for f in found.findings] == ["yaml-syntax", "file-encoding", "file-unreadable"]
    assert "ours" in set(found)


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("[]", ("wrong-type", "the document must be a mapping, not a list", "1:1")),
        ("services: []", ("wrong-type", "`services` must be a mapping, not a list", "1:11")),
        ("services: {}\nservice: {}", ("unknown-key", "unknown key `service`", "2:1")),
        ("services:\n  x: {}\n", ("missing-key", "the entry needs `name`", "2:6")),
        ("services:\n  x: text\n", ("wrong-type", "the entry must be a mapping, not text", "2:6")),
        (
            "services:\n  X_y: {name: X, category: saas}\n",
            ("catalogue-entry", "id `X_y` is not lower-case words joined by hyphens", "2:8"),
        ),
        (entry("categry: x"), ("unknown-key", "unknown key `categry`", "5:5")),
        (entry("spf: {terms: x}"), ("wrong-type", "`spf.terms` must be a list, not text", "5:18")),
        (
            entry('spf:\n  terms: ["a:x.example", "include:{nope}.example"]'),
            ("catalogue-entry", "shape `include:{nope}.example` names unknown parameter nope", "6:30"),
        ),
        (
            entry("spf: {at: '{'}"),
            ("catalogue-entry", "stray brace in shape `{`", "5:15"),
        ),
        (
            entry("dkim:\n  records:\n    - {name: s, type: CNAME, value: '{domain|upper}'}"),
            (
                "catalogue-entry",
                "unknown filter `upper` in shape `{domain|upper}`; known are dashed, dashed-plain, doubled, underscored, undotted",
                "7:41",
            ),
        ),
        (
            entry("dkim: {target: '('}"),
            (
                "catalogue-entry",
                "the pattern is malformed: missing ), unterminated subpattern at position 0",
                "5:20",
            ),
        ),
        (
            entry("other: [{purpose: inbound-mx, name: '@', type: MX, value: mx.example}]"),
            ("catalogue-entry", "an MX record needs a priority", "5:13"),
        ),
        (
            entry("destination: {rua: 'mailto:{who}@x.example'}"),
            ("catalogue-entry", "shape `mailto:{who}@x.example` names unknown parameter who", "5:24"),
        ),
        (
            entry("parameters:\n  spf: {help: h, example: a, pattern: '.'}"),
            ("catalogue-entry", "parameter `spf` is a key of every service", "6:12"),
        ),
        (
            entry("parameters:\n  Site-Id: {help: h, example: a, pattern: '.'}"),
            ("catalogue-entry", "parameter `Site-Id` is no name: a-z, 0-9 and _", "6:16"),
        ),
        (entry("as_of: May 2026"), ("wrong-value", "`as_of`: must match ^20[0-9]{2}-[0-9]{2}(-[0-9]{2})?$", "5:12")),
        (
            entry("parameters:\n  t: {help: h, example: ABC, pattern: '[a-z]+'}"),
            ("catalogue-entry", "the example of `t` does not match its own pattern", "6:10"),
        ),
        (
            entry("parameters:\n  t: {help: h, example: [a, B], list: true, pattern: '[a-z]'}"),
            ("catalogue-entry", "the example of `t` does not match its own pattern", "6:10"),
        ),
        (
            entry("parameters:\n  t: {help: h, example: [a], list: true, default: [b, C], pattern: '[a-z]'}"),
            ("catalogue-entry", "a default of `t` does not match its own pattern", "6:10"),
        ),
        (
            entry("parameters:\n  t: {help: h, example: a, pattern: '.', default: '{other}'}"),
            ("catalogue-entry", "the default of `t` may use only domain and region", "6:10"),
        ),
        (
            entry("parameters:\n  t: {help: h, example: a, pattern: '('}"),
            (
                "catalogue-entry",
                "a pattern or default is malformed: missing ), unterminated subpattern at position 0",
                "6:7",
            ),
        ),
        (
            entry("parameters:\n  t: {help: h, example: a, pattern: 'a{99999999999999999999}'}"),
            (
                "catalogue-entry",
                "a pattern or default is malformed: the repetition number is too large",
                "6:7",
            ),
        ),
        (
            entry("parameters:\n  t: {help: h, example: a, pattern: '.', default: '{'}"),
            ("catalogue-entry", "a pattern or default is malformed: stray brace in shape `{`", "6:7"),
        ),
        (
            entry("parameters:\n  t: {example: a, pattern: '.'}"),
            ("missing-key", "`parameters.t` needs `help`", "6:10"),
        ),
        (
            entry("regions:\n  eu: {spf: {terms: ['{']}}"),
            ("catalogue-entry", "stray brace in shape `{`", "6:26"),
        ),
        (
            entry("regions:\n  eu: {dkim: {target: '('}}"),
            (
                "catalogue-entry",
                "the pattern is malformed: missing ), unterminated subpattern at position 0",
                "6:27",
            ),
        ),
        (
            entry("regions:\n  eu:\n    other: [{purpose: bounce-mx, name: a, type: MX, value: b}]"),
            ("catalogue-entry", "an MX record needs a priority", "7:17"),
        ),
        (
            entry("regions: {eu: {name: Y}}"),
            ("unknown-key", "unknown key `name`", "5:20"),
        ),
        (
            entry("regions: {eu: null}\ndefault_region: us"),
            ("catalogue-entry", "the entry has no region `us`", "6:21"),
        ),
        (
            entry("default_region: us"),
            ("catalogue-entry", "the entry has no region `us`", "5:21"),
        ),
    ],
)  # fmt: skip
def test_each_fault_of_an_entry_is_found_at_its_place(text, row):
    assert row in faults(text)
    assert {f[0] for f in faults(text)} == {row[0]}


def test_a_fault_is_told_once_however_many_regions_share_it():
    text = entry("spf: {terms: ['{']}\nregions: {eu: {}, us: {}, au: {spf: {at: b}}}")
    assert len(faults(text)) == 1


def test_a_region_may_be_empty():
    assert faults(entry("regions: {eu: null, us: {}}\ndefault_region: us")) == []


# -- regions and aliases ----------------------------------------------------------------------------


def catalogue(text: str) -> Catalogue:
    findings, services = compile_source(parse(text.encode(), "own.yaml"))
    assert not findings
    return Catalogue(unpack(pack(services)))


def test_a_region_overrides_mappings_by_key_and_replaces_lists():
    found = catalogue(
        entry(
            """
            spf: {needed: from-domain, terms: ["include:x.example"], aligned: always}
            dkim: {styles: [cname], selectors: [a, b]}
            other: [{purpose: tracking, name: t, type: CNAME, value: x.example}]
            regions:
              eu:
                spf: {terms: ["include:eu.x.example"]}
                other: []
              us: null
            """.replace("            ", "")
        )
    )
    plain, eu, us = (found.get("x", region) for region in ("", "eu", "us"))
    assert [t.text for t in plain.spf.terms] == ["include:x.example"]
    assert [t.text for t in eu.spf.terms] == ["include:eu.x.example"]
    assert eu.spf.needed is SpfNeed.FROM_DOMAIN
    assert eu.spf.aligned is SpfAlignment.ALWAYS
    assert eu.dkim == plain.dkim
    assert (len(plain.other), len(eu.other)) == (1, 0)
    assert us == plain
    assert found.get("x", "mars") == plain


def test_regions_make_a_parameter():
    """Required unless a default is named; its pattern is the list of regions."""
    found = catalogue(entry("regions: {eu: null, u.s: null}"))
    region = found.get("x").parameters["region"]
    assert region.required
    assert region.pattern.fullmatch("u.s")
    assert not region.pattern.fullmatch("uxs")
    assert not region.pattern.fullmatch("eux")
    found = catalogue(entry("regions: {eu: null, us: null}\ndefault_region: us"))
    region = found.get("x").parameters["region"]
    assert not region.required
    assert region.default.fill({}) == ["us"]


def test_an_entry_has_defaults_for_all_it_does_not_say():
    made = catalogue(entry("")).get("x")
    assert made.spf.needed is SpfNeed.NEVER
    assert made.spf.terms == ()
    assert made.spf.at.text == "@"
    assert made.dkim.styles == (DkimStyle.NONE,)
    assert not made.dkim.exists
    assert made.sends
    assert made.parameters == {}


def test_an_alias_leads_to_its_entry_and_an_id_goes_first():
    found = catalogue(
        "services:\n"
        "  a: {name: A, category: saas, aliases: [b, c]}\n"
        "  b: {name: B, category: saas, aliases: [c]}\n"
    )
    assert found.id_of("a") == "a"
    assert found.id_of("b") == "b"
    assert found.id_of("c") == "a"
    assert found.id_of("d") is None
    assert set(found.names()) == {"a", "b", "c"}
    with pytest.raises(KeyError):
        found.get("c")


# -- the project's names before the shipped ones ------------------------------------------------------


def own(sandbox, text: str) -> Catalogue:
    sandbox.write("providers.d/own.yaml", text)
    return load(sandbox.root)


def test_an_alias_of_the_project_takes_a_shipped_alias(sandbox):
    found = own(sandbox, "services: {ours: {name: Ours, category: saas, aliases: [mg]}}")
    assert found.findings == []
    assert found.id_of("mg") == "ours"
    assert found.id_of("mailgun") == "mailgun"
    assert found.get("ours").aliases == ("mg",)
    shipped = load().get("mailgun").aliases
    assert "mg" in shipped
    assert found.get("mailgun").aliases == tuple(a for a in shipped if a != "mg"), (
        "one name, one service"
    )


def test_an_id_of_the_project_takes_a_shipped_alias(sandbox):
    found = own(sandbox, "services: {mg: {name: Ours, category: saas}}")
    assert found.findings == []
    assert found.id_of("mg") == "mg"
    assert found.get("mg").name == "Ours"
    assert "mg" not in found.get("mailgun").aliases


def test_an_override_keeps_the_shipped_aliases(sandbox):
    """A declaration that says `use: mg` means the same service as before."""
    found = own(
        sandbox, "services: {mailgun: {name: Ours, category: saas, aliases: [our-mailgun]}}"
    )
    assert found.findings == []
    assert found.id_of("mg") == "mailgun"
    assert found.get("mailgun").name == "Ours"
    assert found.get("mailgun").aliases == ("our-mailgun", *load().get("mailgun").aliases)


def test_declarations_use_the_project_s_entry(sandbox):
    sandbox.write(
        "providers.d/own.yaml",
        """
        services:
          ours:
            name: Ours
            category: saas
            aliases: [mg]
            spf: {needed: from-domain, aligned: always, terms: ["a:mail.example.com"]}
        """,
    )
    sandbox.write("zones/x.yaml", "domain: example.com\nstage: audit\nservices: [mg]\n")
    assert ("example.com.", "TXT", "v=spf1 a:mail.example.com ?all") in sandbox.records()


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        (
            "services:\n"
            "  a: {name: A, category: saas, aliases: [c]}\n"
            "  b: {name: B, category: saas, aliases: [d, c]}\n",
            "alias `c` of b is claimed by a too",
            3,
        ),
        (
            "services:\n"
            "  a: {name: A, category: saas}\n"
            "  b: {name: B, category: saas, aliases: [a]}\n",
            "alias `a` of b is claimed by a too",
            3,
        ),
        (
            "services:\n  b: {name: B, category: saas, aliases: [mailgun]}\n",
            "alias `mailgun` of b is the id of a shipped service",
            2,
        ),
    ],
)
def test_a_name_that_two_would_have_is_told(sandbox, text, message, line):
    (found,) = own(sandbox, text).findings
    assert (found.rule, found.message, found.place.line) == ("catalogue-entry", message, line)


def test_an_alias_that_repeats_the_id_is_harmless(sandbox):
    found = own(sandbox, "services: {ours: {name: A, category: saas, aliases: [ours]}}")
    assert found.findings == []
    assert found.get("ours").aliases == ()


def test_a_cost_of_the_project_goes_before_the_shipped_one(sandbox):
    found = own(
        sandbox,
        """
        services:
          ours:
            name: Ours
            category: saas
            spf: {terms: ["include:mailgun.org"], cost: {lookups: 9, void: 0, as_of: "2026-11", source: dig}}
        """,
    )
    assert load().term_costs()["include:mailgun.org"] == 5
    assert found.term_costs()["include:mailgun.org"] == 9
    assert found.term_costs().keys() == load().term_costs().keys()


def test_the_reserved_names_are_the_keys_of_a_service():
    assert {*KEYS, "domain"} == RESERVED


def test_a_provider_is_made_once():
    found = load()
    assert found.get("mailgun", "eu") is found.get("mailgun", "eu")
    assert found.get("mailgun", "eu") is not found.get("mailgun")


def test_the_cost_of_a_single_term_is_known_by_the_term():
    found = catalogue(
        entry(
            "spf: {terms: ['include:x.example'], cost: {lookups: 3, void: 0, as_of: '2026', source: s}}\n"
            "regions:\n"
            "  eu: {spf: {terms: ['include:eu.example'], cost: {lookups: 2, void: 0, as_of: '2026', source: s}}}\n"
            "  us: {spf: {terms: ['include:us.example']}}"
        )
    )
    assert found.term_costs() == {"include:x.example": 3, "include:eu.example": 2}


def test_purposes_and_records_of_an_entry_are_typed():
    made = load().get("amazon-ses")
    assert made.has(Purpose.BOUNCE_MX)
    assert not made.has(Purpose.TRACKING)
    assert [o.record.priority for o in made.other] == [10, 10]


def test_a_folder_of_own_services_that_cannot_be_listed_is_a_finding(tmp_path, monkeypatch):
    (tmp_path / "providers.d").mkdir()

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "iterdir", refuse)
    found = load(tmp_path).findings
    assert [(f.rule, f.message) for f in found] == [
        ("file-unreadable", "providers.d cannot be read: Permission denied")
    ]
