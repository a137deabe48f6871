"""``meetbot bench NAME``: the README's figures, measured again on this machine."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from meetbot.cli.options import Options, console, print_json, settings
from meetbot.core.errors import InputError

if TYPE_CHECKING:
    from meetbot.config import Settings
    from meetbot.demo.venue import RoomKind

__all__ = ["app"]

app = typer.Typer(help="Measure again the figures in the README.", no_args_is_help=True)

Data = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Speech, with transcripts.tsv in it.")
]
Noise = Annotated[
    Path | None, typer.Option("--noise", metavar="DIR", help="With noise*.wav; else beside DATA.")
]
BESIDE = Path("../shared/data/speech")
"""Where developers keep recordings: beside the checkout, never in it."""
InRoom = Annotated[
    Literal["webrtc", "livekit"],
    typer.Option("--room", help="The program's own rooms, or a LiveKit server's."),
]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for a program.")]


def _folder(data: Path | None) -> Path:
    folder = data or BESIDE
    if not folder.is_dir():
        raise InputError(
            f"there is no folder {folder}; --data takes one with speech and transcripts.tsv"
        )
    return folder


@app.command()
def hearing(
    ctx: typer.Context, data: Data = None, noise: Noise = None, as_json: AsJson = False
) -> None:
    """Wrong words, delay of captions in a real room, cost of silence, start-up."""
    folder = _folder(data)
    figures = asyncio.run(_hearing(ctx, folder, noise or folder.parent / "noise"))
    _show(figures, as_json=as_json)


@app.command()
def speaker(ctx: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """Whose voice it is: two people at one microphone, and a phone talk."""
    from meetbot.bench.speaker import bench_speaker
    from meetbot.models import ModelStore

    models = ModelStore.configured(settings(ctx).models)
    _show(asdict(asyncio.run(bench_speaker(_folder(data), models))), as_json=as_json)


@app.command()
def soak(
    ctx: typer.Context,
    data: Data = None,
    minutes: Annotated[int, typer.Option("--minutes", min=2)] = 60,
    room: Annotated[
        Literal["webrtc", "livekit"] | None,
        typer.Option("--room", help="In a real room, which takes as long as the meeting does."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Memory over a long meeting: recorded talk, as fast as the machine goes."""
    folder = _folder(data)
    if room is None:
        figures = asyncio.run(_soak(settings(ctx), folder, minutes))
    else:
        figures = asyncio.run(_soak_in_room(ctx, room, folder, minutes))
    _show(figures, as_json=as_json)


