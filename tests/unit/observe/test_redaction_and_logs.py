"""No token reaches a log, by whatever way it comes."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest

from meetbot.observe import RedactingFilter, configure_logging, redact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "s3cr3t-value-of-a-token"


@pytest.fixture
def root_logger() -> Iterator[logging.Logger]:
    """The root logger, put back as it was."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield root
    root.handlers[:] = before
    root.setLevel(level)


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {SECRET}",
        f"authorization: bearer {SECRET}, next",
        f"GET /room?token={SECRET}&name=Ann",
        f"access_token={SECRET}",
        f"{{'token': '{SECRET}'}}",
        f'{{"password": "{SECRET}"}}',
        f"api_key={SECRET}",
        f"postgresql://ann:{SECRET}@db/meetbot",
        f"credential = {SECRET}",
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    assert SECRET not in redact(text)
    assert "[hidden]" in redact(text)


def test_a_jwt_is_hidden_wherever_it_stands() -> None:
    jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"
    assert redact(f"joined with {jwt}") == "joined with [hidden]"


@pytest.mark.parametrize(
    "text",
    [
        "Ann said: the token was on the table",
        "captions at http://localhost:8765/room",
        "2 tokens a second, password policy unchanged",
        "web.token: none",
        "Ann: то́кен, пароль и секрет",
    ],
)
def test_ordinary_talk_is_left_alone(text: str) -> None:
    assert redact(text) == text


def test_known_secrets_are_hidden_in_messages_arguments_and_traces(
    root_logger: logging.Logger,
) -> None:
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    keep = Keep()
    keep.addFilter(RedactingFilter([SECRET]))
    root_logger.addHandler(keep)
    root_logger.setLevel(logging.INFO)
    log = logging.getLogger("meetbot.test")
    log.info("joined with %s", SECRET)
    log.info("as %(who)s", {"who": SECRET})
    try:
        raise RuntimeError(f"refused {SECRET}")
    except RuntimeError:
        log.exception("failed")
    text = "\n".join(lines)
    assert SECRET not in text
    assert "RuntimeError: refused [hidden]" in text


def test_logs_go_to_the_file_redacted_and_in_full(
    root_logger: logging.Logger, tmp_path: Path
) -> None:
    file = tmp_path / "logs" / "meetbot.log"
    stop = configure_logging("info", file=file, secrets=[SECRET])
    log = logging.getLogger("meetbot.test")
    for number in range(100):
        log.info("line %d with %s", number, SECRET)
    log.debug("too quiet to be kept")
    stop()
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 100
    assert lines[99].endswith("meetbot.test: line 99 with [hidden]")


async def test_logging_does_not_block_the_loop(root_logger: logging.Logger, tmp_path: Path) -> None:
    file = tmp_path / "x.log"
    stop = await asyncio.to_thread(configure_logging, "info", file=file)
    try:
        logging.getLogger("meetbot.test").info("from the loop")
    finally:
        await asyncio.to_thread(stop)
    text = await asyncio.to_thread(file.read_text, encoding="utf-8")
    assert "from the loop" in text
