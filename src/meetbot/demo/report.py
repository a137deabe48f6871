"""``report.json``: what a demo measured, and nothing that it did not."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from rich.table import Table

__all__ = [
    "AnswerReport",
    "CaptionReport",
    "FaceReport",
    "PictureReport",
    "Report",
    "Spread",
    "percentile",
    "render_table",
]


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle and the far end of many measurements."""

    p50: float
    p95: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread | None:
        """Of ``values``; None where there are none."""
        known = sorted(values)
        return cls(percentile(known, 50), percentile(known, 95)) if known else None


@dataclass(frozen=True, slots=True)
class CaptionReport:
    """A final caption as another participant received it. Times: seconds of meeting time.

    ``delay_s``: end of speech → received. ``speaker`` None: not sure whose voice it was.
    """

    start: float
    end: float
    participant: str
    speaker: str | None
    text: str
    language: str
    delay_s: float


@dataclass(frozen=True, slots=True)
class PictureReport:
    """A picture of the talk as another participant saw it. ``file``: its name beside the report.

    ``speech_to_picture_s``: end of the words it shows → first frame received that shows it.
    """

    at: float
    file: str
    prompt: str
    speakers: tuple[str, ...]
    speech_to_picture_s: float


@dataclass(frozen=True, slots=True)
class AnswerReport:
    """A spoken answer, measured in the sound that the asking participant received."""

    question_end: float
    first_audio: float
    voice_to_voice_s: float
    text: str


@dataclass(frozen=True, slots=True)
class FaceReport:
    """How the talking face ran."""

    fps: float
    late_frames: int
    av_skew_ms: Spread


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. A part that is not there yet is an empty tuple or None."""

    profile: str
    room: Literal["webrtc", "livekit"]
    seconds: float
    version: str
    captions: tuple[CaptionReport, ...]
    peak_rss_mb: float
    cpu_cores_mean: float
    drops: Mapping[str, int] = field(default_factory=dict)
    pictures: tuple[PictureReport, ...] = ()
    answers: tuple[AnswerReport, ...] = ()
    face: FaceReport | None = None

    def to_json(self) -> str:
        """The contract's JSON; raises ``ValueError`` for a figure that is no number."""
        whole = asdict(self)
        order = (
            *("profile", "room", "seconds", "version", "captions", "pictures", "answers"),
            *("face", "drops", "peak_rss_mb", "cpu_cores_mean"),
        )
        ordered = {key: _rounded(whole[key]) for key in order}
        return json.dumps(ordered, ensure_ascii=False, indent=2, allow_nan=False) + "\n"

    def write(self, path: Path) -> None:
        """Write ``to_json`` to ``path``, whole or not at all."""
        text = self.to_json()
        beside = path.with_name(path.name + ".part")
        beside.write_text(text, "utf-8")
        beside.replace(path)

    @property
    def caption_delay(self) -> Spread | None:
        """End of speech → caption received, in seconds."""
        return Spread.of(caption.delay_s for caption in self.captions)


def percentile(ascending: list[float], percent: float) -> float:
    """The value that ``percent`` % of ``ascending`` do not exceed (nearest rank)."""
    if not ascending:
        raise ValueError("no values, so no percentile")
    rank = math.ceil(len(ascending) * percent / 100)
    return ascending[min(len(ascending), max(1, rank)) - 1]


def render_table(report: Report) -> Table:
    """The figures as a table for the terminal; text from outside is shown as plain text."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"{report.seconds:.0f} s of meeting · {report.profile} · {report.room}")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name, value in _figures(report):
        table.add_row(Text(name), Text(value))
    return table


def _figures(report: Report) -> list[tuple[str, str]]:
    speakers = sorted({c.speaker for c in report.captions if c.speaker})
    rows = [
        ("captions received", str(len(report.captions))),
        ("speakers named", ", ".join(speakers) or "none"),
    ]
    delay = report.caption_delay
    if delay is not None:
        rows.append(("end of speech → caption, p50", f"{delay.p50:.2f} s"))
        rows.append(("end of speech → caption, p95", f"{delay.p95:.2f} s"))
    if report.pictures:
        rows.append(("pictures seen", str(len(report.pictures))))
        shown = sorted(picture.speech_to_picture_s for picture in report.pictures)
        rows.append(("end of speech → picture, p50", f"{percentile(shown, 50):.2f} s"))
    spoken = Spread.of(answer.voice_to_voice_s for answer in report.answers)
    if spoken is not None:
        rows.append(("voice to voice, p50", f"{spoken.p50:.2f} s"))
    if report.face is not None:
        rows.append(("face", f"{report.face.fps:.1f} fps, {report.face.late_frames} late"))
    rows.extend((f"dropped: {name}", str(count)) for name, count in sorted(report.drops.items()))
    rows.append(("peak memory", f"{report.peak_rss_mb:.0f} MB"))
    rows.append(("processor", f"{report.cpu_cores_mean:.2f} cores"))
    return rows


def _rounded(value: object) -> object:
    """Numbers to a tenth of a millisecond: more would only look exact."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    return value
