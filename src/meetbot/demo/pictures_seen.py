"""When each announced picture became visible, by the frames that one participant received.

The announcement only says about when to look. A picture is taken as visible from the first frame
that shows a quarter of it: frames around the announcement are compared with the one well before
and the one well after the fade, by how far each has gone from the first to the second. What
changes slowly all the time, as the move over a picture does, or hardly at all, is no new picture,
and then nothing is told.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from meetbot.core.clock import NS_PER_S
from meetbot.stage import PICTURES_TRACK
from meetbot.stage.layout import load_layout

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from meetbot.core.guests import ReceivedPicture

__all__ = ["PicturesSeen", "first_visible"]

SMALL = (128, 72)
BEFORE_NS = 400_000_000
AFTER_NS = 3 * NS_PER_S
KEPT_NS = AFTER_NS + 2 * NS_PER_S
FADE_NS = 800_000_000
VISIBLE = 0.25
SUDDEN = 0.7
"""How much of all the change has to come within the time of a fade."""
LEAST_CHANGE = 3.0
"""Root of the mean square, in grey levels: less is no other picture."""


@dataclass(frozen=True, slots=True)
class _Look:
    """The picture's part of a frame, small."""

    arrival_ns: int
    pixels: NDArray[np.float32]


class PicturesSeen:
    """Takes frames and announcements as they come; keeps a few seconds of small frames only.

    ``layout``: that of the track, which tells where in the frame the picture is.
    """

    def __init__(self, layout: str = "picture") -> None:
        whole = load_layout(layout).sized(*SMALL)
        box = next(place.box for place in whole.places if place.widget == "picture")
        self._rows = slice(box.top + 1, box.top + box.height - 1)
        self._columns = slice(box.left + 1, box.left + box.width - 1)
        self._looks: deque[_Look] = deque()
        self._waiting: deque[tuple[str, int]] = deque()
        self._visible: dict[str, int | None] = {}

    def picture(self, picture: ReceivedPicture) -> None:
        """A frame came, of whatever track."""
        if picture.track != PICTURES_TRACK:
            return
        small = picture.frame.reformat(*SMALL, format="rgb24", interpolation="AREA")
        pixels = small.to_ndarray()[self._rows, self._columns].astype(np.float32)
        self._looks.append(_Look(picture.arrival_ns, pixels))
        while self._waiting and picture.arrival_ns > self._waiting[0][1] + AFTER_NS:
            self._settle()
        oldest = picture.arrival_ns - KEPT_NS
        while self._looks[0].arrival_ns < oldest:
            self._looks.popleft()

    def message(self, message: Mapping[str, Any], arrival_ns: int) -> None:
        """The bot told something; what is no announcement of a picture is left alone."""
        if message.get("type") == "picture":
            self._waiting.append((str(message["id"]), arrival_ns))

    def visible(self) -> dict[str, int | None]:
        """By picture id, arrival of the first frame that showed it; None: none that did, for sure.

        Settles what is still open.
        """
        while self._waiting:
            self._settle()
        return dict(self._visible)

    def _settle(self) -> None:
        name, told_ns = self._waiting.popleft()
        until = told_ns + AFTER_NS
        if self._waiting:
            until = min(until, self._waiting[0][1] - BEFORE_NS // 4)
        near = [one for one in self._looks if told_ns - BEFORE_NS <= one.arrival_ns <= until]
        found = first_visible([one.pixels for one in near], [one.arrival_ns for one in near])
        self._visible[name] = None if found is None else near[found].arrival_ns


def first_visible(frames: Sequence[NDArray[np.float32]], times_ns: Sequence[int]) -> int | None:
    """The number of the first of ``frames`` that shows a quarter of what the last one shows.

    ``frames``: float32 of one shape, 0…255, in order, the first before the change; ``times_ns``:
    when each came. None where no sudden change is among them.
    """
    if len(frames) < 3:
        return None
    change = frames[-1] - frames[0]
    size = float(np.mean(np.square(change)))
    if size < LEAST_CHANGE**2:
        return None
    shares = [float(np.mean((frame - frames[0]) * change)) / size for frame in frames]
    first = next(number for number, share in enumerate(shares) if share >= VISIBLE)
    if first == 0:
        return None
    faded = [s for s, at in zip(shares, times_ns, strict=True) if at <= times_ns[first] + FADE_NS]
    return first if faded[-1] - shares[first - 1] >= SUDDEN else None
