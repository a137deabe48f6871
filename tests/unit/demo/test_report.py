from __future__ import annotations

import json
import math
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from meetbot.demo.report import (
    AnswerReport,
    CaptionReport,
    FaceReport,
    PictureReport,
    Report,
    Spread,
    percentile,
    render_table,
)

if TYPE_CHECKING:
    from pathlib import Path

CAPTION = CaptionReport(1.0, 2.5, "Phone", "Guest 1", "Алло [bold]?", "ru", 0.41234567)
REPORT = Report(
    "embedded", "webrtc", 30.0, "0.1.0", (CAPTION,), 812.5, 1.25, drops={"audio": 0, "video": 3}
)


def test_the_file_has_the_keys_of_the_contract(tmp_path: Path) -> None:
    REPORT.write(tmp_path / "report.json")
    whole = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert set(whole) == {
        *("profile", "room", "seconds", "version", "captions", "pictures", "answers", "face"),
        *("drops", "peak_rss_mb", "cpu_cores_mean"),
    }
    caption = whole["captions"][0]
    assert set(caption) == {
        *("start", "end", "participant", "speaker", "text", "language", "delay_s")
    }
    assert caption["delay_s"] == 0.4123
    assert list(tmp_path.iterdir()) == [tmp_path / "report.json"]


def test_lanes_that_are_not_there_are_empty_or_null() -> None:
    whole = json.loads(REPORT.to_json())
    assert whole["pictures"] == []
    assert whole["answers"] == []
    assert whole["face"] is None


def test_lanes_that_are_there_have_the_keys_of_the_contract() -> None:
    full = replace(
        REPORT,
        pictures=(PictureReport(3.0, "1.png", "a dog", ("Anna",), 6.5),),
        answers=(AnswerReport(4.0, 5.0, 1.0, "Yes."),),
        face=FaceReport(25.0, 1, Spread(5.0, 20.0)),
    )
    whole = json.loads(full.to_json())
    assert whole["pictures"][0]["speakers"] == ["Anna"]
    assert set(whole["answers"][0]) == {"question_end", "first_audio", "voice_to_voice_s", "text"}
    assert whole["face"] == {
        "fps": 25.0,
        "late_frames": 1,
        "av_skew_ms": {"p50": 5.0, "p95": 20.0},
    }


def test_a_figure_that_is_no_number_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        replace(REPORT, seconds=math.nan).write(tmp_path / "report.json")
    assert not list(tmp_path.iterdir())


def test_percentiles_are_measured_values() -> None:
    values = [float(i) for i in range(1, 21)]
    assert percentile(values, 50) == 10
    assert percentile(values, 95) == 19
    assert Spread.of([3.0]) == Spread(3.0, 3.0)
    assert Spread.of([]) is None
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def test_the_table_shows_delays_drops_and_text_as_it_is() -> None:
    out = StringIO()
    console = Console(width=100, file=out)
    named = replace(REPORT, captions=(replace(CAPTION, speaker="[red]Eve[/red]"),))
    console.print(render_table(named))
    shown = out.getvalue()
    assert "0.41 s" in shown
    assert "dropped: video" in shown
    assert "[red]Eve[/red]" in shown
