"""Talking: answers in, the bot's camera and microphone out, interrupted when people speak."""

from meetbot.talking.lane import TalkingLane
from meetbot.talking.narrator import TalkSink

__all__ = ["TalkSink", "TalkingLane"]
