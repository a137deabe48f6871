"""What was committed survives SIGKILL of the process that committed it."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from meetbot.store import Store

if TYPE_CHECKING:
    from pathlib import Path

WRITER = """
import asyncio, sys
from meetbot.core.types import Participant, Utterance
from meetbot.store import Store

async def main() -> None:
    store = await Store.open(sys.argv[1])
    meeting = await store.begin_meeting("room")
    for number in range(100_000):
        ann = Participant("p", "Ann")
        said = Utterance(f"u{number}", ann, None, f"word {number}", "en", number, number + 1)
        await store.commit_utterance(meeting, said)
        print(number, flush=True)

asyncio.run(main())
"""


async def test_every_announced_utterance_is_there_after_sigkill(tmp_path: Path) -> None:
    announced = _announced_until_killed(tmp_path, 25)
    async with await Store.open(tmp_path) as store:
        (meeting,) = await store.meetings()
        kept = [utterance.id for utterance in await store.utterances(meeting.id)]
    assert meeting.ended_at is None
    assert kept[: announced + 1] == [f"u{number}" for number in range(announced + 1)]


def _announced_until_killed(folder: Path, after: int) -> int:
    command = [sys.executable, "-c", WRITER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            if int(line) == after:
                writer.send_signal(signal.SIGKILL)
                break
        rest = writer.stdout.read().split()
    assert writer.returncode == -signal.SIGKILL
    return int(rest[-1]) if rest else after
