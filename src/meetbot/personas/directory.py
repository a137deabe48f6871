"""Personas in the store: rows for who they are, a folder for their faces and voices.

A face and a voice belong to somebody: each persona's audit begins with that person's consent, and
removing it deletes the photo's traces, the voice-print and what an engine cloned.
"""

from __future__ import annotations

import asyncio
import shutil
import uuid
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import platformdirs
from sqlalchemy import delete, func, select, update

from meetbot.core.clock import wall_now
from meetbot.core.errors import InputError
from meetbot.people.rows import audit, clean_name, key
from meetbot.people.values import AuditEntry
from meetbot.personas.faces import FaceFolder
from meetbot.personas.samples import VoicePrint
from meetbot.personas.values import DEFAULT, EngineVoice, KnownPersona
from meetbot.store.schema import AuditRow, PersonaRow, PersonaVoiceRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from meetbot.config import StoreSettings
    from meetbot.store import Store

__all__ = ["PersonaDirectory"]


class PersonaDirectory:
    """Personas of a store, with ``folder`` for their files. Every method raises ``StoreError``.

    ``InputError``: nobody is called that, a name is empty, too long, or taken.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        self._database = store.database
        self._folder = folder

    @classmethod
    def configured(cls, store: Store, settings: StoreSettings) -> Self:
        """With the files beside the database; in this user's data folder for one at a URL."""
        root = settings.folder or Path(platformdirs.user_data_dir("meetbot", False))
        return cls(store, root.expanduser() / "personas")

    def face(self, photo: str, size: int) -> FaceFolder:
        """Where the faces of that photo (sha256) are."""
        return FaceFolder(self._folder / "faces", photo, size)

    def voice_folder(self, persona_id: str) -> Path:
        """Where engines that clone keep what they computed, a folder each."""
        return self._folder / "voices" / persona_id

    async def personas(self) -> tuple[KnownPersona, ...]:
        """Everyone, by name; the default persona is not among them."""

        def read(session: Session) -> tuple[KnownPersona, ...]:
            rows = session.scalars(select(PersonaRow).order_by(PersonaRow.name_key))
            return tuple(_known(session, row) for row in list(rows))

        return await self._database.read(read)

    async def find(self, who: str) -> KnownPersona:
        """The persona of that name or id. Raises ``InputError``."""
        return await self._database.read(lambda session: _known(session, _named(session, who)))

    async def check_name(self, name: str) -> str:
        """``name`` tidied. Raises ``InputError`` where it cannot be a new persona's."""

        def check(session: Session) -> str:
            return _free_name(session, name)

        return await self._database.read(check)

    async def add(
        self,
        name: str,
        prompt: str,
        photo: str,
        consent: str,
        print_: VoicePrint | None,
        persona_id: str | None = None,
    ) -> KnownPersona:
        """A new persona; ``consent``: on whose word its face and voice may be used."""

        def add(session: Session) -> KnownPersona:
            now = wall_now()
            wanted = _free_name(session, name)
            row = PersonaRow(
                id=persona_id or uuid.uuid4().hex,
                name=wanted,
                name_key=key(wanted),
                prompt=prompt,
                photo=photo,
                samples=print_.samples if print_ else None,
                voice_model=print_.model if print_ else None,
                voice_print=_packed(print_) if print_ else None,
                voice_hz=print_.hz if print_ else None,
                created_at=now,
                used_at=now,
            )
            session.add(row)
            audit(session, row.id, "consent", consent)
            audit(session, row.id, "persona", "made by command")
            session.flush()
            return _known(session, row)

        return await self._database.write(add)

    async def print_of(self, persona_id: str) -> np.ndarray | None:
        """The voice-print of its samples, float32; None: there were none, or it expired."""

        def read(session: Session) -> np.ndarray | None:
            row = session.get(PersonaRow, persona_id)
            stored = row.voice_print if row else None
            return np.frombuffer(stored, "<f4").astype(np.float32) if stored else None

        return await self._database.read(read)

    async def heard(self, samples: str, model: str) -> VoicePrint | None:
        """What ``model`` heard in the same samples (their sha256) before, for any persona."""

        def read(session: Session) -> VoicePrint | None:
            same = PersonaRow.samples == samples, PersonaRow.voice_model == model
            row = session.scalars(select(PersonaRow).where(*same).limit(1)).first()
            if row is None or row.voice_print is None:
                return None
            vector = np.frombuffer(row.voice_print, "<f4").astype(np.float32)
            return VoicePrint(samples, model, vector, row.voice_hz)

        return await self._database.read(read)

    async def set_voices(self, persona_id: str, voices: tuple[EngineVoice, ...]) -> None:
        """Keep how each of these engines sounds like the persona; others stay."""

        def put(session: Session) -> None:
            if session.get(PersonaRow, persona_id) is None:
                return
            for voice in voices:
                session.merge(
                    PersonaVoiceRow(
                        persona_id=persona_id,
                        engine=voice.engine,
                        voice=voice.name,
                        pitch=voice.pitch,
                        likeness=voice.likeness,
                        cloned=voice.cloned,
                    )
                )

        await self._database.write(put)

    async def used(self, persona_id: str) -> None:
        """Note that it is used now, which keeps its voice-print from expiring."""
        at = PersonaRow.id == persona_id
        now = wall_now()
        await self._database.write(
            lambda session: session.execute(update(PersonaRow).where(at).values(used_at=now))
        )

    async def remove(self, who: str) -> None:
        """Delete a persona for good: row, voice-print, cloned voices, and the photo's traces.

        A face that another persona was made from, too, stays.
        """

        def remove(session: Session) -> tuple[str, str]:
            row = _named(session, who)
            persona_id, photo = row.id, row.photo
            session.execute(delete(PersonaVoiceRow).where(PersonaVoiceRow.persona_id == row.id))
            session.delete(row)
            audit(session, persona_id, "forgotten", "persona removed by command")
            return persona_id, photo

        persona_id, photo = await self._database.write(remove)
        await self.discard(persona_id, photo)
        await self._database.scrub()

    async def discard(self, persona_id: str, photo: str) -> None:
        """Delete the files of someone who is not, or no longer, stored; a shared face stays."""
        same = select(func.count()).select_from(PersonaRow).where(PersonaRow.photo == photo)
        used = await self._database.read(lambda session: session.scalar(same))
        voices = self.voice_folder(persona_id)
        await asyncio.to_thread(shutil.rmtree, voices, ignore_errors=True)
        if not used:
            await asyncio.to_thread(self.face(photo, 0).remove)

    async def purge(self, days: int) -> int:
        """Delete voice-prints and cloned voices of personas not used for ``days``; how many.

        The persona stays, with the voices that were chosen for it.
        """
        limit = wall_now() - timedelta(days=days)

        def purge(session: Session) -> list[str]:
            old = select(PersonaRow).where(PersonaRow.used_at < limit)
            rows = list(session.scalars(old.where(PersonaRow.voice_print.is_not(None))))
            for row in rows:
                row.voice_model = row.voice_print = None
                cloned = PersonaVoiceRow.cloned.is_(True)
                session.execute(
                    delete(PersonaVoiceRow).where(PersonaVoiceRow.persona_id == row.id, cloned)
                )
                audit(session, row.id, "expired", f"persona not used for {days} days")
            return [row.id for row in rows]

        gone = await self._database.write(purge)
        for persona_id in gone:
            folder = self.voice_folder(persona_id)
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        if gone:
            await self._database.scrub()
        return len(gone)

    async def audit(self, persona_id: str) -> tuple[AuditEntry, ...]:
        """What was done with a persona's face and voice, in order."""

        def read(session: Session) -> tuple[AuditEntry, ...]:
            query = select(AuditRow).where(AuditRow.person_id == persona_id).order_by(AuditRow.id)
            return tuple(
                AuditEntry(row.at, row.person_id, row.action, row.basis)
                for row in session.scalars(query)
            )

        return await self._database.read(read)


