"""``meetbot people``: who the bot knows by voice, and what may be done about it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from meetbot.cli.options import console, print_json, settings
from meetbot.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from meetbot.people import PeopleDirectory, Person

__all__ = ["app"]

T = TypeVar("T")

app = typer.Typer(
    help="Who the bot knows by voice: list, enrol, rename, merge, forget.", no_args_is_help=True
)

AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for a program.")]
Who = Annotated[str, typer.Argument(metavar="NAME", help="A person's name, or id.")]


@asynccontextmanager
async def _opened(ctx: typer.Context) -> AsyncIterator[PeopleDirectory]:
    from meetbot.people import PeopleDirectory
    from meetbot.store import Store

    async with await Store.open(settings(ctx).store.location) as store:
        yield PeopleDirectory(store)


def _run(ctx: typer.Context, work: Callable[[PeopleDirectory], Awaitable[T]]) -> T:
    async def run() -> T:
        async with _opened(ctx) as directory:
            return await work(directory)

    return asyncio.run(run())


@app.command("list")
def list_people(ctx: typer.Context, json: AsJson = False) -> None:
    """Show everyone, by name."""
    found = _run(ctx, lambda directory: directory.people())
    if json:
        print_json([_described(person) for person in found])
        return
    if not found:
        console().print("nobody is known yet; people are added as they speak, or by enrol")
        return
    from rich.table import Table
    from rich.text import Text

    table = Table("person", "last heard", "utterances", "voice-prints", box=None)
    for person in found:
        heard = person.last_heard_at
        table.add_row(
            Text(person.name, style=person.colour),
            f"{heard:%Y-%m-%d %H:%M}" if heard else "-",
            str(person.utterances),
            ", ".join(f"{count} by {model}" for model, count in person.prints) or "none",
        )
    console().print(table)


@app.command()
def show(ctx: typer.Context, who: Who, json: AsJson = False) -> None:
    """Show one person: presets, what they said last, what was done with their voice-prints."""

    async def look(directory: PeopleDirectory) -> dict[str, Any]:
        person = await directory.find(who)
        said = await directory.history(person.id, 10)
        done = await directory.audit(person.id)
        return {
            **_described(person),
            "history": [
                {"meeting": s.meeting_id, "at": s.start_ns / 1e9, "text": s.text} for s in said
            ],
            "audit": [{"at": e.at.isoformat(), "action": e.action, "basis": e.basis} for e in done],
        }

    found = _run(ctx, look)
    if json:
        print_json(found)
        return
    out = console()
    for key in ("name", "id", "colour", "created_at", "last_heard_at"):
        out.print(f"{key.replace('_', ' ')}: {found[key]}", markup=False)
    for key, value in found["presets"].items():
        out.print(f"preset {key} = {value}", markup=False)
    for entry in found["audit"]:
        out.print(f"{entry['at'][:16]} {entry['action']} ({entry['basis']})", markup=False)
    for said in found["history"]:
        out.print(f"{said['meeting']} {said['at']:7.1f} s  {said['text']}", markup=False)


@app.command()
def enrol(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose voice it is.")],
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Recordings of this person alone.")
    ],
) -> None:
    """Learn someone's voice from recordings: 5 s of speech or more, one person only."""
    from meetbot.engines.registry import load_engine
    from meetbot.models import ModelStore
    from meetbot.people.enrolment import enrol as learn
    from meetbot.transcribe.media import read_sound

    chosen = settings(ctx)
    sounds = {path.name: read_sound(path) for path in files}
    models = ModelStore.configured(chosen.models)
    encoder = load_engine("speaker", chosen.people.encoder, models, chosen.people)
    speaker = _run(ctx, lambda directory: learn(directory, encoder, name, sounds))
    console().print(f"{speaker.name} is known by voice now", markup=False)


@app.command()
def rename(
    ctx: typer.Context, who: Who, name: Annotated[str, typer.Argument(metavar="NEW-NAME")]
) -> None:
    """Give someone another name, in old transcripts too."""
    speaker = _run(ctx, lambda directory: directory.rename(who, name))
    console().print(f"{who} is {speaker.name} now", markup=False)


@app.command()
def merge(
    ctx: typer.Context, who: Who, into: Annotated[str, typer.Argument(metavar="INTO-NAME")]
) -> None:
    """Make two people one: voice-prints, presets and history of NAME go to INTO-NAME."""
    speaker = _run(ctx, lambda directory: directory.merge(who, into))
    console().print(f"{who} is part of {speaker.name} now", markup=False)


@app.command()
def preset(
    ctx: typer.Context,
    who: Who,
    assignments: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="Settings; KEY= takes one away."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Set what someone likes, or show it."""
    pairs = [_assignment(text) for text in assignments or ()]

    async def put(directory: PeopleDirectory) -> dict[str, str]:
        for key, value in pairs:
            await directory.set_preset(who, key, value or None)
        return dict((await directory.find(who)).presets)

    found = _run(ctx, put)
    if json:
        print_json(found)
        return
    for key, value in found.items():
        console().print(f"{key} = {value}", markup=False)


@app.command()
def forget(
    ctx: typer.Context,
    who: Who,
    words: Annotated[bool, typer.Option("--words", help="What they said, too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete someone for good: voice-prints, name, presets; with --words what they said, too."""
    if not yes:
        typer.confirm(f"Delete {who} for good?", abort=True)
    _run(ctx, lambda directory: directory.forget(who, words=words))
    console().print(f"{who} is forgotten", markup=False)


@app.command()
def purge(
    ctx: typer.Context,
    days: Annotated[
        int | None, typer.Option("--days", min=1, help="Else people.retention_days.")
    ] = None,
) -> None:
    """Delete voice-prints of people not heard, and personas not used, for so many days."""
    from meetbot.people import PeopleDirectory
    from meetbot.personas import PersonaDirectory
    from meetbot.store import Store

    chosen = settings(ctx)
    limit = days or chosen.people.retention_days

    async def purge() -> tuple[int, int]:
        async with await Store.open(chosen.store.location) as store:
            personas = PersonaDirectory.configured(store, chosen.store)
            return await PeopleDirectory(store).purge(limit), await personas.purge(limit)

    people, personas = asyncio.run(purge())
    console().print(f"{people} voice-prints deleted, and the voices of {personas} personas")


def _assignment(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise InputError(f"{text!r} is no KEY=VALUE")
    return key.strip(), value.strip()


def _described(person: Person) -> dict[str, Any]:
    heard = person.last_heard_at
    return {
        "id": person.id,
        "name": person.name,
        "colour": person.colour,
        "created_at": person.created_at.isoformat(),
        "last_heard_at": heard.isoformat() if heard else None,
        "utterances": person.utterances,
        "prints": dict(person.prints),
        "presets": dict(person.presets),
    }
