"""Personas: whom the bot is – a face, voices, and what the language model is told about them."""

from __future__ import annotations

from meetbot.personas.directory import PersonaDirectory
from meetbot.personas.loading import load_persona
from meetbot.personas.values import DEFAULT, EngineVoice, KnownPersona, Persona

__all__ = [
    "DEFAULT",
    "EngineVoice",
    "KnownPersona",
    "Persona",
    "PersonaDirectory",
    "load_persona",
]
