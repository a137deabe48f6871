"""A persona by its name, ready to talk: its face is prepared where this engine has not yet."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from meetbot.core.errors import InputError
from meetbot.core.voice import Voice
from meetbot.people.rows import key
from meetbot.personas.faces import FaceFolder
from meetbot.personas.standard import PROMPT, VOICES, standard_photo, standard_portrait
from meetbot.personas.values import DEFAULT, Persona

if TYPE_CHECKING:
    from collections.abc import Callable

    from meetbot.core.ports import Face
    from meetbot.core.voice import Portrait
    from meetbot.personas.directory import PersonaDirectory
    from meetbot.personas.values import EngineVoice

__all__ = ["load_persona", "prepare_face"]


def _silent(_share: float) -> None:
    return None


async def load_persona(
    name: str,
    directory: PersonaDirectory,
    face: Face,
    size: int,
    *,
    progress: Callable[[float], None] = _silent,
    cache: Path | None = None,
) -> Persona:
    """The persona of that name, with its face prepared by ``face`` in ``size`` pixels.

    Takes milliseconds where that was done before; ``progress`` runs from 0 to 1 otherwise.
    ``cache``: where the default persona's face is kept; None: this user's cache folder.
    Raises ``InputError`` (nobody is called that), ``EngineError``, ``StoreError``.
    """
    if key(name.strip()) == DEFAULT:
        return await _standard(face, size, progress, cache)
    known = await directory.find(name)
    folder = directory.face(known.photo, size)
    prepared = await asyncio.to_thread(folder.prepared, face.name)
    if prepared is None:
        portrait = await asyncio.to_thread(folder.portrait)
        if portrait is None:
            raise InputError(
                f"the portrait of {known.name!r} is gone from {folder.path}; "
                f"meetbot persona rm {known.name!r}, and add it again"
            )
        prepared = await prepare_face(portrait, folder, face, progress)
    await directory.used(known.id)
    voices = {
        voice.engine: _voice(voice, directory.voice_folder(known.id)) for voice in known.voices
    }
    return Persona(known.id, known.name, known.prompt, prepared, voices)


async def prepare_face(
    portrait: Portrait, folder: FaceFolder, face: Face, progress: Callable[[float], None] = _silent
) -> Path:
    """Let ``face`` prepare a portrait in its place; where it fails, nothing is left there."""
    working = await asyncio.to_thread(folder.begin)
    try:
        await face.prepare(portrait, working, progress)
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, working, ignore_errors=True)
        raise
    return await asyncio.to_thread(folder.finish, working, face.name)


async def _standard(
    face: Face, size: int, progress: Callable[[float], None], cache: Path | None
) -> Persona:
    photo = await asyncio.to_thread(standard_photo)
    root = cache or Path(platformdirs.user_cache_dir("meetbot", False))
    folder = FaceFolder(root / "faces", photo.sha256, size)
    prepared = await asyncio.to_thread(folder.prepared, face.name)
    if prepared is None:
        portrait = await asyncio.to_thread(standard_portrait, size)
        prepared = await prepare_face(portrait, folder, face, progress)
    return Persona(DEFAULT, "Meetbot", PROMPT, prepared, VOICES)


def _voice(voice: EngineVoice, folder: Path) -> Voice:
    return Voice(voice.name, voice.pitch, folder / voice.engine if voice.cloned else None)
