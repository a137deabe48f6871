"""``/people`` and ``GET /user/{id}``: who is known, and how they are painted."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from meetbot.core.pictures import PaintPreset
from meetbot.core.types import Speaker
from meetbot.engines.painter.storyboard.styles import STYLES
from meetbot.gallery.presets import MOST_LETTERS
from meetbot.gallery.wishes import Wishes, changed
from meetbot.session import Host
from meetbot.web.api import Body, Present, Told, UploadRoute, api_router, known, problems
from meetbot.web.commissions import Url
from meetbot.web.describing import (
    Limit,
    PersonTold,
    PictureTold,
    Preset,
    ReferenceTold,
    SayingTold,
    any_style,
)
from meetbot_webrtc.problems import Problem

__all__ = ["people_router"]

IMAGES = ("image/png", "image/jpeg", "image/webp", "application/octet-stream")
JSON = "application/json"

PersonPath = Annotated[str, Path(min_length=1, max_length=200)]
NamePath = Annotated[str, Path(min_length=1, max_length=MOST_LETTERS)]


class Address(Body):
    """``url``: a picture on the public web."""

    url: Url


class History(Told):
    """What someone said and what was painted of it, the latest first."""

    pictures: list[PictureTold]
    utterances: list[SayingTold]


class User(PersonTold):
    """``parameters``: how they are painted."""

    parameters: Preset
    references: list[ReferenceTold]
    history: History


REFERENCE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            **{kind: {"schema": {"type": "string", "format": "binary"}} for kind in IMAGES},
            JSON: {
                "schema": {
                    "type": "object",
                    "properties": {"url": {"type": "string", "format": "uri"}},
                    "required": ["url"],
                    "additionalProperties": False,
                }
            },
        },
    }
}


def people_router() -> APIRouter:
    """Who is known, their presets and references."""
    router = api_router()
    add = router.add_api_route
    lost = problems(404)
    add("/people", people)
    add("/user/{who}", user, responses=lost)
    add("/people/{who}/preset", preset, responses=lost)
    add("/people/{who}/preset", put_preset, methods=["PUT"], responses=problems(404, 413))
    add("/people/{who}/preset", clear_preset, methods=["DELETE"], status_code=204, responses=lost)
    add("/people/{who}/references", references, responses=lost)
    add(
        "/people/{who}/references/{name}",
        remove_reference,
        methods=["DELETE"],
        status_code=204,
        responses=lost,
    )
    uploads = api_router(UploadRoute)
    uploads.add_api_route(
        "/people/{who}/references",
        add_reference,
        methods=["POST"],
        status_code=201,
        responses=problems(404, 409, 413, 415),
        openapi_extra=REFERENCE_BODY,
    )
    router.include_router(uploads)
    return router


async def people(host: Present) -> list[PersonTold]:
    """Everyone who is known, by name."""
    return [PersonTold.of(person) for person in await host.people.people()]


async def user(host: Present, who: PersonPath, limit: Limit = 20) -> User:
    """How someone is painted, and the last that they said and that was painted of it."""
    person = await known(host.people.find(who))
    gallery = host.gallery
    pictures = [PictureTold.of(kept) for kept in await gallery.of_person(person.id, limit)]
    said = [SayingTold.of(saying) for saying in await host.people.history(person.id, limit)]
    return User(
        **PersonTold.of(person).model_dump(),
        parameters=Preset.of(await gallery.preset(person.id)),
        references=[ReferenceTold.of(kept) for kept in await gallery.kept_references(person.id)],
        history=History(pictures=pictures, utterances=said),
    )


async def preset(host: Present, who: PersonPath) -> Preset:
    """How someone is painted."""
    person = await _person(host, who)
    return Preset.of(await host.gallery.preset(person.person_id))


async def put_preset(host: Present, who: PersonPath, wanted: Preset) -> Preset:
    """Say how someone is painted from their next picture on; what is not given is not set."""
    person = await _person(host, who)
    wishes = Wishes(
        style=wanted.style,
        palette=",".join(wanted.palette),
        likes=wanted.likes,
        dislikes=wanted.dislikes,
        seed=None if wanted.seed is None else str(wanted.seed),
        strength=None if wanted.strength is None else str(wanted.strength),
        clear=True,
    )
    after = changed(PaintPreset(), wishes, STYLES, any_style=any_style(host))
    await host.gallery.save(person.person_id, after)
    return Preset.of(await host.gallery.preset(person.person_id))


async def clear_preset(host: Present, who: PersonPath) -> Response:
    """Nothing of it is set any more; references stay."""
    person = await _person(host, who)
    await host.gallery.save(person.person_id, PaintPreset())
    return Response(status_code=204)


async def references(host: Present, who: PersonPath) -> list[ReferenceTold]:
    """The pictures that someone is painted after."""
    person = await _person(host, who)
    kept = await host.gallery.kept_references(person.person_id)
    return [ReferenceTold.of(reference) for reference in kept]


async def add_reference(
    host: Present,
    who: PersonPath,
    request: Request,
    name: Annotated[str | None, Query(min_length=1, max_length=MOST_LETTERS)] = None,
) -> ReferenceTold:
    """One more: the bytes of a PNG, JPEG or WebP, or where on the web it is."""
    person = await _person(host, who)
    most = host.settings.painting.references.max_count
    if len(await host.gallery.kept_references(person.person_id)) >= most:
        raise Problem(409, f"{person.name} has {most} references, as many as are kept: remove one.")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (*IMAGES, JSON):
        raise Problem(415, f"Send a picture ({', '.join(IMAGES)}), or its address as {JSON}.")
    data = await request.body()
    source = data if kind != JSON else _address(data)
    return ReferenceTold.of(await host.gallery.add_reference(person.person_id, source, name))


async def remove_reference(host: Present, who: PersonPath, name: NamePath) -> Response:
    """Delete one."""
    person = await _person(host, who)
    await known(host.gallery.remove_reference(person.person_id, name))
    return Response(status_code=204)


async def _person(host: Host, who: str) -> Speaker:
    return await known(host.gallery.speaker(who))


def _address(data: bytes) -> str:
    try:
        return Address.model_validate_json(data).url
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
