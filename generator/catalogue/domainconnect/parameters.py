"""A template's variables to parameters of an entry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from generator.catalogue.check import RESERVED
from generator.catalogue.domainconnect.variables import words

_LABEL = "[A-Za-z0-9_-]+"  # what a name may be in detail is checked where records are made
_MAX_NAME = 60
_MAX_HELP = 200


class Kind(StrEnum):
    """What a parameter's value may be."""

    LABEL = "label"  # a name below the domain
    PART = "part"  # part of a name
    HOST = "host"
    TEXT = "text"
    TERMS = "terms"  # of SPF, one or more
    IPV4 = "ipv4"
    IPV6 = "ipv6"


PATTERNS = {
    Kind.LABEL: rf"{_LABEL}(\.{_LABEL})*",
    Kind.PART: rf"{_LABEL}(\.{_LABEL})*",
    Kind.HOST: rf"{_LABEL}(\.{_LABEL})+",
    Kind.TEXT: r"[!-~]([ -~]{0,1998}[!-~])?",
    Kind.TERMS: r"[+?~-]?[A-Za-z0-9]+([:/][!-~]{1,250})?",
    Kind.IPV4: r"\d{1,3}(\.\d{1,3}){3}(/\d{1,2})?",
    Kind.IPV6: r"[0-9A-Fa-f:.]{2,45}(/\d{1,3})?",
}


class Clash(Exception):
    """A variable stands for one thing here and for a list of others elsewhere."""

    def __init__(self, variable: str) -> None:
        super().__init__(f"%{variable}% stands for something else in another record")


@dataclass(slots=True)
class _Made:
    variables: list[str]
    kind: Kind
    list: bool
    default: str = ""  # what the template says, if it leaves no choice


class Parameters:
    """The parameters of an entry under construction; a variable has one name everywhere.

    ``labels`` stand in the template's own host names: an example of a name must be another one.
    """

    def __init__(self, descriptions: str, labels: frozenset[str]) -> None:
        self._descriptions = descriptions
        self._labels = labels
        self._made: dict[str, _Made] = {}
        self._names: dict[str, str] = {}

    def use(self, variable: str, kind: Kind, name: str = "", list: bool = False) -> str:
        """The parameter for a variable; ``name`` is what it should be called, if nothing else is.

        Raises Clash if its other places make a list of it, or this one would.
        """
        known = self._names.get(variable)
        if known is not None:
            made = self._made[known]
            if made.list != list:
                raise Clash(variable)
            if made.kind is not kind and kind is not Kind.TEXT:
                # The narrowest that fits all its places; a whole host is also a name below another.
                whole = Kind.HOST in (kind, made.kind)
                made.kind = Kind.HOST if whole else kind if made.kind is Kind.TEXT else Kind.PART
            return known
        if not name or name in self._made:
            name = self._free(_snake(variable))
        self._names[variable] = name
        self._made[name] = _Made([variable], kind, list)
        return name

    def fixed(self, name: str, value: str) -> str:
        """A parameter that the template leaves no choice in, with its value as the default."""
        made = _Made([], Kind.LABEL, False, value)
        if self._made.get(name) != made:
            name = self._free(name)
            self._made[name] = made
        return name

    def repeated(self, variables: list[str], name: str) -> str:
        """One list parameter for several variables that stand in records alike.

        Raises Clash if one of them is a parameter of its own already.
        """
        for variable in variables:
            if variable in self._names:
                raise Clash(variable)
        name = self._free(name)
        self._made[name] = _Made(variables, Kind.PART, True)
        self._names.update(dict.fromkeys(variables, name))
        return name

    def entry(self, used: frozenset[str]) -> dict[str, Any]:
        """The ``parameters`` of the entry, of those that its shapes name."""
        return {name: self._facts(name, m) for name, m in self._made.items() if name in used}

    def _free(self, name: str) -> str:
        wanted, number = name, 1
        while wanted in self._made:
            number += 1
            wanted = f"{name}_{number}"
        return wanted

    def _facts(self, name: str, made: _Made) -> dict[str, Any]:
        if made.default:
            help = "the name that the template gives; change it where the vendor lets you choose"
            facts: dict[str, Any] = {"help": help, "example": made.default}
        else:
            listed = ", ".join(f"%{variable}%" for variable in made.variables)
            said = f"{listed} of the template, as the vendor shows it"
            if len(made.variables) == 1:
                said = self._said(made.variables[0]) or said
            facts = {"help": said, "example": self._example(name, made)}
        if made.list:
            facts["list"] = True
        facts["pattern"] = PATTERNS[made.kind]
        if made.default:
            facts["default"] = made.default
        return facts

    def _example(self, name: str, made: _Made) -> str | list[str]:
        """A value that fits, differs from that of other parameters, and is nobody's."""
        label = name.replace("_", "-")
        label = f"your-{label}" if label in self._labels else label
        match made.kind:
            case Kind.HOST:
                text = f"{label}.vendor.example"
            case Kind.TERMS:
                text = "include:spf.vendor.example"
            case Kind.IPV4:
                text = "192.0.2.25"
            case Kind.IPV6:
                text = "2001:db8::25"
            case _:
                text = label
        if len(made.variables) > 1:
            return [f"{label.removesuffix('s')}-{n + 1}" for n in range(len(made.variables))]
        return [text] if made.list else text

    def _said(self, variable: str) -> str:
        """What the template says about a variable, which it does in any form that it likes."""
        text = self._descriptions
        begin = re.search(rf"(?<![\w%])%?{re.escape(variable)}%?\s*[:=]\s*", text)
        if begin is None:
            return ""
        rest = text[begin.end() :]
        end = re.search(r"[;,.]?\s+%?[\w-]+%?(\s+\([^)]*\))?\s*[:=]\s|;", rest)
        return rest[: end.start() if end else None].rstrip(" ,.;")[:_MAX_HELP].rstrip()


def _snake(variable: str) -> str:
    """A parameter's name for a variable; some are called alike in all entries."""
    shared = [word for word in words(variable) if word in ("region", "tenant")]
    if len(shared) == 1:
        return shared[0]
    name = re.sub(r"_([0-9])", r"\1", "_".join(words(variable)))[:_MAX_NAME].strip("_") or "value"
    if not name[0].isalpha():
        name = f"v{name}"
    return f"{name}_value" if name in RESERVED else name
