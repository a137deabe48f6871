"""The web application: page, signalling, WHIP and WHEP, the API, health."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

from meetbot import __version__
from meetbot.config import Settings
from meetbot.core.errors import MeetbotError
from meetbot.session import Host
from meetbot.web.api import Api, as_problem
from meetbot.web.commissions import commissions_router
from meetbot.web.people import people_router
from meetbot.web.pictures import pictures_router
from meetbot_webrtc.gateway import host_is_allowed, is_room_name, signalling_router
from meetbot_webrtc.hub import SignalingHub
from meetbot_webrtc.problems import Problem, problem_response
from meetbot_webrtc.whip import whip_router

__all__ = ["create_app"]

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def create_app(
    settings: Settings,
    *,
    hub: SignalingHub,
    ready: Callable[[], bool] = lambda: True,
    host: Callable[[], Host | None] = lambda: None,
) -> FastAPI:
    """The application for one hub. ``ready``: whether a meeting could be heard now.

    ``host``: what the API asks; None while the models load, and where there is no bot.
    """
    # The interactive documentation pages load scripts from elsewhere, so there are none.
    app = FastAPI(title="Meetbot", version=__version__, docs_url=None, redoc_url=None)
    app.include_router(signalling_router(hub))
    app.include_router(whip_router(hub))
    app.state.api = Api(hub, host)
    for router in (commissions_router(), pictures_router(), people_router()):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC, check_dir=False), name="static")
    _add_pages(app)
    _add_health(app, ready)
    _add_problems(app)

    @app.middleware("http")
    async def guard(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        if host_is_allowed(request.headers, hub.loopback):
            response = await call_next(request)
        else:
            detail = "This server answers on this machine only: ask for localhost or 127.0.0.1."
            response = problem_response(421, detail)
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.web.scheme == "https":
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response

    return app


def _add_pages(app: FastAPI) -> None:
    headers = {"Cache-Control": "no-cache"}

    @app.get("/", include_in_schema=False)
    async def door() -> Response:
        return FileResponse(STATIC / "room.html", media_type="text/html", headers=headers)

    @app.get("/r/{room}", include_in_schema=False)
    async def room_page(room: str) -> Response:
        if not is_room_name(room):
            raise Problem(404, "That is not a name for a room.")
        return FileResponse(STATIC / "room.html", media_type="text/html", headers=headers)


def _add_health(app: FastAPI, ready: Callable[[], bool]) -> None:
    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok", "version": __version__}

    @app.get("/readyz")
    async def readyz() -> dict[str, str]:
        if not ready():
            raise Problem(503, "The speech models are being loaded.", headers={"Retry-After": "5"})
        return {"status": "ready"}


def _add_problems(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> Response:
        return problem_response(error.status, error.detail, error.headers)

    @app.exception_handler(MeetbotError)
    async def known_error(request: Request, error: MeetbotError) -> Response:
        problem = as_problem(error)
        if problem.status >= 500:
            log.warning("%s %s: %s", request.method, request.url.path, error)
        return problem_response(problem.status, problem.detail, problem.headers)

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        return problem_response(error.status_code, str(error.detail), error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        wrong = "; ".join(f"{_place(e['loc'])}: {e['msg']}" for e in error.errors())
        return problem_response(422, wrong)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return problem_response(500, "Something unexpected went wrong; the log has the trace.")


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location)
