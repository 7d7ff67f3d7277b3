"""Whether a DKIM key can be found, as a verifier looks for it (RFC 6376 3.6.2.2, 6.1.2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from generator.records import dkim
from generator.records.error import RecordError
from generator.simulate.world import World


class KeyState(StrEnum):
    """What a selector holds."""

    PRESENT = "present"
    REVOKED = "revoked"
    FAULTY = "faulty"
    ABSENT = "absent"
    UNKNOWN = "unknown"  # no answer


@dataclass(frozen=True, slots=True)
class KeyFound:
    """What stands at ``name``; ``problem`` says why the key is of no use."""

    name: str
    state: KeyState
    problem: str = ""
    testing: bool = False  # t=y: RFC 6376 3.6.1

    @property
    def usable(self) -> bool:
        return self.state is KeyState.PRESENT


def key_name(selector: str, domain: str) -> str:
    """Where the key of a selector stands (RFC 6376 3.6.2.1)."""
    return f"{selector}._domainkey.{domain}".lower()


def find_key(world: World, selector: str, domain: str) -> KeyFound:
    """The key of a selector, as TXT or behind an alias.

    Of several records the first that is a key counts: a verifier may pick any.
    """
    name = key_name(selector, domain)
    answer = world.answer(name, "TXT")
    if answer.status == "servfail":
        return KeyFound(name, KeyState.UNKNOWN, "no answer")
    if not answer.data:
        return KeyFound(name, KeyState.ABSENT, "no record")
    problem = ""
    for text in answer.data:
        try:
            record, key = dkim.check(text)
        except RecordError as error:
            problem = problem or error.message
            continue
        if key is None:
            return KeyFound(name, KeyState.REVOKED, "the key has been withdrawn")
        if key.type == "rsa" and key.bits < dkim.RSA_MIN:
            problem = f"{key.bits} bits; receivers take {dkim.RSA_MIN} and more"
            continue
        if not {"*", "email"} & set(record.services):
            problem = f"s={':'.join(record.services)}: not for mail"
            continue
        return KeyFound(name, KeyState.PRESENT, testing="y" in record.flags)
    return KeyFound(name, KeyState.FAULTY, problem)
