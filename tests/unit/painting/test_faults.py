"""What happens when a painter, the filter, the store or the presets fail."""

from __future__ import annotations

import asyncio

import pytest

from meetbot.core.errors import EngineError, ModelMissing, StoreError
from meetbot.core.pictures import PaintPreset
from meetbot.painting.studio import WAITING

from .fakes import ANNA, ANNAS, Meeting, NotingPainter, SettledFilter, quick

pytestmark = pytest.mark.virtual_time

DISK_FULL = StoreError("no space is left on the disk")


async def ask(meeting: Meeting, *subjects: str, seconds: float = 1.0) -> None:
    for subject in subjects:
        meeting.write(ANNA, f"Meetbot, draw {subject}")
        await asyncio.sleep(seconds)


def sizes(painter: NotingPainter) -> list[tuple[int, int]]:
    return [(request.width, request.height) for request in painter.asked]


async def test_without_enough_memory_pictures_are_smaller_from_then_on() -> None:
    settings = quick(painter={"width": 1024, "height": 576})
    async with Meeting(settings=settings) as meeting:
        meeting.noting.most_pixels = 300_000
        await ask(meeting, "a cat", "a dog")
        assert sizes(meeting.noting) == [(1024, 576), (512, 288), (512, 288)]
        assert len(meeting.sink.pictures) == 2
        (trouble,) = meeting.sink.troubles
        assert "not enough memory for pictures of 1024 × 576" in trouble
        assert "painted at 512 × 288 from now on" in trouble


async def test_without_any_memory_the_spare_paints() -> None:
    spare = NotingPainter("storyboard")

    async def load() -> NotingPainter:
        return spare

    settings = quick(painter={"width": 1024, "height": 576})
    async with Meeting(settings=settings, load_spare=load) as meeting:
        meeting.noting.most_pixels = 1
        await ask(meeting, "a cat", "a dog")
        assert sizes(meeting.noting) == [(1024, 576), (512, 288), (256, 144)]
        assert spare.subjects == ["a cat", "a dog"]
        assert [p.painting.engine for p in meeting.sink.pictures] == ["storyboard"] * 2
        assert "Until it is back, storyboard paints." in meeting.sink.troubles[-1]
        assert len(meeting.sink.troubles) == 3


async def test_the_painter_is_tried_again_after_a_rest() -> None:
    spare = NotingPainter("storyboard")

    async def load() -> NotingPainter:
        return spare

    async with Meeting(load_spare=load) as meeting:
        meeting.noting.errors = [EngineError("the device is lost") for _ in range(3)]
        await ask(meeting, "a cat", "a dog", "a cow", "a pig")
        assert meeting.noting.subjects == ["a cat", "a dog", "a cow"]
        assert spare.subjects == ["a cow", "a pig"]
        await asyncio.sleep(30)
        await ask(meeting, "a hen")
        assert meeting.noting.subjects[-1] == "a hen"
        assert meeting.sink.subjects == ["a cow", "a pig", "a hen"]
        assert meeting.metrics.counter("painting.failed.dropped") == 2
        assert meeting.sink.lines == ["Sorry, that picture did not work out."] * 2


async def test_a_bug_of_a_painter_is_an_error_like_others() -> None:
    async with Meeting() as meeting:
        meeting.noting.errors = [ZeroDivisionError("division by zero")]
        await ask(meeting, "a cat", "a dog")
        assert meeting.sink.subjects == ["a dog"]
        assert meeting.sink.troubles == [
            "A picture could not be painted: noting failed: division by zero."
        ]


async def test_a_request_that_failed_in_its_pause_is_told_when_the_turn_ends() -> None:
    async with Meeting() as meeting:
        meeting.noting.errors = [EngineError("the device is lost")]
        turn = meeting.guess(ANNA, "Meetbot, draw a cat.")
        await asyncio.sleep(0.25)
        assert len(meeting.noting.asked) == 1
        assert not meeting.sink.lines
        meeting.take(ANNA, turn, "Meetbot, draw a cat.")
        await asyncio.sleep(0.25)
        assert meeting.sink.lines == ["Sorry, that picture did not work out."]


async def test_without_a_spare_a_broken_painter_is_told_once() -> None:
    async with Meeting() as meeting:
        meeting.noting.errors = [EngineError("the device is lost") for _ in range(9)]
        await ask(meeting, *(f"{n} cats" for n in range(8)))
        assert not meeting.sink.pictures
        assert len(meeting.noting.asked) == 3
        assert len(meeting.sink.troubles) == 2
        assert (
            "There are no pictures until it is back (no other painter is there)."
            in meeting.sink.troubles[1]
        )


async def test_a_spare_that_cannot_be_loaded_is_told() -> None:
    async def load() -> NotingPainter:
        raise ModelMissing("the icons are not on this machine")

    async with Meeting(load_spare=load) as meeting:
        meeting.noting.errors = [EngineError("the device is lost") for _ in range(9)]
        await ask(meeting, "a cat", "a dog", "a cow", "a pig")
        assert not meeting.sink.pictures
        assert any("the icons are not on this machine" in line for line in meeting.sink.troubles)


async def test_a_painter_that_takes_too_long_is_stopped() -> None:
    async with Meeting(settings=quick(deadline_seconds=2)) as meeting:
        meeting.noting.seconds = 5
        await ask(meeting, "a cat", "a dog", seconds=4)
        assert meeting.noting.cancelled == 2
        assert meeting.sink.troubles == ["A picture was given up: noting was not done in time."]
        meeting.noting.seconds = 0.1
        await ask(meeting, "a cow")
        assert meeting.sink.subjects == ["a cow"]


