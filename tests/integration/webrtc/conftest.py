"""A real server on loopback with a bot that records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from meetbot.config import RoomSettings, Settings, WebSettings
from meetbot.web import RoomServer
from support.rooms import RecordingBot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
def settings() -> Settings:
    """Any free port; a grace that a test can wait for."""
    return Settings(
        web=WebSettings(port=0), room=RoomSettings(grace_seconds=1.5, bot_name="Tester (AI)")
    )


@pytest.fixture
def bot() -> RecordingBot:
    """The bot that comes when somebody joins."""
    return RecordingBot()


@pytest_asyncio.fixture
async def server(settings: Settings, bot: RecordingBot) -> AsyncIterator[RoomServer]:
    """The server, entered."""
    async with RoomServer(settings, bot_factory=bot, empty_seconds=0.3) as server:
        yield server
