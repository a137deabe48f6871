"""What the bot writes into a real LiveKit room, as others there receive it."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from livekit import rtc

from meetbot.core.clock import NS_PER_S
from meetbot.core.messages import CHANNEL
from meetbot.core.types import (
    Activity,
    ActivityChanged,
    BotState,
    Caption,
    ChatSent,
    Notice,
    Participant,
    Speaker,
)
from meetbot_livekit.chat import CHAT, LEGACY_CHAT, MAX_CHAT
from meetbot_livekit.outbox import MOST_FINALS, Outbox
from meetbot_livekit.server import running_livekit
from meetbot_livekit.transcripts import TRANSCRIPTION
from support.livekit_words import MEMBER, Guest, Writer, microphone
from support.rooms import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from meetbot_livekit.server import LiveKitServer

pytestmark = pytest.mark.server

ANNA = Participant("anna", "Anna")
BOT = Participant("bot", "Meetbot", is_bot=True)


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[LiveKitServer]:
    """A LiveKit server of one's own."""
    async with running_livekit(tmp_path) as server:
        yield server


@pytest_asyncio.fixture
async def bot(server: LiveKitServer) -> AsyncIterator[Writer]:
    """Words without a connection yet."""
    writer = Writer(server)
    yield writer
    await writer.down()


@pytest_asyncio.fixture
async def guest(server: LiveKitServer) -> AsyncIterator[Callable[..., Any]]:
    """Lets people in, and out at the end."""
    async with contextlib.AsyncExitStack() as stack:

        async def come(identity: str, options: rtc.RoomOptions | None = None) -> Guest:
            one = Guest(identity)
            stack.push_async_callback(one.leave)
            token = server.token(identity, identity.title(), "team", grants=MEMBER)
            await one.join(server.url, token, options)
            return one

        yield come


def caption(
    utterance_id: str,
    text: str,
    *,
    by: Participant = ANNA,
    speaker: Speaker | None = None,
    final: bool = True,
) -> Caption:
    """Of the fifth second of the meeting."""
    return Caption(utterance_id, by, speaker, text, "en", 5 * NS_PER_S, 6 * NS_PER_S, final)


async def test_a_caption_bears_the_speakers_identity_and_track_in_both_of_livekits_forms(
    bot: Writer, guest: Callable[..., Any]
) -> None:
    anna, boris = await guest("anna"), await guest("boris")
    await bot.up()
    await bot.tell(caption("u1", "We", final=False))
    await bot.tell(caption("u1", "We meet on Friday."))
    for one in (anna, boris):
        await until(lambda one=one: len(one.texts(TRANSCRIPTION)) == 2 and len(one.packets) == 2)
        assert {(who, sid) for who, sid, _ in one.packets} == {("anna", anna.microphone)}
        assert [(s.id, s.text, s.final) for _, _, s in one.packets] == [
            ("u1", "We", False),
            ("u1", "We meet on Friday.", True),
        ]
        assert one.packets[1][2].start_time == 5_000
        assert {who for topic, who, _, _ in one.streams if topic == TRANSCRIPTION} == {"anna"}
        attributes = [a for topic, _, _, a in one.streams if topic == TRANSCRIPTION]
        assert {a["lk.segment_id"] for a in attributes} == {"u1"}
        assert {a["lk.transcribed_track_id"] for a in attributes} == {anna.microphone}
        assert [a["lk.transcription_final"] for a in attributes] == ["false", "true"]
        assert one.captions() == ["We meet on Friday."]


