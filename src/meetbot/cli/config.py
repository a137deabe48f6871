"""``meetbot config``: the settings in force, and a check of a file before a meeting."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from meetbot.cli.options import console, loaded, print_json
from meetbot.config.keys import key_values

__all__ = ["app"]

app = typer.Typer(help="Show the settings in force, or check a file of them.", no_args_is_help=True)


@app.command()
def show(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="As JSON, for a program.")] = False,
) -> None:
    """Show every setting, its value now, and where that came from."""
    result = loaded(ctx)
    if json:
        print_json(result.settings.model_dump(mode="json"))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("setting", no_wrap=True)
    table.add_column("value", overflow="fold")
    table.add_column("set by", overflow="fold")
    for key, value in key_values(result.settings).items():
        origin = result.origins.get(key, "default")
        table.add_row(key, _plain(value), Text(origin, style="dim"))
    console().print(table)


def _plain(value: object) -> Text:
    if value is None or value == ():
        return Text("none" if value is None else "empty", style="dim")
    if isinstance(value, bool):
        return Text(str(value).lower())
    if isinstance(value, tuple):
        return Text(", ".join(str(getattr(item, "url", item)) for item in value))
    return Text(str(value))


@app.command()
def check(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A TOML file of settings.")],
) -> None:
    """Check a file of settings as a meeting would, without starting one."""
    result = loaded(ctx, file=file)
    changed = sum(origin == str(file) for origin in result.origins.values())
    noun = "setting" if changed == 1 else "settings"
    console().print(f"[green]✓[/] {file}: {changed} {noun}, all valid", soft_wrap=True)
