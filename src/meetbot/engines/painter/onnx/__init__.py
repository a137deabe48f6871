"""Diffusion models by ONNX Runtime, for machines without a GPU; torch is needed to export only."""

from __future__ import annotations

from meetbot.engines.painter.onnx.painter import OnnxPainter

__all__ = ["OnnxPainter"]
