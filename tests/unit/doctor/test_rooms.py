"""The doctor on LiveKit rooms and the virtual camera."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from meetbot.config import load_settings
from meetbot.core.errors import ConfigError
from meetbot.doctor import Finding, Verdict, rooms

if TYPE_CHECKING:
    from pathlib import Path

SHOWN: dict[str, Any] = {
    "cameras": [{"name": "/dev/video9", "label": "Meetbot", "used": True, "trouble": ""}],
    "microphones": [{"name": "mic", "label": "Headset", "used": True, "trouble": ""}],
    "speakers": [{"name": "out", "label": "Loud", "used": False, "trouble": ""}],
    "cables": [],
    "missing": ["there is no virtual cable for the bot's voice: install BlackHole"],
}


class _Connector:
    def inventory(self, _: object) -> dict[str, Any]:
        return SHOWN


class _Wrong:
    def inventory(self, _: object) -> dict[str, Any]:
        raise ConfigError("room.camera.microphone: 'x' carries the bot's own voice")


def _findings(**keys: object) -> dict[tuple[str, str], Finding]:
    named = {key.replace("__", "."): value for key, value in keys.items()}
    settings = load_settings(env={}, overrides=named)
    return {(one.group, one.name): one for one in rooms.check(settings)}


@pytest.fixture(autouse=True)
def nothing_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a key and a server of LiveKit."""
    monkeypatch.delenv("LIVEKIT_API_KEY", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(rooms, "BUILT", tmp_path)
    monkeypatch.setattr(rooms, "_connector", lambda _: _Connector())


def test_what_would_be_used_and_what_is_missing_is_told() -> None:
    found = _findings()
    assert found["virtual camera", "camera"].found == "Meetbot"
    assert found["virtual camera", "your microphone"].found == "Headset"
    assert ("virtual camera", "loudspeakers") not in found
    missing = found["virtual camera", "missing"]
    assert (missing.verdict, missing.advice) == (Verdict.WARN, "install BlackHole")


def test_without_key_and_server_it_says_how_to_get_them_and_fails_nothing() -> None:
    found = _findings()
    assert "LIVEKIT_API_KEY" in found["LiveKit", "key"].advice
    assert "install-livekit.sh" in found["LiveKit", "server here"].advice
    assert not [one for one in found.values() if one.verdict is Verdict.FAIL]


def test_key_and_server_are_found_and_the_secret_is_not_shown(tmp_path: Path) -> None:
    binary = tmp_path / "livekit-server"
    binary.touch(mode=0o755)
    found = _findings(room__livekit__key="k", room__livekit__secret="hush-hush")
    assert found["LiveKit", "key"].verdict is Verdict.OK
    assert found["LiveKit", "server here"].found == str(binary)
    assert "hush-hush" not in repr(found)


def test_connectors_that_are_not_installed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "_connector", lambda _: None)
    found = _findings()
    assert "meetbot[livekit]" in found["LiveKit", "connector"].advice
    assert "meetbot[camera]" in found["virtual camera", "connector"].advice


def test_a_wrong_setting_of_the_camera_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "_connector", lambda _: _Wrong())
    assert "carries the bot's own voice" in _findings()["virtual camera", "settings"].found
