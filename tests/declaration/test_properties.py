"""What holds for every declaration, sound or not."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from generator.project import Project as Assembled
from generator.records import dkim, dmarc, mx, spf
from generator.rules import RULES
from generator.values import Kind
from tests import strategies
from tests.strategies import Project, anything, damaged, dump, projects
from tests.support import Sandbox

# Found in sound declarations, too: they follow from what several sound parts add up to.
PROVOKED = {
    "spf-lookup-limit",  # forced terms and `also` together
    "name-twice",  # a subdomain of one document is the domain of another
}

checked = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _assemble(folder: Path, texts: dict[str, str]) -> Assembled:
    """The project of these files, in a folder of its own."""
    sandbox = Sandbox(Path(mkdtemp(dir=folder)))
    (sandbox.root / "zones").mkdir()
    for name, text in texts.items():
        sandbox.write(name, text.encode())
    return sandbox.assemble()


def _findings(project: Assembled) -> list[tuple[str, int, str]]:
    return sorted((f.rule, int(f.severity), f.message) for f in project.findings)


def _values(project: Assembled) -> list[tuple[Any, ...]]:
    return sorted(
        (one.domain.name, v.name, v.type, v.ttl, v.text, int(v.kind))
        for one in project.compiled
        for v in one.values
    )


@checked
@given(projects())
def test_a_sound_project_compiles_without_errors_to_records_that_read_back(
    tmp_path: Path, project: Project
) -> None:
    found = _assemble(tmp_path, project.texts())
    errors = [f"{f.place}: {f.rule}: {f.message}" for f in found.errors if f.rule not in PROVOKED]
    assert errors == []
    assert found.compiled
    for one in found.compiled:
        for value in one.values:
            assert value.name.endswith(f"{one.domain.name}.")
            assert value.name == value.name.lower()
            if value.kind is Kind.SPF:
                assert str(spf.parse(value.text)) == value.text
                assert spf.parse(value.text).all is not None
            elif value.kind is Kind.DMARC:
                assert str(dmarc.parse(value.text)) == value.text
            elif value.kind is Kind.DKIM and value.type == "TXT":
                assert str(dkim.parse(value.text)) == value.text
            elif value.type == "MX":
                assert str(mx.parse(value.text)) == value.text


@checked
@given(projects() | damaged())
def test_the_same_files_give_the_same_in_the_same_order(tmp_path: Path, project: Project) -> None:
    first, second = (_assemble(tmp_path, project.texts()) for _ in range(2))
    assert _exact(first) == _exact(second)
    assert [(*f.order, f.help) for f in first.findings] == [
        (*f.order, f.help) for f in second.findings
    ]


def _exact(project: Assembled) -> str:
    return json.dumps(
        [
            [v.name, v.type, v.ttl, v.text, v.kind, [r.what for r in v.because]]
            for one in project.compiled
            for v in one.values
        ]
    )


@checked
@given(projects() | damaged())
def test_the_order_of_keys_does_not_matter(tmp_path: Path, project: Project) -> None:
    written = _assemble(tmp_path, project.texts())
    sorted_ = _assemble(tmp_path, project.texts(sort_keys=True))
    # Messages may quote a mapping as it was written.
    assert [f[:2] for f in _findings(written)] == [f[:2] for f in _findings(sorted_)]
    assert _values(written) == _values(sorted_)


@checked
@given(projects())
def test_the_order_of_files_does_not_matter(tmp_path: Path, project: Project) -> None:
    turned = {
        f"zones/{'zyxwv'[number]}.yaml" if "_" not in name else name: text
        for number, (name, text) in enumerate(sorted(project.texts().items()))
    }
    first, second = _assemble(tmp_path, project.texts()), _assemble(tmp_path, turned)
    assume("name-twice" not in {f.rule for f in first.findings})  # says which came first
    assert _findings(first) == _findings(second)
    assert _values(first) == _values(second)


@checked
@given(st.lists(anything(), min_size=1, max_size=3))
def test_any_data_is_answered_with_findings(tmp_path: Path, documents: list[Any]) -> None:
    project = _assemble(tmp_path, {"zones/a.yaml": dump(documents)})
    _are_sound(project)


@checked
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "stage",
                "services",
                "dmarc",
                "spf",
                "records",
                "zone",
                "helo",
                "subdomains",
                "waive",
                "since",
                "ttl",
            ]
        ),
        anything(),
    )
)
def test_any_data_beside_a_domain_is_answered_with_findings(
    tmp_path: Path, body: dict[str, Any]
) -> None:
    text = dump([{"domain": "example.com", "stage": "monitor", **body}])
    _are_sound(_assemble(tmp_path, {"zones/a.yaml": text}))


@settings(checked, max_examples=50)
@given(damaged())
def test_a_damaged_project_is_answered_with_findings(tmp_path: Path, project: Project) -> None:
    _are_sound(_assemble(tmp_path, project.texts()))


@checked
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "ignore")))
def test_any_file_is_answered_with_findings(tmp_path: Path, raw: bytes) -> None:
    sandbox = Sandbox(tmp_path)
    sandbox.write("zones/a.yaml", raw)
    _are_sound(sandbox.assemble())


def _are_sound(project: Assembled) -> None:
    """Findings can be shown: a known rule, one printable line, a place inside the project."""
    for found in project.findings:
        assert found.rule in RULES
        assert found.message
        assert "\n" not in found.message
        assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in found.message)
        assert not any(ord(c) < 32 and c != "\n" for c in found.help)
        place = found.place
        assert place is not None
        assert place.path.startswith(("zones/", "providers.d/"))
        assert found.order == found.order
    for one in project.compiled:
        for value in one.values:
            assert value.text.isascii()
            assert "\n" not in value.text


def test_the_strategy_knows_every_service_that_signs() -> None:
    known = strategies.catalogue()
    for id in known:
        provider = known.get(id)
        if provider.sends and {"cname", "txt"} & set(provider.dkim.styles):
            assert strategies.pasted(provider)