async def test_a_painter_that_hangs_is_built_anew() -> None:
    fresh, spare = NotingPainter("fresh"), NotingPainter("storyboard")
    built: list[NotingPainter] = []

    async def build() -> NotingPainter:
        await asyncio.sleep(10)
        built.append(fresh)
        return fresh

    async def load() -> NotingPainter:
        return spare

    async with Meeting(
        settings=quick(deadline_seconds=2), load_spare=load, rebuild=build
    ) as meeting:
        meeting.noting.hangs = 1
        await ask(meeting, "a cat", seconds=5)
        assert "noting hangs" in meeting.sink.troubles[0]
        await ask(meeting, "a dog")
        assert spare.subjects[-1] == "a dog"
        await asyncio.sleep(10)
        await ask(meeting, "a cow")
        assert built == [fresh]
        assert fresh.subjects == ["a cow"]
        assert meeting.sink.subjects == ["a dog", "a cow"]
        await asyncio.sleep(60)


async def test_a_painter_that_hangs_does_not_stop_the_others_for_ever() -> None:
    async with Meeting(settings=quick(deadline_seconds=2)) as meeting:
        meeting.noting.hangs = 1
        await ask(meeting, "a cat", seconds=40)
        await ask(meeting, "a dog")
        assert meeting.sink.subjects == ["a dog"]
        await asyncio.sleep(60)


async def test_nothing_is_shown_that_could_not_be_kept() -> None:
    async with Meeting() as meeting:
        meeting.sink.errors = [DISK_FULL, DISK_FULL]
        await ask(meeting, "a cat", "a dog", "a cow")
        assert meeting.sink.subjects == ["a cow"]
        assert meeting.metrics.counter("painting.unkept.dropped") == 2
        assert meeting.sink.troubles == [
            "Pictures are not shown while they cannot be kept: no space is left on the disk."
        ]
        meeting.sink.errors = [DISK_FULL]
        await ask(meeting, "a pig")
        assert len(meeting.sink.troubles) == 2


async def test_a_store_that_hangs_holds_only_the_latest_pictures() -> None:
    async with Meeting() as meeting:
        meeting.sink.seconds = 60
        await ask(meeting, *(f"{n} cats" for n in range(WAITING + 4)), seconds=0.3)
        assert meeting.metrics.counter("painting.unkept.dropped") == 3
        meeting.sink.seconds = 0.01
        await asyncio.sleep(70)
        expected = ["0 cats", *(f"{n} cats" for n in range(4, WAITING + 4))]
        assert meeting.sink.subjects == expected


async def test_nothing_is_shown_that_nobody_could_look_at() -> None:
    broken = SettledFilter(*[RuntimeError("no such operator")] * 2)
    async with Meeting(safety=broken) as meeting:
        await ask(meeting, "a cat", "a dog", "a cow")
        assert meeting.sink.subjects == ["a cow"]
        assert meeting.sink.troubles == [
            "Pictures are not shown at the moment: settled failed: no such operator."
        ]
        assert meeting.metrics.counter("painting.failed.dropped") == 2


async def test_presets_that_cannot_be_read_leave_the_talk_painted() -> None:
    async with Meeting() as meeting:
        meeting.presets.presets[ANNAS.person_id] = PaintPreset(style="ink")
        await meeting.say(ANNA, "Mm-hm.")
        meeting.presets.reading_error = DISK_FULL
        await ask(meeting, "a cat")
        assert meeting.sink.subjects == ["a cat"]
        assert meeting.sink.pictures[0].request.style == "ink"


async def test_a_wish_that_cannot_be_kept_holds_for_the_meeting() -> None:
    async with Meeting() as meeting:
        meeting.presets.error = DISK_FULL
        await meeting.say(ANNA, "Meetbot, paint me in watercolour.")
        assert meeting.sink.lines == [
            "Anna is painted in watercolour from now on.",
            "Anna's wish holds for this meeting; it could not be kept for the next.",
        ]
        meeting.presets.error = None
        await meeting.say(ANNA, "We drove from Chicago to Texas.")
        assert meeting.sink.pictures[-1].request.style == "watercolour"
        assert meeting.presets.presets[ANNAS.person_id].style == "watercolour"


async def test_the_lane_goes_on_after_it_was_begun_again() -> None:
    async with Meeting() as meeting:
        meeting.running.cancel()
        await asyncio.sleep(0)
        meeting.running = asyncio.create_task(meeting.lane.run())
        await ask(meeting, "a cat")
        assert meeting.sink.subjects == ["a cat"]


async def test_a_kept_preset_comes_back() -> None:
    async with Meeting() as meeting:
        meeting.presets.presets[ANNAS.person_id] = PaintPreset(style="ink")
        await ask(meeting, "a cat")
        assert meeting.sink.pictures[0].request.style == "ink"


async def test_a_painter_that_is_stopped_from_outside_is_an_error_like_others() -> None:
    async with Meeting() as meeting:
        meeting.noting.errors = [asyncio.CancelledError()]
        await ask(meeting, "a cat", "a dog")
        assert meeting.sink.subjects == ["a dog"]
        assert meeting.metrics.counter("painting.failed.dropped") == 1
