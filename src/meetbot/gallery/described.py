"""What the gallery keeps, as programs read it: plain values that become JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from meetbot.core.pictures import PaintPreset
    from meetbot.store.pictures import KeptPicture

__all__ = ["described", "described_preset"]

NS_PER_S = 1_000_000_000


def described(picture: KeptPicture) -> dict[str, Any]:
    """A picture. ``at``, ``said_end``: seconds of meeting time. ``file``: its path here."""
    return {
        "id": picture.id,
        "meeting": picture.meeting_id,
        "painted_at": picture.at.isoformat(),
        "at": picture.at_ns / NS_PER_S,
        "said_end": picture.said_end_ns / NS_PER_S,
        "file": str(picture.path),
        "speakers": [speaker.name for speaker in picture.speakers],
        "trigger": picture.trigger,
        "subject": picture.subject,
        "prompt": picture.prompt,
        "style": picture.style,
        "palette": list(picture.palette),
        "seed": picture.seed,
        "engine": picture.engine,
        "width": picture.width,
        "height": picture.height,
        "safe": picture.safe,
    }


def described_preset(preset: PaintPreset) -> dict[str, Any]:
    """How someone is painted."""
    return {
        "style": preset.style,
        "palette": list(preset.palette),
        "likes": list(preset.likes),
        "dislikes": list(preset.dislikes),
        "references": list(preset.references),
        "seed": preset.seed,
        "strength": preset.strength,
    }
