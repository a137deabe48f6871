"""``meetbot transcribe FILE…``: recordings to who said what."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from meetbot.cli.options import console, print_json, settings
from meetbot.core.errors import ConfigError, InputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from meetbot.config import Settings
    from meetbot.people import PeopleDirectory
    from meetbot.transcribe import Transcriber, Transcript

__all__ = ["app"]

app = typer.Typer()


@app.command()
def transcribe(
    ctx: typer.Context,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Sound or video of any kind.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    as_srt: Annotated[bool, typer.Option("--srt", help="As SubRip subtitles.")] = False,
    as_vtt: Annotated[bool, typer.Option("--vtt", help="As WebVTT subtitles.")] = False,
    language: Annotated[
        str | None, typer.Option("--language", help="Such as en or ru; else it is detected.")
    ] = None,
    remember: Annotated[
        bool, typer.Option("--remember", help="Keep the voices heard, to know them again.")
    ] = False,
) -> None:
    """Write down who said what in a recording."""
    if as_json + as_srt + as_vtt > 1:
        raise ConfigError("choose one of --json, --srt and --vtt")
    chosen = settings(ctx, {"hearing.asr.language": language})
    form = "json" if as_json else "srt" if as_srt else "vtt" if as_vtt else "text"
    failed = asyncio.run(_transcribe(chosen, files, form, remember=remember))
    if failed:
        raise InputError("; ".join(failed))


async def _transcribe(
    chosen: Settings, files: list[Path], form: str, *, remember: bool
) -> list[str]:
    """Transcribe what can be; returns a line for each file that could not."""
    failed: list[str] = []
    done: list[Transcript] = []
    async with _transcriber(chosen, remember=remember) as transcriber:
        for file in files:
            try:
                transcript = await _one(transcriber, file)
            except InputError as error:
                failed.append(str(error))
                continue
            done.append(transcript)
            if form != "json":
                _show(transcript, form, many=len(files) > 1)
    if form == "json" and (done or len(files) > 1):
        _show_json(done, many=len(files) > 1)
    return failed


@asynccontextmanager
async def _transcriber(chosen: Settings, *, remember: bool) -> AsyncIterator[Transcriber]:
    """Known people are recognised; new ones are kept only if asked to be remembered."""
    from meetbot.models import ModelStore
    from meetbot.people import PeopleDirectory, VoiceIdentifier
    from meetbot.session import load_engines
    from meetbot.store import Store
    from meetbot.transcribe import Transcriber

    models = ModelStore.configured(chosen.models)
    engines = await load_engines(chosen, models)
    with tempfile.TemporaryDirectory() as folder:
        place = chosen.store.location if remember else Path(folder)
        async with await Store.open(place) as store:
            identifier = None
            if engines.encoder is not None:
                directory = PeopleDirectory(store)
                if not remember:
                    await _lend_people(chosen, directory, engines.encoder.model_id)
                identifier = VoiceIdentifier(engines.encoder, directory)
            yield Transcriber(chosen, engines, models, identifier)


async def _lend_people(chosen: Settings, directory: PeopleDirectory, model_id: str) -> None:
    """Copy the known voices into a directory that is thrown away afterwards."""
    from meetbot.people import PeopleDirectory
    from meetbot.store import Store

    async with await Store.open(chosen.store.location) as known:
        for voice in await PeopleDirectory(known).voices(model_id):
            await directory.create(
                voice.speaker.name, model_id, voice.prints, seconds=voice.seconds
            )


async def _one(transcriber: Transcriber, file: Path) -> Transcript:
    with console(stderr=True).status(f"{file.name}: opening") as status:

        def progress(seconds: float) -> None:
            status.update(f"{file.name}: {seconds:.0f} s done")

        return await transcriber.transcribe(file, progress)


def _show(transcript: Transcript, form: str, *, many: bool) -> None:
    from meetbot.transcript import to_srt, to_vtt

    if form == "srt":
        typer.echo(to_srt(transcript.utterances), nl=False)
        return
    if form == "vtt":
        typer.echo(to_vtt(transcript.utterances), nl=False)
        return
    if many:
        typer.echo(f"{transcript.file}:")
    for utterance in transcript.utterances:
        minutes, seconds = divmod(utterance.start_ns / 1e9, 60)
        name = utterance.speaker.name if utterance.speaker else "?"
        typer.echo(f"{int(minutes):02d}:{seconds:04.1f}  {name}: {utterance.text}")
    if not transcript.utterances:
        typer.echo(f"{transcript.file}: nobody speaks in it", err=True)


def _show_json(transcripts: list[Transcript], *, many: bool) -> None:
    from meetbot.transcript import to_document

    documents = [to_document(t.file, t.utterances) for t in transcripts]
    print_json(documents if many else documents[0])
