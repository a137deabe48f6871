"""Makes a persona of a photo and voice samples: everything that takes time, once.

A photo that was prepared before, for this persona or another, costs nothing: faces lie in folders
named by the photo's content and the engine that prepared them.
"""

from __future__ import annotations

import asyncio
import shutil
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from meetbot.core.errors import EngineError, InputError
from meetbot.core.types import SAMPLE_RATE
from meetbot.personas.likeness import Cloner, nearest_voice
from meetbot.personas.loading import prepare_face
from meetbot.personas.photo import decode_photo
from meetbot.personas.portrait import make_portrait
from meetbot.personas.samples import fingerprint, listen
from meetbot.personas.values import EngineVoice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.core.ports import (
        Cache,
        Face,
        FaceFinder,
        SpeakerEncoder,
        Synthesizer,
        Upscaler,
        VoiceActivity,
    )
    from meetbot.personas.directory import PersonaDirectory
    from meetbot.personas.photo import Photo
    from meetbot.personas.samples import VoicePrint
    from meetbot.personas.values import KnownPersona

__all__ = ["Draft", "Prepared", "Stage", "Workshop", "prepare_persona"]

Stage: TypeAlias = Literal["photo", "face", "voice", "likeness"]
"""What is being done: reading and cropping, the face engine's work, listening, choosing voices."""

MOST_PROMPT = 4_000


@dataclass(frozen=True, slots=True)
class Workshop:
    """What a persona is made with. ``size``: pixels of its portrait.

    ``synthesizers``: by entry point, with the language to match each in. No ``upscaler``: small
    photos are enlarged plainly, with a note.
    """

    finder: FaceFinder
    face: Face
    size: int
    upscaler: Upscaler | None
    encoder: SpeakerEncoder
    voice_activity: VoiceActivity
    synthesizers: Mapping[str, tuple[Synthesizer, str]]
    cache: Cache


@dataclass(frozen=True, slots=True)
class Draft:
    """A persona to be. ``sounds``: voice samples by label, float32 mono at 16 kHz, or none.

    ``consent``: on whose word the face and the voice of the person shown may be used.
    """

    name: str
    prompt: str
    photo: Photo
    consent: str
    sounds: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A persona that was made, and what it is good to know about how."""

    persona: KnownPersona
    face_folder: Path
    notes: tuple[str, ...]


def _silent(_stage: Stage, _share: float) -> None:
    return None


async def prepare_persona(
    draft: Draft,
    directory: PersonaDirectory,
    workshop: Workshop,
    progress: Callable[[Stage, float], None] = _silent,
) -> Prepared:
    """Check and prepare everything, then store the persona; nothing is kept where that fails.

    ``progress``: a stage and how much of it is done, 0…1. Raises ``InputError`` with what is wrong
    with the name, the prompt, the photo or the samples; ``EngineError``; ``StoreError``.
    """
    name = await directory.check_name(draft.name)
    if len(draft.prompt) > MOST_PROMPT:
        raise InputError(
            f"the prompt has {len(draft.prompt)} characters; {MOST_PROMPT} at most: a model that "
            "must read more each time answers late"
        )
    if not draft.consent.strip():
        raise InputError("nobody has agreed to the use of this face; see --consent")
    persona_id = uuid.uuid4().hex
    try:
        face_folder, notes = await _face(draft.photo, directory, workshop, progress)
        print_ = await _listened(draft, directory, workshop, progress)
        voices: tuple[EngineVoice, ...] = ()
        if print_ is not None:
            folder = directory.voice_folder(persona_id)
            voices, said = await _voices(draft, print_, workshop, folder, progress)
            notes += said
        photo = draft.photo.sha256
        await directory.add(name, draft.prompt, photo, draft.consent, print_, persona_id)
    except BaseException:
        await directory.discard(persona_id, draft.photo.sha256)
        raise
    await directory.set_voices(persona_id, voices)
    return Prepared(await directory.find(persona_id), face_folder, notes)


async def _face(
    photo: Photo,
    directory: PersonaDirectory,
    workshop: Workshop,
    progress: Callable[[Stage, float], None],
) -> tuple[Path, tuple[str, ...]]:
    """The prepared face of a photo, from where it is or made now."""
    folder = directory.face(photo.sha256, workshop.size)
    prepared = await asyncio.to_thread(folder.prepared, workshop.face.name)
    if prepared is not None:
        progress("photo", 1)
        progress("face", 1)
        return prepared, ()
    notes: tuple[str, ...] = ()
    progress("photo", 0)
    portrait = await asyncio.to_thread(folder.portrait)
    if portrait is None:
        pixels = await asyncio.to_thread(decode_photo, photo)
        portrait, notes = await make_portrait(
            pixels, photo.label, workshop.finder, workshop.upscaler, workshop.size
        )
        await asyncio.to_thread(folder.keep_portrait, portrait)
    progress("photo", 1)
    done = await prepare_face(
        portrait, folder, workshop.face, lambda share: progress("face", share)
    )
    progress("face", 1)
    return done, notes


async def _listened(
    draft: Draft,
    directory: PersonaDirectory,
    workshop: Workshop,
    progress: Callable[[Stage, float], None],
) -> VoicePrint | None:
    """The voice of the samples, from the store where the same ones were heard before."""
    if not draft.sounds:
        return None
    progress("voice", 0)
    samples = await asyncio.to_thread(fingerprint, draft.sounds)
    print_ = await directory.heard(samples, workshop.encoder.model_id)
    if print_ is None:
        print_ = await listen(draft.sounds, workshop.voice_activity, workshop.encoder)
    progress("voice", 1)
    return print_


async def _voices(
    draft: Draft,
    print_: VoicePrint,
    workshop: Workshop,
    folder: Path,
    progress: Callable[[Stage, float], None],
) -> tuple[tuple[EngineVoice, ...], tuple[str, ...]]:
    """How each engine is to sound: cloned where it can, else by its nearest voice."""
    chosen: list[EngineVoice] = []
    notes: list[str] = []
    for number, (engine, (synthesizer, language)) in enumerate(workshop.synthesizers.items()):
        progress("likeness", number / len(workshop.synthesizers))
        try:
            if isinstance(synthesizer, Cloner):
                chosen.append(await _cloned(draft, engine, synthesizer, folder))
                continue
            nearest = await nearest_voice(
                print_, engine, synthesizer, language, workshop.encoder, workshop.cache
            )
        except EngineError as error:
            notes.append(f"no voice of {engine} was chosen, it speaks with its own: {error}")
            continue
        if nearest is not None:
            chosen.append(nearest)
    progress("likeness", 1)
    return tuple(chosen), tuple(notes)


async def _cloned(draft: Draft, engine: str, cloner: Cloner, folder: Path) -> EngineVoice:
    place = folder / engine
    await asyncio.to_thread(place.mkdir, mode=0o700, parents=True, exist_ok=True)
    try:
        await cloner.clone(tuple(draft.sounds.values()), SAMPLE_RATE, place)
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        raise
    return EngineVoice(engine, None, cloned=True)
