"""The vendor lock: what every name outside answered, pinned in a file under review."""

from __future__ import annotations

from generator.lock.model import Entry, Held, Lock
from generator.lock.read import FILE, Loaded, load

__all__ = ["FILE", "Entry", "Held", "Loaded", "Lock", "load"]
