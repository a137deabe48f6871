"""A session: one bot in one room, from joining to leaving."""

from meetbot.session.engines import Engines, load_engines
from meetbot.session.host import Host, open_host
from meetbot.session.session import Parts, Session

__all__ = ["Engines", "Host", "Parts", "Session", "load_engines", "open_host"]
