"""Vectors of record parsers, and what holds of every parser: one error type, with its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from generator.records.error import RecordError
from generator.rules import RULES
from tests.support import ROOT

Parser = Callable[[str], Any]


def load(name: str) -> list[dict[str, Any]]:
    """The vectors of a data file."""
    return yaml.safe_load((ROOT / "tests" / "data" / f"{name}.yaml").read_text(encoding="utf-8"))


def check_refused(parse: Parser, vector: dict[str, Any], key: str = "text") -> None:
    """The text is refused by the rule, at the offset and over the length that the vector names."""
    with pytest.raises(RecordError) as caught:
        parse(vector[key])
    error = caught.value
    found = {"rule": error.rule, "offset": error.offset, "length": error.length}
    assert found == {name: vector[name] for name in found}
    check_error(error, vector[key])


def check_error(error: RecordError, text: str) -> None:
    """What holds of every error: a rule of ours, a place inside the text, one printable line."""
    assert error.rule in RULES
    assert 0 <= error.offset <= error.offset + error.length <= len(text)
    assert error.message
    assert error.message.isprintable()
    assert error.help == "" or error.help.isprintable()


def check_any(parse: Parser, text: str) -> Any:
    """The text is a record whose canonical text is stable, or it is refused; None if refused."""
    try:
        record = parse(text)
    except RecordError as error:
        check_error(error, text)
        return None
    assert parse(str(record)) == record
    assert str(parse(str(record))) == str(record)
    return record
