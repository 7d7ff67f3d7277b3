"""What DMARC makes of a message, at receivers of both generations.

RFC 9989 finds the policy and the Organizational Domain by a walk up the DNS tree, knows np and t and
ignores pct.  RFC 7489 finds the Organizational Domain by the public suffix list, knows neither np
nor t, and applies the policy to pct of a hundred messages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from generator.records import dmarc
from generator.records.error import RecordError
from generator.simulate.world import World
from generator.suffixes import organizational_domain as by_suffix_list

MOST_LABELS = 8  # RFC 9989 4.10: names of so many labels and more are cut to seven

_TAG = re.compile(r"[ \t]*([A-Za-z]+)[ \t]*=[ \t]*([!-:<-~](?:[ -:<-~]*[!-:<-~])?)[ \t]*", re.ASCII)


class Generation(StrEnum):
    """The standard that a receiver follows."""

    NEW = "RFC 9989"
    OLD = "RFC 7489"


class Outcome(StrEnum):
    """The result of DMARC; ``none`` where no policy applies."""

    PASS = "pass"  # noqa: S105  a result, no password
    FAIL = "fail"
    NONE = "none"
    TEMPERROR = "temperror"


class Disposition(StrEnum):
    """What the policy asks the receiver to do."""

    DELIVER = "deliver"
    JUNK = "junk"
    REFUSE = "refuse"
    DEFER = "defer"  # nothing is decided; the sender may try again


_ASKED = dict(zip(dmarc.POLICIES, Disposition, strict=False))
_MILDER = {"reject": "quarantine", "quarantine": "none", "none": "none"}


class Mail(NamedTuple):
    """What is known of a message: the domain in From, and the identifiers that passed.

    ``spf`` is the domain for which SPF passed, empty if it did not; ``dkim`` are the domains of
    valid signatures.  ``open_spf`` and ``open_dkim`` are those that the DNS gave no answer about.
    Lower-case A-labels without a final dot.
    """

    author: str
    spf: str
    dkim: tuple[str, ...]
    open_spf: str = ""
    open_dkim: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of it.

    ``policy`` is the published one that applies, by ``tag`` (p, sp or np) of the record at
    ``policy_domain``; all three are empty where no policy applies.  ``disposition`` is what the
    receiver is asked to do with ``share`` per cent of such messages, ``otherwise`` with the rest.
    """

    generation: Generation
    outcome: Outcome
    spf_aligned: bool = False
    dkim_aligned: bool = False
    policy_domain: str = ""
    tag: str = ""
    policy: str = ""
    disposition: Disposition = Disposition.DELIVER
    share: int = 100
    otherwise: Disposition = Disposition.DELIVER


class _NoAnswer(Exception):
    """The DNS did not answer; another try may."""


class _Found(NamedTuple):
    """A DMARC record and the domain that publishes it."""

    domain: str
    tags: Mapping[str, str]


class _Policy(NamedTuple):
    domain: str
    tag: str
    value: str
    tags: Mapping[str, str]


def judge(world: World, mail: Mail, generation: Generation) -> Judgement:
    """The result of DMARC for a message at a receiver of a generation."""
    try:
        policy = _discover(world, mail.author, generation)
    except _NoAnswer:
        return Judgement(generation, Outcome.TEMPERROR, disposition=Disposition.DEFER)
    if policy is None:
        return Judgement(generation, Outcome.NONE)
    published = policy.domain, policy.tag, policy.value
    spf, dkim = _alignment(world, mail.author, mail.spf, mail.dkim, policy, generation)
    if spf or dkim:
        return Judgement(generation, Outcome.PASS, spf, dkim, *published)
    if any(_alignment(world, mail.author, mail.open_spf, mail.open_dkim, policy, generation)):
        undecided = Outcome.TEMPERROR
        return Judgement(generation, undecided, False, False, *published, Disposition.DEFER)
    asked, share, rest = _applied(policy, generation)
    return Judgement(
        generation, Outcome.FAIL, False, False, *published, _ASKED[asked], share, _ASKED[rest]
    )


def _alignment(
    world: World,
    author: str,
    spf: str,
    dkim: tuple[str, ...],
    policy: _Policy,
    generation: Generation,
) -> tuple[bool, bool]:
    """Whether the domain of SPF aligns, and one of those of DKIM."""
    modes = policy.tags.get("aspf"), policy.tags.get("adkim")
    return (
        bool(spf) and aligned(world, spf, author, modes[0], generation),
        any(aligned(world, signer, author, modes[1], generation) for signer in dkim),
    )


def _applied(policy: _Policy, generation: Generation) -> tuple[str, int, str]:
    """The policy that is acted on, for how many per cent, and the one for the rest."""
    value, tags = policy.value, policy.tags
    if generation is Generation.NEW:  # RFC 9989 4.7: t=y lowers p, sp and np by one level
        asked = _MILDER[value] if tags.get("t") == "y" else value
        return asked, 100, asked
    pct = tags.get("pct", "")
    share = int(pct) if pct.isdigit() and len(pct) <= 3 and int(pct) <= 100 else 100
    if share == 0:  # RFC 7489 6.6.4: what the sample leaves out gets the next milder policy
        return _MILDER[value], 100, _MILDER[value]
    return value, share, value if share == 100 else _MILDER[value]


# -- policy discovery -----------------------------------------------------------------------------


