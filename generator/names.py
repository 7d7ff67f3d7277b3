"""Domain names as a declaration writes them: checked, lower-cased, as A-labels.

Names inside mailzone are text: lower-case A-labels without a final dot; owner names in records
carry the dot.  Only names that a declaration gives pass through here; wire-format questions are
dnspython's.
"""

from __future__ import annotations

import re

MAX_LABEL = 63  # RFC 1035 2.3.4, octets
MAX_NAME = 253  # characters without the final dot; 255 octets on the wire

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}", re.ASCII)
_OWNER_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?|\*", re.ASCII)
_PLAIN_OWNER = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?",
    re.ASCII,
)
_HOST_LABEL = re.compile(_LABEL, re.ASCII)
_DOT = ".\u3002\uff0e\uff61"  # what UTS 46 takes for one
_DOTS = re.compile(f"[{_DOT}]")


class NameProblem(ValueError):
    """The text is no domain name; the message says why, in words for its author."""


def _show(text: str) -> str:
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[:80])


def host(text: str) -> str:
    """A host or domain name of at least two labels, as lower-case A-labels without a final dot.

    Accepts U-labels (RFC 5890) and a final dot.  Raises NameProblem for anything that is not a
    name by RFC 1035 2.3.1 and 2.3.4, also for a bare top-level domain.
    """
    name = _normal(text)
    if _HOST.fullmatch(name) and len(name) <= MAX_NAME and not _numeric(name):
        return name
    _explain(text, name, _HOST_LABEL, "a letter, digit or hyphen (not at either end)")
    if "." not in name:
        raise NameProblem(f"`{_show(text)}` is a single label; a whole domain name is needed")
    raise NameProblem(f"`{_show(text)}` looks like an address, not a domain name")


def owner(text: str) -> str:
    """A name that may own records: as `host`, but underscores, `*` and single labels are legal."""
    if _PLAIN_OWNER.fullmatch(text) and len(text) <= MAX_NAME and "xn--" not in text:
        return text
    name = _normal(text)
    _explain(text, name, _OWNER_LABEL, "a letter, digit, hyphen or underscore")
    return name


def inside(text: str, domain: str) -> str:
    """The absolute name (no final dot) that ``text`` means in a declaration of ``domain``.

    ``@`` is the domain; a name that ends in the domain or in a dot is absolute; anything else is
    relative.  Raises NameProblem if the result is no name or lies outside the domain.
    """
    if text == "@":
        return domain
    name = owner(text)
    if name == domain or name.endswith("." + domain):
        return name
    if text.endswith("."):
        raise NameProblem(f"`{_show(text)}` lies outside {domain}")
    whole = f"{name}.{domain}"
    if len(whole) > MAX_NAME:
        raise NameProblem(f"`{_show(whole)}` has {len(whole)} characters; a name has at most 253")
    return whole


def display(name: str) -> str:
    """The name with its A-labels shown as Unicode, where they decode; else unchanged."""
    if "xn--" not in name:
        return name
    import idna

    shown = []
    for label in name.split("."):
        try:
            shown.append(idna.decode(label) if label.startswith("xn--") else label)
        except UnicodeError:  # IDNAError is one
            shown.append(label)
    return ".".join(shown)


def _normal(text: str) -> str:
    name = text[:-1] if len(text) > 1 and text[-1] in _DOT else text
    if name.isascii():
        name = name.lower()
        if "xn--" in name:
            _check_a_labels(name)
        return name
    if any(c.isspace() or not c.isprintable() for c in name):
        raise NameProblem(f"`{_show(text)}` holds a space or a control character")
    labels = []
    for label in _DOTS.split(name):
        # Label by label: `_dmarc` and `*` are no IDNA labels, but may stand before one.
        try:
            labels.append(label.lower() if label.isascii() else _a_label(label))
        except UnicodeError as error:
            reason = _show(str(error))
            raise NameProblem(
                f"`{_show(text)}` is no internationalised domain name: {reason}"
            ) from None
    whole = ".".join(labels)
    _check_a_labels(whole)
    return whole


def _a_label(label: str) -> str:
    import idna

    if len(label) > MAX_NAME:  # Punycode takes quadratic time
        raise UnicodeError("a label is too long")
    return idna.encode(label, uts46=True, transitional=False).decode("ascii").lower()


def _check_a_labels(name: str) -> None:
    import idna

    for label in name.split("."):
        # Longer labels are refused for their length; Punycode takes quadratic time.
        if label.startswith("xn--") and len(label) <= MAX_LABEL:
            try:
                idna.decode(label)
            except UnicodeError as error:
                message = f"label `{_show(label)}` is no valid A-label: {_show(str(error))}"
                raise NameProblem(message) from None


def _numeric(name: str) -> bool:
    return name.rpartition(".")[2].isdigit()


def _explain(text: str, name: str, label_form: re.Pattern[str], wanted: str) -> None:
    """Raise NameProblem with the most telling reason, if there is one."""
    shown = _show(text)
    if not name or name == ".":
        raise NameProblem("the name is empty")
    if any(c.isspace() or not c.isprintable() for c in text):
        raise NameProblem(f"`{shown}` holds a space or a control character")
    if any(c in "/\\" for c in text):
        raise NameProblem(f"`{shown}` holds a path separator")
    labels = name.split(".")
    if any(not label for label in labels):
        raise NameProblem(f"`{shown}` has an empty label (two dots in a row, or one in front)")
    for label in labels:
        if len(label) > MAX_LABEL:
            raise NameProblem(
                f"label `{_show(label[:20])}...` has {len(label)} characters; at most 63 are allowed"
            )
    if len(name) > MAX_NAME:
        raise NameProblem(f"`{shown[:40]}...` has {len(name)} characters; a name has at most 253")
    for label in labels:
        if not label_form.fullmatch(label):
            raise NameProblem(f"`{shown}`: label `{_show(label)}` may hold only {wanted}")
