"""octoDNS: mail records pushed through it, without touching anybody else's.

The classes that an octoDNS configuration names::

    providers:
      mail:
        class: generator.octodns.MailSource
    processors:
      mail-overlay:
        class: generator.octodns.MailOverlay

They need ``mailzone[octodns]``.  Everything else of mailzone is imported when a zone is populated.
"""

from __future__ import annotations

from generator import __version__
from generator.octodns.present import MailPresent, MailPresentException
from generator.octodns.processor import MailOverlay, MailOverlayConflict, MailOverlayException
from generator.octodns.source import MailSource, MailSourceException

__VERSION__ = __version__  # what octoDNS's manager prints

__all__ = [
    "MailOverlay",
    "MailOverlayConflict",
    "MailOverlayException",
    "MailPresent",
    "MailPresentException",
    "MailSource",
    "MailSourceException",
]
