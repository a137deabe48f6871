"""What all of the HTTP API has in common: who may ask, how much, and what an error looks like."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request, Response, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.types import Message

from meetbot.core.errors import InputError, MeetbotError, StoreError
from meetbot.painting.safety import Unseen
from meetbot.painting.steady import Hung, TooLate
from meetbot.session import Host
from meetbot.session.commissions import TooMany
from meetbot_webrtc.gateway import authorise
from meetbot_webrtc.hub import SignalingHub
from meetbot_webrtc.problems import Problem

__all__ = [
    "RETRY",
    "Api",
    "Body",
    "GuardedRoute",
    "Present",
    "Told",
    "UploadRoute",
    "api_router",
    "as_problem",
    "known",
    "problems",
]

T = TypeVar("T")

MOST_JSON_BYTES = 64_000
RETRY = {"Retry-After": "5"}
STATUS: tuple[tuple[type[MeetbotError], int], ...] = (
    (InputError, 422),
    (StoreError, 503),
    (TooMany, 503),
    (Unseen, 503),
    (TooLate, 504),
    (Hung, 504),
)


@dataclass(frozen=True, slots=True)
class Api:
    """``app.state.api``. ``host``: None while the models load, and where there is no bot."""

    hub: SignalingHub
    host: Callable[[], Host | None]


class Body(BaseModel):
    """A request's body; a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(BaseModel):
    """What is answered."""

    model_config = ConfigDict(frozen=True)


class ProblemDetails(Told):
    """RFC 9457: ``detail`` says what was wrong and what to do."""

    type: str
    title: str
    status: int
    detail: str


class GuardedRoute(APIRoute):
    """Asks for the token before anything of the body is read, and reads no more than is allowed."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """The route's own, guarded."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            authorise(request.app.state.api.hub, request)
            host = present(request)
            return await handle(Request(request.scope, _bounded(request, self.most_bytes(host))))

        return guarded

    def most_bytes(self, host: Host) -> int:
        """What a body may have."""
        return MOST_JSON_BYTES


class UploadRoute(GuardedRoute):
    """Takes a reference."""

    def most_bytes(self, host: Host) -> int:
        """As the settings say."""
        return round(host.settings.painting.references.max_mb * 1e6)


def present(request: Request) -> Host:
    """The host, once there is one. Raises ``Problem``."""
    api: Api = request.app.state.api
    host = api.host()
    if host is None:
        detail = "The models are being loaded, or there is no bot on this server: try again."
        raise Problem(503, detail, headers=RETRY)
    return host


Present = Annotated[Host, Depends(present)]


def api_router(route_class: type[GuardedRoute] = GuardedRoute) -> APIRouter:
    """A router whose routes are guarded."""
    bearer = HTTPBearer(auto_error=False, description="Where the server has a token.")
    return APIRouter(
        route_class=route_class,
        dependencies=[Security(bearer)],
        responses=problems(401, 403, 422, 503),
    )


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route may answer instead, for its description."""
    content = {"application/problem+json": {"schema": ProblemDetails.model_json_schema()}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in statuses
    }


async def known(found: Awaitable[T]) -> T:
    """What was looked up. Raises ``Problem`` 404 with the reason where it is not there."""
    try:
        return await found
    except InputError as error:
        raise Problem(404, _sentence(error)) from error


def as_problem(error: MeetbotError) -> Problem:
    """What an error is over HTTP."""
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
    return Problem(status, _sentence(error), headers=RETRY if status == 503 else None)


def _sentence(error: Exception) -> str:
    text = str(error).rstrip(".")
    first, *_ = text.split(" ", 1)
    return f"{text[:1].upper()}{text[1:]}." if first.isalpha() else f"{text}."


def _bounded(request: Request, most: int) -> Callable[[], Awaitable[Message]]:
    """Its ``receive``, until it has given ``most`` bytes."""
    too_large = HTTPException(413, f"A body of this request may have {most} bytes at most.")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > most:
        raise too_large
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > most:
            raise too_large
        return message

    return receive
