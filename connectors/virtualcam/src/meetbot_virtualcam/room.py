"""This machine's webcam and microphone as a room: the meeting is in another program."""

from __future__ import annotations

import logging
from collections import deque
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Protocol, Self

from meetbot.core.channels import Channel, ChannelClosed, Overflow
from meetbot.core.clock import monotonic_ns
from meetbot.core.errors import RoomError
from meetbot.core.types import AudioOpened, Participant, ParticipantJoined, RoomCapabilities
from meetbot_virtualcam.camera import VirtualCamera

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.config import CameraSettings
    from meetbot.core.clock import Clock
    from meetbot.core.types import AudioFrame, RoomEvent, RoomMessage, VideoFrame
    from meetbot.core.voice import Moment
    from meetbot_virtualcam.sound_ports import Heard

__all__ = ["CameraRoom", "Desk"]

log = logging.getLogger(__name__)

EVENTS = 16
REMEMBERED = 256
ME, OTHERS = "me", "others"
AVATAR = "avatar"


class Desk(Protocol):
    """The sound side, as ``sound.SoundDesk`` is."""

    @property
    def me(self) -> Channel[AudioFrame] | None: ...
    @property
    def others(self) -> Channel[AudioFrame] | None: ...
    @property
    def devices(self) -> Heard: ...
    @property
    def microphone(self) -> str: ...
    @property
    def drops(self) -> Mapping[str, int]: ...
    @property
    def voice_delay_ns(self) -> int: ...
    def play(self, samples: NDArray[np.int16], pts_ns: int) -> None: ...
    async def __aenter__(self) -> Desk: ...
    async def __aexit__(self, *exc: object) -> None: ...


class CameraRoom:
    """Implements ``core.ports.Room`` on a virtual camera and the sound devices of this machine.

    ``size``: width and height that the camera is asked for. ``tracks``: the first is shown; with
    ``avatar`` among them the bot has a voice. No sound device is touched where the bot neither
    speaks nor hears. Two can be heard: whoever sits here (``me``), and the sound of the others
    together, whose voices are told apart by their prints.
    """

    def __init__(
        self,
        clock: Clock,
        settings: CameraSettings,
        *,
        size: tuple[int, int] = (1280, 720),
        tracks: tuple[str, ...] = (AVATAR,),
        desk: Callable[[CameraSettings, Clock], Desk] | None = None,
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._tracks = tracks[:1]
        self._voice = AVATAR in tracks
        self._camera = VirtualCamera(settings, size)
        self._make_desk = desk or _sound_desk
        self._desk: Desk | None = None
        self._origin_ns = 0
        self._events: Channel[RoomEvent] = Channel(EVENTS, Overflow.WAIT)
        self._open = AsyncExitStack()
        self.messages: deque[RoomMessage] = deque(maxlen=REMEMBERED)
        """The last ones that were sent: there is no one to send them to."""
        self.on_open: Callable[[CameraRoom], None] | None = None
        """Called when the devices are there, before anything is shown."""
        self.on_message: Callable[[RoomMessage], None] | None = None
        """Called with each message."""

    # ------------------------------------------------------------------ Room

    @property
    def capabilities(self) -> RoomCapabilities:
        """One video, and a voice where the bot was to speak; nobody can read what is sent."""
        return RoomCapabilities(
            separate_audio=True, video_tracks=1, captions=False, voice=self._voice
        )

    @property
    def drops(self) -> Mapping[str, int]:
        """Pictures never shown, deadlines missed, sound not taken in time, voice not played."""
        sound = self._desk.drops if self._desk is not None else {}
        return {**self._camera.counts, **sound}

    async def events(self) -> AsyncIterator[RoomEvent]:
        """Who is heard, at the beginning; ends with ``finish`` only."""
        async for event in self._events:
            yield event

    async def send(self, message: RoomMessage) -> None:
        """Remember ``message``; the other program shows none."""
        self.messages.append(message)
        if self.on_message is not None:
            self.on_message(message)

    async def publish(self, track: str, frames: AsyncIterator[VideoFrame]) -> None:
        """Show ``frames`` until they end. Raises ``RoomError`` for another track."""
        if track not in self._tracks or track == AVATAR:
            names = ", ".join(self._tracks)
            raise RoomError(f"the camera has no video track {track!r}; it shows: {names}")
        async for frame in frames:
            self._camera.show(frame.pixels, self._origin_ns + frame.pts_ns)

    async def present(self, moments: AsyncIterator[Moment]) -> None:
        """Be seen and heard: each picture as much later as the voice takes to be heard."""
        shown = self._tracks == (AVATAR,)
        async for moment in moments:
            if moment.samples is not None and self._desk is not None:
                self._desk.play(moment.samples, moment.pts_ns)
            if shown:
                due_ns = self._origin_ns + moment.pts_ns + self.picture_delay_ns
                self._camera.show(moment.pixels, due_ns)

    def finish(self) -> None:
        """End ``events``, so that the one who runs the bot leaves in good order."""
        self._events.close()

    async def __aenter__(self) -> Self:
        self._origin_ns = monotonic_ns() - self._clock.now_ns()
        async with AsyncExitStack() as opening:
            await opening.enter_async_context(self._camera)
            if self._needs_sound:
                desk = self._make_desk(self._settings, self._clock)
                await opening.enter_async_context(desk)
                self._desk = desk
            self._open = opening.pop_all()
        for participant, sound in self._heard():
            now_ns = self._clock.now_ns()
            await self._tell(ParticipantJoined(participant, now_ns))
            await self._tell(AudioOpened(participant, sound))
        if self.on_open is not None:
            self.on_open(self)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._events.close()
        await self._open.aclose()

    # ------------------------------------------------------------------ what is in use

    @property
    def camera(self) -> VirtualCamera:
        """The picture's side."""
        return self._camera

    @property
    def picture_delay_ns(self) -> int:
        """How much later than its time a picture of the bot is shown: when its voice is heard."""
        return self._desk.voice_delay_ns if self._desk is not None else 0

    def in_use(self) -> dict[str, str | None]:
        """What to choose, and what is heard, by the names that programs show; None: nothing."""
        heard = self._desk.devices if self._desk is not None else None
        settings = self._settings
        return {
            "camera": self._camera.label,
            "microphone": self._desk.microphone if self._desk and self._voice else None,
            "me": heard.me if heard and settings.hear_me else None,
            "others": heard.others if heard and settings.hear_others else None,
        }

    @property
    def _needs_sound(self) -> bool:
        return self._voice or self._settings.hear_me or self._settings.hear_others

    def _heard(self) -> list[tuple[Participant, AsyncIterator[AudioFrame]]]:
        if self._desk is None:
            return []
        me = Participant(ME, self._settings.my_name)
        others = Participant(OTHERS, self._settings.others_name, shared_microphone=True)
        both = ((me, self._desk.me), (others, self._desk.others))
        return [(who, sound) for who, sound in both if sound is not None]

    async def _tell(self, event: RoomEvent) -> None:
        try:
            await self._events.send(event)
        except ChannelClosed:
            log.debug("the room is being left: %s", event)


def _sound_desk(settings: CameraSettings, clock: Clock) -> Desk:
    from meetbot_virtualcam.sound import SoundDesk

    return SoundDesk(settings, clock)
