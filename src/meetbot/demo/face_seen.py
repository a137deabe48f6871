"""How the bot's face came over, by the pictures and sounds that one participant received."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import av

from meetbot.core.clock import NS_PER_S
from meetbot.core.voice import MOMENT_NS
from meetbot.demo.sound_match import Heard, loudness_skew
from meetbot_webrtc.sync import av_skew

if TYPE_CHECKING:
    from meetbot.core.guests import ReceivedPicture, ReceivedSound

__all__ = ["FaceSeen"]

FACE_TRACK = "avatar"
BLANK = av.VideoFrame(16, 16, "yuv420p")


class FaceSeen:
    """Notes times only; the pictures themselves are let go."""

    def __init__(self) -> None:
        self._pictures: list[ReceivedPicture] = []
        self._sounds: list[ReceivedSound] = []
        self._heard = Heard()

    def picture(self, picture: ReceivedPicture) -> None:
        """A picture came."""
        if picture.track == FACE_TRACK:
            self._pictures.append(replace(picture, frame=BLANK))

    def sound(self, sound: ReceivedSound) -> None:
        """A packet of sound came."""
        if not sound.is_bot:
            return
        self._heard.take(sound)
        if sound.captured_ns is not None:
            self._sounds.append(sound)

    def figures(self) -> dict[str, Any] | None:
        """``fps``, ``late_frames``, ``av_skew_ms`` (p50, p95); None: no face was seen speaking.

        ``late_frames``: places in the 25 a second that no picture came for. The skew is told by
        the sender's clock, where its sound bears it as well, else by how loud it was.
        """
        skew = av_skew(self._pictures, self._sounds) or loudness_skew(self._pictures, self._heard)
        if skew is None:
            return None
        shown = [one.captured_ns for one in self._pictures if one.captured_ns is not None]
        gaps = [after - before for before, after in itertools.pairwise(shown)]
        return {
            "fps": len(gaps) * NS_PER_S / sum(gaps),
            "late_frames": sum(max(0, round(gap / MOMENT_NS) - 1) for gap in gaps),
            "av_skew_ms": {"p50": skew.p50_ms, "p95": skew.p95_ms},
        }
