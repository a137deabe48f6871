"""What keeps made-up text out: Whisper writes sentences for noise and silence if it is let.

The limits are Whisper's own (Radford et al. 2022, section 4.5) with a floor for loudness and for
the length of speech.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from meetbot.config import GateSettings
    from meetbot.core.types import Recognition
    from meetbot.hearing.turns import Turn

__all__ = ["credible", "worth_recognizing"]


def worth_recognizing(turn: Turn, gates: GateSettings) -> bool:
    """Is there enough speech, loud enough, to spend a recognition on?"""
    if turn.voiced_ms < gates.min_speech_ms:
        return False
    return float(np.sqrt(np.mean(np.square(turn.audio)))) >= gates.min_rms


def credible(recognition: Recognition, gates: GateSettings) -> bool:
    """Is this text what was said, rather than what the model makes of noise?"""
    text = recognition.text.strip()
    if not any(character.isalnum() for character in text):
        return False
    if recognition.compression_ratio > gates.max_compression:
        return False
    if recognition.log_probability < gates.min_log_probability:
        return False
    return recognition.no_speech <= gates.max_no_speech
