"""What the bot needs for rooms of LiveKit and as a virtual camera; nothing of it must be there."""

from __future__ import annotations

import os
import shutil
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meetbot.core.errors import MeetbotError
from meetbot.doctor.findings import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meetbot.config import Settings

__all__ = ["check"]

CAMERA, LIVEKIT = "virtual camera", "LiveKit"
SERVER = "livekit-server"
BUILT = Path("~/.cache/meetbot/bin")
KINDS = {
    "cameras": "camera",
    "microphones": "your microphone",
    "speakers": "loudspeakers",
    "cables": "the bot's voice",
}


def check(settings: Settings) -> Iterator[Finding]:
    """The server and key of LiveKit; cameras, microphones and cables for `meetbot camera`."""
    yield from _livekit(settings)
    yield from _camera(settings)


def _livekit(settings: Settings) -> Iterator[Finding]:
    if _connector("livekit") is None:
        advice = "pip install 'meetbot[livekit]'; needed for livekit:// rooms only"
        yield Finding(LIVEKIT, "connector", Verdict.WARN, "not installed", advice)
        return
    yield Finding(LIVEKIT, "connector", Verdict.OK, "installed")
    livekit = settings.room.livekit
    if livekit.key is not None or os.environ.get("LIVEKIT_API_KEY"):
        yield Finding(LIVEKIT, "key", Verdict.OK, "set; the bot makes its own tokens")
    else:
        advice = (
            "set LIVEKIT_API_KEY and LIVEKIT_API_SECRET, or room.livekit.key and .secret; "
            "not needed with meetbot join --token"
        )
        yield Finding(LIVEKIT, "key", Verdict.WARN, "none", advice)
    built = BUILT.expanduser() / SERVER
    binary = shutil.which(SERVER) or (str(built) if os.access(built, os.X_OK) else None)
    if binary is not None:
        yield Finding(LIVEKIT, "server here", Verdict.OK, binary)
    else:
        advice = "scripts/install-livekit.sh builds one; not needed to join somebody else's"
        yield Finding(LIVEKIT, "server here", Verdict.WARN, "none", advice)


def _camera(settings: Settings) -> Iterator[Finding]:
    connector = _connector("camera")
    if connector is None:
        advice = "pip install 'meetbot[camera]'; needed for meetbot camera only"
        yield Finding(CAMERA, "connector", Verdict.WARN, "not installed", advice)
        return
    try:
        found = connector.inventory(settings.room.camera)
    except MeetbotError as error:
        advice = "meetbot camera --list shows what there is"
        yield Finding(CAMERA, "settings", Verdict.WARN, str(error), advice)
        return
    for group, name in KINDS.items():
        used = next((one["label"] for one in found[group] if one["used"]), None)
        if used is not None:
            yield Finding(CAMERA, name, Verdict.OK, used)
    for line in found["missing"]:
        what, _, advice = line.partition(": ")
        yield Finding(CAMERA, "missing", Verdict.WARN, what, advice or "meetbot camera --list")


def _connector(name: str) -> Any:
    """The installed connector; None: it is not, or something that it needs is not."""
    for point in entry_points(group="meetbot.connectors", name=name):
        try:
            return point.load()()
        except ImportError:
            return None
    return None
