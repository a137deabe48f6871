"""Backdrops: a small procedural drawing of every place, drawn by seed, light, weather, season."""

from meetbot.engines.painter.storyboard.rendering.places.registry import paint_place

__all__ = ["paint_place"]
