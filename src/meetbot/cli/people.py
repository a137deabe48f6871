"""``meetbot people``: who the bot knows by voice, and what may be done about it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from meetbot.cli.options import console, print_json, settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from meetbot.config import Settings
    from meetbot.people import PeopleDirectory, Person
    from meetbot.store import Store
    from meetbot.store.pictures import KeptPicture

__all__ = ["app"]

T = TypeVar("T")

app = typer.Typer(
    help="Who the bot knows by voice: list, enrol, rename, merge, forget.", no_args_is_help=True
)

AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for a program.")]
Who = Annotated[str, typer.Argument(metavar="NAME", help="A person's name, or id.")]


def _run_store(chosen: Settings, work: Callable[[Store], Awaitable[T]]) -> T:
    from meetbot.store import Store

    async def run() -> T:
        async with await Store.open(chosen.store.location) as store:
            return await work(store)

    return asyncio.run(run())


def _run(ctx: typer.Context, work: Callable[[PeopleDirectory], Awaitable[T]]) -> T:
    from meetbot.people import PeopleDirectory

    return _run_store(settings(ctx), lambda store: work(PeopleDirectory(store)))


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
    """Make two people one: voice-prints, presets, pictures and history go to INTO-NAME."""
    speaker = _run(ctx, lambda directory: directory.merge(who, into))
    console().print(f"{who} is part of {speaker.name} now", markup=False)


@app.command()
def preset(
    ctx: typer.Context,
    who: Who,
    style: Annotated[
        str | None, typer.Option("--style", metavar="WORD", help="Such as watercolour.")
    ] = None,
    palette: Annotated[
        str | None,
        typer.Option(
            "--palette", metavar="COLOURS", help="#rrggbb or names, ground first, apart by commas."
        ),
    ] = None,
    likes: Annotated[
        list[str] | None, typer.Option("--like", metavar="SUBJECT", help="To be seen more often.")
    ] = None,
    dislikes: Annotated[
        list[str] | None, typer.Option("--dislike", metavar="SUBJECT", help="Not to be seen.")
    ] = None,
    references: Annotated[
        list[str] | None,
        typer.Option("--reference", metavar="FILE|URL", help="A picture to paint after."),
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option("--drop-reference", metavar="NAME", help="Take a reference away."),
    ] = None,
    seed: Annotated[
        str | None, typer.Option("--seed", metavar="N", help="The same picture for the same words.")
    ] = None,
    strength: Annotated[
        str | None,
        typer.Option("--strength", metavar="0…1", help="How far to go from a reference."),
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Take everything away first.")] = False,
    json: AsJson = False,
) -> None:
    """Set how someone is painted, and show it; an empty value ("") takes one thing away."""
    from meetbot.engines.painter.storyboard.styles import STYLES
    from meetbot.gallery import Gallery
    from meetbot.gallery.described import described_preset
    from meetbot.gallery.wishes import Wishes, wish

    wishes = Wishes(
        style,
        palette,
        likes or (),
        dislikes or (),
        seed,
        strength,
        references or (),
        drop or (),
        clear,
    )
    chosen = settings(ctx)
    any_style = chosen.painting.painter.engine != "storyboard"

    async def grant(store: Store) -> dict[str, Any]:
        gallery = Gallery(store, chosen.painting.references)
        person = await gallery.speaker(who)
        after = await wish(gallery, person.person_id, wishes, STYLES, any_style=any_style)
        return described_preset(after)

    found = _run_store(chosen, grant)
    if json:
        print_json(found)
        return
    given = {key: value for key, value in found.items() if value not in (None, [])}
    for key, value in given.items():
        shown = ", ".join(value) if isinstance(value, list) else value
        console().print(f"{key} = {shown}", markup=False, soft_wrap=True)
    if not given:
        console().print(f"nothing is set for {who}; see: meetbot people preset --help")


@app.command()
def pictures(
    ctx: typer.Context,
    who: Who,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, the latest first.")] = 20,
    json: AsJson = False,
) -> None:
    """Show what was painted of someone's words, the latest first."""
    from meetbot.cli.pictures import print_pictures
    from meetbot.gallery import Gallery
    from meetbot.gallery.described import described
    from meetbot.people import PeopleDirectory

    async def look(store: Store) -> tuple[KeptPicture, ...]:
        person = await PeopleDirectory(store).find(who)
        return await Gallery(store).of_person(person.id, limit)

    found = _run_store(settings(ctx), look)
    if json:
        print_json([described(picture) for picture in found])
    elif found:
        print_pictures(found)
    else:
        console().print(f"nothing {who} said was painted yet", markup=False)


@app.command()
def forget(
    ctx: typer.Context,
    who: Who,
    words: Annotated[bool, typer.Option("--words", help="What they said, too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete someone for good: voice-prints, name, presets, references.

    With --words what they said and the pictures of it, too; else both stay without a name.
    """
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
    """Delete voice-prints and references of people not heard for so many days.

    And the voice-prints of personas not used for so long.
    """
    from meetbot.gallery import Gallery
    from meetbot.people import PeopleDirectory
    from meetbot.personas import PersonaDirectory

    chosen = settings(ctx)
    limit = days or chosen.people.retention_days

    async def purge(store: Store) -> tuple[int, int, int]:
        personas = PersonaDirectory.configured(store, chosen.store)
        return (
            await PeopleDirectory(store).purge(limit),
            await Gallery(store).purge(limit),
            await personas.purge(limit),
        )

    people, references, personas = _run_store(chosen, purge)
    console().print(
        f"{people} voice-prints and {references} references deleted, "
        f"and the voices of {personas} personas"
    )


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
