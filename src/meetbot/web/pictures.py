"""``GET /pictures``: what was painted."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from meetbot.core.errors import InputError
from meetbot.gallery import KeptPicture
from meetbot.session import Host
from meetbot.web.api import Present, api_router, known, problems
from meetbot.web.describing import Limit, PictureTold, Who
from meetbot_webrtc.problems import Problem

__all__ = ["pictures_router"]

PictureId = Annotated[str, Path(max_length=64)]


def pictures_router() -> APIRouter:
    """All of them, one of them, its pixels."""
    router = api_router()
    router.add_api_route("/pictures", pictures, responses=problems(404))
    router.add_api_route("/pictures/{picture_id}", picture, responses=problems(404))
    router.add_api_route(
        "/pictures/{picture_id}/image",
        image,
        response_class=Response,
        responses={
            200: {
                "description": "The picture.",
                "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
            },
            **problems(404),
        },
    )
    return router


async def pictures(
    host: Present,
    meeting: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    person: Annotated[Who | None, Query()] = None,
    limit: Limit = 50,
) -> list[PictureTold]:
    """The latest first; of a meeting (its id), of a person's words (name or id), or all."""
    who = await known(host.gallery.speaker(person)) if person else None
    found = await host.gallery.latest(
        limit,
        meeting_id=(await known(host.store.meeting(meeting))).id if meeting else None,
        person_id=who.person_id if who else None,
    )
    return [PictureTold.of(kept) for kept in found]


async def picture(host: Present, picture_id: PictureId) -> PictureTold:
    """One picture, without its pixels."""
    return PictureTold.of(await _found(host, picture_id))


async def image(host: Present, picture_id: PictureId) -> Response:
    """The picture, as PNG with what is known of it as text chunks."""
    kept = await _found(host, picture_id)
    try:
        data = await asyncio.to_thread(kept.path.read_bytes)
    except OSError as error:
        raise Problem(404, f"The file of picture {kept.id} is gone.") from error
    headers = {
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'inline; filename="{kept.id}.png"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "ETag": f'"{kept.sha256}"',
    }
    return Response(data, media_type="image/png", headers=headers)


async def _found(host: Host, picture_id: str) -> KeptPicture:
    try:
        return await host.gallery.picture(picture_id)
    except InputError as error:
        detail = "There is no picture of that id (yet); see GET /pictures."
        raise Problem(404, detail) from error
