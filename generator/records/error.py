"""The one exception that record parsers raise."""

from __future__ import annotations


class RecordError(ValueError):
    """A record's text is malformed.

    ``rule`` is the id in ``generator.rules``, ``offset`` the character at which the fault lies
    (counting from 0, at most the text's length), ``help`` what to write instead.
    """

    def __init__(self, rule: str, message: str, offset: int = 0, help: str = "") -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.offset = offset
        self.help = help
