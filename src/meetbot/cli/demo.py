"""``meetbot demo``: a real meeting on this machine."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from meetbot.cli.options import Options, console, settings
from meetbot.core.errors import InputError

if TYPE_CHECKING:
    from meetbot.demo.run import DemoPlan
    from meetbot.demo.venue import Venue

__all__ = ["app"]

app = typer.Typer()

TALK = "phone-talk"
PORT = 8765


@app.command()
def demo(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where its files go.")] = Path(
        "demo-out"
    ),
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=1.0, help="Play only so much.")
    ] = None,
    audio: Annotated[
        list[Path] | None,
        typer.Option("--audio", metavar="FILE…", help="Your own recordings, a participant each."),
    ] = None,
    more: Annotated[list[Path] | None, typer.Argument(metavar="", hidden=True)] = None,
    room: Annotated[
        Literal["webrtc", "livekit"],
        typer.Option("--room", help="The program's own rooms, or a LiveKit server's."),
    ] = "webrtc",
    port: Annotated[int, typer.Option("--port", help="Of the page to watch it at.")] = PORT,
    stay: Annotated[bool, typer.Option("--stay", help="Keep the room open afterwards.")] = False,
) -> None:
    """Hold a real meeting on this machine and show what the bot makes of it.

    A recorded phone talk, then someone who asks the bot about it by voice; with --audio or
    --seconds nobody asks.
    """
    from meetbot.demo.report import render_table
    from meetbot.demo.run import run_demo

    own = (*(audio or ()), *(more or ()))
    if more and not audio:
        raise InputError(f"what is {more[0]}? recordings follow --audio")
    plan = replace(_plan(ctx, out, own, seconds), room=room, port=port)
    screen = console()
    report = asyncio.run(run_demo(plan, screen, stay=_stay if stay else None))
    screen.print(render_table(report))
    for name, what in FILES.items():
        screen.print(f"  {plan.out / name}  {what}", highlight=False)


FILES = {
    "report.json": "the figures",
    "captions.vtt": "who said what",
    "demo.mp4": "what another participant saw and heard",
}


def _plan(ctx: typer.Context, out: Path, own: tuple[Path, ...], seconds: float | None) -> DemoPlan:
    from meetbot.demo.run import DemoPlan
    from meetbot.models import ModelStore

    chosen = settings(ctx)
    models = ModelStore.configured(chosen.models)
    shared = () if own else (models.path(TALK) / "sample.wav",)
    options = ctx.find_object(Options) or Options()
    return DemoPlan(
        out=out.absolute(),
        profile=options.profile,
        shared=shared,
        own=tuple(path.absolute() for path in own),
        seconds=seconds,
        options=tuple(options.arguments()),
        models=models if not own and seconds is None and chosen.talking.enabled else None,
    )


async def _stay(venue: Venue) -> None:
    """Wait for Ctrl-C while the room stays open."""
    console().print(f"The room stays open at {venue.page or venue.address} until Ctrl-C.")
    await asyncio.Event().wait()
