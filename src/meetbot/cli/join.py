"""``meetbot join TARGET``: the bot into a room that somebody else hosts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import unquote

import typer

from meetbot.cli.options import Paint, PersonaName, Talk, console, settings
from meetbot.cli.signals import on_signals
from meetbot.core.errors import ConfigError

if TYPE_CHECKING:
    from meetbot.config import Settings
    from meetbot.core.clock import Clock
    from meetbot.core.ports import Room

__all__ = ["app"]

app = typer.Typer()


@app.command()
def join(
    ctx: typer.Context,
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET", help="livekit://HOST[:PORT]/ROOM or webrtc://HOST[:PORT]/ROOM"
        ),
    ],
    name: Annotated[str | None, typer.Option("--name", help="What the roster shows.")] = None,
    token: Annotated[
        str | None,
        typer.Option("--token", envvar="MEETBOT_ROOM_TOKEN", help="What the room asks for."),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option("--key", envvar="LIVEKIT_API_KEY", help="Of a LiveKit server."),
    ] = None,
    secret: Annotated[
        str | None,
        typer.Option("--secret", envvar="LIVEKIT_API_SECRET", help="The key's secret."),
    ] = None,
    bot_secret: Annotated[
        str | None,
        typer.Option("--bot-secret", envvar="MEETBOT_BOT_SECRET", help="Shown as a bot with it."),
    ] = None,
    talk: Talk = None,
    paint: Paint = None,
    persona: PersonaName = None,
) -> None:
    """Send the bot into a room; Ctrl-C takes it out, and nothing said is lost."""
    flags: dict[str, object] = {
        "room.bot_name": name,
        "talking.enabled": talk,
        "talking.persona": persona,
        "painting.enabled": paint,
    }
    if target.startswith("livekit:"):
        flags |= {"room.livekit.key": key, "room.livekit.secret": secret}
    given = [one for one in (token, bot_secret) if one]
    chosen = settings(ctx, flags, secrets=given)
    asyncio.run(_join(chosen, target, token, bot_secret))


async def _join(chosen: Settings, target: str, token: str | None, secret: str | None) -> None:
    from meetbot.core.clock import MeetingClock
    from meetbot.session import open_host
    from meetbot.stage import video_tracks

    connector = _connector(target)

    def place(clock: Clock) -> Room:
        made: Room = connector.room(
            target,
            chosen.room.bot_name,
            clock,
            chosen.room,
            token=token,
            bot_secret=secret,
            tracks=video_tracks(talks=chosen.talking.enabled, paints=chosen.painting.enabled),
        )
        return made

    place(MeetingClock())  # what is wrong with it is told before any model is loaded
    async with open_host(chosen) as host:
        clock = MeetingClock()
        room = place(clock)
        session = host.session(room, unquote(target.rstrip("/").rsplit("/", 1)[-1]), clock)
        on_signals(session.leave)
        console(stderr=True).print(f"Joining {target} as {chosen.room.bot_name}; Ctrl-C leaves.")
        await session.run()


def _connector(target: str) -> Any:
    """The installed connector for the target's scheme."""
    from importlib.metadata import entry_points

    scheme = target.partition("://")[0]
    for point in entry_points(group="meetbot.connectors"):
        if point.name == scheme:
            return point.load()()
    raise ConfigError(
        f"no connector takes {target!r}; a target looks like livekit://HOST:PORT/ROOM or "
        "webrtc://HOST:PORT/ROOM, and needs pip install 'meetbot[livekit]' or 'meetbot[webrtc]'"
    )
