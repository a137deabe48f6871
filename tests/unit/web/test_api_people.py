"""Pictures, people, presets and references over HTTP, on a real store."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image

from meetbot.core.errors import StoreError
from meetbot.core.pictures import PaintPreset
from meetbot.core.types import Participant, Utterance
from support.api import TOKEN, Easel, add_person, client, open_host, png, problem
from support.painting import picture

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from meetbot.core.types import Speaker
    from support.api import MadeUpHost

ROUTES = [
    ("POST", "/trigger_generation"),
    ("POST", "/generate"),
    ("GET", "/pictures"),
    ("GET", "/pictures/p1"),
    ("GET", "/pictures/p1/image"),
    ("GET", "/people"),
    ("GET", "/user/Anna"),
    ("GET", "/people/Anna/preset"),
    ("PUT", "/people/Anna/preset"),
    ("DELETE", "/people/Anna/preset"),
    ("GET", "/people/Anna/references"),
    ("POST", "/people/Anna/references"),
    ("DELETE", "/people/Anna/references/cat"),
]

NO_PRESETS: list[tuple[Any, ...]] = [
    ({"style": "baroque-ish"}, "there are: flat"),
    ({"style": "x" * 81}, "style", "80"),
    ({"palette": ["blurple"]}, "no colour"),
    ({"palette": ["red"] * 7}, "palette", "6"),
    ({"likes": ["x"] * 13}, "likes", "12"),
    ({"likes": ["x" * 81]}, "likes", "80"),
    ({"seed": "seven"}, "seed"),
    ({"seed": 2**31}, "seed"),
    ({"strength": -0.1}, "strength", "0"),
    ({"references": ["cat"]}, "references"),
    (["style"], "body"),
]
NO_REFERENCES = [
    ("image/png", b"%PDF-1.7", 422, "PDF"),
    ("image/png", b"", 422, "empty"),
    ("image/png", png(400, 300), 422, "0.1 million"),
    ("image/png", b"x" * 100_001, 413, "100000 bytes"),
    ("text/html", b"<html>", 415, "application/json"),
    ("application/json", b'{"url": "http://127.0.0.1/a.png"}', 422, "public web"),
    ("application/json", b'{"url": "/etc/passwd"}', 422, "url"),
    ("application/json", b'{"file": "/etc/passwd"}', 422, "file"),
    ("application/json", b"[[", 422, "JSON"),
    ("application/json", b"[" * 60_000, 422, "JSON"),
    ("application/json", b"\xff\xfe\x00", 422, "JSON"),
]


@pytest_asyncio.fixture
async def host(tmp_path: Path) -> AsyncIterator[MadeUpHost]:
    limits = {"references": {"max_mb": 0.1, "max_count": 2, "max_megapixels": 0.1}}
    async with open_host(tmp_path, Easel(), limits) as opened:
        yield opened


@pytest_asyncio.fixture
async def anna(host: MadeUpHost) -> Speaker:
    return await add_person(host, "Анна")


@pytest_asyncio.fixture
async def http(host: MadeUpHost) -> AsyncIterator[httpx.AsyncClient]:
    async with client(host) as asking:
        yield asking


async def test_nothing_is_told_without_the_token(host: MadeUpHost, anna: Speaker) -> None:
    await host.gallery.save(anna.person_id, PaintPreset(style="ink"))
    for shown in (None, "another token"):
        async with client(host, token=TOKEN, shown=shown) as http:
            for method, path in ROUTES:
                response = await http.request(method, path, content=b"x" * 100_000)
                problem(response, 401, "token")
                assert response.headers["www-authenticate"] == "Bearer"
    async with client(host, token=TOKEN, shown=TOKEN) as http:
        for method, path in ROUTES:
            assert (await http.request(method, path)).status_code in {200, 404, 415, 422}
    assert (await host.gallery.preset(anna.person_id)).style == "ink"


async def test_other_pages_are_refused(http: httpx.AsyncClient) -> None:
    for method, path in ROUTES:
        response = await http.request(method, path, headers={"Origin": "https://evil.example"})
        problem(response, 403, "other servers")


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_while_the_models_load_it_says_so(method: str, path: str) -> None:
    async with client(None) as http:
        response = await http.request(method, path)
        problem(response, 503, "being loaded")
        assert int(response.headers["retry-after"]) > 0


async def test_every_route_is_described(http: httpx.AsyncClient) -> None:
    described = (await http.get("/openapi.json")).json()
    assert list(described["components"]["securitySchemes"]) == ["HTTPBearer"]
    told = {
        (method.upper(), path) for path, methods in described["paths"].items() for method in methods
    }
    names = {"p1": "{picture_id}", "Anna": "{who}", "cat": "{name}"}
    for method, path in ROUTES:
        template = "/".join(names.get(part, part) for part in path.split("/"))
        assert (method, template) in told
        route = described["paths"][template][method.lower()]
        assert route["security"] == [{"HTTPBearer": []}]
        answers = route["responses"]
        assert {"401", "403", "422", "503"} <= set(answers)
        assert list(answers["422"]["content"]) == ["application/problem+json"]
    image = described["paths"]["/pictures/{picture_id}/image"]["get"]["responses"]["200"]
    assert list(image["content"]) == ["image/png"]


async def test_pictures_are_found_by_meeting_and_person(
    http: httpx.AsyncClient, host: MadeUpHost, anna: Speaker
) -> None:
    boris = await add_person(host, "Boris")
    meetings = [await host.store.begin_meeting("team"), await host.store.begin_meeting("plan")]
    for number in range(4):
        speaker = (anna, boris)[number % 2]
        await host.gallery.keep(meetings[number // 2], picture(f"p{number}", speaker))

    async def found(**query: Any) -> list[str]:
        response = await http.get("/pictures", params=query)
        assert response.status_code == 200
        return [row["id"] for row in response.json()]

    assert await found() == ["p3", "p2", "p1", "p0"]
    assert await found(limit=2) == ["p3", "p2"]
    assert await found(meeting=meetings[0]) == ["p1", "p0"]
    assert await found(person="анна") == ["p2", "p0"]
    assert await found(person=anna.person_id, meeting=meetings[0]) == ["p0"]
    problem(await http.get("/pictures", params={"person": "Ана"}), 404, "did you mean 'Анна'?")
    problem(await http.get("/pictures", params={"meeting": "none"}), 404, "none")
    for limit in (0, 201, "many"):
        problem(await http.get("/pictures", params={"limit": limit}), 422, "limit")


async def test_a_picture_is_told_and_shown(
    http: httpx.AsyncClient, host: MadeUpHost, anna: Speaker
) -> None:
    meeting = await host.store.begin_meeting("team")
    kept = await host.gallery.keep(meeting, picture("p1", anna, text="кот на крыше"))
    told = (await http.get("/pictures/p1")).json()
    assert (told["subject"], told["speakers"], told["meeting"]) == (
        "кот на крыше",
        ["Анна"],
        meeting,
    )
    assert (told["seed"], told["at"], told["said_end"], told["safe"]) == (7, 2.0, 1.5, True)
    assert str(kept.path.parent) not in str(told)
    response = await http.get(told["image"])
    assert (response.status_code, response.headers["content-type"]) == (200, "image/png")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in response.headers["content-security-policy"]
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
    assert "private" in response.headers["cache-control"]
    with Image.open(io.BytesIO(response.content)) as shown:
        assert np.array_equal(np.asarray(shown), picture().painting.pixels)
    kept.path.unlink()
    problem(await http.get(told["image"]), 404, "is gone")


@pytest.mark.parametrize("name", ["p2", "..%2F..%2Fmeetbot.db", "%2Fetc%2Fpasswd", "x" * 100])
async def test_other_files_are_not_pictures(http: httpx.AsyncClient, name: str) -> None:
    for path in (f"/pictures/{name}", f"/pictures/{name}/image"):
        response = await http.get(path)
        assert response.status_code in {404, 422}
        assert response.headers["content-type"] == "application/problem+json"


async def test_everyone_is_told_by_name(
    http: httpx.AsyncClient, host: MadeUpHost, anna: Speaker
) -> None:
    await add_person(host, "Boris")
    rows = (await http.get("/people")).json()
    assert [row["name"] for row in rows] == ["Boris", "Анна"]
    assert (rows[1]["id"], rows[1]["colour"]) == (anna.person_id, anna.colour)


async def test_a_user_has_parameters_and_a_history(
    http: httpx.AsyncClient, host: MadeUpHost, anna: Speaker
) -> None:
    meeting = await host.store.begin_meeting("team")
    who = Participant("1", "Anna")
    for number in range(3):
        said = Utterance(f"u{number}", who, anna, f"line {number}", "en", number * 10**9, 10**10)
        await host.store.commit_utterance(meeting, said)
        await host.gallery.keep(meeting, picture(f"p{number}", anna))
    await host.gallery.save(anna.person_id, PaintPreset(style="ink", seed=3))
    await host.gallery.add_reference(anna.person_id, png(), "cat")
    user = (await http.get(f"/user/{anna.person_id}", params={"limit": 2})).json()
    assert (user["name"], user["parameters"]["style"], user["parameters"]["seed"]) == (
        "Анна",
        "ink",
        3,
    )
    assert user["references"] == [{"name": "cat", "width": 64, "height": 48}]
    assert [row["id"] for row in user["history"]["pictures"]] == ["p2", "p1"]
    assert [row["text"] for row in user["history"]["utterances"]] == ["line 2", "line 1"]
    assert user["history"]["utterances"][0]["at"] == 2.0
    problem(await http.get("/user/nobody"), 404, "'nobody'")
    problem(await http.get("/user/Анна", params={"limit": 10_000}), 422, "limit")


@pytest.mark.usefixtures("anna")
async def test_a_preset_is_put_told_and_cleared(http: httpx.AsyncClient) -> None:
    wanted = {
        "style": "акварель",
        "palette": ["#112233", "#ddeeff"],
        "likes": ["cats", "горы"],
        "dislikes": ["spiders"],
        "seed": 7,
        "strength": 0.5,
    }
    response = await http.put("/people/Анна/preset", json=wanted)
    assert (response.status_code, response.json()) == (200, {**wanted, "style": "watercolour"})
    told = (await http.get("/people/Анна/preset")).json()
    assert (await http.put("/people/Анна/preset", json=told)).json() == told
    fewer = {"palette": ["warm"], "likes": ["\x00", "two\nlines"]}
    less = (await http.put("/people/Анна/preset", json=fewer)).json()
    assert (less["style"], less["likes"], less["seed"]) == (None, ["two lines"], None)
    assert len(less["palette"]) >= 2
    assert (await http.delete("/people/Анна/preset")).status_code == 204
    assert (await http.get("/people/Анна/preset")).json()["palette"] == []


@pytest.mark.usefixtures("anna")
async def test_a_preset_that_cannot_be_is_said(http: httpx.AsyncClient) -> None:
    await http.put("/people/Анна/preset", json={"style": "ink"})
    for wrong, *hints in NO_PRESETS:
        problem(await http.put("/people/Анна/preset", json=wrong), 422, *hints)
        assert (await http.get("/people/Анна/preset")).json()["style"] == "ink"


async def test_whoever_is_not_known_is_said_with_a_suggestion(
    http: httpx.AsyncClient, anna: Speaker
) -> None:
    for method, path in ROUTES:
        if "Anna" in path:
            body = {} if method == "PUT" else None
            response = await http.request(method, path.replace("Anna", "Ана"), json=body)
            problem(response, 404, "'Ана'", f"did you mean {anna.name!r}?")


@pytest.mark.usefixtures("anna")
async def test_references_come_and_go(http: httpx.AsyncClient) -> None:
    path = "/people/Анна/references"
    typed = {"Content-Type": "image/png"}
    response = await http.post(path, params={"name": "cat"}, content=png(), headers=typed)
    assert response.status_code == 201
    assert response.json() == {"name": "cat", "width": 64, "height": 48}
    assert (await http.post(path, content=png(seed=2), headers=typed)).status_code == 201
    assert len((await http.get(path)).json()) == 2
    problem(await http.post(path, content=png(seed=3), headers=typed), 409, "2 references")
    assert (await http.delete(f"{path}/cat")).status_code == 204
    problem(await http.delete(f"{path}/cat"), 404, "'cat'")
    assert [row["name"] for row in (await http.get(path)).json()] == ["reference"]


@pytest.mark.usefixtures("anna")
async def test_what_is_no_reference_is_said(http: httpx.AsyncClient) -> None:
    path = "/people/Анна/references"
    for kind, body, status, hint in NO_REFERENCES:
        problem(await http.post(path, content=body, headers={"Content-Type": kind}), status, hint)
    assert (await http.get(path)).json() == []


async def test_a_store_that_cannot_be_read_is_a_problem(
    http: httpx.AsyncClient, host: MadeUpHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> None:
        raise StoreError("the store cannot be read: disk I/O error")

    monkeypatch.setattr(host.people, "people", broken)
    response = await http.get("/people")
    problem(response, 503, "disk I/O error")
    assert response.headers["retry-after"]
