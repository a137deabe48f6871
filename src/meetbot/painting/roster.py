"""Who is in the room, and whose voice was last heard at each microphone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.painting.job import person_key
from meetbot.painting.palettes import speaker_palette, stable_colour

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetbot.core.types import Participant, Speaker, Utterance

__all__ = ["Roster"]


class Roster:
    """Remembers the last speaker of each participant who is there."""

    def __init__(self) -> None:
        self._speakers: dict[str, Speaker | None] = {}

    def participants(self, present: Sequence[Participant]) -> None:
        """Who is in the room."""
        here = {who.id for who in present}
        self._speakers = {who: voice for who, voice in self._speakers.items() if who in here}

    def learn(self, utterance: Utterance) -> None:
        """Whose voice it was; a voice that could not be told does not change what is known."""
        who = utterance.participant
        unsure = utterance.speaker is None and not who.shared_microphone
        if not unsure or who.id not in self._speakers:
            self._speakers[who.id] = utterance.speaker

    def knows(self, participant: Participant) -> bool:
        """Whether something was heard at this microphone."""
        return participant.id in self._speakers

    def speaker(self, participant: Participant) -> Speaker | None:
        """Whose voice it was last, as far as it is known."""
        return self._speakers.get(participant.id)

    def palette(self, participant: Participant | None, speaker: Speaker | None) -> tuple[str, ...]:
        """The colours of someone who has chosen none; distinct among those present."""
        colour = speaker.colour if speaker else stable_colour(person_key(participant, speaker))
        others = {voice.colour for voice in self._speakers.values() if voice is not None}
        return speaker_palette(colour, others - {colour})
