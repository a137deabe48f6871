"""Every test here has a LiveKit server of its own where it asks for one."""

from support.livekit import livekit

__all__ = ["livekit"]
