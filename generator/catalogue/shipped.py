"""The shipped catalogue: compiled into an installed wheel, or by a checkout on first use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from generator import resources
from generator.catalogue.check import compile_source
from generator.catalogue.packed import Entries, pack, unpack
from generator.source import parse

FORMAT = 2  # of the compiled catalogue; part of its file name in a checkout
_MARK = b"\0"  # stands in neither YAML nor JSON


def shipped() -> Entries:
    """The entries of providers.yaml.

    Raises ValueError if it has a fault, or the wheel's catalogue is damaged: defects of ours.
    """
    if resources.installed:
        return unpack(resources.catalogue_json().read_bytes())
    text = resources.catalogue_yaml().read_bytes()
    file = resources.cache() / f"catalogue-{FORMAT}"
    try:
        # The text itself stands behind what was compiled of it: comparing is cheaper than the
        # import of a hash, and exact.
        packed, mark, compiled = file.read_bytes().partition(_MARK)
        if mark and compiled == text:
            return unpack(packed)
    except (OSError, ValueError):
        pass
    packed = pack(compile_shipped(text))
    _keep(file, packed + _MARK + text)
    return unpack(packed)


def compile_shipped(raw: bytes) -> dict[str, Any]:
    """The entries of providers.yaml.  Raises ValueError if it has a fault: a defect of ours."""
    findings, services = compile_source(parse(raw, "providers.yaml"))
    if findings:
        raise ValueError("; ".join(f"{f.place}: {f.message}" for f in findings))
    return services


def _keep(file: Path, data: bytes) -> None:
    """Write the compiled catalogue; a checkout that cannot be written to just stays slower."""
    import os
    import tempfile

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent)
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
