"""Meetbot's own WebRTC rooms: signalling, the bot's peer, a Python guest, WHIP and WHEP.

A room is a mesh: the hub only passes messages on, and every member talks to every other directly.
Names are imported when they are first used, since aiortc takes a while to load.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meetbot_webrtc.client import RoomClient
    from meetbot_webrtc.connector import WebRtcConnector
    from meetbot_webrtc.gateway import signalling_router
    from meetbot_webrtc.hub import SignalingHub
    from meetbot_webrtc.room import WebRtcRoom
    from meetbot_webrtc.whip import whip_router

__all__ = [
    "RoomClient",
    "SignalingHub",
    "WebRtcConnector",
    "WebRtcRoom",
    "signalling_router",
    "whip_router",
]

_HOMES = {
    "RoomClient": "client",
    "SignalingHub": "hub",
    "WebRtcConnector": "connector",
    "WebRtcRoom": "room",
    "signalling_router": "gateway",
    "whip_router": "whip",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
