"""One recording after the other through the hearing lane, as fast as it goes."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meetbot.core.errors import EngineError
from meetbot.core.types import Participant
from meetbot.hearing import HearingLane
from meetbot.session.engines import load_recognizer
from meetbot.transcribe.media import read_frames

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from meetbot.config import Settings
    from meetbot.core.ports import Recognizer
    from meetbot.core.types import Caption, SpeechEvent, Utterance
    from meetbot.models import ModelStore
    from meetbot.people import VoiceIdentifier
    from meetbot.session.engines import Engines

__all__ = ["Transcriber", "Transcript"]

UNKNOWN_LANGUAGE = ""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in one file, in order of time. ``language``: of most of its words."""

    file: str
    language: str
    utterances: tuple[Utterance, ...]


class _Collector:
    """A ``HearingSink`` for recordings: keeps the finals, fails where a meeting would go on."""

    def __init__(self, progress: Callable[[float], None]) -> None:
        self.utterances: list[Utterance] = []
        self._progress = progress

    def noticed(self, event: SpeechEvent) -> None:
        """Nobody answers."""

    async def partial(self, caption: Caption) -> None:
        """Recordings have none."""

    async def final(self, utterance: Utterance) -> None:
        self.utterances.append(utterance)
        self._progress(utterance.end_ns / 1e9)

    def level(self, participant_id: str, level: float) -> None:
        """Nobody watches."""

    async def trouble(self, text: str) -> None:
        raise EngineError(text)


class Transcriber:
    """Recordings to transcripts. Voices keep their names from one file to the next."""

    def __init__(
        self,
        settings: Settings,
        engines: Engines,
        models: ModelStore,
        identifier: VoiceIdentifier | None,
    ) -> None:
        self._settings = settings
        self._engines = engines
        self._models = models
        self._identifier = identifier

    async def transcribe(
        self, path: Path, progress: Callable[[float], None] = lambda _: None
    ) -> Transcript:
        """Who said what in ``path``; ``progress`` is told the seconds of sound done so far.

        Raises ``InputError`` for a file that cannot be heard, ``EngineError`` when an engine broke.
        """
        sink = _Collector(progress)
        lane = HearingLane(
            self._settings.hearing,
            voice_activity=self._engines.voice_activity,
            turn_detector=self._engines.turn_detector,
            recognizer=self._engines.recognizer,
            rebuild=self._rebuild,
            identifier=self._identifier,
            sink=sink,
            live=False,
        )
        microphone = Participant(id=path.name, name=path.stem, shared_microphone=True)
        serving = asyncio.create_task(lane.run())
        listening = asyncio.create_task(lane.listen(microphone, read_frames(path)))
        try:
            await asyncio.wait({serving, listening}, return_when=asyncio.FIRST_COMPLETED)
            for task in (serving, listening):
                if task.done():
                    _raise_cause(task)
        finally:
            for task in (serving, listening):
                task.cancel()
            await asyncio.gather(serving, listening, return_exceptions=True)
        ordered = tuple(sorted(sink.utterances, key=lambda u: u.start_ns))
        return Transcript(str(path), _main_language(ordered), ordered)

    async def _rebuild(self) -> Recognizer:
        return await load_recognizer(self._settings, self._models)


def _raise_cause(task: asyncio.Task[None]) -> None:
    """Raise what broke the task, out of the groups it was wrapped in."""
    error = task.exception()
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if error is not None:
        raise error


def _main_language(utterances: tuple[Utterance, ...]) -> str:
    words: Counter[str] = Counter()
    for utterance in utterances:
        words[utterance.language] += len(utterance.text.split())
    return words.most_common(1)[0][0] if words else UNKNOWN_LANGUAGE
