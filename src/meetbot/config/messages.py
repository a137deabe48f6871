"""What pydantic found wrong, as one plain line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

__all__ = ["one_line"]

_SHOWN = 3
_SECRET = ("token", "credential", "url")
_WANTED = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "string_too_short": "text that is not empty",
    "tuple_type": "a list",
    "path_type": "a path",
    "model_type": "a table",
}


def one_line(error: ValidationError, origins: Mapping[str, str]) -> str:
    """The problems of ``error``, each with its layer and dotted key, on one line."""
    problems = error.errors(include_url=False)
    lines = [_problem(details, origins) for details in problems[:_SHOWN]]
    more = len(problems) - _SHOWN
    return "; ".join(lines) + (f"; and {more} more" if more > 0 else "")


def _problem(details: ErrorDetails, origins: Mapping[str, str]) -> str:
    key = ".".join(str(part) for part in details["loc"])
    return f"{_origin(key, origins)}{key} {_complaint(details)}"


def _origin(key: str, origins: Mapping[str, str]) -> str:
    parts = key.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        inside = [origin for known, origin in origins.items() if known.startswith(f"{name}.")]
        found = origins.get(name) or (inside[-1] if inside and length == len(parts) else None)
        if found:
            return f"{found}: "
    return ""


def _complaint(details: ErrorDetails) -> str:
    kind, context = details["type"], details.get("ctx", {})
    secret = str(details["loc"][-1]) in _SECRET if details["loc"] else False
    given = "what was given" if secret else repr(details["input"])
    if kind == "value_error":
        return f"is wrong: {context['error']}"
    if kind == "literal_error":
        return f"should be one of {context['expected']}, not {given}"
    if kind == "extra_forbidden":
        return "is an unknown key"
    if kind in _WANTED:
        return f"should be {_WANTED[kind]}, not {given}"
    message = details["msg"].removeprefix("Input ").removeprefix("String ")
    return f"{message}, not {given}"