def _named(session: Session, who: str) -> PersonaRow:
    row = session.get(PersonaRow, who) or _by_name(session, who)
    if row is None:
        raise InputError(f"no persona is called {who!r}; see: meetbot persona list")
    return row


def _by_name(session: Session, name: str) -> PersonaRow | None:
    return session.scalar(select(PersonaRow).where(PersonaRow.name_key == key(name.strip())))


def _free_name(session: Session, name: str) -> str:
    try:
        wanted = clean_name(name)
    except InputError as error:
        raise InputError(str(error).replace("person's", "persona's")) from error
    if key(wanted) == DEFAULT:
        raise InputError(
            f"{wanted!r} is the persona that comes with the program; choose another name"
        )
    if _by_name(session, wanted) is not None:
        raise InputError(
            f"there is a persona called {wanted!r} already; choose another name, or: "
            f"meetbot persona rm {wanted!r}"
        )
    return wanted


def _packed(print_: VoicePrint) -> bytes:
    return np.ascontiguousarray(print_.vector, dtype="<f4").tobytes()


def _known(session: Session, row: PersonaRow) -> KnownPersona:
    query = select(PersonaVoiceRow).where(PersonaVoiceRow.persona_id == row.id)
    voices = tuple(
        EngineVoice(voice.engine, voice.voice, voice.pitch, voice.likeness, voice.cloned)
        for voice in session.scalars(query.order_by(PersonaVoiceRow.engine))
    )
    return KnownPersona(
        id=row.id,
        name=row.name,
        prompt=row.prompt,
        photo=row.photo,
        samples=row.samples,
        voice_model=row.voice_model,
        voice_hz=row.voice_hz,
        voices=voices,
        created_at=row.created_at,
        used_at=row.used_at,
    )
