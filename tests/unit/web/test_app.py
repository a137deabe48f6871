"""Pages, headers and errors of the web application, without a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
import pytest_asyncio

from meetbot.config import RoomSettings, Settings
from meetbot.web import create_app
from meetbot_webrtc import SignalingHub

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest_asyncio.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application itself; the models are still loading."""
    app = create_app(Settings(), hub=SignalingHub(RoomSettings()), ready=lambda: False)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8765") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/r/team", "/r/%D0%BF%D0%BB%D0%B0%D0%BD"])
async def test_the_page_is_served_under_a_strict_policy(http: httpx.AsyncClient, path: str) -> None:
    response = await http.get(path)
    assert response.status_code == 200
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"


async def test_the_page_needs_nothing_from_elsewhere(http: httpx.AsyncClient) -> None:
    page = (await http.get("/")).text
    assert "://" not in page
    assert "style=" not in page
    assert "<script>" not in page
    for part in (
        "room.js",
        "mesh.js",
        "media.js",
        "captions.js",
        "screens.js",
        "texts.js",
        "room.css",
    ):
        response = await http.get(f"/static/{part}")
        assert response.status_code == 200
        assert "://" not in response.text
        assert "innerHTML" not in response.text


async def test_both_languages_say_the_same_things(http: httpx.AsyncClient) -> None:
    script = (await http.get("/static/texts.js")).text
    english, russian = script.split("ru: {")
    russian = russian.split("\n};")[0]
    keys = {
        language: {part.split(":")[0].split()[-1] for part in text.split('",') if ":" in part}
        for language, text in {"en": english.split("en: {")[1], "ru": russian}.items()
    }
    assert len(keys["en"]) > 50
    assert keys["en"] == keys["ru"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/r/%3Cscript%3E", 404),
        ("GET", "/static/../app.py", 404),
        ("PUT", "/", 405),
        ("GET", "/readyz", 503),
        ("DELETE", "/media/unknown", 404),
    ],
)
async def test_errors_are_problem_details(
    http: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    response = await http.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status
    assert response.json()["detail"]


async def test_health_is_told(http: httpx.AsyncClient) -> None:
    assert (await http.get("/healthz")).json()["status"] == "ok"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.0.2.1:8765", ""])
async def test_a_loopback_server_answers_under_loopback_names_only(
    http: httpx.AsyncClient, host: str
) -> None:
    response = await http.get("/", headers={"Host": host})
    assert response.status_code == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8765", "[::1]:8765"])
async def test_every_loopback_name_will_do(http: httpx.AsyncClient, host: str) -> None:
    assert (await http.get("/healthz", headers={"Host": host})).status_code == 200
