"""The user guide states the catalogue's facts."""

from __future__ import annotations

from pathlib import Path

from meetbot.models import CATALOGUE, SETS, ModelEntry

GUIDE = (Path(__file__).parents[3] / "docs" / "models.md").read_text(encoding="utf-8")


def _row(entry: ModelEntry) -> str:
    packages = ", ".join(f"`{wheel.requirement}`" for wheel in entry.wheels())
    hub = f"`{entry.hub.repository}` @ `{entry.hub.revision[:8]}`" if entry.hub else ""
    sources = "; ".join(source for source in (packages, hub) if source)
    size = f"{entry.bytes / 1e6:,.1f} MB"
    cells = (f"`{entry.name}`", entry.task, entry.summary, entry.licence, size, sources)
    return f"| {' | '.join(cells)} |"


def test_the_guide_has_a_true_line_for_every_model() -> None:
    rows = [_row(entry) for entry in CATALOGUE.values()]
    assert [line for line in GUIDE.splitlines() if line.startswith("| `")] == rows


def test_the_guide_names_the_models_of_the_embedded_set() -> None:
    names = ", ".join(f"`{name}`" for name in SETS["embedded"])
    assert f"In the set `embedded`: {names}." in GUIDE.replace("\n", " ")


def test_the_guide_tells_the_size_of_the_embedded_set() -> None:
    megabytes = sum(CATALOGUE[name].bytes for name in SETS["embedded"]) / 1e6
    assert f"about {round(megabytes, -1):.0f} MB" in GUIDE
