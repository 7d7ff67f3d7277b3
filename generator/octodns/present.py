"""`MailPresent`: nothing that the mail source added was dropped or replaced on the way."""

from __future__ import annotations

from collections.abc import Sequence
from logging import getLogger
from typing import Any

from octodns.processor.base import BaseProcessor, ProcessorException

from generator.octodns.source import MailSource


class MailPresentException(ProcessorException):  # type: ignore[misc]
    """A declared value is missing, or another record excludes it."""


class MailPresent(BaseProcessor):  # type: ignore[misc]
    r"""Checks that the values of a zone's `MailSource` (``overlay: false``) are all there.

    A later source that replaces record sets, a filter or another processor can take the SPF record
    out of a zone without an error.  Has to be the last of a zone's processors.

    Configuration::

        mail-present:
          class: generator.octodns.MailPresent
    """

    def __init__(self, id: str) -> None:
        self.log = getLogger(f"MailPresent[{id}]")
        self.log.debug("__init__: id=%s", id)
        super().__init__(id)
        self._sources: dict[str, MailSource] = {}

    def process_source_zone(
        self, desired: Any, sources: Sequence[Any], lenient: bool = False
    ) -> Any:
        """Check what the sources came to.  Raises MailPresentException."""
        found = [source for source in sources if isinstance(source, MailSource)]
        if not sources:
            self.log.info("process_source_zone: %s is an alias, unchecked", desired.name)
            return desired
        if len(found) != 1 or found[0].overlay:
            raise MailPresentException(
                f"{desired.name}: {self.id} needs one MailSource with `overlay: false` among the "
                "zone's sources"
            )
        self._sources[desired.name] = found[0]
        self._check(desired)
        return desired

    def process_source_and_target_zones(
        self, desired: Any, existing: Any, target: Any, lenient: bool = False
    ) -> tuple[Any, Any]:
        """Check what the target's processors came to.  Raises MailPresentException."""
        self._check(desired)
        return desired, existing

    def _check(self, desired: Any) -> None:
        from generator.octodns.overlay import shown
        from generator.octodns.view import published
        from generator.rivals import rival

        source = self._sources.get(desired.name)
        if source is None:
            return
        values = [value for member in source.members(desired.name) for value in member.values]
        ours = {(value.name, value.type, value.text) for value in values}
        found = published(desired, {value.name for value in values})
        for value in values:
            here = found.sets.get((value.name, value.type))
            if here is None or value.text not in here.texts:
                raise MailPresentException(
                    f"{desired.name}: {value.type} at {value.name} was dropped or replaced after "
                    f"{source.id} added it: {shown(value.text)}"
                )
            for type, there in found.at(value.name):
                for text in there.texts:
                    if (value.name, type, text) not in ours and rival(value, type, text):
                        raise MailPresentException(
                            f"{desired.name}: {type} at {value.name} cannot stand beside the "
                            f"declared {value.type}: {shown(text)}"
                        )
