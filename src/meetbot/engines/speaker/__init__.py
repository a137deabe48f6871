"""Voice-print encoders: one file each, behind ``core.ports.SpeakerEncoder``."""

from __future__ import annotations

__all__: list[str] = []
