"""Facts about services do not change, and are equal when they say the same."""

from __future__ import annotations

import pytest

from generator.catalogue import load


def test_providers_of_one_entry_are_equal():
    assert load().get("amazon-ses") == load().get("amazon-ses")
    assert load().get("mailgun") != load().get("mailgun", "eu")
    assert load().get("mailgun") != load().get("sendgrid")


def test_what_follows_from_the_facts_has_no_part_in_equality():
    one, other = load().get("mailgun"), load().get("mailgun")
    one.plans["x"] = 1
    one.sound.add("x")
    assert one == other
    assert not other.plans
    assert not other.sound
    assert one.plans == {"x": 1}


@pytest.mark.parametrize("field", ["id", "name", "aliases", "spf", "dkim", "other", "parameters"])
def test_a_fact_cannot_be_set(field):
    provider = load().get("sendgrid")
    with pytest.raises(AttributeError):
        setattr(provider, field, None)


def test_inner_facts_cannot_be_set_either():
    provider = load().get("sendgrid")
    for facts, field in (
        (provider.spf, "terms"),
        (provider.spf.cost, "lookups"),
        (provider.dkim, "records"),
        (provider.dkim.records[0], "value"),
        (provider.other[0], "purpose"),
        (provider.parameters["return_path"], "pattern"),
    ):
        with pytest.raises(AttributeError):
            setattr(facts, field, None)


def test_defaults_are_known_by_name():
    catalogue = load()
    for id in catalogue:
        provider = catalogue.get(id)
        named = {name for name, p in provider.parameters.items() if p.default is not None}
        assert provider.defaulted == named
    assert load().get("microsoft-365").defaulted >= {"mx_host", "region"}
    assert load().get("mailchimp").defaulted == frozenset()
