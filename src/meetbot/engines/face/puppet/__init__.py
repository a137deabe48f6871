"""The embedded face engine: a portrait moved like a puppet."""

from meetbot.engines.face.puppet.engine import PuppetFace, PuppetStream

__all__ = ["PuppetFace", "PuppetStream"]
