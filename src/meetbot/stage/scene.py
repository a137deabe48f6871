"""What there is to show, as a frozen value, and how each event makes a new one of it.

Pure: no pixels and no clock. Every time is meeting time in nanoseconds and comes from outside.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from meetbot.core.types import BotState
from meetbot.stage.colour import RGB, parse_colour
from meetbot.stage.text import clean, head, tail

if TYPE_CHECKING:
    from meetbot.core.types import Caption, Notice, Participant

__all__ = [
    "LEVEL_STEPS",
    "Line",
    "Scene",
    "Seat",
    "Toast",
    "at_time",
    "current_lines",
    "level_step",
    "opening",
    "with_caption",
    "with_level",
    "with_notice",
    "with_participants",
]

S = 1_000_000_000
MAX_LINES = 8
MAX_CURRENT = 3
MAX_SEATS = 64
MAX_TEXT = 600
MAX_NAME = 40
MAX_NOTICE = 140
STALE_PARTIAL_NS = 10 * S
LEVEL_HOLD_NS = 600_000_000
LEVEL_STEPS = 6
"""0: silent; 1…5: the ring of someone who speaks, by loudness."""

_TOAST_NS = {BotState.DEGRADED: 20 * S, BotState.LISTENING: 5 * S}
_TOAST_OTHER_NS = 8 * S


@dataclass(frozen=True, slots=True)
class Line:
    """One caption.

    ``colour`` is the voice's; ``number`` the participant's. Both None: not sure whose voice it is.
    """

    utterance_id: str
    participant_id: str
    name: str
    colour: RGB | None
    number: int | None
    text: str
    final: bool
    start_ns: int
    updated_ns: int


@dataclass(frozen=True, slots=True)
class Seat:
    """Someone in the roster, and how loud (0…1) they were heard at ``heard_ns``.

    ``colour`` is that of the voice heard last; until then ``number`` stands for one of the theme's.
    """

    participant_id: str
    name: str
    is_bot: bool
    number: int
    colour: RGB | None = None
    level: float = 0.0
    heard_ns: int = 0


@dataclass(frozen=True, slots=True)
class Toast:
    """A notice that stands for a while."""

    text: str
    state: BotState
    since_ns: int
    until_ns: int


@dataclass(frozen=True, slots=True)
class Scene:
    """All that is shown. ``lines`` are in the order in which they were begun to be said."""

    bot_name: str
    state: BotState = BotState.JOINING
    lines: tuple[Line, ...] = ()
    seats: tuple[Seat, ...] = ()
    toast: Toast | None = None


def opening(bot_name: str) -> Scene:
    """The scene before anything has happened."""
    return Scene(_name(bot_name))


def with_caption(scene: Scene, caption: Caption, now_ns: int) -> Scene:
    """A caption came: new, grown, final, or (with empty text) taken back."""
    known = next((x for x in scene.lines if x.utterance_id == caption.utterance_id), None)
    if known is not None and known.final and not caption.final:
        return scene
    others = [line for line in scene.lines if line is not known]
    text = tail(clean(caption.text), MAX_TEXT)
    if not text:
        return replace(scene, lines=tuple(others))
    colour = parse_colour(caption.speaker.colour) if caption.speaker else None
    line = Line(
        utterance_id=caption.utterance_id,
        participant_id=caption.participant.id,
        name=_name(caption.speaker.name if caption.speaker else caption.participant.name),
        colour=colour,
        number=_number(scene, caption),
        text=text,
        final=caption.final,
        start_ns=known.start_ns if known else caption.start_ns,
        updated_ns=now_ns,
    )
    lines = tuple(sorted((*others, line), key=lambda x: x.start_ns)[-MAX_LINES:])
    seats = scene.seats if colour is None else _coloured(scene.seats, line.participant_id, colour)
    return replace(scene, lines=lines, seats=seats, state=_listening(scene.state))


def with_notice(scene: Scene, notice: Notice, now_ns: int) -> Scene:
    """The bot says something of itself; a notice without words only changes the state."""
    text = head(clean(notice.text), MAX_NOTICE)
    toast = scene.toast
    if text:
        stays = _TOAST_NS.get(notice.state, _TOAST_OTHER_NS)
        toast = Toast(text, notice.state, now_ns, now_ns + stays)
    elif notice.state is BotState.LISTENING:
        toast = None
    return replace(scene, state=notice.state, toast=toast)


def with_participants(scene: Scene, participants: tuple[Participant, ...]) -> Scene:
    """The roster changed. Who stays keeps colour and level; the bot itself is not seated.

    To know the roster the bot must be in the room, so it is no longer joining.
    """
    known = {seat.participant_id: seat for seat in scene.seats}
    seats: list[Seat] = []
    for person in participants[:MAX_SEATS]:
        if person.is_bot and _name(person.name) == scene.bot_name:
            continue
        taken = {seat.number for seat in (*known.values(), *seats)}
        free = next(number for number in range(len(taken) + 1) if number not in taken)
        seat = known.get(person.id) or Seat(person.id, "", person.is_bot, free)
        seats.append(replace(seat, name=_name(person.name), is_bot=person.is_bot))
    return replace(scene, seats=tuple(seats), state=_listening(scene.state))


def with_level(scene: Scene, participant_id: str, level: float, now_ns: int) -> Scene:
    """Someone is heard at ``level``, 0…1; unknown people and values that are no number: nothing."""
    if not math.isfinite(level):
        return scene
    seats = tuple(
        replace(seat, level=min(1.0, max(0.0, level)), heard_ns=now_ns)
        if seat.participant_id == participant_id
        else seat
        for seat in scene.seats
    )
    return replace(scene, seats=seats)


def at_time(scene: Scene, now_ns: int) -> Scene:
    """The scene without what is over: old toasts, partial captions that nobody went on with.

    With its toast the degraded state goes as well; a part that is still down says so again.
    """
    toast = scene.toast if scene.toast and scene.toast.until_ns > now_ns else None
    recovered = scene.state is BotState.DEGRADED and toast is None
    lines = tuple(
        line for line in scene.lines if line.final or now_ns - line.updated_ns < STALE_PARTIAL_NS
    )
    if toast is scene.toast and len(lines) == len(scene.lines) and not recovered:
        return scene
    state = BotState.LISTENING if recovered else scene.state
    return replace(scene, state=state, toast=toast, lines=lines)


def current_lines(scene: Scene) -> int:
    """How many of the last lines are current: those being said, and the last one in any case."""
    if not scene.lines:
        return 0
    being_said = [i for i, line in enumerate(scene.lines) if not line.final]
    first = min([*being_said, len(scene.lines) - 1])
    return min(MAX_CURRENT, len(scene.lines) - first)


def level_step(seat: Seat, now_ns: int) -> int:
    """How loud to draw ``seat``, 0…``LEVEL_STEPS`` - 1; it dies away when nothing more is heard."""
    age = max(0, now_ns - seat.heard_ns)
    level = seat.level * max(0.0, 1 - age / LEVEL_HOLD_NS)
    if level < 0.02:
        return 0
    return 1 + min(LEVEL_STEPS - 2, int(math.sqrt(level) * (LEVEL_STEPS - 1)))


def _name(text: str) -> str:
    return head(clean(text), MAX_NAME) or "?"


def _listening(state: BotState) -> BotState:
    return BotState.LISTENING if state is BotState.JOINING else state


def _number(scene: Scene, caption: Caption) -> int | None:
    """The participant's, where the caption can only be theirs."""
    if caption.speaker is None and caption.participant.shared_microphone:
        return None
    seats = (s.number for s in scene.seats if s.participant_id == caption.participant.id)
    return next(seats, None)


def _coloured(seats: tuple[Seat, ...], participant_id: str, colour: RGB) -> tuple[Seat, ...]:
    return tuple(
        replace(seat, colour=colour) if seat.participant_id == participant_id else seat
        for seat in seats
    )
