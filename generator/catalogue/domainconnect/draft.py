"""An entry under construction, and how a template's text becomes a shape of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from generator.catalogue.domainconnect.parameters import Kind, Parameters
from generator.catalogue.domainconnect.template import Record
from generator.catalogue.domainconnect.variables import Text


@dataclass(slots=True)
class Draft:
    """What has been made of a template so far.

    ``check``: what was guessed.  ``left``: records that the entry does not hold, with the reason.
    """

    parameters: Parameters
    spf: dict[str, Any] = field(default_factory=dict)
    dkim: dict[str, Any] = field(default_factory=dict)
    other: list[dict[str, Any]] = field(default_factory=list)
    check: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    _names: dict[str, Record] = field(default_factory=dict)

    def leave(self, record: Record, reason: str) -> None:
        self.left.append(f"{record}: {reason}")

    def claim(self, record: Record) -> bool:
        """False, and the record is left out, if its name is another's alone (RFC 2181 10.1)."""
        first = self._names.setdefault(str(record.host), record)
        types = {first.type, record.type}
        if first is record or not types & {"CNAME", "NS"} or types == {"NS"}:
            return True
        hint = ""
        if first.group != record.group:
            hint = "; --group chooses between them"
        self.leave(record, f"record {first.number} has the name to itself{hint}")
        return False

    def shape(self, text: Text, kind: Kind, name: str = "") -> str:
        """The shape of a text.

        ``name`` is what its parameter should be called, if one parameter is all of a name, or the
        only one in a text.  A variable among other text is a part of a name.
        """
        whole = bool(text.alone) or (kind is Kind.TEXT and len(text.variables) == 1)

        def place(variable: str) -> str:
            if variable in ("domain", "fqdn"):
                return "{domain}"
            part = kind if text.alone or kind is Kind.TEXT else Kind.PART
            return f"{{{self.parameters.use(variable, part, name if whole else '')}}}"

        return text.filled(place)

    def below(self, text: Text) -> str:
        """The shape of a name that the service's bounces come to.

        A constant one is a parameter all the same: alignment is judged by `return_path`.
        """
        plain = text.constant
        if plain is not None and plain != "@":
            return f"{{{self.parameters.fixed('return_path', plain.lower())}}}"
        return self.shape(text, Kind.LABEL, "return_path")

    def host(self, text: Text, name: str = "") -> str:
        """The shape of a host that a record points to; `@` is the name itself."""
        if str(text) == "@":
            return "{domain}"
        made = self.shape(text, Kind.HOST, name).removesuffix(".")
        return made if text.variables else made.lower()
