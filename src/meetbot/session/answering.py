"""The bot's side of the talk: what it answers, its voice and its face, in one session."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from meetbot.conversation import ConversationLane
from meetbot.conversation.fallback import FallbackModel
from meetbot.core.messages import BOT_ID
from meetbot.core.types import ChatSent, Participant
from meetbot.core.voice import MOMENT_NS, VOICE_RATE, Answer, Voice
from meetbot.personas import DEFAULT
from meetbot.session.mouth import Mouth
from meetbot.session.spare import Spare
from meetbot.session.timing import TimedTalker
from meetbot.talking import TalkingLane

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.config import Settings
    from meetbot.core.clock import Clock
    from meetbot.core.ports import Cache, Face, FaceStream, LanguageModel, Room
    from meetbot.core.types import Caption, ChatReceived, SpeechEvent, Utterance
    from meetbot.core.voice import Moment, Spoken
    from meetbot.engines.tts.router import VoiceRouter
    from meetbot.observe import Metrics
    from meetbot.personas import Persona
    from meetbot.session.activity import Activities
    from meetbot.session.announcer import Announcer

__all__ = ["Answering", "Answers", "Outside", "Played", "open_answering"]

LAST_MOMENTS = 4
"""An answer that is stopped ends with the next moment; its words are told right after."""
LONGEST_LAST_LINE_SECONDS = 8.0


class Played(Protocol):
    """Takes a slice of sound: int16 mono, its rate in Hz, and its meeting time."""

    def __call__(self, samples: NDArray[np.int16], rate: int, pts_ns: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Outside:
    """What the other parts of a session have to do with answering.

    ``played`` is told all sound that the bot makes, when it makes it; ``overheard`` what it has
    said. ``claimed``: whether a text said to the bot, by its name or not, is not to be answered.
    ``composed``: makes the picture that is sent of the face; None: the face is sent.
    """

    played: Played
    overheard: Callable[[Utterance], None] = lambda _: None
    claimed: Callable[[str, bool], bool] = lambda _, __: False
    composed: Callable[[NDArray[np.uint8]], NDArray[np.uint8]] | None = None


class Answers:
    """What answering needs, for any number of sessions; all of it loaded and warm.

    ``load_spare``: loads what writes the answers while ``model`` is broken; None: nothing does.
    """

    def __init__(
        self,
        *,
        model: LanguageModel,
        load_spare: Callable[[], Awaitable[LanguageModel]] | None,
        voices: VoiceRouter,
        face: Face,
        persona: Persona,
        cache: Cache,
    ) -> None:
        self.voices = voices
        self.face = face
        self.persona = persona
        self.cache = cache
        self._model = model
        self._spare = Spare(load_spare) if load_spare is not None else None

    def voice_for(self, language: str) -> Voice:
        """The persona's voice of the engine that speaks ``language``; else that engine's own."""
        return self.persona.voices.get(self.voices.engine_for(language) or "", Voice())

    def model_for(self, announcer: Announcer, clock: Clock) -> LanguageModel:
        """What writes the answers of a session, which is told when the spare stands in."""
        if self._spare is None:
            return self._model
        return FallbackModel(self._model, self._spare.get, announcer.trouble, clock)

    async def close(self) -> None:
        """Give memory and connections back."""
        spare = self._spare.loaded if self._spare is not None else None
        for model in (self._model, spare):
            if model is not None:
                await model.close()
        await self.cache.close()


class Answering:
    """Both lanes of one session, as one thing to tell what was heard and to keep running.

    ``parts``: what has to run, by the name it bears in reports.
    """

    def __init__(
        self,
        room: Room,
        conversation: ConversationLane,
        talking: TalkingLane,
        timing: TimedTalker,
        face: FaceStream,
        clock: Clock,
        outside: Outside,
    ) -> None:
        self._room = room
        self._clock = clock
        self._outside = outside
        self._face = face
        self._conversation = conversation
        self._talking = talking
        self._timing = timing
        self._last_line = ""
        self._last_line_over = asyncio.Event()

    @property
    def parts(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What has to run, by its name."""
        return {
            "The conversation": self._conversation.run,
            "The bot's voice": self._talking.run,
            "The bot's camera": self._present,
        }

    def noticed(self, event: SpeechEvent) -> None:
        """Someone speaks, pauses or has finished: first the bot falls silent, then it thinks."""
        self._talking.noticed(event)
        self._timing.noticed(event)
        self._conversation.noticed(event)

    def growing(self, caption: Caption) -> None:
        """What someone has said so far."""
        self._conversation.growing(caption)

    def heard(self, utterance: Utterance) -> None:
        """What someone said."""
        self._conversation.heard(utterance)

    def said(self, utterance: Utterance) -> None:
        """What the bot itself has said."""
        self._conversation.heard(utterance)
        self._outside.overheard(utterance)

    def chat(self, message: ChatReceived) -> None:
        """Someone wrote to the room."""
        self._conversation.chat(message)

    def participants(self, present: Sequence[Participant]) -> None:
        """Who is in the room."""
        self._conversation.participants(present)

    def spoken(self, spoken: Spoken) -> None:
        """An answer is over."""
        self._conversation.spoken(spoken)
        if spoken.answer_id == self._last_line:
            self._last_line_over.set()

    async def say_last(self, text: str, language: str, to: Participant) -> None:
        """Say ``text`` instead of anything else; returns when that is over, or 8 s later."""
        self._talking.stop()
        self._last_line = uuid4().hex
        answer = Answer(self._last_line, to, language, self._clock.now_ns(), _whole(text))
        self._talking.prepare(answer)
        self._talking.release(answer.id)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._last_line_over.wait(), LONGEST_LAST_LINE_SECONDS)

    async def stop(self) -> None:
        """Say nothing more; returns when what was said of an answer has been told."""
        self._talking.stop()
        await self._clock.sleep_until(self._clock.now_ns() + LAST_MOMENTS * MOMENT_NS)

    def close(self) -> None:
        """The session is over."""
        self._talking.close()
        self._face.close()

    async def _present(self) -> None:
        await self._room.present(self._moments())

    async def _moments(self) -> AsyncGenerator[Moment]:
        async with aclosing(self._talking.moments()) as moments:
            async for moment in moments:
                if moment.samples is not None:
                    self._outside.played(moment.samples, VOICE_RATE, moment.pts_ns)
                if self._outside.composed is not None:
                    moment = replace(moment, pixels=self._outside.composed(moment.pixels))  # noqa: PLW2901
                yield moment


