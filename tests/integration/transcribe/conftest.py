"""The real engines, loaded once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from meetbot.config import Settings
from meetbot.models import ModelStore
from meetbot.session import load_engines
from meetbot.transcribe import Transcriber

if TYPE_CHECKING:
    from meetbot.session import Engines


@pytest.fixture(scope="session")
def engines() -> Engines:
    """What the embedded profile loads."""
    return asyncio.run(load_engines(Settings(), ModelStore()))


@pytest.fixture
def transcriber(engines: Engines) -> Transcriber:
    """Without names: who speaks is another test's business."""
    return Transcriber(Settings(), engines, ModelStore(), None)
