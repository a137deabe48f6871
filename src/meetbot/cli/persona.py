"""``meetbot persona``: whom the bot can be."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from meetbot.cli.options import console, print_json, settings
from meetbot.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from meetbot.config import Settings
    from meetbot.personas import KnownPersona, PersonaDirectory
    from meetbot.personas.preparing import Draft, Prepared, Stage

__all__ = ["app"]

T = TypeVar("T")

app = typer.Typer(help="Whom the bot can be: add, list, show, remove.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for a program.")]
Who = Annotated[str, typer.Argument(metavar="NAME", help="A persona's name, or id.")]

MOST_PROMPT_BYTES = 100_000
CONSENT = (
    "A face and a voice are personal data. Has the person shown agreed that this bot speaks with "
    "their face and voice, in every meeting you send it to?"
)
STAGES = {
    "photo": "Reading the photo",
    "face": "Preparing the face",
    "voice": "Listening to the voice",
    "likeness": "Choosing voices",
}


@asynccontextmanager
async def _opened(chosen: Settings) -> AsyncIterator[PersonaDirectory]:
    from meetbot.personas import PersonaDirectory
    from meetbot.store import Store

    async with await Store.open(chosen.store.location) as store:
        yield PersonaDirectory.configured(store, chosen.store)


def _run(ctx: typer.Context, work: Callable[[PersonaDirectory], Awaitable[T]]) -> T:
    async def run() -> T:
        async with _opened(settings(ctx)) as directory:
            return await work(directory)

    return asyncio.run(run())


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called, once only.")],
    photo: Annotated[Path, typer.Option("--photo", metavar="FILE", help="PNG, JPEG or WebP.")],
    voices: Annotated[
        list[Path] | None,
        typer.Option("--voice", metavar="FILE", help="A recording of the person; may be repeated."),
    ] = None,
    prompt: Annotated[
        str, typer.Option("--prompt", metavar="TEXT|FILE", help="What it is like, in words.")
    ] = "",
    consent: Annotated[
        bool, typer.Option("--consent", help="The person shown has agreed; do not ask.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Make a persona of a photo, voice samples and a few words; prepared once, with progress."""
    from meetbot.personas.photo import read_photo
    from meetbot.personas.preparing import Draft
    from meetbot.transcribe.media import read_sound

    chosen = settings(ctx)
    picture = read_photo(photo)
    sounds = {str(path): read_sound(path) for path in voices or ()}
    basis = _consented(consent)
    draft = Draft(name, _prompt(prompt), picture, basis, sounds)
    made = asyncio.run(_add(chosen, draft, quiet=json))
    if json:
        print_json({**_described(made.persona), "notes": list(made.notes)})
        return
    for note in made.notes:
        console(stderr=True).print(f"note: {note}", markup=False)
    console().print(
        f"{made.persona.name} is ready: meetbot say 'Hello' --persona {made.persona.name!r} "
        "--out hello.mp4",
        markup=False,
        soft_wrap=True,
    )


