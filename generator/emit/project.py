"""The files of a new project."""

from __future__ import annotations

from datetime import date

from generator.emit.bind import environment


def project_files(domain: str, today: date, schema: str) -> dict[str, str]:
    """Path in the project to text; templates/init holds the texts."""
    jinja = environment()
    context = {"domain": domain, "today": today.isoformat()}

    def text(name: str) -> str:
        return jinja.get_template(f"init/{name}").render(context)

    return {
        f"zones/{domain}.yaml": text("declaration.yaml.j2"),
        "schemas/declaration.schema.json": schema,
        "README.md": text("readme.md.j2"),
        ".gitignore": "build/\n",
    }
