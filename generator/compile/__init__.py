"""`Domain` to owned values: pure, one domain at a time; `join.py` does what crosses domains."""

from generator.compile.domain import compile_domain

__all__ = ["compile_domain"]
