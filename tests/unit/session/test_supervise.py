from __future__ import annotations

import asyncio

import pytest

from meetbot.core.errors import ConfigError, EngineError, RoomLost
from meetbot.session.supervise import supervise

pytestmark = pytest.mark.virtual_time


class Part:
    """Fails with each of ``errors`` in turn after ``seconds``, then ends well."""

    def __init__(self, *errors: Exception, seconds: float = 0.0) -> None:
        self._errors = list(errors)
        self._seconds = seconds
        self.began: list[float] = []
        self.said: list[str] = []

    async def run(self) -> None:
        self.began.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self._seconds)
        if self._errors:
            raise self._errors.pop(0)

    async def report(self, text: str) -> None:
        self.said.append(text)

    @property
    def pauses(self) -> list[float]:
        return [
            round(after - before - self._seconds, 3)
            for before, after in zip(self.began, self.began[1:], strict=False)
        ]


async def test_a_part_that_fails_is_run_again_after_growing_pauses_and_each_is_told() -> None:
    part = Part(*[EngineError(f"number {n}") for n in range(9)])
    await supervise("The part", part.run, part.report)
    assert part.pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert part.said[0] == "The part failed and is being restarted: number 0"
    assert len(part.said) == 9


async def test_a_part_that_ran_well_for_long_is_restarted_soon() -> None:
    part = Part(*[ValueError("now and then")] * 4, seconds=3600)
    await supervise("The part", part.run, part.report)
    assert part.pauses == [0.5] * 4


async def test_what_is_told_is_the_cause_and_not_the_group_around_it() -> None:
    inner = ExceptionGroup("unhandled errors in a TaskGroup", [ValueError("the cause")])
    part = Part(ExceptionGroup("unhandled errors in a TaskGroup", [inner]))
    await supervise("The part", part.run, part.report)
    assert part.said == ["The part failed and is being restarted: the cause"]


@pytest.mark.parametrize("error", [ConfigError("a wrong key"), RoomLost("gone")])
async def test_a_wrong_setting_and_a_lost_room_pass_through(error: Exception) -> None:
    for raised in (error, ExceptionGroup("unhandled errors in a TaskGroup", [error])):
        part = Part(raised)
        with pytest.raises(type(error), match=str(error)):
            await supervise("The part", part.run, part.report)
        assert part.said == []
