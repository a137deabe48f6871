"""Settings of answering: what the bot says, how it sounds and looks."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from meetbot.config.section import Device, Name, Probability, Section, Threads

__all__ = [
    "ConversationSettings",
    "FaceSettings",
    "LanguageModelSettings",
    "TalkingSettings",
    "VoiceSettings",
]


class LanguageModelSettings(Section):
    """What writes the answers."""

    engine: Name = "embedded"
    """An entry point of `meetbot.engines.llm`."""
    model: Name = "auto"
    """`embedded`: a name of `meetbot models list`, or `auto`: the best that is quick enough on
    this machine. `ollama`: a model of that server."""
    threads: Threads = 2
    device: Device = "cpu"
    context_tokens: Annotated[int, Field(ge=512, le=131_072)] = 4096
    """How much of the meeting a prompt may hold."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.2
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$")] = "http://127.0.0.1:11434"
    """Where the Ollama server answers."""
    keep_alive_minutes: Annotated[float, Field(ge=0, le=1440)] = 30.0
    """How long Ollama keeps the model in memory."""


class ConversationSettings(Section):
    """When the bot answers, and from what."""

    llm: LanguageModelSettings = LanguageModelSettings()
    names: tuple[Name, ...] = ("Meetbot", "Митбот")
    """What people call the bot, besides its name in the room and the persona's."""
    one_to_one: bool = True
    """Answer everything while a single person is with the bot."""
    follow_up_seconds: Annotated[float, Field(ge=0, le=120)] = 8.0
    """How long after an answer the one who asked may go on without the bot's name."""
    max_history_seconds: Annotated[float, Field(ge=10, le=36_000)] = 1800.0
    """How far back the window over the meeting goes; older talk is looked up."""
    max_answer_tokens: Annotated[int, Field(ge=8, le=2_048)] = 120
    """An answer is cut at the last sentence before this."""


class VoiceSettings(Section):
    """What speaks the answers: entry points of `meetbot.engines.tts`."""

    english: Name = "hibari"
    russian: Name = "rhvoice"
    other: Name = "espeak"
    """For every other language, and where an engine above is not installed."""
    device: Device = "cpu"
    threads: Threads = 1


class FaceSettings(Section):
    """The talking portrait."""

    engine: Name = "puppet"
    """An entry point of `meetbot.engines.face`."""
    size: Annotated[int, Field(ge=128, le=1024, multiple_of=16)] = 512
    """Pixels, square."""


class TalkingSettings(Section):
    """The bot's voice and face."""

    enabled: bool = True
    """False: the bot only listens; it has no camera of its own and no voice."""
    persona: Name = "default"
    """A name of `meetbot persona list`."""
    voice: VoiceSettings = VoiceSettings()
    face: FaceSettings = FaceSettings()
    duck_gain: Probability = 0.25
    """How loud the bot goes on while it is not sure that it is being interrupted."""
    stop_after_ms: Annotated[int, Field(ge=32, le=2_000)] = 96
    """Speech of someone else after which the bot falls silent."""
    resume_after_ms: Annotated[int, Field(ge=100, le=10_000)] = 700
    """Quiet after which it goes on where it stopped, if nothing was said."""
    max_answer_seconds: Annotated[float, Field(ge=2, le=600)] = 45.0
