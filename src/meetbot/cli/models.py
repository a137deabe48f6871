"""``meetbot models``: what the catalogue has, what is on this machine, and how it gets here."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from meetbot.cli.options import console, print_json, settings
from meetbot.core.errors import EngineError, InputError
from meetbot.models import SETS, ModelStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from meetbot.models import ModelEntry
    from meetbot.models import Progress as Pulled
    from meetbot.models.store import State

__all__ = ["app"]

app = typer.Typer(help="Speech and voice models: list, pull, verify, remove.", no_args_is_help=True)

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME]...", help='Models, or the set "embedded".', show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for a program.")]

_STATES: dict[State, Text] = {
    "ready": Text("ready", style="green"),
    "missing": Text("not here", style="dim"),
    "corrupt": Text("damaged", style="red"),
}


def _store(ctx: typer.Context, accept: list[str] | None = None) -> ModelStore:
    chosen = settings(ctx).models
    accepted = (*chosen.accept_licences, *(accept or ()))
    return ModelStore.configured(chosen.model_copy(update={"accept_licences": accepted}))


def _size(count: int) -> str:
    return f"{count / 1e9:,.2f} GB" if count >= 1e9 else f"{count / 1e6:,.1f} MB"


def _sources(entry: ModelEntry) -> list[str]:
    packages = [package.requirement for package in entry.packages()]
    return packages + ([f"{entry.hub.repository}@{entry.hub.revision[:8]}"] if entry.hub else [])


def _described(entry: ModelEntry, state: State) -> dict[str, object]:
    return {
        "name": entry.name,
        "task": entry.task,
        "summary": entry.summary,
        "licence": entry.licence,
        "commercial_use": entry.commercial,
        "bytes": entry.bytes,
        "sources": _sources(entry),
        "sets": [name for name, members in SETS.items() if entry.name in members],
        "state": state,
    }


@app.command("list")
def list_models(ctx: typer.Context, json: AsJson = False) -> None:
    """Show the catalogue: licence, size, and what is on this machine."""
    store = _store(ctx)
    rows = [(entry, store.state(entry.name)) for entry in store.catalogue.values()]
    if json:
        print_json([_described(entry, state) for entry, state in rows])
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("model", overflow="fold")
    table.add_column("licence", no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("here", no_wrap=True)
    for task in dict.fromkeys(entry.task for entry, _ in rows):
        table.add_row(Text(f"\n{task}", style="bold cyan"))
        for entry, state in [row for row in rows if row[0].task == task]:
            what = Text.assemble(entry.name, (f"\n  {entry.summary}", "dim"))
            table.add_row(what, _licence(entry), _size(entry.bytes), _STATES[state])
    out = console()
    out.print(table)
    out.print(Text(f"\nin {store.folder}", style="dim"), soft_wrap=True)
    out.print(Text("a set to pull at once: " + ", ".join(SETS), style="dim"))


def _licence(entry: ModelEntry) -> Text:
    if entry.commercial:
        return Text(entry.licence)
    return Text.assemble((entry.licence, "yellow"), ("\nnot for commercial use", "yellow"))


@app.command()
def pull(
    ctx: typer.Context,
    names: Names = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            "--accept-licence",
            metavar="LICENCE",
            help="Accept a licence that does not allow commercial use.",
        ),
    ] = None,
    json: AsJson = False,
) -> None:
    """Fetch models, the set "embedded" if none is named. What is here already is kept."""
    store = _store(ctx, accept)
    wanted = store.expand(names or ["embedded"])
    with _bars(store, wanted) as report:
        store.pull(wanted, progress=report)
    if json:
        print_json([{"name": name, "folder": str(store.path(name))} for name in wanted])
        return
    total = sum(store.entry(name).bytes for name in wanted)
    noun = "model is" if len(wanted) == 1 else "models are"
    line = f"[green]✓[/] {len(wanted)} {noun} ready ({_size(total)}) in {store.folder}"
    console().print(line, soft_wrap=True)


@contextmanager
def _bars(store: ModelStore, names: tuple[str, ...]) -> Iterator[Callable[[Pulled], None]]:
    """One line for each model, on standard error."""
    bars = Progress(
        SpinnerColumn(finished_text="[green]✓[/]"),
        TextColumn("{task.description}"),
        TextColumn("{task.fields[licence]}", style="dim"),
        BarColumn(bar_width=18),
        TextColumn("{task.fields[size]}", justify="right"),
        TextColumn("{task.fields[phase]}", style="dim"),
        console=console(stderr=True),
    )
    width = max(map(len, names))
    tasks: dict[str, TaskID] = {
        name: bars.add_task(
            name.ljust(width),
            total=1,
            licence=store.entry(name).licence,
            size=_size(store.entry(name).bytes),
            phase="queued",
        )
        for name in names
    }

    def report(pulled: Pulled) -> None:
        task = tasks[pulled.name]
        if pulled.phase == "ready":
            size = _size(store.entry(pulled.name).bytes)
            bars.update(task, completed=1, total=1, phase="ready", size=size)
            return
        # The last step is not yet the end: the bar is full, and marked as done, when ready.
        size = f"{pulled.done / 1e6:,.1f} / {_size(pulled.total)}" if pulled.total else ""
        done = min(pulled.done, pulled.total - 1)
        bars.update(task, completed=done, total=pulled.total, phase=pulled.phase, size=size)

    with bars:
        yield report


def _present(store: ModelStore, names: list[str] | None) -> tuple[str, ...]:
    if names:
        return store.expand(names)
    return tuple(name for name in store.catalogue if (store.folder / name).exists())


@app.command()
def verify(ctx: typer.Context, names: Names = None, json: AsJson = False) -> None:
    """Hash every file again, of all models that are here if none is named."""
    from meetbot.core.errors import ModelError

    store = _store(ctx)
    checked: list[tuple[str, str | None]] = []
    with console(stderr=True).status("") as status:
        for name in _present(store, names):
            status.update(f"hashing {name}")
            try:
                store.verify(name)
            except ModelError as error:
                checked.append((name, str(error)))
            else:
                checked.append((name, None))
    if json:
        print_json([{"name": name, "ok": not fault, "fault": fault} for name, fault in checked])
    else:
        _print_verdicts(checked)
    if any(fault for _, fault in checked):
        raise typer.Exit(1)


def _print_verdicts(checked: list[tuple[str, str | None]]) -> None:
    out = console()
    if not checked:
        out.print("no model is on this machine; run: meetbot models pull")
    for name, fault in checked:
        mark = "[red]✗[/]" if fault else "[green]✓[/]"
        out.print(f"{mark} {name}" + (f": {fault}" if fault else ""), soft_wrap=True)


@app.command("rm")
def remove(
    ctx: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Models to delete.")],
    json: AsJson = False,
) -> None:
    """Delete models from this machine."""
    store = _store(ctx)
    freed = {name: store.remove(name) for name in store.expand(names)}
    if json:
        print_json([{"name": name, "bytes": count} for name, count in freed.items()])
        return
    for name, count in freed.items():
        line = (
            f"[green]✓[/] {name} removed, {_size(count)} freed" if count else f"{name} is not here"
        )
        console().print(line)


@app.command()
def export(
    ctx: typer.Context,
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A diffusion model: its folder, or its name.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Else where the engine onnx finds it."),
    ] = None,
    dtype: Annotated[
        Literal["float32", "float16", "int8"],
        typer.Option("--dtype", help="How weights are stored."),
    ] = "float32",
    size: Annotated[
        str | None,
        typer.Option("--size", metavar="WxH", help="Fix it to pictures of this many pixels."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Turn a diffusion model into networks for the painter onnx, which needs no torch."""
    store = _store(ctx)
    sides = _sides(size)
    try:
        from meetbot.engines.painter.onnx.export import export_model
        from meetbot.engines.painter.onnx.folder import exports_folder
    except ImportError as error:
        raise EngineError(
            f"exporting needs libraries that are not installed ({error.name}); "
            "install them with: pip install 'meetbot[export]'"
        ) from error
    named = model if model in store.catalogue else Path(model).expanduser().resolve().name
    folder = out or exports_folder(store) / f"{named}-{dtype}"
    with console(stderr=True).status("opening") as status:
        made = export_model(store, model, folder, dtype=dtype, size=sides, tell=status.update)
    total = sum(file.stat().st_size for file in folder.iterdir())
    if json:
        print_json({"folder": str(folder), "bytes": total, **made.model_dump(mode="json")})
        return
    furthest = max(made.agreement.values())
    line = f"[green]✓[/] {made.name} as {dtype} ({_size(total)}) in {folder}, "
    line += f"at most {furthest:.2g} standard deviations from torch"
    console().print(line, soft_wrap=True)


def _sides(size: str | None) -> tuple[int, int] | None:
    if size is None:
        return None
    if not (match := re.fullmatch(r"(\d{2,5})x(\d{2,5})", size)):
        raise InputError(f"--size takes width and height such as 512x512, not {size!r}")
    return int(match[1]), int(match[2])
