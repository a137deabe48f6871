"""The page that a scene is laid out on: spots for things, moved until none hides another.

Lengths are in picture heights, also across: the page is 1 high and ``width`` wide.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.arranging.cast import blank

if TYPE_CHECKING:
    from random import Random

    from meetbot.engines.painter.storyboard.arranging.cast import Actor
    from meetbot.engines.painter.storyboard.arranging.setting import Setting
    from meetbot.engines.painter.storyboard.values import Item

__all__ = ["Box", "Page", "Spot", "Zone"]

MARGIN = 0.035
_FRONT, _FRONT_NARROW, _NARROW = 0.855, 0.805, 1.3


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the page."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Across, in picture heights."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Down."""
        return self.bottom - self.top

    def overlap(self, other: Box) -> float:
        """The area of both."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across * down if across > 0 and down > 0 else 0.0


@dataclass(slots=True, eq=False)
class Spot:
    """Where an actor is: its foot at ``x``, ``y`` and its height."""

    actor: Actor
    x: float
    y: float
    height: float
    flip: bool = False
    turn: float = 0.0
    depth: float = 0.0
    grounded: bool = True
    fixed: bool = False

    @property
    def width(self) -> float:
        """Across, in picture heights."""
        return self.height * self.actor.aspect

    @property
    def box(self) -> Box:
        """What it covers."""
        half = self.width / 2
        return Box(self.x - half, self.y - self.height, self.x + half, self.y)


@dataclass(slots=True, eq=False)
class Zone:
    """A part of the page with spots of its own. ``level``: they move across only."""

    box: Box
    level: bool = True
    apart: bool = False
    """Whether it is a world of its own, as the inside of a bubble is."""
    zooms: bool = False
    """Whether a few small things are enlarged until they fill it."""
    spots: list[Spot] = field(default_factory=list)
    under: list[Item] = field(default_factory=list)
    """What is drawn before the spots."""

    @property
    def drawn(self) -> list[Spot]:
        """The spots in the order in which they are drawn: on the ground from far to near."""
        return sorted(self.spots, key=lambda spot: spot.y) if self.level else self.spots


@dataclass(slots=True, eq=False)
class Page:
    """The whole picture as it is being laid out; ``zones``: back to front."""

    width: float
    setting: Setting
    rng: Random
    zones: list[Zone] = field(default_factory=list)
    under: list[Item] = field(default_factory=list)
    over: list[Item] = field(default_factory=list)

    @property
    def front(self) -> float:
        """The foremost foot line; the title is under it, in two lines where there is no room."""
        return _FRONT if self.width > _NARROW else _FRONT_NARROW

    @property
    def horizon(self) -> float:
        """Where the ground begins."""
        return self.setting.horizon

    def zone(
        self,
        box: Box | None = None,
        *,
        level: bool = True,
        apart: bool = False,
        zooms: bool = False,
        behind: bool = False,
    ) -> Zone:
        """A new zone, in front of the others or ``behind`` them.

        By default it is the whole page within its margins.
        """
        inner = Box(MARGIN, MARGIN, self.width - MARGIN, 1 - MARGIN)
        zone = Zone(box or inner, level, apart, zooms)
        self.zones.insert(0 if behind else len(self.zones), zone)
        return zone

    def keep_free(self, box: Box) -> None:
        """Nothing of the other zones may cover this, or be covered by it."""
        actor = blank(box.width / box.height)
        spot = Spot(actor, (box.left + box.right) / 2, box.bottom, box.height, fixed=True)
        self.zone().spots.append(spot)

    def foot(self, nearness: float) -> float:
        """The foot line of things so near: 0 at the horizon … 1 in front."""
        return self.horizon + (self.front - self.horizon) * nearness

    def scale(self, nearness: float) -> float:
        """How much smaller than in front things look there."""
        far = 0.72 if self.setting.indoors else 0.5
        return far + (1 - far) * nearness