def _discover(world: World, author: str, generation: Generation) -> _Policy | None:
    """The policy for mail from a domain.  Raises _NoAnswer."""
    if generation is Generation.NEW:
        found, inherited = _by_walk(world, author)
    else:
        found, inherited = _by_list(world, author)
    if found is None:
        return None
    tags = found.tags
    usable = ("p", "sp", "np") if generation is Generation.NEW else ("p", "sp")
    if "p" not in tags or any(tags.get(tag, "none") not in dmarc.POLICIES for tag in usable):
        # RFC 9989 4.10.1, RFC 7489 6.6.3: then only reports are meant, if any.
        return _Policy(found.domain, "p", "none", tags) if _has_address(tags) else None
    tag = "p"
    if inherited:
        wanted = ["sp"]
        if "np" in tags and generation is Generation.NEW and not _exists(world, author):
            wanted = ["np"]
        tag = next((name for name in wanted if name in tags), "p")
    return _Policy(found.domain, tag, tags[tag], tags)


def _by_walk(world: World, author: str) -> tuple[_Found | None, bool]:
    """RFC 9989 4.10.1: of the author domain, its Organizational Domain, or the public suffix."""
    found = walk(world, author)
    if not found:
        return None, False
    if found[0].domain == author:
        return found[0], False
    domains = {one.domain: one for one in found}
    organizational = _organizational(found, author)
    if organizational in domains:
        return domains[organizational], True
    return (found[-1], True) if found[-1].tags.get("psd") == "y" else (None, False)


def _by_list(world: World, author: str) -> tuple[_Found | None, bool]:
    """RFC 7489 6.6.3: of the author domain, else of its Organizational Domain."""
    for domain in dict.fromkeys((author, by_suffix_list(author))):
        listed = _records(world, domain)
        if listed:
            found = _Found(domain, listed[0]) if len(listed) == 1 else None
            return found, domain != author
    return None, False


def walk(world: World, start: str) -> list[_Found]:
    """The tree walk (RFC 9989 4.10): the records from a name upwards.

    Eight questions at most.  Raises _NoAnswer if one gets no answer.
    """
    found: list[_Found] = []
    labels = start.split(".")
    while labels:
        domain = ".".join(labels)
        listed = _records(world, domain)
        if len(listed) == 1:
            found.append(_Found(domain, listed[0]))
            if listed[0].get("psd") in ("y", "n"):
                break
        labels = labels[1:] if len(labels) < MOST_LABELS else labels[1 - MOST_LABELS :]
    return found


def _organizational(found: list[_Found], start: str) -> str:
    """RFC 9989 4.10.2, from the records of a walk."""
    for domain, tags in found:
        psd = tags.get("psd")
        if psd == "n":
            return domain
        if psd == "y" and domain != start:
            labels = start.split(".")
            return ".".join(labels[-domain.count(".") - 2 :])
    return found[-1].domain if found else start


def _records(world: World, domain: str) -> list[Mapping[str, str]]:
    """The DMARC records of a domain, each by its tags.  Raises _NoAnswer."""
    answer = world.answer(f"_dmarc.{domain}", "TXT")
    if answer.status == "servfail":
        raise _NoAnswer
    return [read(text) for text in answer.data if dmarc.is_dmarc(text)]


def read(text: str) -> dict[str, str]:
    """The tags of a DMARC record as a receiver reads them: what is faulty is left out.

    RFC 9989 4.8 wants defaults for what cannot be read.  No tags at all if one is given twice,
    which makes a tag-list invalid (RFC 6376 3.2).
    """
    tags: dict[str, str] = {}
    for piece in text.split(";")[1:]:
        found = _TAG.fullmatch(piece)
        if found is None:
            continue
        name = found[1].lower()
        if name in tags or name == "v":
            return {}
        tags[name] = found[2] if name in ("rua", "ruf") else found[2].lower()
    return tags


def _has_address(tags: Mapping[str, str]) -> bool:
    """True if rua names an address that reports can be sent to."""
    for uri in tags.get("rua", "").split(","):
        try:
            dmarc.check_address(uri.strip())
        except RecordError:
            continue
        return True
    return False


def _exists(world: World, domain: str) -> bool:
    """RFC 9989 3.2.13: only NXDOMAIN means that a name does not exist, whatever the type asked."""
    return world.answer(domain, "A").status != "nxdomain"


# -- alignment ------------------------------------------------------------------------------------


def modes(world: World, author: str, generation: Generation) -> tuple[str, str] | None:
    """adkim and aspf of the policy for mail from a domain; None if no policy can be found."""
    try:
        policy = _discover(world, author, generation)
    except _NoAnswer:
        return None
    return policy and (policy.tags.get("adkim", "r"), policy.tags.get("aspf", "r"))


def aligned(
    world: World, identifier: str, author: str, mode: str | None, generation: Generation
) -> bool:
    """RFC 9989 4.4: equal, or in relaxed mode of one Organizational Domain."""
    if identifier == author:
        return True
    if mode == "s":
        return False
    return organizational(world, identifier, generation) == organizational(
        world, author, generation
    )


def organizational(world: World, domain: str, generation: Generation) -> str:
    """The Organizational Domain of a name; the name itself where the walk gets no answer."""
    if generation is Generation.OLD:
        return by_suffix_list(domain)
    try:
        return _organizational(walk(world, domain), domain)
    except _NoAnswer:
        return domain