async def _add(chosen: Settings, draft: Draft, *, quiet: bool) -> Prepared:
    from meetbot.cli.workshop import open_workshop
    from meetbot.personas.preparing import prepare_persona

    async with _opened(chosen) as directory:
        await directory.check_name(draft.name)  # before engines are loaded for nothing
        with _progress(quiet) as show:
            async with open_workshop(chosen, voices=bool(draft.sounds)) as (workshop, notes):
                made = await prepare_persona(draft, directory, workshop, show)
    return type(made)(made.persona, made.face_folder, (*notes, *made.notes))


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[Stage, float], None]]:
    """A bar for each stage, on standard error."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    tasks: dict[Stage, Any] = {}
    with Progress(*columns, console=console(stderr=True), disable=quiet) as bars:

        def show(stage: Stage, share: float) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(STAGES[stage], total=1.0)
            bars.update(tasks[stage], completed=share)

        yield show


@app.command("list")
def list_personas(ctx: typer.Context, json: AsJson = False) -> None:
    """Show everyone; "default" comes with the program."""
    found = _run(ctx, lambda directory: directory.personas())
    if json:
        print_json([_described(persona) for persona in found])
        return
    from rich.table import Table
    from rich.text import Text

    table = Table("persona", "made", "last used", "voices", box=None)
    table.add_row(Text("default"), "-", "-", "comes with the program")
    for persona in found:
        table.add_row(
            Text(persona.name),
            f"{persona.created_at:%Y-%m-%d}",
            f"{persona.used_at:%Y-%m-%d}",
            ", ".join(_heard(voice) for voice in _described(persona)["voices"]) or "the engines'",
        )
    console().print(table)


@app.command()
def show(ctx: typer.Context, who: Who, json: AsJson = False) -> None:
    """Show all that is known of a persona, and who agreed to it."""

    async def read(directory: PersonaDirectory) -> dict[str, Any]:
        persona = await directory.find(who)
        audit = await directory.audit(persona.id)
        return _described(persona) | {
            "audit": [
                {"at": entry.at.isoformat(), "action": entry.action, "basis": entry.basis}
                for entry in audit
            ]
        }

    found = _run(ctx, read)
    if json:
        print_json(found)
        return
    out = console()
    out.print(f"{found['name']} ({found['id']})", markup=False)
    out.print(f"prompt: {found['prompt'] or '-'}", markup=False)
    pitch = f"{found['voice_hz']:.0f} Hz" if found["voice_hz"] else "-"
    out.print(f"voice-print by {found['voice_model'] or '-'}, median pitch {pitch}", markup=False)
    for voice in found["voices"]:
        out.print(f"voice {_heard(voice)}", markup=False)
    for entry in found["audit"]:
        out.print(f"{entry['at'][:16]} {entry['action']} ({entry['basis']})", markup=False)


@app.command()
def rm(
    ctx: typer.Context,
    who: Who,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete a persona for good: face, voice-print, cloned voices, prompt."""
    if not yes:
        typer.confirm(f"Delete {who} for good?", abort=True)
    _run(ctx, lambda directory: directory.remove(who))
    console().print(f"{who} is gone", markup=False)


def _consented(given: bool) -> str:
    """On whose word the face is used; asks on the terminal where no flag says it."""
    if given:
        return "the person shown agreed, by --consent"
    if not sys.stdin.isatty():
        raise InputError(
            "the person shown must agree to this use of their face and voice; where they have, "
            "and nobody can be asked on a terminal, say so with --consent"
        )
    if not typer.confirm(CONSENT, default=False):
        raise InputError("without the consent of the person shown there is no persona")
    return "the person shown agreed, asked on the terminal"


def _prompt(text: str) -> str:
    """The text, or what is in the file of that name."""
    path = Path(text)
    try:
        if not text or len(text) > 255 or not path.is_file():
            return text.strip()
        if path.stat().st_size > MOST_PROMPT_BYTES:
            raise InputError(f"{path} is too large for a prompt; a few sentences are enough")
        return path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no text in UTF-8; give the prompt as text") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error


def _heard(voice: dict[str, Any]) -> str:
    if voice["cloned"]:
        return f"{voice['engine']} (cloned)"
    return f"{voice['engine']}: {voice['name'] or 'its own'} ×{voice['pitch']:.2f}"


def _described(persona: KnownPersona) -> dict[str, Any]:
    return {
        "id": persona.id,
        "name": persona.name,
        "prompt": persona.prompt,
        "photo": persona.photo,
        "voice_model": persona.voice_model,
        "voice_hz": persona.voice_hz,
        "voices": [
            {
                "engine": voice.engine,
                "name": voice.name,
                "pitch": voice.pitch,
                "likeness": voice.likeness,
                "cloned": voice.cloned,
            }
            for voice in persona.voices
        ],
        "created_at": persona.created_at.isoformat(),
        "used_at": persona.used_at.isoformat(),
    }
