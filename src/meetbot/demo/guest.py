"""One participant as a process of its own: ``python -m meetbot.demo.guest PLAN.json``.

It speaks JSON lines with the process that started it. Out: ``ready`` when the bot hears it,
``caption`` for each message of the bot, ``answered`` for each question, ``played``, and after
leaving ``heard`` with the ends of speech that it received and when it saw each picture. In:
``{"begin": monotonic_ns}``, then ``{"leave": true}``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.clock import monotonic_ns
from meetbot.core.errors import MeetbotError
from meetbot.core.types import AudioFrame
from meetbot.demo.asker import Asker
from meetbot.demo.bot_voice import BotVoice
from meetbot.demo.face_seen import FaceSeen
from meetbot.demo.measure import speech_ends
from meetbot.demo.picture_files import PictureFiles
from meetbot.demo.pictures_seen import PicturesSeen
from meetbot.demo.plan import GuestPlan
from meetbot.demo.recorder import Recorder
from meetbot.transcribe.media import read_sound

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.core.guests import RoomGuest
    from meetbot.demo.timeline import Tile

__all__ = ["main"]

RATE = 48_000
NS_PER_S = 1_000_000_000
RECORDING = "demo.mp4"
TILES: dict[str, Tile] = {"avatar": "face", "pictures": "pictures"}


def say(event: str, **values: object) -> None:
    """One line to the process that started this one."""
    sys.stdout.write(json.dumps({"event": event, **values}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


class Guest:
    """Plays its sounds, and keeps what it receives if it is to watch."""

    def __init__(self, plan: GuestPlan, client: RoomGuest, orders: asyncio.StreamReader) -> None:
        self._plan = plan
        self._client = client
        self._orders = orders
        self._sound: dict[str, list[AudioFrame]] = defaultdict(list)
        self._voice = BotVoice()
        self._face = FaceSeen()
        self._painted = PicturesSeen()
        keeps = plan.watch is not None and plan.record
        self._files = PictureFiles(Path(plan.watch or "")) if keeps else None

    async def attend(self) -> None:
        """Be in the meeting until told to leave."""
        clips = [(sound.at, await _load(sound.file)) for sound in self._plan.sounds]
        await self._client.bot_is_here()
        offset = await self._client.meeting_offset()
        say("ready")
        begin_ns = (await self._order())["begin"]
        async with contextlib.AsyncExitStack() as stack:
            recorder = await self._open_recorder(stack, begin_ns)
            followers = [
                asyncio.create_task(self._relay_captions()),
                asyncio.create_task(self._keep_sound(recorder)),
                asyncio.create_task(self._keep_pictures(recorder)),
            ]
            await self._speak(clips, begin_ns)
            await self._order()
            for task in followers:
                task.cancel()
            await asyncio.wait(followers)
        if self._plan.watch is not None:
            ends = await asyncio.to_thread(self._speech_ends)
            say("heard", ends=ends, offset=offset, face=self._face.figures(), **await self._seen())

    async def _seen(self) -> dict[str, object]:
        """When each picture was seen, and in which file it is."""
        if self._files is not None:
            await self._files.finish()
        files = self._files.files if self._files is not None else {}
        return {"pictures": self._painted.visible(), "files": files}

    async def _order(self) -> dict[str, int]:
        line = await self._orders.readline()
        if not line:
            raise SystemExit(1)
        order: dict[str, int] = json.loads(line)
        return order

    async def _speak(self, clips: list[tuple[float, NDArray[np.int16]]], begin_ns: int) -> None:
        for at, clip in clips:
            due = begin_ns + round(at * NS_PER_S)
            await asyncio.sleep(max(0.0, (due - monotonic_ns()) / NS_PER_S))
            await self._client.play(clip)
        asker = Asker(self._client, self._voice, _load)
        for question in self._plan.questions:
            say("answered", exchange=(await asker.ask(question, begin_ns)).to_json())
        say("played")

    async def _relay_captions(self) -> None:
        async for arrival_ns, message in self._client.captions:
            self._painted.message(message, arrival_ns)
            if self._files is not None:
                self._files.message(message, arrival_ns)
            if self._plan.watch is not None:
                say("caption", arrival_ns=arrival_ns, message=message)

    async def _open_recorder(
        self, stack: contextlib.AsyncExitStack, begin_ns: int
    ) -> Recorder | None:
        if self._plan.watch is None or not self._plan.record:
            return None
        recorder = Recorder(Path(self._plan.watch) / RECORDING, origin_ns=begin_ns)
        return await stack.enter_async_context(recorder)

    async def _keep_sound(self, recorder: Recorder | None) -> None:
        async for sound in self._client.received_audio:
            if sound.is_bot:
                self._voice.take(sound.samples, sound.arrival_ns)
                self._face.sound(sound)
            elif self._plan.watch is not None:
                frame = AudioFrame(sound.samples, RATE, sound.pts_ns)
                self._sound[sound.participant_id].append(frame)
            if recorder is not None:
                recorder.audio(sound.participant_id, sound.samples, sound.arrival_ns)

    async def _keep_pictures(self, recorder: Recorder | None) -> None:
        async for picture in self._client.bot_video:
            self._face.picture(picture)
            self._painted.picture(picture)
            if self._files is not None:
                self._files.picture(picture)
            if recorder is not None:
                tile = TILES.get(picture.track, "stage")
                recorder.video(picture.frame, picture.arrival_ns, tile=tile)

    def _speech_ends(self) -> dict[str, list[float]]:
        from meetbot.config import VadSettings
        from meetbot.engines.registry import load_engine
        from meetbot.models import ModelStore

        activity = load_engine("vad", "silero", ModelStore(), VadSettings())
        return {
            participant: speech_ends(frames, activity.open()).tolist()
            for participant, frames in self._sound.items()
        }


async def _load(file: str) -> NDArray[np.int16]:
    return await asyncio.to_thread(_clip, Path(file))


def _clip(path: Path) -> NDArray[np.int16]:
    sound = read_sound(path, RATE)
    return (np.clip(sound, -1, 1) * 32767).astype(np.int16)


def client_of(plan: GuestPlan) -> RoomGuest:
    """Somebody who joins the room of ``plan``, and receives no more than they need."""
    if plan.kind == "livekit":
        from meetbot_livekit.client import LiveKitClient

        return LiveKitClient(
            plan.server,
            plan.token or "",
            receive_audio=plan.hears,
            receive_people=plan.watch is not None,
            receive_video=plan.video,
        )
    from meetbot_webrtc import RoomClient

    return RoomClient(
        plan.server,
        plan.room,
        plan.name,
        token=plan.token,
        shared_microphone=plan.shared_microphone,
        receive_video=plan.video,
        receive_audio=plan.hears,
    )


async def attend(plan: GuestPlan) -> None:
    """Join, and do as planned."""
    orders = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    async with client_of(plan) as client:
        await Guest(plan, client, orders).attend()


def main() -> None:
    """Read the plan that the command line names, and follow it."""
    try:
        asyncio.run(attend(GuestPlan.read(Path(sys.argv[1]))))
    except MeetbotError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
