"""Asking for pictures over HTTP; painter and rooms are made up."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image

from meetbot.core.clock import MeetingClock
from meetbot.core.errors import EngineError
from meetbot.core.pictures import PaintPreset, Reference
from meetbot.painting.commission import Commission
from meetbot.session.commissions import MOST_WAITING, Commissions
from meetbot.web import commissions as web_commissions
from support.api import Easel, RoomEasel, add_person, client, open_host, problem
from support.painting import pixels
from support.rooms import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from support.api import MadeUpHost

NO_ORDERS: list[tuple[Any, ...]] = [
    ({"prompt": ""}, "prompt", "at least 1"),
    ({"prompt": "\u200b \n"}, "invisible"),
    ({"prompt": "word " * 2_000}, "prompt", "2000"),
    ({"prompt": 7}, "prompt"),
    ({"style": "baroque-ish"}, "there are: flat"),
    ({"style": "x" * 81}, "style", "80"),
    ({"palette": ["blurple"]}, "no colour"),
    ({"palette": ["red"] * 7}, "palette", "6"),
    ({"seed": -1}, "seed", "0"),
    ({"seed": 2**31}, "seed"),
    ({"width": 32}, "width", "64"),
    ({"height": 4096}, "height", "2048"),
    ({"width": 100}, "width", "multiple of 8"),
    ({"strength": 1.5}, "strength", "1"),
    ({"person": ""}, "person"),
    ({"references": ["/etc/passwd"]}, "references"),
    ({"references": ["file:///etc/passwd"]}, "references"),
    ({"references": ["http://127.0.0.1/a.png"]}, "public web"),
    ({"references": ["http://[::1]:8765/a.png"]}, "public web"),
    ({"references": ["https://a.example/a.png"] * 3}, "Up to 2"),
    ({"references": ["https://a.example/a.png"] * 33}, "references", "32"),
    ({"steps": 3}, "steps"),
]


@pytest.fixture
def easel() -> Easel:
    return Easel()


@pytest_asyncio.fixture
async def host(tmp_path: Path, easel: Easel) -> AsyncIterator[MadeUpHost]:
    blocked = {"safety": {"blocked": ["purple elephants"]}, "references": {"max_count": 2}}
    async with open_host(tmp_path, easel, blocked) as opened:
        yield opened


@pytest_asyncio.fixture
async def http(host: MadeUpHost) -> AsyncIterator[httpx.AsyncClient]:
    async with client(host) as asking:
        yield asking


def words(data: bytes) -> dict[str, str]:
    with Image.open(io.BytesIO(data)) as shown:
        shown.load()
        text: dict[str, str] = shown.text  # type: ignore[attr-defined]
        return text


async def test_a_prompt_becomes_a_picture(http: httpx.AsyncClient, easel: Easel) -> None:
    order = {"prompt": "дом у моря", "style": "акварель", "palette": ["#112233", "#ddeeff"]}
    sized = {**order, "seed": 9, "width": 320, "height": 200, "strength": 0.25}
    response = await http.post("/generate", json=sized)
    assert (response.status_code, response.headers["content-type"]) == (200, "image/png")
    (request,) = easel.asked
    assert (request.subject, request.style, request.language) == ("дом у моря", "watercolour", "ru")
    assert (request.palette, request.seed) == (("#112233", "#ddeeff"), 9)
    assert (request.width, request.height, request.strength) == (320, 200, 0.25)
    told = {name: response.headers[f"meetbot-{name}"] for name in ("engine", "seed", "safe")}
    assert told == {"engine": "made up ? 1", "seed": "9", "safe": "true"}
    assert "meetbot-picture" not in response.headers
    assert words(response.content)["Title"] == "дом у моря"
    with Image.open(io.BytesIO(response.content)) as shown:
        assert np.array_equal(np.asarray(shown), pixels(320, 200, 9))


async def test_the_same_order_gives_the_same_picture(http: httpx.AsyncClient, easel: Easel) -> None:
    for prompt in ("a cat", "a cat", "a dog"):
        assert (await http.post("/generate", json={"prompt": prompt})).status_code == 200
    first, second, third = (request.seed for request in easel.asked)
    assert first == second != third


async def test_with_a_person_it_is_in_their_style_and_history(
    http: httpx.AsyncClient, host: MadeUpHost, easel: Easel
) -> None:
    anna = await add_person(host, "Анна")
    await host.gallery.save(anna.person_id, PaintPreset(style="ink", seed=3, likes=("cats",)))
    order = {"prompt": "a harbour", "person": "анна", "seed": 4}
    response = await http.post("/generate", json=order)
    assert response.status_code == 200
    (request,) = easel.asked
    assert (request.style, request.seed, request.likes) == ("ink", 4, ("cats",))
    (kept,) = await host.gallery.of_person(anna.person_id)
    assert response.headers["meetbot-picture"] == kept.id
    assert response.content == kept.path.read_bytes()
    assert words(response.content)["speaker"] == "Анна"


async def test_references_are_fetched_from_the_web(
    http: httpx.AsyncClient, easel: Easel, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[object] = []

    async def read(source: object, _limits: object) -> Reference:
        fetched.append(source)
        return Reference("cat", pixels())

    monkeypatch.setattr(web_commissions, "read_reference", read)
    order = {"prompt": "a cat", "references": ["https://pictures.example/cat.png"]}
    assert (await http.post("/generate", json=order)).status_code == 200
    assert fetched == ["https://pictures.example/cat.png"]
    assert [reference.name for reference in easel.asked[0].references] == ["cat"]


async def test_what_cannot_be_painted_is_said(http: httpx.AsyncClient, easel: Easel) -> None:
    for change, *hints in NO_ORDERS:
        problem(await http.post("/generate", json={"prompt": "a cat", **change}), 422, *hints)
    assert easel.asked == []


@pytest.mark.parametrize("path", ["/generate", "/trigger_generation"])
async def test_a_body_has_its_limit(http: httpx.AsyncClient, path: str) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'{"prompt": "'
        for _ in range(1_000):
            yield b"a" * 1_000

    problem(await http.post(path, content=b"a" * 64_001), 413, "64000 bytes")
    typed = {"Content-Type": "application/json"}
    problem(await http.post(path, content=endless(), headers=typed), 413, "64000 bytes")
    problem(await http.post(path, content=b'{"prompt', headers=typed), 422)


async def test_what_the_filter_is_against_becomes_a_neutral_picture(
    http: httpx.AsyncClient, easel: Easel
) -> None:
    easel.probabilities = [0.99]
    response = await http.post("/generate", json={"prompt": "a cat"})
    assert (response.status_code, response.headers["meetbot-safe"]) == (200, "false")
    assert len(easel.asked) == 2
    assert "cat" not in "".join(words(response.content).values())


async def test_what_is_on_the_blocklist_becomes_a_neutral_picture(
    http: httpx.AsyncClient, easel: Easel
) -> None:
    response = await http.post("/generate", json={"prompt": "a purple elephant"})
    assert (response.status_code, response.headers["meetbot-safe"]) == (200, "false")
    (request,) = easel.asked
    assert "elephant" not in request.prompt + request.subject


async def test_no_picture_where_the_filter_is_against_everything(
    http: httpx.AsyncClient, host: MadeUpHost, easel: Easel
) -> None:
    anna = await add_person(host, "Anna")
    easel.probabilities = [0.99, 0.99]
    response = await http.post("/generate", json={"prompt": "a cat", "person": "Anna"})
    problem(response, 500, "safety filter")
    assert await host.gallery.of_person(anna.person_id) == ()


async def test_a_painter_that_fails_is_a_problem(http: httpx.AsyncClient, easel: Easel) -> None:
    easel.error = EngineError("the painter broke")
    problem(await http.post("/generate", json={"prompt": "a cat"}), 500, "The painter broke.")
    easel.error = None
    assert (await http.post("/generate", json={"prompt": "a cat"})).status_code == 200


async def test_a_painter_that_hangs_has_a_deadline(
    http: httpx.AsyncClient, host: MadeUpHost, easel: Easel
) -> None:
    assert host.paints is not None
    quick = Commissions(host.paints, host.settings.painting, MeetingClock(), seconds=0.1)
    host.commissions = quick
    easel.gate.clear()
    answers = await asyncio.gather(
        *(http.post("/generate", json={"prompt": "a cat"}) for _ in range(2))
    )
    for answer in answers:
        problem(answer, 504, "not done in time")
    easel.gate.set()
    assert (await http.post("/generate", json={"prompt": "a cat"})).status_code == 200


async def test_a_few_wait_in_turn_and_no_more(
    http: httpx.AsyncClient, host: MadeUpHost, easel: Easel
) -> None:
    commissions = host.commissions
    assert commissions is not None
    easel.gate.clear()
    waiting = [
        asyncio.create_task(http.post("/generate", json={"prompt": f"{number} cats"}))
        for number in range(MOST_WAITING)
    ]
    await until(lambda: commissions.waiting == MOST_WAITING)
    one_more = await http.post("/generate", json={"prompt": "one more cat"})
    problem(one_more, 503, "asked for already")
    assert int(one_more.headers["retry-after"]) > 0
    easel.gate.set()
    assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {200}
    assert (easel.most_at_once, len(easel.asked)) == (1, MOST_WAITING)


async def test_nothing_is_painted_for_one_who_has_hung_up(host: MadeUpHost, easel: Easel) -> None:
    assert host.commissions is not None
    void = asyncio.Event()

    async def draw_up() -> Commission:
        return Commission("a cat")

    easel.gate.clear()
    first = asyncio.create_task(host.commissions.paint(draw_up, None, asyncio.Event()))
    second = asyncio.create_task(host.commissions.paint(draw_up, None, void))
    await easel.begun.wait()
    void.set()
    with pytest.raises(EngineError):
        await second
    easel.gate.set()
    assert (await first).kept is None
    assert len(easel.asked) == 1


async def test_where_painting_is_off_nothing_is_generated(tmp_path: Path) -> None:
    async with open_host(tmp_path, None) as host, client(host) as http:
        problem(await http.post("/generate", json={"prompt": "a cat"}), 409, "painting.enabled")
        assert (await http.get("/pictures")).json() == []


async def test_a_room_paints_what_it_is_told(http: httpx.AsyncClient, host: MadeUpHost) -> None:
    host.bots["team"] = room = RoomEasel()
    await add_person(host, "Анна")
    order = {"room": "team", "text": "кот на крыше", "person": "Анна"}
    response = await http.post("/trigger_generation", json=order)
    assert (response.status_code, response.json()) == (202, {"picture": "picture-1"})
    assert room.asked == [("кот на крыше", "Анна")]


async def test_without_words_a_room_paints_its_talk(
    http: httpx.AsyncClient, host: MadeUpHost
) -> None:
    host.bots["team"] = room = RoomEasel()
    response = await http.post("/trigger_generation", json={"room": "team"})
    assert (response.status_code, room.asked) == (202, [("we moved to Texas", None)])
    room.talk = ""
    response = await http.post("/trigger_generation", json={"room": "team"})
    problem(response, 409, "Nothing was said lately")


async def test_a_room_that_cannot_paint_is_said(http: httpx.AsyncClient, host: MadeUpHost) -> None:
    problem(await http.post("/trigger_generation", json={"room": "team"}), 404, "'team'", "none")
    host.bots["plan"] = None
    response = await http.post("/trigger_generation", json={"room": "team"})
    problem(response, 404, "'team'", "there is one in: plan")
    problem(await http.post("/trigger_generation", json={"room": "plan"}), 409, "'plan'")
    host.bots["plan"] = RoomEasel()
    host.bots["plan"].busy = True
    order = {"room": "plan", "text": "a cat"}
    response = await http.post("/trigger_generation", json=order)
    problem(response, 503, "asked for already")
    assert response.headers["retry-after"]


@pytest.mark.parametrize("path", ["/generate", "/trigger_generation"])
async def test_an_unknown_person_is_said_with_a_suggestion(
    http: httpx.AsyncClient, host: MadeUpHost, path: str
) -> None:
    host.bots["team"] = RoomEasel()
    await add_person(host, "Анна")
    what = {"prompt": "a cat"} if path == "/generate" else {"room": "team", "text": "a cat"}
    response = await http.post(path, json={**what, "person": "Ана"})
    problem(response, 404, "'Ана'", "did you mean 'Анна'?")
