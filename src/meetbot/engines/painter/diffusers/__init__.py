"""Diffusion models by diffusers and torch; extra ``diffusers``.

>>> from meetbot.engines.painter.diffusers import DiffusersPainter    # doctest: +SKIP
"""

from __future__ import annotations

from meetbot.engines.painter.diffusers.engine import DiffusersPainter

__all__ = ["DiffusersPainter"]
