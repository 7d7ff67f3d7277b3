"""A service's parameters, checked by what the catalogue says of them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from generator.catalogue.model import Parameter, Provider
from generator.declaration.context import Context
from generator.finding import Locatable, mask
from generator.records.dkim import is_private
from generator.schema import suggest

Value = str | tuple[str, ...]


def read_parameters(
    provider: Provider,
    given: dict[str, Any],
    where: Locatable,
    at: Callable[..., Locatable],
    context: Context,
    other_keys: Collection[str],
) -> dict[str, Value] | None:
    """The parameters that have a value; None after a fault.

    ``at`` gives the place of a key's value; ``other_keys`` are keys that a service takes besides
    its parameters, for suggestions.  Defaults that are shapes are filled in later, since they
    depend on the name where the service sends.
    """
    values: dict[str, Value] = {}
    sound = True
    misspelt = False
    for key, raw in given.items():
        parameter = provider.parameters.get(key)
        if parameter is None:
            help = suggest(key, [*provider.parameters, *other_keys])
            own = ", ".join(provider.parameters) or "no parameters"
            message = f"{provider.id} has no parameter `{mask(key)[:60]}`"
            context.fault("unknown-key", message, at(key, key=True), help or f"it has {own}")
            sound, misspelt = False, True
            continue
        value = _value(provider, parameter, raw, at, context)
        if value is None:
            sound = False
        else:
            values[key] = value
    for name, parameter in provider.parameters.items():
        if name in values or name in given:
            continue
        if isinstance(parameter.default, tuple):
            values[name] = parameter.default
        elif parameter.default is not None and not parameter.default.parameters:
            values[name] = parameter.default.text
        elif parameter.required and not misspelt:
            missing_parameter(provider, name, where, context)
            sound = False
    return values if sound else None


def missing_parameter(
    provider: Provider, name: str, where: Locatable, context: Context, instead: str = ""
) -> None:
    """The fault that a record cannot be made without a parameter."""
    what = f"`{name}` or `{instead}`" if instead else f"`{name}`"
    help = provider.parameters[name].help
    context.fault("service-parameter", f"{provider.id} needs {what}", where, help)


def _value(
    provider: Provider,
    parameter: Parameter,
    raw: Any,
    at: Callable[..., Locatable],
    context: Context,
) -> Value | None:
    if isinstance(raw, str) and parameter.pattern.fullmatch(raw) and not is_private(raw):
        return (raw,) if parameter.list else raw
    where = at(parameter.name)
    entries = raw if isinstance(raw, list) else [raw]
    if isinstance(raw, list) and not parameter.list:
        message = f"{provider.id}: `{parameter.name}` takes one value, not a list"
        context.fault("service-parameter", message, where, parameter.help)
        return None
    texts: list[str] = []
    for entry in entries:
        if entry is None or entry == "":
            message = f"{provider.id}: `{parameter.name}` is empty"
            context.fault("service-parameter", message, where, parameter.help)
            return None
        if isinstance(entry, bool) or not isinstance(entry, str | int):
            message = f"{provider.id}: `{parameter.name}` must be text"
            help = (
                f'write it in quotes: "{str(entry).lower()}"'
                if isinstance(entry, bool)
                else parameter.help
            )
            context.fault("service-parameter", message, where, help)
            return None
        text = str(entry)
        if is_private(text):
            context.fault(
                "private-key",
                f"{provider.id}: `{parameter.name}` is a private key",
                where,
                "remove it, and replace the key pair: it has been seen",
            )
            return None
        if not parameter.pattern.fullmatch(text):
            # Consoles show host names with a final dot.
            text = text.removesuffix(".")
            if not parameter.pattern.fullmatch(text):
                shown = mask(text)[:60]
                example = (
                    parameter.example
                    if isinstance(parameter.example, str)
                    else parameter.example[0]
                )
                message = f"{provider.id}: `{shown}` is no {parameter.name}"
                help = f"like {example}; {parameter.help}"
                context.fault("service-parameter", message, where, help)
                return None
        texts.append(text)
    if not texts:
        message = f"{provider.id}: `{parameter.name}` is empty"
        context.fault("service-parameter", message, where, parameter.help)
        return None
    return tuple(texts) if parameter.list else texts[0]
