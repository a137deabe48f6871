"""A picture that was announced is there after SIGKILL, and no row is without its file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from PIL import Image

from meetbot.gallery import Gallery
from meetbot.store import Store
from meetbot.store.files import YOUNG_SECONDS

WRITER = """
import asyncio, os, signal, sys
from meetbot.gallery import Gallery
from meetbot.store import Store
from support.painting import picture

async def main() -> None:
    store = await Store.open(sys.argv[1])
    meeting = await store.begin_meeting("room")
    gallery = Gallery(store)
    if sys.argv[2] == "between":
        store.database.write = lambda work: os.kill(os.getpid(), signal.SIGKILL)
    for number in range(100_000):
        await gallery.keep(meeting, picture(f"p{number}"))
        print(number, flush=True)

asyncio.run(main())
"""


async def test_every_announced_picture_is_there_with_its_file_after_sigkill(tmp_path: Path) -> None:
    announced = _killed(tmp_path, "any time", after=10)
    async with await Store.open(tmp_path) as store:
        (meeting,) = await store.meetings()
        kept = await Gallery(store).pictures(meeting.id)
    assert {f"p{number}" for number in range(announced + 1)} <= {picture.id for picture in kept}
    for picture in kept:
        with Image.open(picture.path) as shown:
            shown.load()


async def test_a_file_whose_row_was_not_written_is_swept_away(tmp_path: Path) -> None:
    assert _killed(tmp_path, "between", after=0) == -1
    (orphan,) = (tmp_path / "pictures").iterdir()
    async with await Store.open(tmp_path) as store:
        (meeting,) = await store.meetings()
        gallery = Gallery(store)
        assert await gallery.pictures(meeting.id) == ()
        assert await gallery.sweep() == 0
        then = orphan.stat().st_mtime - YOUNG_SECONDS - 60
        os.utime(orphan, (then, then))
        assert await gallery.sweep() == 1
    assert not orphan.exists()


def _killed(folder: Path, when: str, *, after: int) -> int:
    """The number of the last picture that a process announced before it was killed, or -1."""
    tests = Path(__file__).parents[2]
    command = [sys.executable, "-c", WRITER, str(folder), when]
    path = {**os.environ, "PYTHONPATH": str(tests)}
    announced = [-1]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=path) as writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            announced.append(int(line))
            if announced[-1] == after:
                writer.send_signal(signal.SIGKILL)
    assert writer.returncode == -signal.SIGKILL
    return announced[-1]
