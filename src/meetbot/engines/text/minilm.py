"""all-MiniLM-L6-v2 as sentence vectors of any language that the icons' words know.

The network knows English. So a text is also told by the English names of what it names
(``pivot``): an English text's vector is the mean of both, another's is that of its names alone.
Source of the network: see ``meetbot.models.minilm``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

import numpy as np

from meetbot.core.worker import ModelThread
from meetbot.engines.painter.storyboard.reading.tokens import is_cyrillic, split_tokens
from meetbot.engines.painter.storyboard.reading.words import Vocabulary
from meetbot.engines.text.pivot import pivot
from meetbot.models.minilm import DIMENSION, MiniLm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from meetbot.models import ModelStore

__all__ = ["MiniLmEncoder"]

_NICENESS: Final = 5
_LONGEST: Final = 2_000


class MiniLmEncoder:
    """A ``TextEncoder``: the network on a thread of its own."""

    def __init__(self, network: MiniLm, vocabulary: Vocabulary) -> None:
        self._network = network
        self._vocabulary = vocabulary
        self._thread = ModelThread("minilm", niceness=_NICENESS)

    @classmethod
    def load(cls, models: ModelStore, settings: object) -> Self:
        """Open the catalogue's ``minilm-l6`` and ``fluent-icons``; takes no settings."""
        del settings
        return cls(MiniLm.open(models.path("minilm-l6")), Vocabulary.load(models))

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Of length 1, shape ``(n, 384)``; zeros for a text without words
        or emoji.

        The first 2,000 characters of each text count. One thread, some milliseconds for each.
        """
        return await self._thread.run(self._embed, [text[:_LONGEST] for text in texts])

    async def close(self) -> None:
        """End the thread."""
        self._thread.close()

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), DIMENSION), np.float32)
        asked: list[tuple[int, str]] = []
        for row, text in enumerate(texts):
            asked += [(row, told) for told in self._told(text)]
        if asked:
            found = self._network.embed([told for _, told in asked])
            np.add.at(vectors, [row for row, _ in asked], found)
        lengths: NDArray[np.float32] = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors /= np.maximum(lengths, 1e-9)
        return vectors

    def _told(self, text: str) -> list[str]:
        """What the vector of a text is made from; nothing where it has no words."""
        if not split_tokens(text):
            return []
        names = pivot(text, self._vocabulary)
        own = [text] if not names or not is_cyrillic(text) else []
        return [*own, *([names] if names else [])]
