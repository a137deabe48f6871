"""A room server that runs in the current event loop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
from typing import TYPE_CHECKING, Self

import uvicorn

from meetbot.core.errors import MeetbotError
from meetbot.stage import video_tracks
from meetbot.web.app import create_app
from meetbot.web.bots import BotKeeper
from meetbot_webrtc.hub import SignalingHub

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from meetbot.config import Settings, WebSettings
    from meetbot.session import Host
    from meetbot.web.bots import BotFactory

__all__ = ["RoomServer"]

log = logging.getLogger(__name__)

PING_SECONDS = 5.0
PING_TIMEOUT = 10.0
MAX_MESSAGE_BYTES = 64 * 1024
SHUTDOWN_SECONDS = 3


class RoomServer:
    """Serves ``settings.web`` while it is entered.

    ``bot_factory``: runs a bot in every room where people are; None: rooms without a bot.
    ``bot_secret``: what a bot from another process shows. ``host``: what the API asks, once it is
    there. Entering raises ``MeetbotError`` when
    the address cannot be used.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        bot_factory: BotFactory | None = None,
        bot_secret: str | None = None,
        ready: Callable[[], bool] = lambda: True,
        host: Callable[[], Host | None] = lambda: None,
        empty_seconds: float = 5.0,
    ) -> None:
        web = settings.web
        token = web.token.get_secret_value() if web.token else None
        self._settings = settings
        self.hub = SignalingHub(
            settings.room, token=token, bot_secret=bot_secret, loopback=not web.is_public
        )
        self.bots: BotKeeper | None = None
        if bot_factory is not None:
            self.bots = BotKeeper(
                self.hub,
                bot_factory,
                settings.room,
                tracks=video_tracks(
                    talks=settings.talking.enabled, paints=settings.painting.enabled
                ),
                empty_seconds=empty_seconds,
            )
        self._app = create_app(settings, hub=self.hub, ready=ready, host=host)
        self._socket: socket.socket | None = None
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port that is listened on; known once entered."""
        return int(self._socket.getsockname()[1]) if self._socket else self._settings.web.port

    @property
    def url(self) -> str:
        """The page's address."""
        web = self._settings.web
        host = "localhost" if web.host in {"127.0.0.1", "::1", "0.0.0.0"} else web.host  # noqa: S104
        host = f"[{host}]" if ":" in host else host
        return f"{web.scheme}://{host}:{self.port}"

    async def __aenter__(self) -> Self:
        self._socket = _bind(self._settings.web)
        config = _config(self._app, self._settings.web)
        await asyncio.to_thread(config.load)
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve([self._socket]), name="web server")
        while not self._server.started:
            if self._task.done():
                await self._task
                raise MeetbotError("the web server did not start; the log says why")
            await asyncio.sleep(0.01)
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self.bots is not None:
            await self.bots.close()
        self.hub.close()
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task
        if self._socket is not None:
            self._socket.close()


class _Server(uvicorn.Server):
    """Leaves signals to the command line."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: object, web: WebSettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_config=None,
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_TIMEOUT,
        ws_per_message_deflate=False,
        lifespan="off",
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        ssl_certfile=web.tls_certificate,
        ssl_keyfile=web.tls_key,
    )


def _bind(web: WebSettings) -> socket.socket:
    """Listen, or say clearly why not."""
    host = "127.0.0.1" if web.host == "localhost" else web.host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, web.port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            what = f"port {web.port} of {host} is taken by another program"
            raise MeetbotError(f"{what}; choose another with --port (0: any free one)") from None
        raise MeetbotError(f"cannot listen on {host} port {web.port}: {error.strerror}") from None
    listener.setblocking(False)
    return listener
