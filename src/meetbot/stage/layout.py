"""Layouts are data: which widget stands where, in which colours and sizes (``layouts/*.toml``)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from meetbot.core.errors import ConfigError
from meetbot.stage.colour import RGB, legible, parse_colour

__all__ = ["Box", "Layout", "Place", "Theme", "Type", "load_layout"]

_TEXTS = {
    path.name.removesuffix(".toml"): path.read_text("utf-8")
    for path in (resources.files("meetbot.stage") / "layouts").iterdir()
}
"""Read with the module: a layout may then be asked for on the event loop."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of whole pixels."""

    left: int
    top: int
    width: int
    height: int

    def scaled(self, across: float, down: float) -> Box:
        """The same place in a picture of another size."""
        left, top = round(self.left * across), round(self.top * down)
        right = round((self.left + self.width) * across)
        bottom = round((self.top + self.height) * down)
        return Box(left, top, max(1, right - left), max(1, bottom - top))


@dataclass(frozen=True, slots=True)
class Place:
    """A widget, by name, and where it stands."""

    widget: str
    box: Box


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours. ``palette`` is for people who have none of their own yet."""

    background: RGB
    panel: RGB
    line: RGB
    text: RGB
    quiet: RGB
    faint: RGB
    listening: RGB
    warning: RGB
    accent: RGB
    palette: tuple[RGB, ...]

    def tint(self, colour: RGB | None, number: int | None) -> RGB | None:
        """A person's colour, legible here: their own, or by their number; None for nobody's."""
        if colour is None:
            return None if number is None else self.palette[number % len(self.palette)]
        return legible(colour, self.background)


@dataclass(frozen=True, slots=True)
class Type:
    """Letter heights in pixels. ``current``: from the largest to the smallest."""

    current: tuple[int, ...]
    earlier: int
    chip: int
    title: int
    subtitle: int
    notice: int
    seat: int
    seat_small: int
    toast: int
    invite: int
    invite_hint: int
    words: int
    tag: int
    subtitles: int

    def scaled(self, factor: float) -> Type:
        """The same sizes for a picture ``factor`` times as large; never under 6 pixels."""

        def size(pixels: int) -> int:
            return max(6, round(pixels * factor))

        return Type(
            current=tuple(size(pixels) for pixels in self.current),
            earlier=size(self.earlier),
            chip=size(self.chip),
            title=size(self.title),
            subtitle=size(self.subtitle),
            notice=size(self.notice),
            seat=size(self.seat),
            seat_small=size(self.seat_small),
            toast=size(self.toast),
            invite=size(self.invite),
            invite_hint=size(self.invite_hint),
            words=size(self.words),
            tag=size(self.tag),
            subtitles=size(self.subtitles),
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole picture: its size, its places from back to front, its look."""

    name: str
    width: int
    height: int
    scale: float
    places: tuple[Place, ...]
    theme: Theme
    type: Type

    def sized(self, width: int, height: int) -> Layout:
        """This layout in a picture of ``width`` x ``height`` pixels."""
        across, down = width / self.width, height / self.height
        places = tuple(Place(p.widget, p.box.scaled(across, down)) for p in self.places)
        factor = min(across, down)
        return Layout(
            self.name, width, height, factor, places, self.theme, self.type.scaled(factor)
        )

    def without(self, widgets: tuple[str, ...]) -> Layout:
        """This layout less the places of ``widgets``."""
        return replace(self, places=tuple(p for p in self.places if p.widget not in widgets))


def _colour(text: str, where: str) -> RGB:
    colour = parse_colour(text)
    if colour is None:
        raise ConfigError(f"{where}: {text!r} is not a colour; write #rrggbb")
    return colour


def _theme(data: dict[str, Any], where: str) -> Theme:
    named = {key: _colour(value, where) for key, value in data.items() if key != "palette"}
    palette = tuple(_colour(value, where) for value in data["palette"])
    return Theme(**named, palette=palette)


def _data(name: str) -> dict[str, Any]:
    if name not in _TEXTS:
        raise ConfigError(f"no layout is named {name!r}; there are: {', '.join(sorted(_TEXTS))}")
    return tomllib.loads(_TEXTS[name])


def load_layout(name: str) -> Layout:
    """The layout ``layouts/<name>.toml`` of this package. Raises ``ConfigError``.

    What it does not say of its look is as in the layout that it calls ``like``.
    """
    data = _data(name)
    look = _data(data["like"]) if "like" in data else data
    width, height = data["reference"]
    places = tuple(Place(place["widget"], Box(*place["box"])) for place in data["places"])
    sizes = {**look["type"], **data.get("type", {})}
    sizes["current"] = tuple(sizes["current"])
    theme = _theme({**look["theme"], **data.get("theme", {})}, f"layout {name}")
    return Layout(data["name"], width, height, 1.0, places, theme, Type(**sizes))
