"""``meetbot serve``: rooms that a browser joins, with a bot in each."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from meetbot.cli.options import Paint, PersonaName, Talk, console, settings
from meetbot.cli.signals import on_signals

if TYPE_CHECKING:
    from meetbot.config import Settings
    from meetbot.core.clock import Clock
    from meetbot.core.ports import Room
    from meetbot.session import Host
    from meetbot.web.server import RoomServer

__all__ = ["app", "data_folder", "public_settings"]

app = typer.Typer(help="Host meeting rooms that a browser can join.")

Address = Annotated[str | None, typer.Option("--host", help="The address to listen on.")]
Port = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="0: any free one.")]
Certificate = Annotated[
    Path | None, typer.Option("--tls-certificate", metavar="FILE", help="PEM, with its chain.")
]
Key = Annotated[Path | None, typer.Option("--tls-key", metavar="FILE", help="PEM.")]
NoBot = Annotated[bool, typer.Option("--no-bot", help="Rooms only; bots join from elsewhere.")]


@app.callback(invoke_without_command=True)
def serve(
    ctx: typer.Context,
    host: Address = None,
    port: Port = None,
    tls_certificate: Certificate = None,
    tls_key: Key = None,
    no_bot: NoBot = False,
    talk: Talk = None,
    paint: Paint = None,
    persona: PersonaName = None,
) -> None:
    """Host meeting rooms until interrupted. Beyond loopback they need a token and HTTPS."""
    flags: dict[str, str | int | None] = {
        "talking.enabled": talk,
        "talking.persona": persona,
        "painting.enabled": paint,
        "web.port": port,
        "web.tls_certificate": str(tls_certificate) if tls_certificate else None,
        "web.tls_key": str(tls_key) if tls_key else None,
    }
    chosen = public_settings(ctx, host, flags)
    asyncio.run(_serve(chosen, with_bot=not no_bot))


def data_folder(chosen: Settings) -> Path:
    """Where the server keeps its secrets: beside the store, or in this user's data folder."""
    location = chosen.store.location
    if isinstance(location, Path):
        return location / "web"
    import platformdirs

    return Path(platformdirs.user_data_dir("meetbot", appauthor=False)) / "web"


def public_settings(
    ctx: typer.Context, host: str | None, flags: dict[str, str | int | None]
) -> Settings:
    """The settings with ``host``; a token and a certificate are made where it needs them.

    Raises ``ConfigError``, or ``MeetbotError`` when they cannot be kept.
    """
    from meetbot.config.schema import is_loopback
    from meetbot.web.keys import kept_secret, self_signed

    chosen = settings(ctx, flags)
    if host is None or is_loopback(host):
        return settings(ctx, {**flags, "web.host": host})
    folder = data_folder(chosen)
    if chosen.web.token is None:
        flags["web.token"] = kept_secret(folder / "token")
        console(stderr=True).print(f"The access token is in {folder / 'token'}", soft_wrap=True)
    if chosen.web.tls_certificate is None and not chosen.web.tls_by_proxy:
        certificate, key = self_signed(folder, host)
        flags |= {"web.tls_certificate": str(certificate), "web.tls_key": str(key)}
    return settings(ctx, {**flags, "web.host": host})


async def _serve(chosen: Settings, *, with_bot: bool) -> None:
    from meetbot.web.keys import kept_secret
    from meetbot.web.server import RoomServer

    stop = asyncio.Event()
    on_signals(stop.set)
    secret = kept_secret(data_folder(chosen) / "bot-secret")
    if not with_bot:
        async with RoomServer(chosen, bot_secret=secret) as server:
            _announce(server, chosen)
            await stop.wait()
        return
    host: asyncio.Future[Host] = asyncio.get_running_loop().create_future()

    async def bot(name: str, room: Room, clock: Clock) -> None:
        await (await asyncio.shield(host)).session(room, name, clock).run()

    def opened() -> Host | None:
        there = host.done() and not host.cancelled() and not stop.is_set()
        return host.result() if there else None

    server = RoomServer(chosen, bot_factory=bot, bot_secret=secret, ready=host.done, host=opened)
    async with server:
        await _until(stop, chosen, server, host)


async def _until(
    stop: asyncio.Event, chosen: Settings, server: RoomServer, host: asyncio.Future[Host]
) -> None:
    """Load the models, open the rooms, and close in order: bots, models and store, server."""
    from meetbot.session import open_host

    with console(stderr=True).status("Loading the models…"):
        stopped = asyncio.create_task(stop.wait())
        opened = open_host(chosen)
        entering = asyncio.create_task(opened.__aenter__())
        await asyncio.wait({stopped, entering}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
    try:
        host.set_result(await entering)
    except BaseException:
        host.cancel()
        raise
    try:
        _announce(server, chosen)
        await stop.wait()
    finally:
        if server.bots is not None:
            await server.bots.close()
        await opened.__aexit__(None, None, None)


def _announce(server: RoomServer, chosen: Settings) -> None:
    out = console()
    out.print(f"Rooms are open at [bold]{server.url}[/]  (Ctrl+C ends them)", soft_wrap=True)
    if chosen.web.tls_certificate is not None:
        from meetbot.web.keys import fingerprint

        out.print(f"Certificate {chosen.web.tls_certificate}", soft_wrap=True)
        out.print(f"SHA-256 {fingerprint(chosen.web.tls_certificate)}", soft_wrap=True)
