"""MTA-STS policy files (RFC 8461 3.2), as a web server serves them.

They cannot carry a header that says whose they are, since the format has no comments: a file is
taken for ours if it is a policy at the place where mailzone puts one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from generator.emit.write import Change, WriteError, current
from generator.finding import Finding, Place, finding
from generator.records import mta_sts
from generator.records.error import RecordError
from generator.values import Compiled

FILE = Path(".well-known") / "mta-sts.txt"
_HOST = "mta-sts."


def policies(compiled: Sequence[Compiled], folder: Path) -> list[Change]:
    """The policy file of each domain that has one: ``mta-sts.<domain>/.well-known/mta-sts.txt``.

    Raises WriteError for a file there that is no policy.
    """
    found = []
    for one in compiled:
        if not one.mta_sts:
            continue
        path = folder / f"{_HOST}{one.domain.name}" / FILE
        old = current(path)
        if old is not None and _parsed(old) is None:
            message = f"{path} is no MTA-STS policy and is left alone; move it away first"
            raise WriteError(message, foreign=True)
        found.append(Change(path, old, one.mta_sts))
    return found


def abandoned(compiled: Sequence[Compiled], folder: Path) -> list[Finding]:
    """Policies in the folder that are in force and that no declaration asks for any more.

    Senders hold to a policy that they know until its max_age is over (RFC 8461 8.3), so it goes
    by way of mode none.
    """
    wanted = {one.domain.name for one in compiled if one.mta_sts}
    found = []
    for domain, file, policy in _left(wanted, folder):
        if policy.mode == "none":
            continue
        message = f"senders still hold to the MTA-STS policy of {domain} (mode {policy.mode})"
        help = (
            f"declare `mta_sts: {{mode: none}}`, publish it, and remove that after "
            f"{_days(policy)}; if it was never published, remove {file}"
        )
        found.append(finding("mta-sts-abrupt-removal", message, Place(str(file)), help))
    return found


def left_over(wanted: Collection[str], folder: Path) -> Iterator[Finding]:
    """Policies in mode none in the folder, of other domains than the ``wanted`` ones.

    Such a policy has done its work once the one before it is forgotten, and nobody misses it then.
    """
    for domain, file, policy in _left(wanted, folder):
        if policy.mode == "none":
            message = f"the MTA-STS policy of {domain} (mode none) has no declaration any more"
            help = f"remove {file} when the max_age of the policy before it is over"
            yield finding("orphan", message, Place(str(file)), help)


def domain_of(path: Path) -> str:
    """The domain whose policy file has the path."""
    return path.parents[1].name.removeprefix(_HOST)


def _left(wanted: Collection[str], folder: Path) -> Iterator[tuple[str, Path, mta_sts.Policy]]:
    """Policy files in the folder that are not of the wanted domains, in order."""
    for path in sorted(folder.glob(f"{_HOST}*")) if folder.is_dir() else ():
        file = path / FILE
        domain = domain_of(file)
        if domain in wanted:
            continue
        try:
            old = current(file)
        except WriteError:
            continue
        policy = None if old is None else _parsed(old)
        if policy is not None:
            yield domain, file, policy


def _days(policy: mta_sts.Policy) -> str:
    days = -(-policy.max_age // mta_sts.DAY)
    return "1 day" if days == 1 else f"{days} days"


def _parsed(text: str) -> mta_sts.Policy | None:
    try:
        return mta_sts.parse_policy(text)
    except RecordError:
        return None
