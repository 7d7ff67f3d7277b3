"""Defaults under declarations: mappings merge, lists replace, places stay right."""

from __future__ import annotations

import pytest

from generator.declaration.merge import Layer, Merged, merge
from generator.source import parse


def _merged(*texts: str) -> Merged:
    layers = []
    for number, text in enumerate(texts):
        source = parse(text.encode(), f"{number}.yaml")
        layers.append(Layer(source, (0,), source.documents[0]))
    return merge(layers)


def _place(merged: Merged, *path: str | int, key: bool = False) -> tuple[str, int, int]:
    place = merged.at(*path, key=key).place()
    return place.path, place.line, place.column


def test_mappings_merge_and_lists_and_scalars_replace() -> None:
    merged = _merged(
        "ttl: 1\ndmarc: {sp: none, reports: [a, b]}\nspf: {also: [mx]}\n",
        "ttl: 2\ndmarc: {np: none, reports: [c]}\n",
    )
    assert merged.data == {
        "ttl": 2,
        "dmarc": {"sp": "none", "np": "none", "reports": ["c"]},
        "spf": {"also": ["mx"]},
    }


def test_every_value_keeps_the_place_where_it_was_written() -> None:
    merged = _merged(
        "ttl: 1\ndmarc: {sp: none, reports: [a, b]}\nspf:\n  also: [mx]\n",
        "stage: audit\n\ndmarc: {np: none, reports: [c]}\n",
    )
    assert _place(merged, "ttl") == ("0.yaml", 1, 6)
    assert _place(merged, "dmarc", "sp") == ("0.yaml", 2, 13)
    assert _place(merged, "dmarc", "np") == ("1.yaml", 3, 13)
    assert _place(merged, "dmarc", "reports", 0) == ("1.yaml", 3, 29)
    assert _place(merged, "spf", "also", 0) == ("0.yaml", 4, 10)
    assert _place(merged, "spf", "also", key=True) == ("0.yaml", 4, 3)


def test_the_layers_themselves_stay_as_they_were() -> None:
    sources = [parse(text, "x") for text in (b"dmarc: {sp: none}\n", b"dmarc: {np: none}\n")]
    merge([Layer(source, (0,), source.documents[0]) for source in sources])
    assert [source.documents[0] for source in sources] == [
        {"dmarc": {"sp": "none"}},
        {"dmarc": {"np": "none"}},
    ]


@pytest.mark.parametrize(
    ("below", "above", "services"),
    [
        ("[a]", "[b]", ["a", "b"]),
        ("[a]", "[a]", ["a"]),
        ("[a]", "[{use: a, x: 1}]", [{"use": "a", "x": 1}]),
        ("[{use: a, x: 1}]", "[a]", [{"use": "a", "x": 1}]),
        ("[{use: a, at: m}]", "[a]", [{"use": "a", "at": "m"}, "a"]),
        ("[a]", "[{use: a, at: '@', x: 1}]", [{"use": "a", "at": "@", "x": 1}]),
        (
            "[{use: a, at: m, x: 1, dkim: {s1: k1}}]",
            "[{use: a, at: m, x: 2, dkim: {s2: k2}}]",
            [{"use": "a", "at": "m", "x": 2, "dkim": {"s1": "k1", "s2": "k2"}}],
        ),
        (
            "[{use: a, at: [m, n]}]",
            "[{use: a, at: [m, n], x: 1}, {use: a, at: m}]",
            [{"use": "a", "at": ["m", "n"], "x": 1}, {"use": "a", "at": "m"}],
        ),
        (
            "[{use: a, dkim: pending}]",
            "[{use: a, dkim: {s: k}}]",
            [{"use": "a", "dkim": {"s": "k"}}],
        ),
    ],
)
def test_more_services_are_added_or_merged_by_use_and_at(
    below: str, above: str, services: list[object]
) -> None:
    merged = _merged(f"services: {below}\n", f"+services: {above}\n")
    assert merged.data == {"services": services}


def test_more_services_need_none_below_and_add_up_over_layers() -> None:
    assert _merged("+services: [a]\n", "+services: [b]\n").data == {"services": ["a", "b"]}
    assert _merged("services: [a]\n", "services: [c]\n+services: [b]\n").data == {
        "services": ["c", "b"]
    }


def test_a_merged_service_points_into_both_files() -> None:
    merged = _merged(
        "services:\n  - use: a\n    x: 1\n",
        "+services:\n  - {use: a, y: 2}\n  - b\n",
    )
    assert _place(merged, "services", 0, "x") == ("0.yaml", 3, 8)
    assert _place(merged, "services", 0, "y") == ("1.yaml", 2, 17)
    assert _place(merged, "services", 1) == ("1.yaml", 3, 5)


def test_an_inner_mapping_keeps_its_places() -> None:
    merged = _merged(
        "subdomains: {news: {ttl: 1}}\n", "subdomains:\n  news: {stage: audit}\n  shop:\n"
    )
    inner = merged.inner(merged.data["subdomains"]["news"], "subdomains", "news")
    assert _place(inner, "ttl") == ("0.yaml", 1, 26)
    assert _place(inner, "stage") == ("1.yaml", 2, 17)
