"""From words to a request for a painter, with what they mean as a vector."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from meetbot.painting.job import person_key
from meetbot.painting.prompt import borrowed, build_prompt
from meetbot.painting.steady import within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from meetbot.config import PaintingSettings
    from meetbot.core.clock import Clock
    from meetbot.core.pictures import PaintRequest
    from meetbot.core.ports import TextEncoder
    from meetbot.core.types import Participant, Speaker
    from meetbot.painting.context import Line
    from meetbot.painting.presets import Presets
    from meetbot.painting.roster import Roster

__all__ = ["Sketch", "Sketcher", "Words"]

log = logging.getLogger(__name__)

LONGEST_LOOK_NS = 1_000_000_000
UNKNOWN = np.zeros(1, np.float32)


@dataclass(frozen=True, slots=True)
class Words:
    """What is to be painted: ``text``, cleaned, said by ``speaker`` at ``participant``'s place.

    ``style``: for this once; None: the speaker's own. ``asked``: just this is wanted, nothing of
    the talk around it; without words it is the talk that is wanted.
    """

    text: str
    language: str
    participant: Participant | None
    speaker: Speaker | None
    end_ns: int
    style: str | None = None
    asked: bool = False

    @property
    def key(self) -> str:
        """Who is painted."""
        return person_key(self.participant, self.speaker)


@dataclass(frozen=True, slots=True)
class Sketch:
    """``said``, ``wanted``: vectors of the words and of the prompt; zeros where unknown.

    ``speakers``: whose words it shows, the one in whose style it is first.
    """

    words: Words
    request: PaintRequest
    said: NDArray[np.float32]
    wanted: NDArray[np.float32]
    speakers: tuple[Speaker, ...] = ()


class Sketcher:
    """Makes requests by what is known of their speakers."""

    def __init__(
        self,
        settings: PaintingSettings,
        encoder: TextEncoder,
        presets: Presets,
        roster: Roster,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._encoder = encoder
        self._presets = presets
        self._roster = roster
        self._clock = clock
        self._encoder_failed = False

    async def warm(self) -> None:
        """Let the encoder do first what takes longest the first time."""
        await self._vectors(["a first sentence", "первая фраза"])

    async def sketch(self, words: Words, talk: Sequence[Line]) -> Sketch:
        """How ``words``, said after ``talk``, are painted, and what they mean."""
        return await self.understood(self.draft(words, talk))

    def draft(self, words: Words, talk: Sequence[Line]) -> Sketch:
        """The same at once, without what they mean."""
        known = self._presets.known(words.key)
        preset = known.preset if words.style is None else replace(known.preset, style=words.style)
        around = () if words.asked and words.text else talk
        request = build_prompt(
            words.text,
            around,
            preset,
            self._settings,
            person=words.key,
            language=words.language,
            palette=self._roster.palette(words.participant, words.speaker),
            recent=known.recent,
            references=known.references,
        )
        voices = [words.speaker, *(line.speaker for line in borrowed(words.text, around))]
        heard = {voice.person_id: voice for voice in voices if voice is not None}
        return Sketch(words, request, UNKNOWN, UNKNOWN, tuple(heard.values()))

    async def understood(self, draft: Sketch) -> Sketch:
        """A draft with its vectors."""
        said, wanted = await self._vectors([draft.words.text, draft.request.prompt])
        return replace(draft, said=said, wanted=wanted)

    async def _vectors(self, texts: list[str]) -> NDArray[np.float32]:
        """Zeros where the encoder fails: pictures then come by the clock only."""
        due_ns = self._clock.now_ns() + LONGEST_LOOK_NS
        try:
            work = self._encoder.embed(texts)
            vectors = await within(work, self._clock, due_ns, asyncio.Event(), "the text encoder")
        except Exception as error:
            if not self._encoder_failed:
                log.warning("changes of topic cannot be told: %s", error)
            self._encoder_failed = True
            return np.stack([UNKNOWN] * len(texts))
        self._encoder_failed = False
        return vectors
