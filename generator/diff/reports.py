"""Reports that begin and stop, and who agrees to take them (RFC 9989 4.7, RFC 9990 4)."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diff.model import Effect, Risk
from generator.diff.pair import Pair
from generator.diff.policy import dmarc_at
from generator.diff.reach import listed
from generator.names import display
from generator.values import Kind


def reports(pair: Pair) -> Iterator[Effect]:
    """Reports that stop, or begin."""
    for change in pair.of(Kind.DMARC):
        name = change.name.removeprefix("_dmarc.").removesuffix(".")
        old, new = dmarc_at(pair.old, name), dmarc_at(pair.new, name)
        if old is None or new is None:
            continue
        before, after = old.addresses("rua"), new.addresses("rua")
        gone = [_mailbox(uri) for uri in before if uri not in after]
        came = [_mailbox(uri) for uri in after if uri not in before]
        if before and not after:
            text = (
                f"Nobody gets aggregate reports about {display(name)} any more: failures go unseen."
            )
            help = "keep one address under `dmarc: {reports: …}`"
            yield Effect(text, Risk.CAUTION, "change-reports-stop", (change.name,),
                         pair.where, help)  # fmt: skip
        elif gone:
            text = f"Aggregate reports about {display(name)} no longer go to {listed(gone)}"
            text += f", but to {listed(came)}." if came else "."
            yield Effect(text, records=(change.name,), where=pair.where)
        elif came:
            text = f"Aggregate reports about {display(name)} go to {listed(came)}"
            text += " too." if before else "."
            yield Effect(text, records=(change.name,), where=pair.where)
        stopped = [uri for uri in old.addresses("ruf") if uri not in new.addresses("ruf")]
        if stopped:
            text = f"Failure reports about {display(name)} no longer go to {listed(map(_mailbox, stopped))}."
            yield Effect(text, records=(change.name,), where=pair.where)


def _mailbox(uri: str) -> str:
    return uri.removeprefix("mailto:")


def authorisations(pair: Pair) -> Iterator[Effect]:
    """Agreement to take the reports of others (RFC 9990 4), given or taken back."""
    gone: list[str] = []
    came: list[str] = []
    for change in pair.of(Kind.REPORT):
        about = change.name.partition("._report._dmarc.")[0]
        if change.new is None:
            gone.append(about)
        elif change.old is None:
            came.append(about)
    records = tuple(change.name for change in pair.of(Kind.REPORT))
    stop = [about for about in gone if _still_asks(pair, about)]
    if stop:
        text = f"{pair.display} no longer agrees to take reports about {_about(stop)}: they stop."
        yield Effect(text, Risk.CAUTION, "change-reports-stop", records, pair.where)
    elif gone:
        text = f"{pair.display} no longer takes reports about {_about(gone)}."
        yield Effect(text, records=records, where=pair.where)
    if came:
        text = f"{pair.display} agrees to take reports about {_about(came)}."
        yield Effect(text, records=records, where=pair.where)


def _about(names: list[str]) -> str:
    return listed("any domain" if name == "*" else display(name) for name in names)


def _still_asks(pair: Pair, name: str) -> bool:
    """True if a domain of the new state still sends its reports here."""
    if name == "*":
        return True
    record = dmarc_at(pair.owners_after.get(name), name)
    hosts = [uri.rpartition("@")[2] for uri in record.addresses("rua")] if record else []
    return any(host == pair.name or host.endswith(f".{pair.name}") for host in hosts)
