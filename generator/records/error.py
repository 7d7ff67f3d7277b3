"""The one exception that record parsers raise."""

from __future__ import annotations


class RecordError(ValueError):
    """A record's text is malformed.

    ``rule`` is the id in ``generator.rules``, ``message`` says what is wrong on one printable line,
    ``help`` what to write instead.  The fault lies at ``offset`` (in characters, counting from 0)
    and is ``length`` characters long; a length of 0 means that something is missing there.
    """

    def __init__(
        self, rule: str, message: str, offset: int = 0, help: str = "", length: int = 0
    ) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.offset = offset
        self.help = help
        self.length = length

    def __reduce__(self) -> tuple[type[RecordError], tuple[str, str, int, str, int]]:
        """Lets the error pass between processes, which would otherwise keep its message alone."""
        return RecordError, (self.rule, self.message, self.offset, self.help, self.length)

    def moved(self, by: int, rule: str = "") -> RecordError:
        """The same fault in a longer text, in which this one begins ``by`` characters later."""
        return RecordError(
            rule or self.rule, self.message, self.offset + by, self.help, self.length
        )


def shown(text: str, limit: int = 60) -> str:
    """The beginning of a text for use in a message, what cannot be printed as \\uXXXX."""
    head = text[:limit]
    if head.isprintable():
        return head
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in head)
