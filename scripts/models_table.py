"""Writes what docs/models.md tells of the catalogue: run it after changing an entry."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from meetbot.models import CATALOGUE, SETS, ModelEntry

GUIDE = Path(__file__).parents[1] / "docs" / "models.md"
HEAD = "| model | task | what it is | licence | size | sources |\n" + "| --- " * 6 + "|\n"


def main() -> None:
    """Put a fresh table, set and size into the guide."""
    GUIDE.write_text(updated(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")


def updated(guide: str) -> str:
    """``guide`` with a line for every model, the embedded set's members and its size."""
    rows = "".join(f"{_row(entry)}\n" for entry in CATALOGUE.values())
    guide = re.sub(rf"(?<={re.escape(HEAD)})(\| `.*\n)*", rows, guide)
    names = ", ".join(f"`{name}`" for name in SETS["embedded"])
    members = textwrap.fill(f"In the set `embedded`: {names}.", 100, break_on_hyphens=False)
    guide = re.sub(r"In the set `embedded`:[^.]*(\.[0-9a-z][^.]*)*\.(?=\n\n)", members, guide)
    megabytes = sum(CATALOGUE[name].bytes for name in SETS["embedded"]) / 1e6
    return re.sub(r"about [\d,]+ MB", f"about {round(megabytes, -1):.0f} MB", guide)


def _row(entry: ModelEntry) -> str:
    named = [f"`{package.requirement}`" for package in entry.packages()]
    packages = ", ".join(named)
    if len(named) > 2:
        packages = f"{named[0]} … {named[-1]}"
    hub = f"`{entry.hub.repository}` @ `{entry.hub.revision[:8]}`" if entry.hub else ""
    sources = "; ".join(source for source in (packages, hub) if source)
    size = f"{entry.bytes / 1e6:,.1f} MB"
    cells = (f"`{entry.name}`", entry.task, entry.summary, entry.licence, size, sources)
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
