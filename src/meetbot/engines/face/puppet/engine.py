"""The embedded face: a portrait moved like a puppet, on one core, without a network.

What is computed once (``prepare``): fields that move the lips, the jaw, the head and the brows,
the shut mouth, the inside of the mouth. What is left for each picture: a weighted sum of the
mouth's fields, two small warps and one large one, 3 to 5 ms for 512×512.
"""

from __future__ import annotations

import asyncio
import zlib
from collections import deque
from typing import TYPE_CHECKING, Self

import cv2
import numpy as np

from meetbot.core.errors import EngineError
from meetbot.core.worker import ModelThread
from meetbot.engines.face.puppet.alive import Life
from meetbot.engines.face.puppet.head import HeadRenderer, plan_head, plan_lids
from meetbot.engines.face.puppet.mouth import MouthRenderer, plan_mouth
from meetbot.engines.face.puppet.stored import VERSION, Prepared, load_prepared, save_prepared
from meetbot.engines.face.puppet.visemes import PARTS, Track, track_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.core.voice import Portrait, Speech
    from meetbot.engines.face.puppet.alive import Pose
    from meetbot.models import ModelStore

__all__ = ["PuppetFace", "PuppetStream"]

IDLE_STEP_S = 0.08
FOLLOW = 0.7
CLOSE = 0.92
"""How much of the way to its target the mouth goes in one picture of 40 ms; lips that meet go
further, or a short m, b or p would not be seen."""
LEAD_S = 0.04
"""The mouth is a little ahead of the sound, as people's are, which makes up for ``FOLLOW``."""
STILL = 0.01
PRESS = PARTS.index("press")
PICTURE_S = 0.04
TROUBLE = (cv2.error, ArithmeticError, LookupError, RuntimeError, ValueError, MemoryError)


class PuppetFace:
    """Prepares portraits and opens what it prepared; one thread for all of its streams."""

    name = f"puppet-{VERSION}"

    def __init__(self) -> None:
        self._thread = ModelThread("face", niceness=1)

    @classmethod
    def load(cls, models: ModelStore, settings: object) -> Self:
        """It needs no model, and takes its size from the portrait."""
        del models, settings
        cv2.setNumThreads(1)
        return cls()

    async def prepare(
        self, portrait: Portrait, folder: Path, progress: Callable[[float], None]
    ) -> None:
        """Compute the fields of ``portrait`` into ``folder``; a second for 512×512.

        Raises ``EngineError`` where there is no mouth in the picture.
        """
        progress(0.0)
        try:
            mouth = await self._thread.run(plan_mouth, portrait.pixels, portrait.landmarks)
            progress(0.6)
            head = await self._thread.run(
                plan_head, portrait.pixels, portrait.landmarks, portrait.mask
            )
        except TROUBLE as error:
            raise EngineError(f"this portrait cannot be made to talk: {error}") from error
        height, width = portrait.pixels.shape[:2]
        lids = plan_lids(portrait.landmarks, (width, height))
        prepared = Prepared(portrait.pixels, mouth, head, lids)
        await asyncio.to_thread(save_prepared, folder, prepared)
        progress(1.0)

    async def open(self, folder: Path) -> PuppetStream:
        """The face prepared in ``folder``. Raises ``EngineError`` where that is damaged."""
        return await asyncio.to_thread(self._opened, folder)

    def _opened(self, folder: Path) -> PuppetStream:
        return PuppetStream(load_prepared(folder), self._thread)

    def close(self) -> None:
        """End the thread."""
        self._thread.close()


class PuppetStream:
    """One face coming alive; see ``core.ports.FaceStream``."""

    def __init__(self, prepared: Prepared, thread: ModelThread) -> None:
        pixels, mouth = prepared.pixels, prepared.mouth
        height, width = pixels.shape[:2]
        self.size = (width, height)
        self._thread = thread
        self._mouth = MouthRenderer(pixels, mouth)
        self._head = HeadRenderer(self.size, prepared.head, prepared.lids)
        left, top, right, bottom = mouth.box
        self._shut = pixels.copy()
        self._shut[top:bottom, left:right] = self._mouth.draw(np.zeros(len(PARTS), np.float32))
        self._life = Life(zlib.crc32(pixels.tobytes()))
        self._tracks: deque[Track] = deque()
        self._shape = np.zeros(len(PARTS), np.float32)
        self._energy = 0.0
        self._stress = 0.0
        self._last_s = float("-inf")
        self._shown_s = float("-inf")
        self._shown: NDArray[np.uint8] | None = None

    def speak(self, speech: Speech, at_s: float) -> None:
        """``speech`` will sound from ``at_s`` on."""
        self._tracks.append(track_of(speech, at_s))

    def hush(self, at_s: float) -> None:
        """Nothing sounds any more from ``at_s`` on."""
        cut = (track.until(at_s) for track in self._tracks if track.start_s < at_s)
        self._tracks = deque(cut)

    async def render(self, at_s: float) -> NDArray[np.uint8]:
        """The face at ``at_s``: uint8 RGB, read-only; unchanged where it hardly moves."""
        shape = self._next_shape(at_s)
        still = float(np.abs(shape).max()) < STILL and self._energy < STILL
        pose = self._life.pose(at_s, self._energy, self._stress)
        due = at_s - self._shown_s > IDLE_STEP_S - 1e-6
        if still and pose.blink == 0 and self._shown is not None and not due:
            return self._shown
        try:
            drawn = await self._thread.run(self._draw, None if still else shape, pose)
        except TROUBLE as error:
            raise EngineError(f"the face cannot be drawn: {error}") from error
        self._shown, self._shown_s = drawn, at_s
        return drawn

    def close(self) -> None:
        """No more pictures are wanted."""
        self._tracks.clear()
        self._shown = None

    def _next_shape(self, at_s: float) -> NDArray[np.float32]:
        """Where the mouth is now: on its way to where the sound wants it."""
        while self._tracks and self._tracks[0].end_s < at_s:
            self._tracks.popleft()
        target = np.zeros(len(PARTS), np.float32)
        for track in self._tracks:
            target = np.maximum(target, track.at(at_s + LEAD_S))
        pictures = min(5.0, max(0.0, (at_s - self._last_s) / PICTURE_S))
        reach = FOLLOW + (CLOSE - FOLLOW) * float(target[PRESS])
        follow = np.float32(1 - (1 - reach) ** pictures)
        self._shape = self._shape + (target - self._shape) * follow
        talking = 1.0 if self._tracks and target.any() else 0.0
        self._energy += (talking - self._energy) * min(1.0, 0.12 * pictures)
        self._stress += (float(target[0] > 0.6) - self._stress) * min(1.0, 0.18 * pictures)
        if self._energy < STILL:
            self._energy = 0.0
        self._last_s = at_s
        return self._shape

    def _draw(self, shape: NDArray[np.float32] | None, pose: Pose) -> NDArray[np.uint8]:
        picture = self._shut
        if shape is not None or pose.blink > 0:
            picture = self._shut.copy()
        if shape is not None:
            left, top, right, bottom = self._mouth.box
            picture[top:bottom, left:right] = self._mouth.draw(shape)
        if pose.blink > 0:
            self._head.blink(picture, self._shut, pose.blink)
        moved = self._head.move(picture, pose)
        moved.flags.writeable = False
        return moved
