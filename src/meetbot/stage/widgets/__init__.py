"""The parts of the captions' picture, by the names that layouts give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.stage.widgets.captions import CaptionsWidget
from meetbot.stage.widgets.header import NoticeWidget, TitleWidget
from meetbot.stage.widgets.roster import RosterWidget
from meetbot.stage.widgets.toast import ToastWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from meetbot.stage.drawing import Look, Widget
    from meetbot.stage.layout import Box
    from meetbot.stage.scene import Scene

__all__ = ["WIDGETS"]

WIDGETS: Mapping[str, Callable[[Look, Box], Widget[Scene]]] = {
    "captions": CaptionsWidget,
    "notice": NoticeWidget,
    "roster": RosterWidget,
    "title": TitleWidget,
    "toast": ToastWidget,
}
