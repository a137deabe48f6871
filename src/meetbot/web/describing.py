"""People, presets and pictures as the HTTP API says them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from fastapi import Query
from pydantic import Field

from meetbot.core.pictures import PaintPreset
from meetbot.gallery import KeptPicture, KeptReference
from meetbot.gallery.described import described, described_preset
from meetbot.gallery.presets import MOST_COLOURS, MOST_LETTERS, MOST_SEED, MOST_SUBJECTS
from meetbot.people.values import Person, Saying
from meetbot.session import Host
from meetbot.web.api import Body, Told

__all__ = [
    "Colours",
    "Limit",
    "PersonTold",
    "PictureTold",
    "Preset",
    "ReferenceTold",
    "SayingTold",
    "Seed",
    "Strength",
    "Style",
    "Who",
    "any_style",
]

NS_PER_S = 1_000_000_000

Who = Annotated[str, Field(min_length=1, max_length=200)]
"""A person's name or id."""
Style = Annotated[str, Field(max_length=MOST_LETTERS)]
Colour = Annotated[str, Field(min_length=1, max_length=40)]
Colours = Annotated[tuple[Colour, ...], Field(max_length=MOST_COLOURS)]
Subject = Annotated[str, Field(min_length=1, max_length=MOST_LETTERS)]
Subjects = Annotated[tuple[Subject, ...], Field(max_length=MOST_SUBJECTS)]
Seed = Annotated[int, Field(ge=0, le=MOST_SEED)]
Strength = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Limit = Annotated[int, Query(ge=1, le=200)]


def any_style(host: Host) -> bool:
    """Whether the painter takes other styles than those with a name."""
    return host.settings.painting.painter.engine != "storyboard"


class Preset(Body):
    """How someone is painted. ``palette``: ``#rrggbb``, names of colours, or one mood."""

    style: Style | None = None
    palette: Colours = ()
    likes: Subjects = ()
    dislikes: Subjects = ()
    seed: Seed | None = None
    strength: Strength | None = None

    @classmethod
    def of(cls, preset: PaintPreset) -> Self:
        """As it is kept; references are told of apart."""
        values = described_preset(preset)
        return cls.model_validate({key: values[key] for key in cls.model_fields})


class PictureTold(Told):
    """A picture. ``at``, ``said_end``: seconds of meeting time; ``image``: where its PNG is."""

    id: str
    meeting: str | None
    painted_at: datetime
    at: float
    said_end: float
    image: str
    speakers: list[str]
    trigger: str
    subject: str
    prompt: str
    style: str
    palette: list[str]
    seed: int
    engine: str
    width: int
    height: int
    safe: bool

    @classmethod
    def of(cls, kept: KeptPicture) -> Self:
        """As it is kept, but for its place on this machine."""
        values = described(kept)
        del values["file"]
        return cls.model_validate({**values, "image": f"/pictures/{kept.id}/image"})


class ReferenceTold(Told):
    """A reference. ``name``: unique among its person's; ``width``, ``height``: pixels."""

    name: str
    width: int
    height: int

    @classmethod
    def of(cls, kept: KeptReference) -> Self:
        """As it is kept."""
        return cls(name=kept.name, width=kept.width, height=kept.height)


class PersonTold(Told):
    """Someone who is known by voice. ``colour``: ``#rrggbb``; ``utterances``: how many."""

    id: str
    name: str
    colour: str
    created_at: datetime
    last_heard_at: datetime | None
    utterances: int

    @classmethod
    def of(cls, person: Person) -> Self:
        """As they are known."""
        return cls.model_validate({name: getattr(person, name) for name in cls.model_fields})


class SayingTold(Told):
    """An utterance. ``at``: seconds of meeting time."""

    meeting: str
    room: str
    began_at: datetime
    at: float
    text: str

    @classmethod
    def of(cls, said: Saying) -> Self:
        """As it is kept."""
        return cls(
            meeting=said.meeting_id,
            room=said.room,
            began_at=said.began_at,
            at=said.start_ns / NS_PER_S,
            text=said.text,
        )
