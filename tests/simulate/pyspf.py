"""pyspf as a judge: its answer for the same client in the same world."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from types import ModuleType
from typing import Any, NamedTuple
from unittest import mock

import pytest

from generator.simulate.client import Client
from generator.simulate.world import World

DEFAULT = "DEFAULT"


class Theirs(NamedTuple):
    result: str
    explanation: str
    problem: str


def need() -> ModuleType:
    """pyspf.  Tests without it are skipped, but where CI is set they fail."""
    return importlib.import_module("spf") if os.environ.get("CI") else pytest.importorskip("spf")


def check(world: World, client: Client) -> Theirs:
    """What pyspf finds, in its strict mode."""
    module = need()

    def look_up(name: str, type: str, *_: Any) -> Iterator[tuple[tuple[str, str], Any]]:
        answer = world.answer(name.lower(), type)
        if answer.status == "servfail":
            raise module.TempError("no answer")
        for text in answer.data:
            yield (name, type), data(type, text)

    with mock.patch.object(module, "DNSLookup", look_up):
        query = module.query(i=client.ip, s=client.sender, h=client.helo, strict=True)
        query.set_default_explanation(DEFAULT)
        query.t = str(client.time)
        result, _, explanation = query.check()
    return Theirs(result, explanation, str(getattr(query, "prob", "")))


def data(type: str, text: str) -> Any:
    """The data of a record as pyspf has it."""
    if type == "TXT":
        return (text.encode("latin-1"),)
    if type == "MX":
        preference, _, host = text.partition(" ")
        return int(preference), host.removesuffix(".")
    return text.removesuffix(".")
