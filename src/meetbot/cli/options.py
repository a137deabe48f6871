"""What every command shares: the options before it, its settings, and how it says things."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from meetbot.config import Loaded, Settings

__all__ = ["Options", "Paint", "PersonaName", "Talk", "console", "loaded", "print_json", "settings"]

Talk = Annotated[
    bool | None, typer.Option("--talk/--no-talk", help="Whether the bot answers, or only listens.")
]
Paint = Annotated[
    bool | None, typer.Option("--paint/--no-paint", help="Whether it paints what is talked about.")
]
PersonaName = Annotated[
    str | None, typer.Option("--persona", metavar="NAME", help="Whose face and voice it has.")
]


@dataclass(frozen=True, slots=True)
class Options:
    """The options that stand before the command."""

    profile: str = "embedded"
    config: Path | None = None
    assignments: Mapping[str, object] = field(default_factory=dict)
    debug: bool = False

    def arguments(self) -> list[str]:
        """The same options for another ``meetbot`` process."""
        given = ["--profile", self.profile]
        if self.config is not None:
            given += ["--config", str(self.config.absolute())]
        for key, value in self.assignments.items():
            given += ["--set", f"{key}={value}"]
        return given


def loaded(
    ctx: typer.Context,
    overrides: Mapping[str, object] | None = None,
    *,
    file: Path | None = None,
) -> Loaded:
    """The settings for this run and where each came from.

    ``overrides``: dotted keys set by the command's own flags; None values are flags not given.
    They win over ``--set``. ``file`` stands in for ``--config``. Raises ``ConfigError``.
    """
    from meetbot.config import load

    options = ctx.find_object(Options) or Options()
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    return load(options.profile, file or options.config, None, {**options.assignments, **given})


def settings(
    ctx: typer.Context,
    overrides: Mapping[str, object] | None = None,
    *,
    secrets: Sequence[str] = (),
) -> Settings:
    """The settings for this run: ``settings(ctx, {"web.port": port})``. Raises ``ConfigError``.

    From here on logs go where these settings say, with ``secrets`` and their own taken out.
    """
    from meetbot.observe.logs import configure_logging

    chosen = loaded(ctx, overrides).settings
    observe = chosen.observe
    configure_logging(
        observe.log_level, file=observe.log_file, secrets=(*chosen.secrets(), *secrets)
    )
    return chosen


def console(*, stderr: bool = False) -> Console:
    """A Rich console: standard output for results, standard error for progress and notes."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def print_json(value: object) -> None:
    """``value`` as JSON on standard output, for ``--json``."""
    import json

    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