async def _whole(text: str) -> AsyncGenerator[str]:
    yield text


async def open_answering(
    answers: Answers,
    settings: Settings,
    room: Room,
    announcer: Announcer,
    clock: Clock,
    metrics: Metrics,
    outside: Outside,
    activities: Activities,
) -> Answering:
    """The answering side of a session in ``room``. Raises ``EngineError`` for a damaged face."""
    bot = Participant(BOT_ID, settings.room.bot_name, is_bot=True)
    mouth = Mouth(announcer, clock, bot, activities)
    face = await answers.face.open(answers.persona.face_folder)
    talking = TalkingLane(
        settings.talking,
        synthesizer=answers.voices,
        voice_for=answers.voice_for,
        face=face,
        clock=clock,
        sink=mouth,
        cache=answers.cache,
        metrics=metrics,
    )
    timing = TimedTalker(talking, clock, metrics, activities)

    async def write(text: str) -> None:
        await announcer.tell(ChatSent(text, clock.now_ns()))

    conversation = ConversationLane(
        settings.conversation,
        model=answers.model_for(announcer, clock),
        talker=timing,
        clock=clock,
        bot_names=(settings.room.bot_name,),
        persona_prompt=answers.persona.prompt,
        persona_name=_called(answers.persona, settings),
        report=announcer.trouble,
        claimed=outside.claimed,
        write=write,
    )
    answering = Answering(room, conversation, talking, timing, face, clock, outside)
    mouth.listener = answering
    return answering


def _called(persona: Persona, settings: Settings) -> str:
    """What the bot calls itself: its persona's name; the default persona has none of its own."""
    names = settings.conversation.names
    return names[0] if persona.name == DEFAULT and names else persona.name
