"""The API over a socket, with the real embedded painter, safety filter and store."""

from __future__ import annotations

import asyncio
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import numpy as np
import pytest
import pytest_asyncio
from PIL import Image

from meetbot.config import RoomSettings, Settings, StageSettings, WebSettings
from meetbot.core.clock import MeetingClock
from meetbot.models import ModelStore
from meetbot.observe import Metrics
from meetbot.session import Engines, Host
from meetbot.session.engines import load_paints
from meetbot.store import Store
from meetbot.web import RoomServer
from support.api import Easel, add_person, open_host
from support.rooms import until
from unit.hearing.fakes import CountingRecognizer, FixedTurn, LoudnessActivity
from unit.session.fakes import ANNA, FakeRoom

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [pytest.mark.model, pytest.mark.server]

DOCUMENT = Path(__file__).parents[3] / "docs" / "api.md"


class Served:
    """A server, and a meeting in room ``team`` where Anna has written a line."""

    def __init__(self, url: str, host: Host, room: FakeRoom) -> None:
        self.url = url
        self.host = host
        self.room = room


@pytest_asyncio.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    settings = Settings(
        web=WebSettings(port=0),
        room=RoomSettings(name="team"),
        stage=StageSettings(width=320, height=180, fps=1),
    )
    models = ModelStore()
    engines = Engines(LoudnessActivity(), FixedTurn(), CountingRecognizer(), None)
    async with await Store.open(tmp_path) as store:
        paints = await load_paints(settings, models, store)
        assert paints is not None
        host = Host(settings, models, engines, None, paints, store, Metrics())
        await add_person(host, "Anna")
        room = FakeRoom(tmp_path / "meetbot.sqlite3")
        session = host.session(room, "team", MeetingClock())
        running = asyncio.create_task(session.run())
        await until(lambda: session.easel)
        room.join(ANNA)
        room.write(ANNA, "We moved from Chicago to Texas with two dogs and a piano.")
        await asyncio.sleep(0.2)
        async with RoomServer(settings, host=lambda: host) as server:
            yield Served(server.url, host, room)
        session.leave()
        await running
        assert host.rooms == ()
        await paints.close()


async def test_pictures_are_painted_kept_and_shown(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.url, timeout=30) as http:
        order = {"prompt": "кошка спит на крыше", "person": "Anna", "width": 512, "height": 288}
        made = await http.post("/generate", json=order)
        assert (made.status_code, made.headers["meetbot-engine"]) == (200, "storyboard")
        again = await http.post("/generate", json=order)
        first, second = (
            np.asarray(Image.open(io.BytesIO(answer.content))) for answer in (made, again)
        )
        assert first.shape == (288, 512, 3)
        assert first.std() > 15
        assert np.array_equal(first, second)
        kept = await http.get(f"/pictures/{made.headers['meetbot-picture']}/image")
        assert kept.content == made.content

        asked = await http.post("/trigger_generation", json={"room": "team", "person": "Anna"})
        assert asked.status_code == 202
        await until(lambda: served.room.pictures)
        assert served.room.pictures[-1].picture_id == asked.json()["picture"]
        told = (await http.get(f"/pictures/{asked.json()['picture']}")).json()
        assert "Chicago" in told["subject"]
        assert (told["trigger"], told["engine"]) == ("api", "storyboard")
        assert "Anna" in told["speakers"]


async def test_the_examples_of_the_documentation_work(served: Served, tmp_path: Path) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    script = "set -euo pipefail\n" + "\n".join(blocks)
    script = script.replace("http://localhost:8765", served.url).replace("curl ", "curl -sS ")
    run = await asyncio.create_subprocess_exec(
        *("bash", "-c", script),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await run.communicate()
    assert (run.returncode, err.decode()) == (0, ""), out.decode()
    for name in ("friends.png", "harbour.png", "latest.png"):
        with Image.open(tmp_path / name) as shown:
            assert shown.format == "PNG"
    assert "meetbot-seed: 7" in (tmp_path / "harbour.txt").read_text().lower()
    anna = await served.host.gallery.speaker("Anna")
    kept = [one.path.read_bytes() for one in await served.host.gallery.of_person(anna.person_id)]
    assert (tmp_path / "harbour.png").read_bytes() in kept
    assert (tmp_path / "latest.png").read_bytes() in kept
    assert await served.host.gallery.kept_references(anna.person_id) == ()


async def test_whoever_hangs_up_gives_up_the_place(tmp_path: Path) -> None:
    easel = Easel()
    easel.gate.clear()
    settings = Settings(web=WebSettings(port=0))
    async with (
        open_host(tmp_path, easel) as host,
        RoomServer(settings, host=lambda: host) as server,
        httpx.AsyncClient(base_url=server.url) as http,
    ):
        with pytest.raises(httpx.ReadTimeout):
            await http.post("/generate", json={"prompt": "a cat"}, timeout=0.5)
        assert easel.begun.is_set()
        await until(lambda: easel.at_once == 0, seconds=3)
        easel.gate.set()
        assert (await http.post("/generate", json={"prompt": "a dog"})).status_code == 200
