"""The editor's schema: the structure, completed with every service's own parameters.

At run time the structural schema and the catalogue do the checking; an editor has only a schema,
so it gets one that knows all services by name.
"""

from __future__ import annotations

import json
from typing import Any

from generator.catalogue import Catalogue
from generator.catalogue.model import Parameter, Provider
from generator.resources import schema_text
from generator.rules import RULES


def editor_schema(catalogue: Catalogue) -> dict[str, Any]:
    """A JSON Schema that completes services, their parameters, and the names of rules."""
    schema: dict[str, Any] = json.loads(schema_text("declaration-structure"))
    schema["$id"] = "https://mailzone.example/schemas/declaration.schema.json"
    schema["title"] = "mailzone declaration"
    schema["description"] = (
        "Which services send mail for a domain, and how far its rollout has come."
    )
    defs = schema["$defs"]
    providers = [catalogue.get(id) for id in sorted(catalogue)]
    senders = [provider for provider in providers if provider.sends]
    takers = [provider for provider in providers if not provider.sends]
    _complete(defs["service"], senders)
    _complete(defs["report"], takers)
    defs["severity"]["propertyNames"] = {"enum": list(RULES)}
    return schema


def editor_schema_text(catalogue: Catalogue) -> str:
    return json.dumps(editor_schema(catalogue), indent=1, ensure_ascii=False) + "\n"


def _complete(definition: dict[str, Any], providers: list[Provider]) -> None:
    """Narrow a definition (plain name, or mapping with ``use``) to the given services."""
    words = [name for provider in providers for name in (provider.id, *provider.aliases)]
    word, mapping = definition["anyOf"]
    # Addresses are words too where reports are listed.
    definition["anyOf"][0] = (
        {"anyOf": [{"enum": words}, {**word, "pattern": "[:@]"}]}
        if _free(definition)
        else {"type": "string", "enum": words}
    )
    generic = mapping["properties"]
    generic["use"] = {**generic["use"], "enum": words}
    mapping["allOf"] = [
        {
            "if": {
                "properties": {"use": {"enum": [provider.id, *provider.aliases]}},
                "required": ["use"],
            },
            "then": {
                "description": provider.name,
                "properties": {
                    **dict.fromkeys(generic, True),
                    **{name: _parameter(p) for name, p in provider.parameters.items()},
                },
                "additionalProperties": False,
            },
        }
        for provider in providers
    ]


def _free(definition: dict[str, Any]) -> bool:
    return "maxLength" in definition["anyOf"][0]


def _parameter(parameter: Parameter) -> dict[str, Any]:
    one: dict[str, Any] = {"type": ["string", "integer"]}
    described: dict[str, Any] = {"description": parameter.help}
    if parameter.list:
        return {
            **described,
            "anyOf": [one, {"type": "array", "minItems": 1, "items": one}],
            "examples": [list(parameter.example)],
        }
    return {**described, **one, "examples": [parameter.example]}
