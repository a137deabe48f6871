"""Pictures for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.pictures import Painting, PaintRequest, Picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.core.types import Participant, Speaker

__all__ = ["picture", "pixels"]

NS_PER_S = 1_000_000_000


def pixels(width: int = 64, height: int = 48, seed: int = 1) -> NDArray[np.uint8]:
    """A soft gradient with a block of one colour: uint8 RGB."""
    down, right = np.mgrid[0:height, 0:width]
    shades = np.stack([down * 3, right * 2, down + right], axis=-1) % 256
    made = shades.astype(np.uint8)
    made[: height // 3, : width // 3] = np.random.default_rng(seed).integers(0, 255, 3)
    return made


def picture(
    name: str = "p1",
    *speakers: Speaker,
    text: str = "a cat on a roof",
    at_s: float = 2.0,
    participant: Participant | None = None,
    **request: object,
) -> Picture:
    """A picture of ``text``; ``request``: other fields of its ``PaintRequest``."""
    asked = PaintRequest(text, f"{text}, flat", "en", 7, 64, 48, palette=("#112233", "#ddeeff"))
    return Picture(
        id=name,
        request=replace(asked, **request),  # type: ignore[arg-type]
        painting=Painting(pixels(), "storyboard"),
        trigger="timer",
        participant=participant,
        speakers=speakers,
        said_end_ns=round((at_s - 0.5) * NS_PER_S),
        at_ns=round(at_s * NS_PER_S),
    )
