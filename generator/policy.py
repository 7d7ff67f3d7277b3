"""The DMARC record that a domain publishes, and where."""

from __future__ import annotations

from functools import lru_cache

from generator.declaration.model import Domain
from generator.records import dmarc


def policy_names(domain: Domain) -> tuple[str, ...]:
    """The names at which the domain publishes a DMARC record.

    Below the Organizational Domain a record does not govern the names below it (RFC 9989 4.10.1),
    so there every sending name has its own.
    """
    if not domain.policy:
        return ()
    if domain.organizational:
        return (domain.name,)
    sending = [at for use in domain.services if use.sends for at in use.at]
    return tuple(dict.fromkeys((domain.name, *sending)))


def governs_subdomains(domain: Domain) -> bool:
    """True where sp and np count: at an Organizational Domain, which psd=n makes any name."""
    return domain.organizational or domain.tag("psd") == "n"


def stage_tags(domain: Domain) -> dict[str, str]:
    """The DMARC tags that the stage gives this domain."""
    tags = domain.stage.tags
    if not domain.organizational:
        tags = {name: value for name, value in tags.items() if name not in ("sp", "np")}
    return tags


def policy_text(domain: Domain) -> str:
    """The domain's DMARC record: its stage's tags, with the declared deviations.

    Many domains have equal tags, and addresses come last in the canonical order.
    """
    text = _policy(tuple(_tags(domain).items()))
    return text + "".join(f" {tag}={uris};" for tag, uris in _addresses(domain).items())


@lru_cache(maxsize=256)
def _policy(tags: tuple[tuple[str, str], ...]) -> str:
    return str(dmarc.build(dict(tags)))


def _tags(domain: Domain) -> dict[str, str]:
    tags = stage_tags(domain)
    for name, declared in domain.tags.items():
        if declared.value is None or (name in ("sp", "np") and not governs_subdomains(domain)):
            tags.pop(name, None)
        else:
            tags[name] = declared.value
    return tags


def _addresses(domain: Domain) -> dict[str, str]:
    """The tags rua and ruf; their addresses were checked when they were read."""
    uris: dict[str, dict[str, None]] = {"rua": {}, "ruf": {}}
    for address in domain.reports:
        uris[address.tag][address.uri] = None
    return {tag: ",".join(listed) for tag, listed in uris.items() if listed}
