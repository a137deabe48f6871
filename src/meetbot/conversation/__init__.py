"""The conversation lane: when the bot answers, and what."""

from meetbot.conversation.lane import ConversationLane
from meetbot.conversation.talker import Talker

__all__ = ["ConversationLane", "Talker"]
