"""``meetbot say TEXT``: a talking clip."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from meetbot.cli.options import PersonaName, console, print_json, settings
from meetbot.core.errors import InputError

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from meetbot.clip import Clip
    from meetbot.config import Settings
    from meetbot.core.ports import Face
    from meetbot.personas import Persona

__all__ = ["app"]

app = typer.Typer()


@app.command()
def say(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to say.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The mp4 to write.")],
    persona: PersonaName = None,
    language: Annotated[
        str | None, typer.Option("--language", help="Such as en or ru; else the script tells.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON, for a program.")] = False,
) -> None:
    """Let a persona say something: an mp4 with sound and moving face."""
    if out.suffix.lower() != ".mp4":
        raise InputError(f"{out} is no .mp4; clips are written as mp4 only")
    if out.is_dir():
        raise InputError(f"{out} is a folder; name a file in it")
    chosen = settings(ctx, {"talking.persona": persona})
    clip = asyncio.run(_say(chosen, text, out, language, quiet=json))
    if json:
        print_json(
            {
                "file": str(clip.path),
                "seconds": clip.seconds,
                "frames": clip.frames,
                "took_s": round(clip.took_s, 3),
            }
        )
        return
    console().print(
        f"{clip.path}: {clip.seconds:.1f} s, made in {clip.took_s:.1f} s "
        f"({clip.speed:.1f} times as fast as it plays)",
        markup=False,
        soft_wrap=True,
    )


async def _say(
    chosen: Settings, text: str, out: Path, language: str | None, *, quiet: bool
) -> Clip:
    from rich.progress import Progress

    from meetbot.clip import language_of, render_clip
    from meetbot.core.voice import Voice
    from meetbot.engines.registry import load_engine
    from meetbot.engines.tts.router import load_voices
    from meetbot.models import ModelStore

    models = ModelStore.configured(chosen.models)
    talking = chosen.talking
    spoken = language or language_of(text)
    voices = await asyncio.to_thread(load_voices, talking.voice, models)
    engine = voices.engine_for(spoken)
    if engine is None:
        reasons = "; ".join(voices.notes) or "see talking.voice in the settings"
        raise InputError(f"no installed voice speaks {spoken!r}: {reasons}")
    face = await asyncio.to_thread(load_engine, "face", talking.face.engine, models, talking.face)
    screen = console(stderr=True)
    hidden = quiet or not screen.is_terminal
    with Progress(console=screen, disable=hidden, transient=True) as bars:
        shown = await _persona(chosen, face, bars)
        stream = await face.open(shown.face_folder)
        task = bars.add_task("Saying it", total=1.0)
        try:
            return await render_clip(
                text,
                spoken,
                voices,
                shown.voices.get(engine, Voice()),
                stream,
                out,
                progress=lambda share: bars.update(task, completed=share),
            )
        finally:
            stream.close()


async def _persona(chosen: Settings, face: Face, bars: Progress) -> Persona:
    from meetbot.personas import PersonaDirectory, load_persona
    from meetbot.store import Store

    tasks: list[TaskID] = []

    def show(share: float) -> None:
        if not tasks:
            tasks.append(bars.add_task("Preparing the face", total=1.0))
        bars.update(tasks[0], completed=share)

    talking = chosen.talking
    async with await Store.open(chosen.store.location) as store:
        directory = PersonaDirectory.configured(store, chosen.store)
        return await load_persona(
            talking.persona, directory, face, talking.face.size, progress=show
        )