@app.command()
def questions(
    ctx: typer.Context,
    model: Annotated[
        str | None, typer.Option("--model", help="A language model; else the configured one.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Twenty questions about a phone talk, English and Russian: how many are answered rightly."""
    chosen = settings(ctx, {"conversation.llm.model": model})
    figures = asyncio.run(_questions(chosen))
    if not as_json:
        _show_answers(figures["answers"])
    _show(figures, as_json=as_json)


@app.command("voice-to-voice")
def voice_to_voice(
    ctx: typer.Context,
    data: Data = None,
    noise: Noise = None,
    count: Annotated[int, typer.Option("--questions", min=1, max=30)] = 30,
    model: Annotated[
        str | None, typer.Option("--model", help="A language model; else the configured one.")
    ] = None,
    room: InRoom = "webrtc",
    as_json: AsJson = False,
) -> None:
    """From the end of a question to the first sound of the answer, in a real room; barge-in."""
    beside = noise or (data or BESIDE).parent / "noise"
    recorded = beside if beside.is_dir() else None
    figures = asyncio.run(_voice_to_voice(ctx, recorded, count, model, room))
    _show(figures, as_json=as_json)


@app.command()
def face(
    ctx: typer.Context,
    room: Annotated[
        bool, typer.Option("--room", help="Also as a participant of a real room receives it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """How well the mouth follows the sound, told from the pixels; what a picture costs."""
    _show(asyncio.run(_face(ctx, room=room)), as_json=as_json)


@app.command()
def images(
    ctx: typer.Context,
    engine: Annotated[
        list[str] | None,
        typer.Option("--engine", metavar="NAME", help="storyboard, diffusers or onnx; else all."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="MODEL", help="A diffusion model: its folder or name."),
    ] = None,
    count: Annotated[
        int | None, typer.Option("--count", min=1, help="Pictures; else 50, of networks 10.")
    ] = None,
    side: Annotated[
        int | None, typer.Option("--side", min=64, max=2048, help="Pixels; else what suits.")
    ] = None,
    seeded: Annotated[
        Literal["auto", "official", "toy"],
        typer.Option("--seeded", help="Size of the random model where none is here."),
    ] = "auto",
    room: Annotated[
        bool, typer.Option("--room", help="From speech to its picture in a real room, instead.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Pictures a second and the time to the first one, of every painter that can run here."""
    if room:
        _show(asyncio.run(_pictures_in_room(ctx)), as_json=as_json)
        return
    from meetbot.bench.images import measure_images
    from meetbot.bench.painters import ENGINES, Job, suiting_engine

    chosen = settings(ctx)
    suited = suiting_engine(model) if model else None
    names = engine or ([suited] if suited else ENGINES)
    jobs = [
        Job(
            name,
            chosen.models,
            chosen.painting.painter,
            count or (50 if name == "storyboard" else 10),
            model if name == suited or engine else None,
            seeded,
            side,
        )
        for name in names
    ]
    with console(stderr=True).status("") as status:
        figures = asdict(measure_images(jobs, status.update))
    if not as_json:
        known = [
            {name: value for name, value in one.items() if value is not None}
            for one in figures["painters"]
        ]
        figures = {one.pop("engine"): one for one in known}
    _show(figures, as_json=as_json)


async def _face(ctx: typer.Context, *, room: bool) -> dict[str, Any]:
    from meetbot.bench.face import measure_face
    from meetbot.bench.face_room import measure_face_in_room
    from meetbot.models import ModelStore

    chosen = settings(ctx)
    models = ModelStore.configured(chosen.models)
    notes = console(stderr=True)
    notes.print("the mouth against the sound")
    figures = asdict(await measure_face(chosen.talking, models))
    if room:
        options = (ctx.find_object(Options) or Options()).arguments()
        notes.print("a real room")
        with tempfile.TemporaryDirectory() as folder:
            seen = await measure_face_in_room(Path(folder), options, models)
        figures["room"] = asdict(seen)
    return figures


async def _pictures_in_room(ctx: typer.Context) -> dict[str, Any]:
    from meetbot.bench.pictures_room import measure_pictures_in_room
    from meetbot.models import ModelStore

    notes = console(stderr=True)
    models = ModelStore.configured(settings(ctx).models)
    options = (ctx.find_object(Options) or Options()).arguments()
    with tempfile.TemporaryDirectory() as folder:
        return asdict(await measure_pictures_in_room(Path(folder), options, models, notes.print))


async def _voice_to_voice(
    ctx: typer.Context, noise: Path | None, count: int, model: str | None, room: RoomKind
) -> dict[str, Any]:
    from meetbot.bench.voice_to_voice import measure_voice_to_voice
    from meetbot.models import ModelStore

    notes = console(stderr=True)
    options = (ctx.find_object(Options) or Options()).arguments()
    if model is not None:
        options = [*options, "--set", f"conversation.llm.model={model}"]
    with tempfile.TemporaryDirectory() as folder:
        figures = await measure_voice_to_voice(
            Path(folder),
            options,
            ModelStore.configured(settings(ctx).models),
            noise=noise,
            questions=count,
            room=room,
            say=lambda what: notes.print(f"a real room: {what}"),
        )
    return asdict(figures)


async def _hearing(ctx: typer.Context, data: Path, noise: Path) -> dict[str, Any]:
    from meetbot.bench.accuracy import measure_accuracy
    from meetbot.bench.rooms import measure_rooms
    from meetbot.bench.startup import measure_startup
    from meetbot.models import ModelStore
    from meetbot.session import load_engines
    from meetbot.transcribe import Transcriber

    notes = console(stderr=True)
    chosen = settings(ctx)
    models = ModelStore.configured(chosen.models)
    notes.print("start-up")
    startup = await measure_startup()
    notes.print("wrong words, clean and in noise")
    engines = await load_engines(chosen, models)
    transcriber = Transcriber(chosen, engines, models, None)
    accuracy = await measure_accuracy(transcriber, data, noise)
    options = (ctx.find_object(Options) or Options()).arguments()
    with tempfile.TemporaryDirectory() as folder:
        rooms = await measure_rooms(
            data, Path(folder), options, lambda what: notes.print(f"a real room: {what}")
        )
    return {"startup": asdict(startup), "accuracy": asdict(accuracy), "rooms": asdict(rooms)}


async def _questions(chosen: Settings) -> dict[str, Any]:
    from meetbot.bench.questions import ask_questions, known_questions, phone_talk
    from meetbot.engines.registry import load_engine
    from meetbot.models import ModelStore

    models = ModelStore.configured(chosen.models)
    conversation = chosen.conversation
    with console(stderr=True).status("the talk") as status:
        talk = await phone_talk(chosen, models)
        model = load_engine("llm", conversation.llm.engine, models, conversation.llm)
        try:
            report = await ask_questions(
                conversation,
                model,
                talk,
                known_questions(),
                lambda one: status.update(one.question),
            )
        finally:
            await model.close()
    return asdict(report)


async def _soak(chosen: Settings, data: Path, minutes: int) -> dict[str, Any]:
    from meetbot.bench.recordings import load_recordings
    from meetbot.bench.soak import measure_soak
    from meetbot.models import ModelStore

    notes = console(stderr=True)
    sounds = [recording.audio for recording in load_recordings(data)]
    models = ModelStore.configured(chosen.models)
    with notes.status("minute 0") as status:
        figures = await measure_soak(
            chosen, models, sounds, minutes, lambda minute: status.update(f"minute {minute}")
        )
    return asdict(figures)


async def _soak_in_room(
    ctx: typer.Context, room: RoomKind, data: Path, minutes: int
) -> dict[str, Any]:
    from meetbot.bench.soak_room import measure_soak_in_room

    options = (ctx.find_object(Options) or Options()).arguments()
    with tempfile.TemporaryDirectory() as folder, console(stderr=True).status("") as status:
        figures = await measure_soak_in_room(
            room,
            Path(folder),
            options,
            data,
            minutes,
            lambda minute: status.update(f"minute {minute}"),
        )
    return asdict(figures)


def _show_answers(answers: list[dict[str, Any]]) -> None:
    from rich.table import Table

    table = Table("question", "answer", "right", "first words")
    for one in answers:
        right = "yes" if one["right"] else "no"
        table.add_row(one["question"], one["answer"], right, f"{one['first_words_s']:.2f} s")
    console().print(table)


def _show(figures: dict[str, Any], *, as_json: bool) -> None:
    """JSON, or a table of every figure by its dotted name."""
    if as_json:
        print_json(figures)
        return
    from rich.table import Table

    table = Table("figure", "value")
    for name, value in _flat(figures):
        table.add_row(name, value)
    console().print(table)


def _flat(figures: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in figures.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{prefix}{name}.")
        elif isinstance(value, float):
            rows.append((prefix + name, f"{value:.3f}"))
        elif not isinstance(value, list | tuple):
            rows.append((prefix + name, str(value)))
    return rows
