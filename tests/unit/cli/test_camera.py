"""``meetbot camera``: what is listed, and the line where there is nothing to use."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from meetbot.cli import camera
from meetbot.core.errors import ModelMissing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    Run = Callable[..., tuple[int, str, str]]


def _row(label: str, *, used: bool = False, trouble: str = "") -> dict[str, Any]:
    return {"name": f"/{label}", "label": label, "used": used, "trouble": trouble}


class _Connector:
    """A machine with these devices."""

    def __init__(self, **found: Any) -> None:
        empty: dict[str, Any] = dict.fromkeys((*camera.GROUPS, "missing"), ())
        self.found = {**empty, **found}
        self.asked: list[Any] = []

    def inventory(self, settings: Any) -> dict[str, Any]:
        self.asked.append(settings)
        return self.found


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Callable[..., _Connector]:
    """Says what this machine has."""

    def give(**found: Any) -> _Connector:
        connector = _Connector(**found)
        monkeypatch.setattr(camera, "_connector", lambda: connector)
        return connector

    return give


def test_the_list_shows_what_is_used_and_what_is_wrong(
    run: Run, here: Callable[..., _Connector]
) -> None:
    here(
        cameras=[_row("Meetbot", used=True), _row("OBS", trouble="is in use by another program")],
        microphones=[_row("Headset", used=True)],
    )
    code, out, err = run("camera", "--list")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert "✓ Meetbot /Meetbot" in lines
    assert "OBS is in use by another program" in lines
    assert "✓ Headset /Headset" in lines


def test_what_is_missing_ends_with_one_and_its_line(
    run: Run, here: Callable[..., _Connector]
) -> None:
    here(missing=["there is no virtual camera: make one: sudo modprobe v4l2loopback"])
    code, out, _ = run("camera", "--list")
    assert code == 1
    assert "there is no virtual camera: make one: sudo modprobe v4l2loopback" in out
    code, out, _ = run("camera", "--list", "--json")
    assert code == 1
    assert json.loads(out)["cameras"] == []


def test_without_a_camera_it_ends_with_one_line_before_anything_is_loaded(
    run: Run, here: Callable[..., _Connector]
) -> None:
    here(missing=["there is no virtual camera: make one: sudo modprobe v4l2loopback"])
    code, out, err = run("camera")
    assert (code, out) == (1, "")
    assert err == "meetbot: there is no virtual camera: make one: sudo modprobe v4l2loopback\n"


def test_flags_are_the_settings_of_the_room(run: Run, here: Callable[..., _Connector]) -> None:
    connector = here()
    flags = ("--device", "Cam", "--microphone", "Mic", "--speakers", "Out", "--voice", "Cable")
    run("camera", "--list", *flags, "--fps", "25", "--no-hear-me", "--no-hear-others")
    asked = connector.asked[0]
    assert (asked.device, asked.microphone, asked.speakers) == ("Cam", "Mic", "Out")
    assert (asked.voice, asked.fps, asked.hear_me, asked.hear_others) == (
        "Cable", 25, False, False,
    )  # fmt: skip


def test_json_without_the_list_is_a_mistake(run: Run, here: Callable[..., _Connector]) -> None:
    here()
    code, _, err = run("camera", "--json")
    assert (code, err) == (2, "meetbot: --json goes with --list\n")


def test_what_to_choose_is_told_by_the_names_that_programs_show(
    capsys: pytest.CaptureFixture[str],
) -> None:
    used = {
        "camera": "Meetbot",
        "microphone": "Meetbot microphone",
        "me": "/a",
        "others": "/b.monitor",
    }
    camera._say_what_to_choose(used, {"/a": "Headset", "/b": "Loud"})
    said = capsys.readouterr().err
    for line in ("Camera", "Meetbot microphone", "Headset", "Loud", "Ctrl-C"):
        assert line in said


def test_loading_is_told_while_it_lasts(
    run: Run, here: Callable[..., _Connector], monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextlib.asynccontextmanager
    async def open_host(_: object) -> AsyncIterator[None]:
        raise ModelMissing("whisper-base is not there")
        yield

    here(cameras=[_row("Meetbot", used=True)])
    monkeypatch.setattr("meetbot.session.open_host", open_host)
    monkeypatch.setenv("FORCE_COLOR", "1")
    code, out, err = run("camera")
    assert (code, out) == (1, "")
    assert "Loading the models…" in err
    assert err.endswith("meetbot: whisper-base is not there\n")
