"""The Organizational Domain by the public suffix list.

RFC 9989 finds it by a walk through DNS; offline, and for receivers of the RFC 7489 generation, the
list decides.  It is imported only for names of three labels and more: shorter ones are their own
Organizational Domain.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any


@cache
def _list() -> Any:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


def organizational_domain(name: str) -> str:
    """The Organizational Domain of a name in A-labels without a final dot.

    A name that is a public suffix itself is returned unchanged.
    """
    return name if name.count(".") < 2 else _private(name)


@lru_cache(maxsize=4096)
def _private(name: str) -> str:
    private: str | None = _list().privatesuffix(name)
    return private or name


def is_public_suffix(name: str) -> bool:
    """True for names under which strangers register domains, such as co.uk."""
    return bool(_list().is_public(name))


def looks_whole(name: str) -> bool:
    """True for a name of two labels or more that ends in a known public suffix, as vendor.net."""
    suffix: str | None = _list().publicsuffix(name, accept_unknown=False)
    return suffix is not None and suffix != name
