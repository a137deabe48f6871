"""People: who is who by voice, what they are called, what they like, what they said.

Importing it imports SQLAlchemy, by way of the store.
"""

from __future__ import annotations

from meetbot.people.directory import PeopleDirectory
from meetbot.people.identifier import Rules, VoiceIdentifier
from meetbot.people.values import AuditEntry, KnownVoice, Person, Saying

__all__ = [
    "AuditEntry",
    "KnownVoice",
    "PeopleDirectory",
    "Person",
    "Rules",
    "Saying",
    "VoiceIdentifier",
]
