"""The parts of the pictures' track, by the names that layouts give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.stage.widgets.pictures.begun import FloatingBegun
from meetbot.stage.widgets.pictures.frame import PictureWidget
from meetbot.stage.widgets.pictures.plate import (
    FloatingMark,
    FloatingPlate,
    MarkWidget,
    PlateWidget,
)
from meetbot.stage.widgets.pictures.strip import StripWidget
from meetbot.stage.widgets.pictures.subtitles import Subtitles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from meetbot.stage.drawing import Look, Overlay, Widget
    from meetbot.stage.layout import Box
    from meetbot.stage.picture_scene import PictureScene

__all__ = ["OVERLAYS", "WIDGETS"]

WIDGETS: Mapping[str, Callable[[Look, Box], Widget[PictureScene]]] = {
    "mark": MarkWidget,
    "picture": PictureWidget,
    "plate": PlateWidget,
    "strip": StripWidget,
}

OVERLAYS: Mapping[str, Callable[[Look, Box], Overlay[PictureScene]]] = {
    "floating-begun": FloatingBegun,
    "floating-mark": FloatingMark,
    "floating-plate": FloatingPlate,
    "subtitles": Subtitles,
}
