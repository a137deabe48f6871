"""A session: one bot in one room, from joining to leaving."""

from meetbot.session.engines import Engines, load_engines
from meetbot.session.session import Session

__all__ = ["Engines", "Session", "load_engines"]
