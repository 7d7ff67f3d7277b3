"""Build hook: puts schemas, templates and the compiled catalogue into the wheel."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class DataHook(BuildHookInterface):  # type: ignore[type-arg]
    """Everything that a checkout reads from its top lies under generator/_data in a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return  # an editable install reads the checkout
        root = Path(self.root)
        sys.path.insert(0, str(root))
        try:
            from generator.catalogue.packed import pack
            from generator.source import parse
        finally:
            sys.path.remove(str(root))

        source = parse((root / "providers.yaml").read_bytes(), "providers.yaml")
        self._folder = tempfile.TemporaryDirectory()
        compiled = Path(self._folder.name) / "catalogue.json"
        compiled.write_bytes(pack(source.documents[0]["services"]))
        build_data["force_include"] |= {
            str(root / "schemas"): "generator/_data/schemas",
            str(root / "templates"): "generator/_data/templates",
            str(compiled): "generator/_data/catalogue.json",
        }

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self._folder.cleanup()
