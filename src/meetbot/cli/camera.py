"""``meetbot camera``: the bot as this machine's webcam and microphone, for Zoom, Meet or Teams."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Annotated, Any

import typer

from meetbot.cli.options import Paint, PersonaName, Talk, console, print_json, settings
from meetbot.cli.signals import on_signals
from meetbot.core.errors import ConfigError

if TYPE_CHECKING:
    from rich.table import Table

    from meetbot.config import Settings
    from meetbot.core.types import RoomMessage

__all__ = ["app"]

app = typer.Typer()

GROUPS = {
    "cameras": "Cameras (virtual)",
    "microphones": "Your microphone",
    "speakers": "Loudspeakers (the others)",
    "cables": "The bot's voice",
}


@app.command()
def camera(
    ctx: typer.Context,
    device: Annotated[
        str | None, typer.Option("--device", help="The virtual camera's name or path.")
    ] = None,
    microphone: Annotated[
        str | None, typer.Option("--microphone", metavar="NAME", help="Yours, that is heard.")
    ] = None,
    speakers: Annotated[
        str | None, typer.Option("--speakers", metavar="NAME", help="Where you hear the others.")
    ] = None,
    voice: Annotated[
        str | None, typer.Option("--voice", metavar="NAME", help="The cable the bot speaks into.")
    ] = None,
    fps: Annotated[int | None, typer.Option("--fps", help="Frames per second, 10 to 60.")] = None,
    hear_me: Annotated[
        bool | None, typer.Option("--hear-me/--no-hear-me", help="Whether you are heard.")
    ] = None,
    hear_others: Annotated[
        bool | None,
        typer.Option("--hear-others/--no-hear-others", help="Whether the others are heard."),
    ] = None,
    talk: Talk = None,
    paint: Paint = None,
    persona: PersonaName = None,
    listing: Annotated[
        bool, typer.Option("--list", help="Show the devices, what is used, what is missing.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="With --list: for a program.")] = False,
) -> None:
    """Be a webcam and a microphone that Zoom, Meet, Teams and OBS can choose.

    Ctrl-C ends it, and nothing said is lost. With --list it ends with 1 when something is missing.
    """
    flags: dict[str, object] = {
        "room.leave.alone_minutes": 0,  # a webcam does not leave its meeting by itself
        "room.leave.silence_minutes": 0,
        "room.camera.device": device,
        "room.camera.microphone": microphone,
        "room.camera.speakers": speakers,
        "room.camera.voice": voice,
        "room.camera.fps": fps,
        "room.camera.hear_me": hear_me,
        "room.camera.hear_others": hear_others,
        "talking.enabled": talk,
        "talking.persona": persona,
        "painting.enabled": paint,
    }
    chosen = settings(ctx, flags)
    if json and not listing:
        raise ConfigError("--json goes with --list")
    if listing:
        _list(_connector().inventory(chosen.room.camera), as_json=json)
        return
    asyncio.run(_run(chosen))


async def _run(chosen: Settings) -> None:
    from meetbot.core.clock import MeetingClock
    from meetbot.session import open_host
    from meetbot.stage import video_tracks

    connector = _connector()
    tracks = video_tracks(talks=chosen.talking.enabled, paints=chosen.painting.enabled)
    size = (chosen.stage.width, chosen.stage.height)
    found = connector.inventory(chosen.room.camera)
    _check_devices(found)
    labels = {one["name"]: one["label"] for group in GROUPS for one in found[group]}
    async with AsyncExitStack() as opened:
        with console(stderr=True).status("Loading the models…"):
            host = await opened.enter_async_context(open_host(chosen))
        clock = MeetingClock()
        room = connector.room(
            "camera://", chosen.room.bot_name, clock, chosen.room, tracks=tracks, size=size
        )
        room.on_open = lambda opened: _say_what_to_choose(opened.in_use(), labels)
        room.on_message = _write
        session = host.session(room, "camera", clock)
        on_signals(session.leave)
        await session.run()


def _check_devices(found: dict[str, Any]) -> None:
    """What is missing is told before any model is loaded."""
    from meetbot.core.errors import RoomRefused

    if not any(one["used"] for one in found["cameras"]):
        raise RoomRefused(found["missing"][0])


def _connector() -> Any:
    """The installed connector of the virtual camera."""
    from importlib.metadata import entry_points

    for point in entry_points(group="meetbot.connectors", name="camera"):
        return point.load()()
    raise ConfigError("the virtual camera is not installed: pip install 'meetbot[camera]'")


def _say_what_to_choose(used: dict[str, str | None], labels: dict[str, str]) -> None:
    """``labels``: what programs show of a device, by its name."""
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    lines = Table.grid(padding=(0, 2))
    choices = (
        ("Camera", used["camera"] or ""),
        ("Microphone", used["microphone"] or "your own: the bot does not speak"),
    )
    heard = [
        (title, labels.get(name.removesuffix(".monitor"), name) if name else "nothing")
        for title, name in (("You are heard by", used["me"]), ("The others by", used["others"]))
    ]
    lines.add_row(Text("Choose in Zoom, Meet, Teams or OBS:", style="bold"), "")
    for name, value in choices:
        lines.add_row(Text(f"  {name}"), Text(value, style="bold green"))
    lines.add_row(Text("What the bot hears:", style="bold"), "")
    for name, value in heard:
        lines.add_row(Text(f"  {name}"), Text(value, style="cyan"))
    out = console(stderr=True)
    out.print(Panel(lines, title="Meetbot is on", border_style="green", expand=False))
    out.print(
        "Tell everyone in the meeting that an AI listens and writes down what is said. Ctrl-C ends."
    )


def _write(message: RoomMessage) -> None:
    """What is said, and what the bot has to say of itself, as lines."""
    from rich.text import Text

    from meetbot.core.types import Caption, Notice

    if isinstance(message, Caption) and message.final and message.text.strip():
        speaker = message.speaker
        name = speaker.name if speaker is not None else message.participant.name
        line = Text(f"{name}: ", style=f"bold {speaker.colour}" if speaker else "bold")
        console().print(line.append(message.text, style="not bold default"))
    elif isinstance(message, Notice):
        console(stderr=True).print(Text(message.text, style="dim"))


def _list(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        out = console()
        out.print(_table(found))
        for line in found["missing"]:
            out.print(f"[bold yellow]![/] {line}", soft_wrap=True)
    if found["missing"]:
        raise typer.Exit(1)


def _table(found: dict[str, Any]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for group, title in GROUPS.items():
        table.add_row("", Text(title, style="bold cyan"), "")
        if not found[group]:
            table.add_row("", Text("none", style="dim"), "")
        for one in found[group]:
            mark = Text("✓", style="green") if one["used"] else Text(" ")
            what = Text(one["trouble"] or one["name"], style="yellow" if one["trouble"] else "dim")
            table.add_row(mark, Text(one["label"]), what)
    return table
