"""docs/configuration.md tells of every setting as it is."""

from __future__ import annotations

import runpy
import tomllib
from pathlib import Path

from meetbot.config.keys import check_keys, flatten

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def test_the_tables_are_those_of_the_schema() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "settings_table.py"))
    assert script["updated"](DOCUMENT) == DOCUMENT, "run: python scripts/settings_table.py"


def test_the_examples_are_valid() -> None:
    blocks = [part.split("```")[0] for part in DOCUMENT.split("```toml")[1:]]
    assert len(blocks) == 2
    for block in blocks:
        check_keys(flatten(tomllib.loads(block)), "docs/configuration.md")
