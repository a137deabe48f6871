"""``meetbot join``: what cannot work is told in one line, before a model is loaded."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from meetbot.core.errors import RoomLost

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

LOCAL = "livekit://127.0.0.1:1/team"
SECRET = "hush-" * 8


@pytest.fixture(autouse=True)
def _no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading models would say so; nothing of the environment counts."""

    def open_host(_: object) -> None:
        logging.getLogger("meetbot.test").error("loading with %s", SECRET)
        raise RoomLost("models would be loaded now")

    monkeypatch.setattr("meetbot.session.open_host", open_host)
    for name in ("LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "MEETBOT_ROOM_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["livekit://127.0.0.1"], "names no room; write livekit://HOST:PORT/ROOM"),
        ([LOCAL], "give --key and --secret, or --token"),
        ([LOCAL, "--key", "k"], "key and secret go together"),
        ([LOCAL, "--token", "rubbish"], "not a LiveKit access token"),
        (["zoom://127.0.0.1/team"], "livekit://HOST:PORT/ROOM or webrtc://HOST:PORT/ROOM"),
        (["webrtc://127.0.0.1"], "webrtc://HOST:PORT/ROOM"),
    ],
)
def test_what_cannot_work_ends_it_at_once(run: Run, arguments: list[str], says: str) -> None:
    code, out, err = run("join", *arguments)
    assert (code, out) == (2, "")
    assert says in " ".join(err.split())
    assert err.startswith("meetbot: ")


def test_a_key_and_its_secret_are_enough(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "models would be loaded" in run("join", LOCAL, "--key", "k", "--secret", SECRET)[2]
    monkeypatch.setenv("LIVEKIT_API_KEY", "k")
    monkeypatch.setenv("LIVEKIT_API_SECRET", SECRET)
    assert "models would be loaded" in run("join", LOCAL)[2]


def test_a_livekit_key_in_the_environment_means_nothing_elsewhere(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEKIT_API_KEY", "k")
    assert "models would be loaded" in run("join", "webrtc://127.0.0.1:1/team")[2]


@pytest.mark.parametrize(
    "arguments",
    [
        ["webrtc://127.0.0.1:1/team", "--token", SECRET],
        ["webrtc://127.0.0.1:1/team", "--bot-secret", SECRET],
        [LOCAL, "--key", "k", "--secret", SECRET],
    ],
    ids=["token", "bot-secret", "secret"],
)
def test_neither_secrets_nor_tokens_are_logged(
    run: Run, tmp_path: Path, arguments: list[str]
) -> None:
    file = tmp_path / "log"
    assert run("--set", f"observe.log_file={file}", "join", *arguments)[0] == 1
    assert file.read_text("utf-8").rstrip().endswith("loading with [hidden]")
