"""Who comes to which kind of room, and with what."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from meetbot.core.errors import RoomError
from meetbot.demo.guest import client_of
from meetbot.demo.plan import GuestPlan, PlannedQuestion, PlannedSound
from meetbot.demo.venue import LiveKitVenue, Server
from meetbot_livekit.client import LiveKitClient
from meetbot_livekit.server import LiveKitServer
from meetbot_webrtc import RoomClient

SOUND = PlannedSound(1.0, "a.wav")
QUESTION = PlannedQuestion("What?", "q.wav", barge_in="b.wav")


@pytest.fixture
def livekit(tmp_path: Path) -> LiveKitVenue:
    server = LiveKitServer(tmp_path, 7880, 7881, 7882)
    return LiveKitVenue(server, 1, tmp_path / "log", "demo")


def claims(plan: GuestPlan) -> dict[str, Any]:
    assert plan.token is not None
    middle = plan.token.split(".")[1]
    told: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return told


def test_a_guest_of_a_livekit_room_gets_a_token_of_their_own(livekit: LiveKitVenue) -> None:
    anna = livekit.guest("Anna", sounds=(SOUND,))
    phone = livekit.guest("Phone", shared_microphone=True)
    assert anna.server == "livekit://127.0.0.1:7880/demo"
    assert (claims(anna)["sub"], claims(anna)["name"]) == ("Anna", "Anna")
    assert claims(anna)["video"]["room"] == "demo"
    assert "meetbot.shared_microphone" not in claims(anna).get("attributes", {})
    assert claims(phone)["attributes"] == {"meetbot.shared_microphone": "true"}


def test_a_livekit_bot_is_in_one_room_only(livekit: LiveKitVenue) -> None:
    assert livekit.guest("Anna", room="demo").room == "demo"
    with pytest.raises(RoomError, match="in the LiveKit room 'demo', not in 'other'"):
        livekit.guest("Anna", room="other")


def test_a_plan_is_read_as_it_was_written_and_by_nobody_else(
    livekit: LiveKitVenue, tmp_path: Path
) -> None:
    plan = livekit.guest("Анна", sounds=(SOUND,), questions=(QUESTION,), watch="out", video=True)
    path = tmp_path / "plan.json"
    path.write_text("old", "utf-8")
    path.chmod(0o644)
    plan.write(path)
    assert GuestPlan.read(path) == plan
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_token_is_not_shown(livekit: LiveKitVenue) -> None:
    plan = livekit.guest("Anna")
    assert plan.token is not None
    assert plan.token not in repr(plan)
    assert livekit.server.secret not in repr(livekit.server)


async def test_a_guest_joins_with_what_their_kind_of_room_has(livekit: LiveKitVenue) -> None:
    served = Server("http://127.0.0.1:1", 1, Path("log"), "demo")
    assert isinstance(client_of(served.guest("Anna")), RoomClient)
    assert isinstance(client_of(livekit.guest("Anna")), LiveKitClient)
    assert served.page == "http://localhost:1/r/demo"
    assert livekit.page is None
