"""Declarations: YAML files to `Domain`, with every fault found at its line."""

from generator.declaration.load import Loaded, load

__all__ = ["Loaded", "load"]
