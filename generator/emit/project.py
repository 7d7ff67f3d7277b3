"""The files of a new project."""

from __future__ import annotations

from datetime import date

from generator import __version__
from generator.emit.bind import environment

# Where a CI system looks for its pipeline.
PIPELINES = {"github": ".github/workflows/mail.yml", "gitlab": ".gitlab-ci.yml"}


def project_files(domain: str, today: date, schema: str, ci: str = "") -> dict[str, str]:
    """Path in the project to text; templates/init holds the texts.

    ``ci`` is one of `PIPELINES`, or empty for no pipeline.
    """
    jinja = environment()
    context = {"domain": domain, "today": today.isoformat(), "version": __version__}

    def text(name: str) -> str:
        return jinja.get_template(f"init/{name}").render(context)

    files = {
        f"zones/{domain}.yaml": text("declaration.yaml.j2"),
        "schemas/declaration.schema.json": schema,
        "README.md": text("readme.md.j2"),
        ".gitignore": "build/\n",
    }
    if ci:
        files[PIPELINES[ci]] = text(f"ci-{ci}.yml.j2")
    return files
