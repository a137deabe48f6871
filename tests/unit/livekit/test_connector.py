"""What is refused before a room is joined, and the secrets that are not shown."""

from __future__ import annotations

import pytest

from meetbot.config import RoomSettings
from meetbot.core.clock import MeetingClock
from meetbot.core.errors import ConfigError
from meetbot.core.types import RoomCapabilities
from meetbot_livekit import LiveKitConnector

TARGET = "livekit://127.0.0.1:1/team"
OWN = RoomSettings.model_validate({"livekit": {"key": "k", "secret": "hush" * 10}})


@pytest.mark.parametrize(
    ("target", "token", "says"),
    [
        ("livekit://127.0.0.1", None, "names no room"),
        (TARGET, "nonsense", "not a LiveKit access token"),
        (TARGET, None, "--key and --secret, or --token"),
    ],
)
async def test_what_cannot_work_is_told_before_joining(
    target: str, token: str | None, says: str
) -> None:
    connector = LiveKitConnector()
    with pytest.raises(ConfigError, match=says):
        connector.room(target, "Bot", MeetingClock(), RoomSettings(), token=token)


@pytest.mark.parametrize(
    ("tracks", "videos"), [((), 0), (("stage",), 1), (("avatar", "pictures", "stage"), 2)]
)
async def test_a_camera_and_a_screen_share_are_all_there_is(
    tracks: tuple[str, ...], videos: int
) -> None:
    room = LiveKitConnector().room(TARGET, "Bot", MeetingClock(), OWN, tracks=tracks)
    assert room.capabilities == RoomCapabilities(video_tracks=videos)
