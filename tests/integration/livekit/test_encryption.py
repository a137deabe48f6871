"""The bot in a LiveKit room with end-to-end encryption: with its key, with another, without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from livekit import rtc

from meetbot_livekit import encryption
from support.livekit import member, microphone
from support.livekit_bot import bot_in, sounding
from support.rooms import loud, pitch, until

if TYPE_CHECKING:
    from meetbot_livekit.server import LiveKitServer
    from support.rooms import RecordingBot

pytestmark = pytest.mark.server

KEY = "the-key-of-the-room"
OTHER = "another-key"


def encrypted(key: str) -> rtc.RoomOptions:
    """How somebody joins who has ``key``."""
    options = rtc.KeyProviderOptions(shared_key=key.encode())
    return rtc.RoomOptions(encryption=rtc.E2EEOptions(options))


def settings(server: LiveKitServer, key: str | None) -> dict[str, object]:
    """The bot's, with ``key``."""
    given = {} if key is None else {"encryption_key": key}
    return {"key": server.key, "secret": server.secret, **given}


def is_subscribed(bot: RecordingBot) -> bool:
    """Whether Anna's microphone reaches the bot."""
    connection = bot.room._link._connection  # type: ignore[attr-defined]
    people = connection.room.remote_participants.values()
    tracks = [one for who in people for one in who.track_publications.values()]
    return bool(tracks) and all(one.track is not None for one in tracks)


@pytest.mark.parametrize("theirs", [KEY, None], ids=["encrypted", "plain"])
async def test_who_has_the_bots_key_or_none_is_heard(
    livekit: LiveKitServer, theirs: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    options = encrypted(theirs) if theirs is not None else None
    async with (
        member(livekit, "anna", options=options) as anna,
        bot_in(livekit, livekit=settings(livekit, KEY)) as bot,
    ):
        async with sounding(await microphone(anna), 440):
            await until(lambda: len(loud(bot.heard("Anna"))) > 24_000)
        assert pitch(loud(bot.heard("Anna"))) == pytest.approx(440, abs=5)
    assert "encrypts" not in caplog.text


@pytest.mark.parametrize(
    ("ours", "words"), [(OTHER, "another key than the bot's"), (None, "the bot has none")]
)
async def test_noise_of_a_key_that_the_bot_has_not_is_not_heard_and_told_once(
    livekit: LiveKitServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    ours: str | None,
    words: str,
) -> None:
    monkeypatch.setattr(encryption, "PATIENCE_SECONDS", 1.0)
    async with (
        member(livekit, "anna", options=encrypted(KEY)) as anna,
        bot_in(livekit, livekit=settings(livekit, ours)) as bot,
    ):
        for pitch_hz in (440, 660):
            async with sounding(await microphone(anna), pitch_hz):
                await until(lambda: is_subscribed(bot))
                await until(lambda: words in caplog.text)
        assert len(bot.heard("Anna")) == 0
    (line,) = [one.getMessage() for one in caplog.records if "encrypts" in one.getMessage()]
    assert "“team”" in line
    assert "anna" in line
    assert "room.livekit.encryption_key" in line
    assert KEY not in caplog.text
    assert OTHER not in caplog.text


async def test_the_words_of_the_bot_reach_those_who_have_the_key(livekit: LiveKitServer) -> None:
    got: list[str] = []
    async with member(livekit, "anna", options=encrypted(KEY)) as anna:
        anna.on("data_received", lambda packet: got.append(packet.topic))
        async with bot_in(livekit, livekit=settings(livekit, KEY)):
            await until(lambda: "lk-chat-topic" in got)
