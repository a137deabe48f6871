"""The user guide states the catalogue's facts."""

from __future__ import annotations

import runpy
from pathlib import Path

from meetbot.models import CATALOGUE, SETS

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")


def test_the_guide_is_what_the_catalogue_says_today() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "models_table.py"))
    assert script["updated"](GUIDE) == GUIDE, "run scripts/models_table.py"


def test_the_guide_has_one_line_for_every_model() -> None:
    table = GUIDE.partition("| sources |\n")[2].partition("\n\n")[0]
    rows = [line.split(" | ") for line in table.splitlines()[1:]]
    assert [row[0].strip("| `") for row in rows] == list(CATALOGUE)
    assert [row[3] for row in rows] == [entry.licence for entry in CATALOGUE.values()]


def test_the_guide_names_the_models_of_the_embedded_set() -> None:
    names = ", ".join(f"`{name}`" for name in SETS["embedded"])
    assert f"In the set `embedded`: {names}." in GUIDE.replace("\n", " ")


def test_the_guide_tells_the_size_of_the_embedded_set() -> None:
    megabytes = sum(CATALOGUE[name].bytes for name in SETS["embedded"]) / 1e6
    assert f"about {round(megabytes, -1):.0f} MB" in GUIDE
