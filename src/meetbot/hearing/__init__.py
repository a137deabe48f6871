"""Hearing: each participant's own sound in, partial captions and finished utterances out."""

from meetbot.hearing.lane import HearingLane, HearingSink

__all__ = ["HearingLane", "HearingSink"]