async def test_a_voice_is_named_in_the_text_only_where_a_client_would_show_another_name(
    bot: Writer, guest: Callable[..., Any]
) -> None:
    anna = await guest("anna")
    await bot.up()
    shared = Participant("anna", "Anna", shared_microphone=True)
    herself = Speaker("p1", "Anna Petrova", "#aa0000")
    boris = Speaker("p2", "Борис", "#00aa00")
    await bot.tell(
        caption("u1", "one", speaker=herself),
        caption("u2", "two", speaker=boris),
        caption("u3", "three", by=shared, speaker=herself),
    )
    await until(lambda: len(anna.texts(TRANSCRIPTION)) == 3)
    assert anna.texts(TRANSCRIPTION) == ["one", "Борис: two", "Anna Petrova: three"]
    assert [s.text for _, _, s in anna.packets] == anna.texts(TRANSCRIPTION)
    told = [a["meetbot.speaker"] for _, _, _, a in anna.streams if "meetbot.speaker" in a]
    assert told == ["Anna Petrova", "Борис", "Anna Petrova"]
    assert anna.captions() == ["one", "two", "three"]


async def test_without_an_agents_token_captions_are_the_bots_and_name_who_spoke(
    bot: Writer, guest: Callable[..., Any]
) -> None:
    anna = await guest("anna")
    await bot.up(kind="standard")
    await bot.tell(caption("u1", "hello"), caption("u2", "yes", by=BOT))
    await until(lambda: len(anna.texts(TRANSCRIPTION)) == 2)
    assert anna.texts(TRANSCRIPTION) == ["Anna: hello", "yes"]
    assert {who for topic, who, _, _ in anna.streams if topic == TRANSCRIPTION} == {"meetbot"}
    hers = next(a for topic, _, _, a in anna.streams if topic == TRANSCRIPTION)
    assert hers["meetbot.participant"] == "anna"
    assert hers["lk.transcribed_track_id"] == anna.microphone
    assert anna.packets == []


async def test_the_bots_own_words_bear_its_own_identity_and_microphone(
    bot: Writer, guest: Callable[..., Any]
) -> None:
    anna = await guest("anna")
    room = await bot.up(speaks=False)
    await bot.tell(caption("u1", "before it has a microphone", by=BOT))
    voice = await microphone(room)
    await until(lambda: voice in anna.tracks_of_the_bot())
    await bot.tell(caption("u2", "with one", by=BOT))
    await until(lambda: len(anna.texts(TRANSCRIPTION)) == 2)
    assert [(who, sid, s.id) for who, sid, s in anna.packets] == [("meetbot", voice, "u2")]
    assert {who for topic, who, _, _ in anna.streams if topic == TRANSCRIPTION} == {"meetbot"}


async def test_a_withdrawn_line_is_emptied(bot: Writer, guest: Callable[..., Any]) -> None:
    anna = await guest("anna")
    await bot.up()
    await bot.tell(caption("u1", "Um", final=False))
    await bot.tell(caption("u1", "", final=False))
    await until(lambda: len(anna.texts(TRANSCRIPTION)) == 2)
    assert [(s.text, s.final) for _, _, s in anna.packets] == [("Um", False), ("", True)]
    assert anna.texts(TRANSCRIPTION)[1].strip() == ""


async def test_finals_wait_for_a_connection_and_those_told_last_are_told_again(
    bot: Writer, guest: Callable[..., Any]
) -> None:
    anna = await guest("anna")
    await bot.tell(caption("u0", "old news", final=False), caption("u1", "before it came"))
    await bot.up()
    await bot.words.drain(5)
    await until(lambda: anna.captions() == ["before it came"])
    await bot.down()
    await bot.tell(caption("u2", "while it was away"))
    await bot.up()
    await bot.words.drain(5)
    await until(lambda: len(anna.captions()) == 3)
    assert anna.captions() == ["before it came", "before it came", "while it was away"]
    await until(lambda: len(anna.packets) == 3)
    assert [s.id for _, _, s in anna.packets] == ["u1", "u1", "u2"]
    assert "old news" not in [s.text for _, _, s in anna.packets]


