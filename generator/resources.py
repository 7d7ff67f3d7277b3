"""Where shipped data lies: inside an installed wheel, or at the top of a checkout.

importlib.resources would answer the same question at twice the start-up time of everything
else in this module's callers.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_BUNDLED = _PACKAGE / "_data"

# The wheel's build hook puts schemas, templates and the compiled catalogue under _data.
installed = _BUNDLED.is_dir()
root = _BUNDLED if installed else _PACKAGE.parent


def schema_text(name: str) -> str:
    """The text of ``schemas/<name>.schema.json``."""
    return (root / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")


def templates() -> Path:
    """The folder of Jinja2 templates."""
    return root / "templates"


def catalogue_yaml() -> Path:
    """The catalogue's source; exists only in a checkout."""
    return root / "providers.yaml"


def catalogue_json() -> Path:
    """The catalogue compiled into an installed wheel."""
    return root / "catalogue.json"


def cache() -> Path:
    """Folder for what a checkout compiles on first use; it lies beside the build outputs."""
    return root / "build" / ".cache"
