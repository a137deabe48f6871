"""The styles that the storyboard paints in, and what people call them. Imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["STYLES"]

STYLES: Mapping[str, tuple[str, ...]] = {
    "flat": ("flat", "vector", "simple", "плоский", "плоско", "простой"),
    "watercolour": (
        "watercolour",
        "watercolor",
        "aquarelle",
        "акварель",
        "акварелью",
        "акварельный",
    ),
    "night": ("night", "neon", "dark", "ночь", "ночной", "неон", "неоновый", "тёмный"),
    "blueprint": ("blueprint", "technical", "чертёж", "чертежом", "чертёжный", "синька"),
    "ink": ("ink", "pen", "drawing", "тушь", "тушью", "чернила", "чернилами", "перо", "пером"),
    "pastel": ("pastel", "soft", "пастель", "пастелью", "пастельный", "нежный"),
    "papercut": ("papercut", "paper", "collage", "бумага", "аппликация", "аппликацией", "коллаж"),
    "poster": ("poster", "print", "retro", "плакат", "плакатный", "постер", "ретро"),
    "chalk": ("chalk", "chalkboard", "blackboard", "мел", "мелом", "меловой", "доска"),
}
"""Every style with words for it in English and Russian, its own name first."""