async def test_who_comes_later_gets_what_was_said_and_the_others_do_not_get_it_again(
    bot: Writer, guest: Callable[..., Any]
) -> None:
    anna = await guest("anna")
    await bot.up()
    said = [caption(f"u{n}", f"line {n}") for n in range(60)]
    await bot.tell(*said, Notice(BotState.LISTENING, "Captions are on."))
    boris = await guest("boris")
    await until(lambda: len(boris.on(CHANNEL)) == 51)
    assert boris.captions() == [f"line {n}" for n in range(10, 60)]
    assert boris.on(CHANNEL)[-1]["text"] == "Captions are on."
    await bot.tell(caption("last", "bye"))
    await until(lambda: anna.captions()[-1] == "bye" == boris.captions()[-1])
    assert len(anna.captions()) == 61
    assert len(boris.captions()) == 51


async def test_everyone_is_told_once_that_an_ai_listens(
    bot: Writer, guest: Callable[..., Any]
) -> None:
    anna = await guest("anna")
    await bot.up()
    await until(lambda: anna.texts(CHAT))
    await bot.down()
    await bot.up()
    boris = await guest("boris")
    await until(lambda: boris.texts(CHAT))
    await bot.tell(ChatSent("and on we go", 1))
    await until(lambda: anna.texts(CHAT)[-1] == "and on we go" and len(anna.on(LEGACY_CHAT)) == 2)
    (greeting, _) = anna.texts(CHAT)
    assert "Meetbot (AI) is an AI" in greeting
    assert "ИИ" in greeting
    assert boris.texts(CHAT)[0] == greeting
    assert [v["message"] for v in anna.on(LEGACY_CHAT)] == [greeting, "and on we go"]


async def test_the_attribute_for_agents_follows_what_the_bot_does(
    bot: Writer, guest: Callable[..., Any]
) -> None:
    anna = await guest("anna")
    room = await bot.up()
    await until(anna.tracks_of_the_bot)
    await until(lambda: anna.room.remote_participants["meetbot"].attributes.get("meetbot.ai"))
    for activity in (Activity.LISTENING, Activity.THINKING, Activity.SPEAKING, Activity.LISTENING):
        bot.words.send(ActivityChanged(activity, 0))
    await until(lambda: anna.states[-1:] == ["listening"] and len(anna.states) > 2)
    assert anna.room.remote_participants["meetbot"].attributes["meetbot.ai"] == "true"
    assert json.loads(anna.room.remote_participants["meetbot"].metadata)["ai"] is True
    assert anna.states[-3:] == ["thinking", "speaking", "listening"]
    for _ in range(20):
        bot.words.send(ActivityChanged(Activity.THINKING, 0))
        bot.words.send(ActivityChanged(Activity.SPEAKING, 0))
    await until(lambda: anna.states[-1] == "speaking")
    assert len(anna.states) < 12
    assert room.isconnected()


async def test_chat_is_read_in_all_its_forms_and_counts_once(
    bot: Writer, guest: Callable[..., Any]
) -> None:
    anna = await guest("anna")
    await bot.up()
    me = anna.room.local_participant
    info = await me.send_text("Meetbot,\u202e что\n решили?", topic=CHAT)
    for value in (
        {"id": info.stream_id, "message": "Meetbot, что решили?", "timestamp": 1},
        {"id": "new", "message": "marked", "timestamp": 1, "ignoreLegacy": True},
        {"id": "old", "message": "from an old client", "timestamp": 1},
        {"id": "old", "message": "from an old client", "timestamp": 1},
    ):
        await me.publish_data(json.dumps(value), topic=LEGACY_CHAT)
    await me.send_text("x" * (3 * MAX_CHAT), topic=CHAT)
    await until(lambda: len(bot.written) == 3)
    assert sorted(bot.written) == sorted(
        [
            ("anna", "Meetbot, что решили?"),
            ("anna", "from an old client"),
            ("anna", "x" * MAX_CHAT),
        ]
    )


