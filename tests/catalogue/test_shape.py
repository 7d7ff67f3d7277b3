"""Record shapes: how they are cut and filled, and which are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.catalogue.shape import FILTERS, Shape, ShapeError, parse


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("", set()),
        ("@", set()),
        ("plain.example.com", set()),
        ("{tenant}", {"tenant"}),
        (
            "selector1-{domain|dashed-plain}._domainkey.{tenant}.onmicrosoft.example",
            {"domain", "tenant"},
        ),
        ("{a}{a}{b_2}", {"a", "b_2"}),
        ("include:%{ir}.%{v}.%{d}.spf.example", set()),
        ("exists:%{i}.{token}.example", {"token"}),
        ("%{d}{d}", {"d"}),
    ],
)
def test_a_shape_knows_its_parameters(text, parameters):
    shape = parse(text)
    assert shape.parameters == parameters
    assert shape.text == text


@pytest.mark.parametrize(
    ("text", "values", "filled"),
    [
        ("plain", {}, ["plain"]),
        ("", {}, [""]),
        ("{a}.x", {"a": "1"}, ["1.x"]),
        ("{a}-{b}-{a}", {"a": "1", "b": "2"}, ["1-2-1"]),
        ("{t}.x", {"t": ("a", "b", "c")}, ["a.x", "b.x", "c.x"]),
        ("{t}.{d}", {"t": ("a", "b"), "d": "z"}, ["a.z", "b.z"]),
        ("{t}.{u}", {"t": ("a", "b"), "u": ("1", "2")}, ["a.1", "b.2"]),
        ("{t}", {"t": ()}, []),
        ("{t}", {"t": ("a",)}, ["a"]),
        ("include:%{i}.{t}", {"t": "x"}, ["include:%{i}.x"]),
        ("%{i}", {"i": "never"}, ["%{i}"]),
        ("{a}", {"a": "{b}", "b": "never"}, ["{b}"]),
        ("{domain|dashed}", {"domain": "my-shop.co.uk"}, ["my-shop-co-uk"]),
        ("{domain|dashed-plain}", {"domain": "shop.co.uk"}, ["shop-co-uk"]),
        ("{domain|doubled}", {"domain": "my-shop.com"}, ["my--shop-com"]),
        ("_{domain|underscored}._d.x", {"domain": "my-shop.co.uk"}, ["_my-shop_co_uk._d.x"]),
        ("{domain|undotted}", {"domain": "my-shop.co.uk"}, ["my-shopcouk"]),
        ("{t|dashed}", {"t": ("a.b", "c.d")}, ["a-b", "c-d"]),
    ],
)
def test_a_filled_shape_is_one_text_or_one_per_element(text, values, filled):
    assert parse(text).fill(values) == filled


def test_every_filter_is_tested_above():
    assert set(FILTERS) == {"dashed", "dashed-plain", "doubled", "underscored", "undotted"}


def test_a_name_with_a_hyphen_cannot_be_derived_plainly():
    with pytest.raises(ShapeError, match=r"cannot be derived for my-shop\.com"):
        parse("{domain|dashed-plain}").fill({"domain": "my-shop.com"})


@pytest.mark.parametrize("lengths", [(1, 2), (0, 1), (3, 2)])
def test_lists_of_unequal_length_are_refused(lengths):
    values = {name: ("x",) * length for name, length in zip("ab", lengths, strict=True)}
    with pytest.raises(ShapeError, match="a and b must have equally many entries"):
        parse("{a}.{b}").fill(values)


def test_a_parameter_without_a_value_is_a_KeyError():
    with pytest.raises(KeyError, match="tenant"):
        parse("{tenant}").fill({"domain": "example.com"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "stray brace"),
        ("}", "stray brace"),
        ("{}", "stray brace"),
        ("a}b", "stray brace"),
        ("{tenant", "stray brace"),
        ("tenant}", "stray brace"),
        ("{{tenant}}", "stray brace"),
        ("{Tenant}", "stray brace"),
        ("{9}", "stray brace"),
        ("{a b}", "stray brace"),
        ("{a|}", "stray brace"),
        ("{a|dashed|dashed}", "stray brace"),
        ("%{i", "stray brace"),
        ("%{i}}", "stray brace"),
        ("{a|nope}", "unknown filter `nope`"),
    ],
)
def test_a_malformed_shape_is_refused(text, message):
    with pytest.raises(ShapeError, match=message):
        parse(text)


@given(st.one_of(st.text(), st.text("{}|%abi-dashed. ", max_size=30)))
def test_any_text_is_a_shape_or_a_ShapeError(text):
    """A shape's pieces are its text again, and no brace of a place is left in a literal."""
    try:
        shape = parse(text)
    except ShapeError:
        assert "{" in text or "}" in text
        return
    places = [
        p if isinstance(p, str) else "{" + "|".join(filter(None, p)) + "}" for p in shape.pieces
    ]
    assert "".join(places) == text
    filled = shape.fill(dict.fromkeys(shape.parameters, "v"))
    assert len(filled) == 1


@given(
    st.lists(st.one_of(st.text("abc.-", min_size=1, max_size=5), st.sampled_from(["{a}", "{b}", "%{i}"])), max_size=6),
    st.text(max_size=5),
    st.lists(st.text(max_size=5), max_size=4),
)  # fmt: skip
def test_filling_is_replacing(parts, one, many):
    text = "".join(parts)
    filled = parse(text).fill({"a": one, "b": tuple(many)})
    rows = many if "{b}" in parts else [None]
    expected = ["".join({"{a}": one, "{b}": row}.get(p, p) for p in parts) for row in rows]
    assert filled == expected


def test_a_shape_does_not_change_and_equals_its_like():
    shape = parse("{a}.x")
    assert shape == parse("{a}.x")
    assert shape != parse("{b}.x")
    assert shape != "{a}.x"
    assert len({shape, parse("{a}.x"), parse("{b}.x")}) == 2
    assert repr(shape) == "Shape('{a}.x')"
    for name in ("text", "pieces", "parameters", "another"):
        with pytest.raises(AttributeError):
            setattr(shape, name, "y")
    with pytest.raises(AttributeError):
        del shape.text
    assert isinstance(shape, Shape)
    assert shape.fill({"a": "1"}) == ["1.x"]
