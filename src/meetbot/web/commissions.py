"""``POST /trigger_generation`` and ``POST /generate``: asking for pictures."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field, StringConstraints

from meetbot.config.painting import Size
from meetbot.core.errors import EngineError, InputError
from meetbot.gallery import picture_png, picture_row, read_reference
from meetbot.gallery.presets import parse_palette
from meetbot.gallery.wishes import parse_style
from meetbot.painting.commission import Commission
from meetbot.painting.context import MOST_CHARACTERS, clean
from meetbot.session import Host
from meetbot.session.commissions import Commissioned
from meetbot.session.easel import Paints
from meetbot.web.api import RETRY, Body, Present, Told, api_router, as_problem, known, problems
from meetbot.web.describing import Colours, Seed, Strength, Style, Who, any_style
from meetbot_webrtc.problems import Problem

__all__ = ["commissions_router"]

MOST_REFERENCES = 32

Text = Annotated[str, Field(max_length=MOST_CHARACTERS)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=2_000)]


class Trigger(Body):
    """``text``: what to paint; none: what is talked about. ``person``: in whose style."""

    room: Annotated[str, Field(min_length=1, max_length=64)]
    text: Text = ""
    person: Who | None = None


class Triggered(Told):
    """``picture``: the id under which it will be found, unless it is dropped or not kept."""

    picture: str


class Order(Body):
    """What is not given: as the ``person`` likes it, else as it is configured."""

    prompt: Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS)]
    style: Style | None = None
    palette: Colours = ()
    seed: Seed | None = None
    width: Size | None = None
    height: Size | None = None
    person: Who | None = None
    strength: Strength | None = None
    references: Annotated[tuple[Url, ...], Field(max_length=MOST_REFERENCES)] = ()


PNG: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The picture.",
        "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
        "headers": {
            "Meetbot-Engine": {"description": "What painted it.", "schema": {"type": "string"}},
            "Meetbot-Seed": {"description": "Its seed.", "schema": {"type": "integer"}},
            "Meetbot-Safe": {
                "description": "false: a neutral picture was painted instead.",
                "schema": {"type": "boolean"},
            },
            "Meetbot-Picture": {
                "description": "Its id in the person's history.",
                "schema": {"type": "string"},
            },
        },
    }
}


def commissions_router() -> APIRouter:
    """Both of them."""
    router = api_router()
    router.add_api_route(
        "/trigger_generation",
        trigger,
        methods=["POST"],
        status_code=202,
        response_model=Triggered,
        responses=problems(404, 409, 413),
    )
    router.add_api_route(
        "/generate",
        generate,
        methods=["POST"],
        response_class=Response,
        responses={**PNG, **problems(404, 409, 413, 504)},
    )
    return router


async def trigger(host: Present, wanted: Trigger) -> Triggered:
    """Have a picture painted in a room: of a text, or of the talk as it is now."""
    session = host.session_in(wanted.room)
    if session is None:
        others = f"there is one in: {', '.join(host.rooms)}" if host.rooms else "there is none"
        raise Problem(404, f"There is no bot in room {wanted.room!r}; {others}.")
    if session.easel is None:
        raise Problem(409, f"The bot does not paint in room {wanted.room!r} now.")
    speaker = await known(host.gallery.speaker(wanted.person)) if wanted.person else None
    try:
        return Triggered(picture=session.easel.request(wanted.text, speaker))
    except InputError as error:
        if wanted.text:
            raise
        raise Problem(409, as_problem(error).detail) from error
    except EngineError as error:  # too many wait
        raise Problem(503, as_problem(error).detail, headers=RETRY) from error


async def generate(host: Present, wanted: Order, request: Request) -> Response:
    """Paint a picture outside of a meeting; with a person, it is kept in their history."""
    paints, commissions = host.paints, host.commissions
    if paints is None or commissions is None:
        raise Problem(409, "Painting is off (painting.enabled).")
    person = await known(host.gallery.speaker(wanted.person)) if wanted.person else None
    commission = _commission(host, paints, wanted)

    async def draw_up() -> Commission:
        return await _with_references(host, commission, wanted.references)

    async with _void(request) as void:
        done = await commissions.paint(draw_up, person, void)
    return Response(await _png(done), media_type="image/png", headers=_headers(done))


def _commission(host: Host, paints: Paints, wanted: Order) -> Commission:
    """Raises ``InputError``."""
    most = host.settings.painting.references.max_count
    if len(wanted.references) > most:
        raise InputError(f"up to {most} references can be given, not {len(wanted.references)}")
    if not clean(wanted.prompt):
        raise InputError("there is nothing to paint in a prompt of invisible characters")
    style = wanted.style
    if style:
        style = parse_style(style, paints.styles, any_style=any_style(host))
    return Commission(
        wanted.prompt,
        style=style or None,
        palette=parse_palette(",".join(wanted.palette)) if wanted.palette else (),
        seed=wanted.seed,
        strength=wanted.strength,
        width=wanted.width,
        height=wanted.height,
    )


async def _with_references(
    host: Host, commission: Commission, addresses: tuple[str, ...]
) -> Commission:
    limits = host.settings.painting.references
    read = [await read_reference(address, limits) for address in addresses]
    return replace(commission, references=tuple(read))


@contextlib.asynccontextmanager
async def _void(request: Request) -> AsyncIterator[asyncio.Event]:
    """Is set when whoever asks has hung up."""
    void = asyncio.Event()

    async def look() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        void.set()

    looking = asyncio.create_task(look())
    try:
        yield void
    finally:
        looking.cancel()


async def _png(done: Commissioned) -> bytes:
    if done.kept is not None:
        return await asyncio.to_thread(done.kept.path.read_bytes)
    row = picture_row(None, done.picture)
    return await asyncio.to_thread(picture_png, row, done.picture, ())


def _headers(done: Commissioned) -> dict[str, str]:
    picture = done.picture
    headers = {
        "Cache-Control": "no-store",
        "Meetbot-Engine": _plain(picture.painting.engine),
        "Meetbot-Seed": str(picture.request.seed),
        "Meetbot-Safe": str(picture.safe).lower(),
    }
    if picture.painting.note:
        headers["Meetbot-Note"] = _plain(picture.painting.note)
    if done.kept is not None:
        headers["Meetbot-Picture"] = done.kept.id
    return headers


def _plain(text: str) -> str:
    """As a header may hold it."""
    return " ".join(text.encode("ascii", "replace").decode().split())
