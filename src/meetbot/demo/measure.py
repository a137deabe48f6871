"""How late captions and pictures are, by what one participant received and nothing else.

The participant has two things: the sound of each speaker, and captions that say when (in meeting
time) each utterance ended. Where speech ends is found in the sound; the captions only tell which
of those ends is meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from meetbot.hearing.intake import WINDOW_NS, Intake

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from meetbot.core.ports import VoiceActivityStream
    from meetbot.core.types import AudioFrame
    from meetbot.demo.meeting import Received

__all__ = ["caption_delays", "picture_delays", "speech_end", "speech_ends"]

NS_PER_S = 1_000_000_000
VOICED = 0.5
SHORTEST_PAUSE_WINDOWS = 3
NEAR_SECONDS = 0.3


def speech_ends(chunks: Iterable[AudioFrame], voice: VoiceActivityStream) -> NDArray[np.float64]:
    """Where speech ends in what was received, in seconds on the clock of ``pts_ns``, ascending."""
    intake = Intake()
    windows = [window for chunk in chunks for window in intake.push(chunk)]
    voiced = np.array([voice.probability(window.samples) >= VOICED for window in windows])
    ends = [
        (windows[index].pts_ns + WINDOW_NS) / NS_PER_S
        for index in np.flatnonzero(voiced)
        if not voiced[index + 1 : index + 1 + SHORTEST_PAUSE_WINDOWS].any()
    ]
    return np.array(ends)


def speech_end(utterance_end: float, ends: NDArray[np.float64], offset: float) -> float:
    """When, on the receiver's clock, the utterance that ended at ``utterance_end`` was heard out.

    The speech end nearest to the time expected; the time expected where speech simply went on.
    """
    expected = utterance_end + offset
    if len(ends):
        nearest = float(ends[np.argmin(np.abs(ends - expected))])
        if abs(nearest - expected) <= NEAR_SECONDS:
            return nearest
    return expected


def caption_delays(
    finals: Sequence[Received], ends: Mapping[str, Sequence[float]], offset: float
) -> list[float]:
    """Seconds from the end of each utterance's sound to its final caption, both as received.

    ``ends``: ends of speech by participant id, in monotonic seconds; ``offset``: those minus
    meeting seconds.
    """
    heard = [np.array(ends.get(item.message["participant"], [])) for item in finals]
    said = [float(item.message["end"]) for item in finals]
    return [
        item.at_ns / NS_PER_S - speech_end(end, found, offset)
        for item, end, found in zip(finals, said, heard, strict=True)
    ]


def picture_delays(
    painted: Sequence[Received],
    seen: Mapping[str, int | None],
    ends: Mapping[str, Sequence[float]],
    offset: float,
) -> dict[str, float]:
    """By picture id, seconds from the end of the words it was painted for to its first frame.

    Only of pictures of speech that were seen for sure. ``seen``: arrival of the first frame.
    """
    delays = {}
    for item in painted:
        message = item.message
        seen_ns = seen.get(message["id"])
        if seen_ns is None or message["participant"] is None:
            continue
        heard = np.array(ends.get(message["participant"], []))
        said = speech_end(float(message["said_end"]), heard, offset)
        delays[message["id"]] = seen_ns / NS_PER_S - said
    return delays
