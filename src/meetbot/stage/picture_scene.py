"""What the pictures' track has to show, as a frozen value, and how each event makes a new one.

Pure: nothing is drawn and there is no clock. Every time is meeting time in nanoseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from meetbot.core.clock import NS_PER_S
from meetbot.stage.colour import RGB, parse_colour
from meetbot.stage.text import clean, head, tail

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.core.pictures import Picture
    from meetbot.core.types import Caption, Participant

__all__ = [
    "KEPT",
    "Begun",
    "PictureScene",
    "Shown",
    "Subtitle",
    "picture_at_time",
    "with_begun",
    "with_people",
    "with_picture",
    "with_subtitle",
]

KEPT = 5
"""Pictures before the present one that are remembered."""
MAX_WORDS = 160
MAX_NAME = 40
MAX_SUBTITLE = 400
BEGUN_NS = 15 * NS_PER_S
"""A picture that was begun and did not come by then is not waited for any longer."""
SUBTITLE_NS = 4 * NS_PER_S
PARTIAL_NS = 10 * NS_PER_S


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A picture that is or was shown; ``pixels`` uint8 RGB. ``name`` is empty for nobody's."""

    id: str
    pixels: NDArray[np.uint8] = field(repr=False)
    name: str
    colour: RGB | None
    words: str
    since_ns: int


@dataclass(frozen=True, slots=True)
class Begun:
    """A picture that is being painted, of whose words."""

    name: str
    colour: RGB | None
    words: str
    until_ns: int


@dataclass(frozen=True, slots=True)
class Subtitle:
    """What somebody says."""

    utterance_id: str
    name: str
    colour: RGB | None
    text: str
    until_ns: int


@dataclass(frozen=True, slots=True, eq=False)
class PictureScene:
    """All that is shown. ``earlier``: the newest first. ``colours``: of participants, by id."""

    current: Shown | None = None
    earlier: tuple[Shown, ...] = ()
    begun: Begun | None = None
    subtitle: Subtitle | None = None
    colours: Mapping[str, RGB] = field(default_factory=lambda: MappingProxyType({}))


def with_picture(scene: PictureScene, picture: Picture, now_ns: int) -> PictureScene:
    """A picture is there: it takes the place of the one shown and of the one begun."""
    names = [speaker.name for speaker in picture.speakers]
    if not names and picture.participant is not None:
        names = [picture.participant.name]
    colour = parse_colour(picture.speakers[0].colour) if picture.speakers else None
    scene = _coloured(scene, picture.participant, colour)
    if colour is None and picture.participant is not None:
        colour = scene.colours.get(picture.participant.id)
    shown = Shown(
        id=picture.id,
        pixels=picture.painting.pixels,
        name=_name(", ".join(names)),
        colour=colour,
        words=_words(picture.request.subject) if picture.safe else "",
        since_ns=now_ns,
    )
    before = () if scene.current is None else (scene.current,)
    earlier = (*before, *scene.earlier)[:KEPT]
    return replace(scene, current=shown, earlier=earlier, begun=None)


def with_begun(
    scene: PictureScene, participant: Participant | None, text: str, now_ns: int
) -> PictureScene:
    """Painting has begun of what ``participant`` said."""
    name = _name(participant.name) if participant else ""
    colour = scene.colours.get(participant.id) if participant else None
    return replace(scene, begun=Begun(name, colour, _words(text), now_ns + BEGUN_NS))


def with_subtitle(scene: PictureScene, caption: Caption, now_ns: int) -> PictureScene:
    """Somebody says something. A caption that was taken back goes at once."""
    speaker, participant = caption.speaker, caption.participant
    colour = parse_colour(speaker.colour) if speaker else scene.colours.get(participant.id)
    scene = _coloured(scene, participant, colour)
    text = tail(clean(caption.text), MAX_SUBTITLE)
    shown = scene.subtitle
    if text:
        name = _name(speaker.name if speaker else participant.name)
        until = now_ns + (SUBTITLE_NS if caption.final else PARTIAL_NS)
        shown = Subtitle(caption.utterance_id, name, colour, text, until)
    elif shown is not None and shown.utterance_id == caption.utterance_id:
        shown = None
    return replace(scene, subtitle=shown)


def with_people(scene: PictureScene, participants: tuple[Participant, ...]) -> PictureScene:
    """Who is in the room now; the colours of those who left are forgotten."""
    present = {participant.id for participant in participants}
    colours = {id_: colour for id_, colour in scene.colours.items() if id_ in present}
    return replace(scene, colours=MappingProxyType(colours))


def picture_at_time(scene: PictureScene, now_ns: int) -> PictureScene:
    """The scene without what is over."""
    begun = scene.begun if scene.begun and scene.begun.until_ns > now_ns else None
    subtitle = scene.subtitle if scene.subtitle and scene.subtitle.until_ns > now_ns else None
    if begun is scene.begun and subtitle is scene.subtitle:
        return scene
    return replace(scene, begun=begun, subtitle=subtitle)


def _coloured(
    scene: PictureScene, participant: Participant | None, colour: RGB | None
) -> PictureScene:
    """With the colour of the voice that was heard last at this participant's microphone."""
    if participant is None or colour is None or scene.colours.get(participant.id) == colour:
        return scene
    colours = MappingProxyType({**scene.colours, participant.id: colour})
    return replace(scene, colours=colours)


def _name(text: str) -> str:
    return head(clean(text), MAX_NAME)


def _words(text: str) -> str:
    return head(clean(text[: 4 * MAX_WORDS]), MAX_WORDS)
