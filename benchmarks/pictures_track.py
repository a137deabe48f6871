"""What the pictures' track costs, frame by frame, with what encodes it.

    python benchmarks/pictures_track.py [--seconds 60] [--every 12] [--codec h264] [--json]

A picture comes every ``--every`` seconds, is announced as begun half a second before, and its
words run as subtitles where ``--subtitles`` is given. Each frame is painted and encoded as in a
meeting (one watcher), as fast as it goes; the figures are processor milliseconds of this process
in a second of meeting, so they hold on a busy machine too. Beside them, what it costs where the
picture never stands still and every frame is converted, by swscale.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
from PIL import Image

from meetbot.core.pictures import Painting, PaintRequest, Picture
from meetbot.core.types import Caption, Participant, Speaker
from meetbot.stage import move
from meetbot.stage.layout import load_layout
from meetbot.stage.painter import Painter
from meetbot.stage.picture_scene import (
    PictureScene,
    picture_at_time,
    with_begun,
    with_picture,
    with_subtitle,
)
from meetbot.stage.widgets.pictures import OVERLAYS, WIDGETS
from meetbot_webrtc.colour import as_yuv420p
from meetbot_webrtc.video import CLOCK, KEY_EVERY_NS, VideoEncoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

S = 1_000_000_000
FPS = 15
BITRATE = 1_500_000
ANNA = Participant("a", "Anna")
VOICES = (
    Speaker("1", "Anna Petrova", "#7aa2ff"),
    Speaker("2", "Борис", "#ff9e7a"),
    Speaker("3", "Li Wei", "#3ddc97"),
)


def painted(number: int, width: int = 1024, height: int = 576) -> NDArray[np.uint8]:
    """A drawing of flat shapes, some small, on a gradient, with a little grain."""
    rng = np.random.default_rng(number)
    top, foot = rng.integers(40, 255, (2, 3))
    down = np.linspace(0, 1, height)[:, np.newaxis, np.newaxis]
    ground = np.broadcast_to(top * (1 - down) + foot * down, (height, width, 3))
    grain = rng.normal(0, 2, (height, width, 1))
    image = np.ascontiguousarray(np.clip(ground + grain, 0, 255).astype(np.uint8))
    for _ in range(40):
        colour = tuple(int(value) for value in rng.integers(0, 255, 3))
        middle = (int(rng.integers(0, width)), int(rng.integers(0, height)))
        cv2.circle(image, middle, int(rng.integers(4, 90)), colour, -1, cv2.LINE_AA)
    return image


def pictures(folder: Path | None) -> list[NDArray[np.uint8]]:
    """Those of ``folder`` (PNG), or drawn ones."""
    if folder is None:
        return [painted(number) for number in range(6)]
    files = sorted(folder.glob("*.png"))
    return [np.asarray(Image.open(path).convert("RGB")) for path in files]


def as_picture(number: int, pixels: NDArray[np.uint8]) -> Picture:
    """As a painter would have made it."""
    words = "a lighthouse above the stormy sea"
    request = PaintRequest(words, words, "en", number, pixels.shape[1], pixels.shape[0])
    voice = VOICES[number % len(VOICES)]
    return Picture(f"m-{number}", request, Painting(pixels, "x"), "timer", ANNA, (voice,), 0, 0)


def run(arguments: argparse.Namespace, *, naive: bool = False) -> dict[str, float]:
    """Paint and encode; processor milliseconds of each part in a second of meeting."""
    layout = load_layout(arguments.layout)
    painter = Painter(
        layout if arguments.subtitles else layout.without(("subtitles",)), WIDGETS, OVERLAYS
    )
    encoder = VideoEncoder(arguments.codec, BITRATE, FPS)
    shown, scene = pictures(arguments.pictures), PictureScene()
    spent = {"paint": 0.0, "convert": 0.0, "encode": 0.0}
    last, frame, same, size = None, None, 0, 0
    for number in range(arguments.seconds * FPS):
        now = number * S // FPS
        turn, within = divmod(number, arguments.every * FPS)
        if within == (arguments.every - 1) * FPS:
            scene = with_begun(scene, ANNA, "a lighthouse above the stormy sea", now)
        if within == 0:
            scene = with_picture(scene, as_picture(turn, shown[turn % len(shown)]), now)
        if arguments.subtitles and number % 18 == 0:
            text = " ".join(["and so it goes on"] * (1 + number // 18 % 6))
            scene = with_subtitle(
                scene, Caption("u", ANNA, VOICES[0], text, "en", 0, 0, False), now
            )
        began = time.process_time()
        scene = picture_at_time(scene, now)
        pixels = painter.paint(scene, now)
        spent["paint"] += time.process_time() - began
        began = time.process_time()
        same += pixels is last
        if naive:
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")
        elif pixels is not last or frame is None:
            frame = av.VideoFrame.from_ndarray(as_yuv420p(pixels), format="yuv420p")
        last = pixels
        spent["convert"] += time.process_time() - began
        began = time.process_time()
        key = now % KEY_EVERY_NS < S // FPS
        size += sum(p.size for p in encoder.encode(frame, now * CLOCK // S, key))
        spent["encode"] += time.process_time() - began
    figures = {name: 1000 * value / arguments.seconds for name, value in spent.items()}
    return {
        **figures,
        "core_percent": sum(figures.values()) / 10,
        "same_frames_percent": 100 * same / (arguments.seconds * FPS),
        "kbit_per_second": size * 8 / 1000 / arguments.seconds,
    }


def main() -> int:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--every", type=int, default=12, help="seconds between two pictures")
    parser.add_argument("--codec", choices=("h264", "vp8"), default="h264")
    parser.add_argument("--layout", default="picture")
    parser.add_argument("--pictures", type=Path, help="a folder of PNGs to show")
    parser.add_argument("--subtitles", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    found = {"as it is": run(arguments)}
    still, move.MOVE_NS = move.MOVE_NS, arguments.every * S
    found["never standing still, swscale"] = run(arguments, naive=True)
    move.MOVE_NS = still
    if arguments.json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
        return 0
    for name, figures in found.items():
        sys.stdout.write(f"{name}\n")
        for key, value in figures.items():
            sys.stdout.write(f"  {key:22} {value:8.1f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
