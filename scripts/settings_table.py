"""Writes the tables of docs/configuration.md from the schema: run it after changing a setting.

The text below each setting in ``meetbot/config`` is the description in the table.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import sys
from pathlib import Path

from pydantic import BaseModel

from meetbot.config import Settings, load_settings
from meetbot.config.keys import key_values

DOCUMENT = Path(__file__).parents[1] / "docs" / "configuration.md"
BEGIN, END = "<!-- settings: begin -->", "<!-- settings: end -->"


def main() -> None:
    """Put fresh tables between the two marks."""
    DOCUMENT.write_text(updated(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")


def updated(document: str) -> str:
    """``document`` with the tables between the marks made anew."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables()}\n{END}{after}"


def tables() -> str:
    """One table for each section of the settings."""
    defaults = key_values(load_settings(env={}))
    return "\n".join(_tables(Settings, "", defaults))


def _tables(section: type[BaseModel], prefix: str, defaults: dict[str, object]) -> list[str]:
    told = _descriptions(section)
    rows: list[str] = []
    inner: list[str] = []
    for name, field in section.model_fields.items():
        key = f"{prefix}{name}"
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            inner += _tables(kind, f"{key}.", defaults)
        else:
            rows.append(f"| `{key}` | {_value(defaults[key])} | {told.get(name, '')} |")
    if not rows:
        return inner
    title = (section.__doc__ or "").strip().splitlines()[0]
    head = [
        f"### `[{prefix.rstrip('.')}]`",
        "",
        title,
        "",
        "| setting | default | |",
        "|---|---|---|",
    ]
    return [*head, *rows, "", *inner]


def _descriptions(section: type[BaseModel]) -> dict[str, str]:
    """Field → the string that stands below it in the source."""
    tree = ast.parse(inspect.getsource(sys.modules[section.__module__]))
    body = next(
        node.body
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == section.__name__
    )
    told: dict[str, str] = {}
    for above, below in itertools.pairwise(body):
        if isinstance(above, ast.AnnAssign) and isinstance(below, ast.Expr):
            text = ast.literal_eval(below.value)
            told[ast.unparse(above.target)] = re.sub(r"\s+", " ", text).replace("``", "`")
    return told


def _value(value: object) -> str:
    if value is None or value == ():
        return "none" if value is None else "empty"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


if __name__ == "__main__":
    main()
