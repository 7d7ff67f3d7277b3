"""The DMARC record that a domain publishes, and where."""

from __future__ import annotations

from generator.declaration.model import Domain
from generator.records import dmarc


def policy_names(domain: Domain) -> tuple[str, ...]:
    """The names at which the domain publishes a DMARC record.

    Below the Organizational Domain a record does not govern the names below it (RFC 9989 4.10.1),
    so there every sending name has its own.
    """
    names = [domain.name] if domain.policy else []
    if not domain.organizational and domain.policy:
        names += [at for use in domain.services if use.sends for at in use.at if at != domain.name]
    return tuple(dict.fromkeys(names))


def governs_subdomains(domain: Domain) -> bool:
    """True where sp and np count: at an Organizational Domain, which psd=n makes any name."""
    return domain.organizational or domain.tag("psd") == "n"


def stage_tags(domain: Domain) -> dict[str, str]:
    """The DMARC tags that the stage gives this domain."""
    tags = domain.stage.tags
    if not domain.organizational:
        tags = {name: value for name, value in tags.items() if name not in ("sp", "np")}
    return tags


def policy_record(domain: Domain) -> dmarc.Dmarc:
    """The domain's DMARC record: its stage's tags, with the declared deviations."""
    tags = stage_tags(domain)
    for name, declared in domain.tags.items():
        if declared.value is None or (name in ("sp", "np") and not governs_subdomains(domain)):
            tags.pop(name, None)
        else:
            tags[name] = declared.value
    for tag in ("rua", "ruf"):
        uris = dict.fromkeys(address.uri for address in domain.reports if address.tag == tag)
        if uris:
            tags[tag] = ",".join(uris)
    return dmarc.build(tags)
