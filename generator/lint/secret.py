"""Private keys where nobody should have put them."""

from __future__ import annotations

import re

from generator.records.key import is_private

HELP = "replace the key pair: whoever reads this has it; DNS takes the public key"

_LONG_WORD = re.compile(r"[A-Za-z0-9+/=]{48,}", re.ASCII)


def holds_private_key(text: str) -> bool:
    """True if a private key is the text, in PEM or as bare base64, or a word of it."""
    return is_private(text) or any(is_private(word) for word in _LONG_WORD.findall(text))
