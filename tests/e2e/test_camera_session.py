"""``meetbot camera`` in a call as a user runs it: real models, real sound, a recorded camera."""

from __future__ import annotations

import asyncio
import re
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soxr

from meetbot.config import AsrSettings
from meetbot.demo.voices import record
from meetbot.engines.asr.whisper import WhisperRecognizer
from meetbot.models import ModelStore
from meetbot.store import Store
from meetbot.transcribe.media import read_sound
from support.camera_program import FOLDER_VARIABLE, LABEL, Tape
from support.program import running
from support.pulse import running_pulse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from support.program import Program
    from support.pulse import PulseServer, Recording

pytestmark = [pytest.mark.server, pytest.mark.model]

RATE = 48_000
NS_PER_S = 1_000_000_000
AUDIBLE = 500
BOT = "Meetbot (AI)"
NEWS = "Good morning everybody, I will be five minutes late."
QUESTION = "Meetbot, what is the capital of France?"
PITCHES = (0.8, 1.3)
MODELS = ("hearing.asr.model=whisper-base", "conversation.llm.model=qwen2.5-coder-0.5b")
MOUTH = {"left": 0.79, "top": 0.50, "right": 0.88, "bottom": 0.72}
"""Where it is, in fractions of a frame with pictures and the face beside them."""

COMPLAINTS = re.compile(r"WARNING|ERROR|Traceback|Exception|meetbot:")


@pytest.fixture
def pulse() -> Iterator[PulseServer]:
    """A PulseAudio daemon of the test's own."""
    with running_pulse() as server:
        yield server


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came out of the virtual microphone, and when (monotonic)."""

    sound: NDArray[np.int16]
    asked_ns: int
    begin_ns: int
    end_ns: int


async def _recorded(folder: Path) -> list[NDArray[np.int16]]:
    """The news and the question by two voices, each with a pause around it."""
    files = await record((NEWS, QUESTION), PITCHES, folder, ModelStore())
    pause = np.zeros(RATE // 2, np.int16)
    sounds = [await asyncio.to_thread(read_sound, file, RATE) for file in files]
    return [
        np.concatenate((pause, np.round(sound * 32_767).astype(np.int16), pause))
        for sound in sounds
    ]


async def _answered(microphone: Recording, call: Recording) -> _Answer:
    """What was said into the meeting after the last word that the meeting said."""
    sound = await microphone.until(len(microphone.sound) + RATE)
    asked_ns = call.arrived_ns(int(_audible(call.sound)[-1]))
    after = [at for at in _audible(sound)[::48] if microphone.arrived_ns(int(at)) > asked_ns]
    first, last = int(after[0]), int(after[-1])
    begin_ns, end_ns = microphone.arrived_ns(first), microphone.arrived_ns(last)
    return _Answer(sound[first - RATE // 10 :], asked_ns, begin_ns, end_ns)


def _audible(sound: NDArray[np.int16]) -> NDArray[np.intp]:
    return np.flatnonzero(np.abs(sound.astype(np.int32)) > AUDIBLE)


async def _words(sound: NDArray[np.int16]) -> str:
    recognizer = await asyncio.to_thread(WhisperRecognizer.load, ModelStore(), AsrSettings())
    heard = await recognizer.recognize(soxr.resample(sound / 32_768, RATE, 16_000).astype("f4"))
    return heard.text


async def _said(program: Program, name: str, word: str) -> None:
    """Wait for the line of ``name`` with ``word`` in the terminal."""
    await asyncio.to_thread(program.until, rf"(?m)^{re.escape(name)}: .*{word}")


async def _check_store(folder: Path) -> None:
    """Two people and the bot, each with their own words and nobody else's."""
    async with await Store.open(folder) as store:
        (meeting,) = await store.meetings()
        kept = await store.utterances(meeting.id)
    assert meeting.ended_at is not None
    texts: dict[str, str] = {}
    for one in kept:
        name = one.participant.name
        texts[name] = f"{texts.get(name, '')} {one.text}"
    assert set(texts) == {"Me", "Others", BOT}
    for name, word in (("Me", "minutes"), ("Others", "France"), (BOT, "Paris")):
        assert word in texts[name]
    for name in ("Me", "Others"):
        assert "Paris" not in texts[name]
    assert "France" not in texts["Me"]
    assert "minutes" not in texts["Others"]


def _check_camera(tape: Tape, answer: _Answer) -> None:
    """Whole frames in the device's own format, of a face that talks while it is heard."""
    assert tape.opened[-1] == {"width": 1280, "height": 720, "fps": 30, "format": "NV12"}
    assert set(tape.sizes.tolist()) == {1280 * 720 * 3 // 2}
    talking = tape.motion(answer.begin_ns, answer.end_ns, **MOUTH)
    listening = tape.motion(answer.asked_ns - 2 * NS_PER_S, answer.asked_ns, **MOUTH)
    assert talking > 1.5 * listening


@pytest.mark.timeout(300)
async def test_the_webcam_answers_a_question_of_the_call_and_keeps_what_was_said(
    pulse: PulseServer, tmp_path: Path
) -> None:
    news, question = await _recorded(tmp_path)
    flags = [word for setting in MODELS for word in ("--set", setting)]
    environment = {
        **{name: pulse.env[name] for name in pulse.env if name.startswith(("PULSE_", "XDG_"))},
        "PYTHONPATH": Path(__file__).parents[1],
        FOLDER_VARIABLE: tmp_path,
        "MEETBOT_CACHE__FOLDER": tmp_path / "cache",
    }
    before = pulse.names("modules")
    with running(
        *("camera", *flags),
        store=tmp_path / "store",
        module="support.camera_program",
        **environment,
    ) as program:
        await asyncio.to_thread(program.until, r"Ctrl-C ends")
        with (
            pulse.recording("meetbot_microphone") as microphone,
            pulse.recording("speakers.monitor") as call,
        ):
            with pulse.playing("mouth", news):
                await _said(program, "Me", "minutes")
            with pulse.playing("speakers", question):
                await _said(program, BOT, "Paris")
            answer = await _answered(microphone, call)
        assert await asyncio.to_thread(program.end, signal.SIGINT) == 0
    assert "Paris" in await _words(answer.sound)
    assert pulse.names("modules") == before
    written = program.written()
    for line in (LABEL, "Meetbot microphone", "The bot is leaving."):
        assert line in written
    assert not COMPLAINTS.search(written), written
    await _check_store(tmp_path / "store")
    _check_camera(await asyncio.to_thread(Tape, tmp_path), answer)
