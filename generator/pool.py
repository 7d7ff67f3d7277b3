"""Equal things kept as one object."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeVar

T = TypeVar("T", bound=Hashable)

_LIMIT = 4096  # things in a pool; what comes often has come by then


class Pool(dict[T, T]):
    """``pool[thing]`` is the first thing equal to it: the records of a portfolio are much alike.

    A full pool takes no more, and gives back what it is asked for.
    """

    __slots__ = ()

    def __missing__(self, thing: T) -> T:
        if len(self) < _LIMIT:
            self[thing] = thing
        return thing