async def test_too_much_chat_and_what_is_not_understood_is_left_out(
    bot: Writer, guest: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    anna, boris = await guest("anna"), await guest("boris")
    await bot.up()
    me = anna.room.local_participant
    odd = (b'{"type":"time","id":"x"}', b'{"type":"time","id":Infinity}', b'{"id":[],"message":{}}')
    for raw in (b"\xff\xfe", b"[" * 9_000, b"[]", b"null", b"{}", *odd):
        for topic in (CHANNEL, LEGACY_CHAT):
            await me.publish_data(raw, topic=topic, destination_identities=["meetbot"])
    await me.publish_data(json.dumps({"id": "1", "message": "x" * 20_000}), topic=LEGACY_CHAT)
    for n in range(40):
        await me.publish_data(json.dumps({"id": f"{n}", "message": f"{n}"}), topic=LEGACY_CHAT)
    await boris.room.local_participant.send_text("mine", topic=CHAT)
    await until(lambda: ("boris", "mine") in bot.written and ("anna", "7") in bot.written)
    assert 8 <= sum(who == "anna" for who, _ in bot.written) < 12
    assert not caplog.records


async def test_texts_that_somebody_never_ends_keep_nobody_else_from_writing(
    bot: Writer, guest: Callable[..., Any]
) -> None:
    anna, boris = await guest("anna"), await guest("boris")
    await bot.up()
    for _ in range(40):
        writer = await anna.room.local_participant.stream_text(topic=CHAT)
        await writer.write("and then")
    await boris.room.local_participant.send_text("mine", topic=CHAT)
    await until(lambda: bot.written == [("boris", "mine")], 5)


async def test_the_meetings_time_is_told_to_who_asks(
    bot: Writer, guest: Callable[..., Any]
) -> None:
    anna, boris = await guest("anna"), await guest("boris")
    await bot.up()
    question = json.dumps({"type": "time", "id": 7})
    await anna.room.local_participant.publish_data(
        question, topic=CHANNEL, destination_identities=["meetbot"]
    )
    await until(lambda: anna.on(CHANNEL))
    (answer,) = anna.on(CHANNEL)
    assert (answer["type"], answer["id"]) == ("time", 7)
    assert 0 < answer["meeting"] < 60
    await bot.tell(caption("u1", "on"))
    await until(boris.captions)
    assert len(boris.on(CHANNEL)) == 1


async def test_in_an_encrypted_room_nothing_is_written_in_the_clear(
    bot: Writer, server: LiveKitServer, guest: Callable[..., Any]
) -> None:
    def sealed() -> rtc.RoomOptions:
        key = rtc.KeyProviderOptions(shared_key=b"of this meeting")
        return rtc.RoomOptions(encryption=rtc.E2EEOptions(key_provider_options=key))

    anna = await guest("anna", sealed())
    outsider = await guest("outsider")
    await bot.up(options=sealed())
    await bot.tell(caption("u1", "a secret"), ChatSent("another", 1))
    await until(lambda: anna.texts(TRANSCRIPTION) and "another" in anna.texts(CHAT))
    assert anna.texts(TRANSCRIPTION) == ["Anna: a secret"]
    assert anna.captions() == ["a secret"]
    assert (outsider.packets, outsider.streams, outsider.data) == ([], [], [])


async def test_an_outbox_keeps_finals_in_order_and_the_latest_partial() -> None:
    box = Outbox()
    box.put(caption("u1", "a", final=False))
    box.put(caption("u2", "b", final=False))
    box.put(caption("u1", "a b", final=False))
    box.put(caption("u3", "c"))
    box.put(caption("u2", "b!"))
    told = [box.take() for _ in range(4)]
    assert [one.text for one in told if isinstance(one, Caption)] == ["c", "b!", "a b"]
    assert told[3] is None
    for n in range(MOST_FINALS + 5):
        box.put(caption(f"x{n}", str(n)))
    assert box.dropped == 5
    first = box.take()
    assert isinstance(first, Caption)
    assert first.text == "5"
