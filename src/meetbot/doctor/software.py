"""Libraries that carry compiled code, and the codecs in them."""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from meetbot.doctor.findings import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meetbot.config import Settings

__all__ = ["check", "check_codecs"]

NATIVE = {
    "av": "av",
    "ctranslate2": "ctranslate2",
    "numpy": "numpy",
    "onnxruntime": "onnxruntime",
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "resvg-py": "resvg_py",
    "soxr": "soxr",
    "sqlalchemy": "sqlalchemy",
    "tokenizers": "tokenizers",
}
"""Distribution → module, of what every profile needs."""
WEBRTC = {"meetbot-webrtc": "meetbot_webrtc", "aiortc": "aiortc", "cryptography": "cryptography"}

CODECS = (
    ("libx264", "w", "h264", "the bot's video as H.264 and demo.mp4"),
    ("libvpx", "w", "vp8", "the bot's video as VP8"),
    ("libopus", "w", "opus", "sound to the room"),
    ("h264", "r", "", "what others send, and recordings"),
    ("libopus", "r", "", "sound from the room"),
    ("aac", "w", "", "sound in demo.mp4"),
    ("mp3", "r", "", "recordings"),
)
"""FFmpeg codec, writing or reading, the room codec that needs it, and what it is for."""


def check() -> Iterator[Finding]:
    """Each library is imported, which is what fails where its machine code does not fit."""
    for distribution, module in NATIVE.items():
        yield _library(distribution, module, "pip install --force-reinstall meetbot")
    for distribution, module in WEBRTC.items():
        yield _library(distribution, module, "pip install 'meetbot[webrtc]'")


def _library(distribution: str, module: str, remedy: str) -> Finding:
    try:
        found = version(distribution)
        importlib.import_module(module)
    except PackageNotFoundError:
        return Finding("software", distribution, Verdict.FAIL, "not installed", remedy)
    except Exception as error:  # a broken binary may raise anything at import
        line = (
            f"does not load: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
        )
        return Finding("software", distribution, Verdict.FAIL, line, remedy)
    return Finding("software", distribution, Verdict.OK, found)


def check_codecs(settings: Settings) -> Iterator[Finding]:
    """What PyAV's own FFmpeg can write and read; nothing on the system is used."""
    av = importlib.import_module("av")
    missing: list[tuple[str, str, str]] = []
    for name, mode, room_codec, purpose in CODECS:
        try:
            av.Codec(name, mode)
        except Exception:  # PyAV has its own error for it, which moved between versions
            missing.append((name, room_codec, purpose))
    present = sorted({name for name, *_ in CODECS} - {name for name, *_ in missing})
    ffmpeg = ".".join(str(part) for part in av.library_versions.get("libavcodec", ()))
    found = f"{', '.join(present)} (libavcodec {ffmpeg})"
    yield Finding("codecs", "PyAV", Verdict.OK if present else Verdict.FAIL, found)
    for name, room_codec, purpose in missing:
        needed = room_codec in (settings.room.video_codec, "opus")
        verdict = Verdict.FAIL if needed else Verdict.WARN
        remedy = "pip install --force-reinstall --only-binary=:all: av"
        yield Finding("codecs", name, verdict, f"missing: {purpose}", remedy)
