"""The built-in painter: a text becomes a scene of icons, and the scene a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from meetbot.core.errors import EngineError
from meetbot.core.pictures import Painting
from meetbot.core.worker import ModelThread
from meetbot.engines.painter.storyboard.arranging import arrange
from meetbot.engines.painter.storyboard.reading import IconSet, Reader
from meetbot.engines.painter.storyboard.rendering import Renderer, palette_after

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from meetbot.config import PainterSettings
    from meetbot.core.pictures import PaintRequest
    from meetbot.models import ModelStore

__all__ = ["StoryboardPainter"]


class StoryboardPainter:
    """Implements ``core.ports.Painter`` without a network: icons, keywords, a few hundred words.

    The same request gives the same bytes. Of a reference it takes the colours: the more, the
    less ``strength`` there is.
    """

    name = "storyboard"

    def __init__(self, reader: Reader, renderer: Renderer) -> None:
        self._reader = reader
        self._renderer = renderer
        self._thread = ModelThread("storyboard", niceness=1)

    @classmethod
    def load(cls, models: ModelStore, settings: PainterSettings) -> Self:
        """Icons and words of the catalogue. Raises ``ModelMissing``, ``EngineError``."""
        return cls(Reader.load(models), Renderer(IconSet.load(models)))

    async def paint(self, request: PaintRequest) -> Painting:
        """Takes a tenth of a second; what has begun is finished, and dropped if cancelled."""
        pixels = await self._thread.run(self._paint, request)
        return Painting(pixels, self.name)

    async def close(self) -> None:
        """End the thread."""
        self._thread.close()

    def _paint(self, request: PaintRequest) -> NDArray[np.uint8]:
        reading = self._reader.read(
            request.subject, request.language, request.likes, request.dislikes
        )
        scene = arrange(reading, request.seed, request.width / request.height)
        palette = request.palette
        if request.references:
            first = request.references[0].pixels
            palette = palette_after(first, palette, 1 - request.strength)
        try:
            return self._renderer.render(
                scene, request.style, palette, request.width, request.height
            )
        except (ValueError, MemoryError) as error:
            raise EngineError(f"the storyboard could not draw a scene: {error}") from error
