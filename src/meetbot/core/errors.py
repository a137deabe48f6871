"""Every error that Meetbot raises on purpose.

Each message says what was wrong, where, and what to do; the CLI prints it as one line.

::

    MeetbotError
    ├── ConfigError          a setting is unknown, mistyped or contradictory
    ├── ModelError           a model cannot be used
    │   ├── ModelMissing     it is not on this machine
    │   ├── ModelCorrupt     its bytes are not the catalogue's
    │   └── ModelLicence     its licence needs an explicit yes
    ├── RoomError            a room cannot be used
    │   ├── RoomRefused      it said no (token, name, full)
    │   └── RoomLost         it was there, and went
    ├── InputError           a photo, sound file, text or upload that cannot be read
    ├── EngineError          an engine failed while it worked
    │   ├── OutOfMemory      the device has not enough memory for what was asked
    │   └── PromptTooLong    a prompt does not fit into the language model's window
    └── StoreError           the store cannot be read or written
"""

__all__ = [
    "ConfigError",
    "EngineError",
    "InputError",
    "MeetbotError",
    "ModelCorrupt",
    "ModelError",
    "ModelLicence",
    "ModelMissing",
    "OutOfMemory",
    "PromptTooLong",
    "RoomError",
    "RoomLost",
    "RoomRefused",
    "StoreError",
]


class MeetbotError(Exception):
    """Base of the tree. ``exit_code`` is what the command line returns."""

    exit_code = 1


class ConfigError(MeetbotError):
    """A setting is unknown, of the wrong type, or contradicts another."""

    exit_code = 2


class ModelError(MeetbotError):
    """A model cannot be used."""


class ModelMissing(ModelError):
    """The model's files are not on this machine."""


class ModelCorrupt(ModelError):
    """The model's files are not the catalogue's bytes."""


class ModelLicence(ModelError):
    """The model's licence needs an explicit yes in the configuration."""

    exit_code = 2


class RoomError(MeetbotError):
    """A room cannot be used."""


class RoomRefused(RoomError):
    """The room answered no: a wrong token, a name that is taken, a full room."""


class RoomLost(RoomError):
    """The room was there and is gone."""


class InputError(MeetbotError):
    """Something that a person gave cannot be read: media, text, an upload."""

    exit_code = 2


class EngineError(MeetbotError):
    """An engine failed while it worked."""


class OutOfMemory(EngineError):
    """The device has not enough memory for what was asked of it."""


class PromptTooLong(EngineError):
    """A prompt of ``tokens`` does not fit into the window of ``room`` tokens."""

    def __init__(self, model: str, tokens: int, room: int) -> None:
        super().__init__(
            f"the prompt has {tokens} tokens and the window of {model} holds {room}; "
            "shorten it, or set conversation.llm.context_tokens"
        )
        self.tokens = tokens
        self.room = room


class StoreError(MeetbotError):
    """The store cannot be read or written."""
