"""Draws the stage in many states into one picture, and measures what a frame costs.

    python benchmarks/stage_sheet.py --out stage-sheet.png [--single DIR] [--json]

The figures: processor milliseconds a frame in a steady meeting (one person speaking, a partial
caption growing every 1.2 s, a final one every 6 s), and in the states shown.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from meetbot.core.types import BotState, Caption, Notice, Participant, Speaker
from meetbot.stage.layout import load_layout
from meetbot.stage.painter import Painter
from meetbot.stage.scene import (
    Scene,
    at_time,
    opening,
    with_caption,
    with_level,
    with_notice,
)
from meetbot.stage.scene import with_participants as seated
from meetbot.stage.widgets import WIDGETS

if TYPE_CHECKING:
    from collections.abc import Callable

S = 1_000_000_000
FPS = 15
NOW = 754 * S

ANNA = Participant("a", "Anna Petrova")
BEN = Participant("b", "Ben Carter")
ROOM = Participant("r", "Meeting room 4", shared_microphone=True)
PEOPLE = (
    ANNA,
    BEN,
    Participant("c", "Мария Иванова"),
    Participant("d", "Li Wei"),
    Participant("e", "Konstantin Alexandrovich Dostoyevsky-Romanov"),
    Participant("f", "Notes bot", is_bot=True),
)
SPEAKERS = {
    "a": Speaker("1", "Anna Petrova", "#7aa2ff"),
    "b": Speaker("2", "Ben Carter", "#ff9e7a"),
    "c": Speaker("3", "Мария Иванова", "#3ddc97"),
    "g": Speaker("4", "Guest 1", "#e58cf0"),
    "h": Speaker("5", "Guest 2", "#ffd166"),
}
LONG = (
    "So what I would suggest is that we first look at the numbers of the last quarter, then at "
    "the two customers who left, and only after that decide whether the new pricing goes out in "
    "January or waits until the spring, because once it is announced we can't take it back, and "
    "I'd rather be a month late than wrong in front of everybody who trusted us with their data"
)


def said(
    scene: Scene, who: str, text: str, *, at: float, final: bool = True, by: Participant = ANNA
) -> Scene:
    """``scene`` with one more caption."""
    start = NOW - round(at * S)
    speaker = SPEAKERS.get(who)
    caption = Caption(f"{who}{at}", by, speaker, text, "en", start, start + S, final)
    return with_caption(scene, caption, NOW - S)


def fresh() -> Scene:
    """Nothing happened yet."""
    return opening("Meetbot (AI)")


def listening(people: tuple[Participant, ...] = (ANNA, BEN)) -> Scene:
    """People are there (or not yet), the bot listens."""
    return with_notice(seated(fresh(), people), Notice(BotState.LISTENING, ""), NOW)


def talk() -> Scene:
    """An ordinary conversation, someone in the middle of a sentence."""
    scene = said(listening(), "a", "Good morning! Shall we begin with the release?", at=20)
    scene = said(scene, "b", "Yes. The build is green since Friday.", at=14, by=BEN)
    scene = said(scene, "b", "We still need somebody to write the notes.", at=10, by=BEN)
    return said(scene, "a", "I can do that this afternoon, if nobody", at=3, final=False)


def heard(scene: Scene, *who: str, level: float = 0.5) -> Scene:
    """``scene`` with people who speak."""
    for participant in who:
        scene = with_level(scene, participant, level, NOW)
    return scene


def both() -> Scene:
    """Two people at once."""
    scene = said(listening(), "a", "Which of the two dates is better for you?", at=12)
    scene = said(scene, "b", "Thursday would be fine with us, but only", at=4, final=False, by=BEN)
    return heard(said(scene, "a", "Let me look at my", at=2, final=False), "a", "b")


def russian() -> Scene:
    """Cyrillic, with an emoji and other scripts."""
    people = (PEOPLE[2], ANNA)
    scene = said(
        listening(people), "c", "Доброе утро! Начнём с вопроса о сроках?", at=15, by=people[0]
    )
    scene = said(scene, "a", "Давайте. По плану — 12 декабря, это ещё реально? 🙂", at=9)
    text = "Объём работ вырос, поэтому я предлагаю перенести выпуск на неделю и всё проверить"
    return heard(said(scene, "c", text, at=3, final=False, by=people[0]), "c")


def guests() -> Scene:
    """One microphone in a meeting room, two named voices and one unsure."""
    scene = said(listening((ROOM, BEN)), "g", "Hello, can you hear us well?", at=20, by=ROOM)
    scene = said(scene, "h", "There are two of us here today.", at=15, by=ROOM)
    return heard(said(scene, "x", "Sorry, go on.", at=4, by=ROOM), "r", level=0.2)


def toast(state: BotState, text: str) -> Scene:
    """A notice over a conversation."""
    return with_notice(talk(), Notice(state, text), NOW - 2 * S)


STATES: dict[str, Callable[[], Scene]] = {
    "joining": fresh,
    "alone": lambda: listening(()),
    "nobody spoke yet": listening,
    "one speaks": lambda: heard(
        said(listening(), "a", "Good morning every", at=1, final=False), "a"
    ),
    "a conversation": lambda: heard(talk(), "a", level=0.7),
    "two at once": both,
    "long text": lambda: heard(said(talk(), "b", LONG, at=1, final=False, by=BEN), "b"),
    "Russian": russian,
    "six people": lambda: heard(seated(talk(), PEOPLE), "c", "e"),
    "one microphone": guests,
    "degraded": lambda: toast(BotState.DEGRADED, "Speech recognition failed and was restarted"),
    "crowd": lambda: heard(
        seated(talk(), tuple(Participant(str(i), f"Person {i}") for i in range(23))), "3", "20"
    ),
    "other scripts": lambda: said(
        said(talk(), "a", "العربية שלום नमस्ते 日本語 한국어 𝕄𝕒𝕥𝕙 👩‍👩‍👧 end", at=2),
        "b",
        "W" * 70,
        at=1,
        by=BEN,
    ),
    "leaving": lambda: toast(BotState.LEAVING, "The meeting is over, thank you"),
}


def settled(scene: Scene) -> Image.Image:
    """The picture once every movement has come to its end."""
    painter = Painter(load_layout("captions"), WIDGETS)
    for frame in range(-10, 1):
        pixels = painter.paint(scene, NOW + frame * S // FPS)
    return Image.fromarray(pixels)


def sheet(pictures: list[Image.Image], columns: int = 2) -> Image.Image:
    """Pictures side by side, half size."""
    wide, tall = pictures[0].width // 2, pictures[0].height // 2
    rows = math.ceil(len(pictures) / columns)
    whole = Image.new("RGB", (columns * (wide + 8), rows * (tall + 8)), (90, 90, 90))
    for i, picture in enumerate(pictures):
        small = picture.resize((wide, tall), Image.Resampling.LANCZOS)
        whole.paste(small, (i % columns * (wide + 8) + 4, i // columns * (tall + 8) + 4))
    return whole


def measure(seconds: int = 60) -> dict[str, float]:
    """Processor time of ``seconds`` of a meeting with speech that never ends."""
    painter, scene = Painter(load_layout("captions"), WIDGETS), listening()
    words, costs, repeated, last = LONG.split(), [], 0, None
    for frame in range(seconds * FPS):
        now = NOW + frame * S // FPS
        before = time.thread_time()
        turn, within = divmod(frame, 6 * FPS)
        if within % 18 == 0:
            text = " ".join(words[: 4 + within // 4])
            who, by = (("a", ANNA), ("b", BEN))[turn % 2]
            final = within >= 5 * FPS - 3
            start = NOW + turn * S
            caption = Caption(f"t{turn}", by, SPEAKERS[who], text, "en", start, start, final)
            scene = with_caption(scene, caption, now)
        if frame % 3 == 0:
            scene = with_level(scene, "ab"[turn % 2], 0.3 + 0.3 * math.sin(frame / 5), now)
        scene = at_time(scene, now)
        pixels = painter.paint(scene, now)
        costs.append((time.thread_time() - before) * 1e3)
        repeated += pixels is last
        last = pixels
    costs.sort()
    return {
        "frames": len(costs),
        "mean_ms": round(sum(costs) / len(costs), 3),
        "p50_ms": round(costs[len(costs) // 2], 3),
        "p95_ms": round(costs[int(len(costs) * 0.95)], 3),
        "max_ms": round(costs[-1], 3),
        "core_share_at_15_fps": round(sum(costs) / len(costs) * FPS / 1e3, 4),
        "frames_without_change": repeated,
    }


def main() -> int:
    """Draw and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("stage-sheet.png"))
    parser.add_argument("--single", type=Path, help="a folder for each state's own picture")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON only")
    given = parser.parse_args()
    pictures = {name: settled(make()) for name, make in STATES.items()}
    whole = sheet(list(pictures.values()))
    whole.quantize(192, dither=Image.Dither.NONE).save(given.out, optimize=True)
    if given.single:
        given.single.mkdir(parents=True, exist_ok=True)
        for name, picture in pictures.items():
            picture.save(given.single / f"{name.replace(' ', '-')}.png")
    figures = measure()
    lines = [json.dumps(figures)] if given.json else [f"{k:24}{v}" for k, v in figures.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
