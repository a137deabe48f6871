"""Which virtual cameras there are, and what is said where none can be used."""

from __future__ import annotations

import errno
import struct
from typing import TYPE_CHECKING

import pytest
import pyvirtualcam

from meetbot.config import CameraSettings
from meetbot.core.errors import ConfigError
from meetbot_virtualcam import cameras as cameras_module
from meetbot_virtualcam import v4l2
from meetbot_virtualcam.cameras import Camera, CameraUnusable, cameras, choose_camera, explained

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OUTPUT, CAPTURE = 0x2, 0x1


@pytest.fixture
def plug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Plugs in a video device: number, label, driver, capabilities or the error on opening it."""
    listed, files = tmp_path / "sys", tmp_path / "dev"
    listed.mkdir()
    files.mkdir()
    answers: dict[str, tuple[str, int] | OSError] = {}

    def ask(path: Path, request: int, given: bytes) -> bytes:
        answer = answers[path.name]
        if isinstance(answer, OSError):
            raise answer
        if request == v4l2.TRY_FMT:
            return given[:8] + struct.pack("=II", 640, 480) + given[16:]
        driver, capabilities = answer
        told = struct.pack("=II", v4l2.CAP_DEVICE_CAPS | OUTPUT | CAPTURE, capabilities)
        return driver.encode().ljust(84, b"\0") + told + bytes(12)

    def add(
        number: int,
        label: str,
        answer: int | OSError = OUTPUT,
        *,
        driver: str = v4l2.DRIVER,
        kind: str = "virtual",
    ) -> None:
        real = tmp_path / kind / "video4linux" / f"video{number}"
        real.mkdir(parents=True)
        (real / "name").write_text(f"{label}\n")
        (listed / real.name).symlink_to(real)
        (files / real.name).touch()
        answers[real.name] = answer if isinstance(answer, OSError) else (driver, answer)

    monkeypatch.setattr(v4l2, "SYS", listed)
    monkeypatch.setattr(v4l2, "DEV", files)
    monkeypatch.setattr(v4l2, "_ask", ask)
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {"v4l2loopback": object})
    monkeypatch.setattr(cameras_module.platform, "system", lambda: "Linux")
    return add


def _chosen(**settings: object) -> Camera:
    return choose_camera(CameraSettings().model_copy(update=settings), cameras())


def test_only_loopbacks_are_listed_in_the_order_of_their_numbers(
    plug: Callable[..., None],
) -> None:
    plug(10, "Second")
    plug(2, "First")
    plug(0, "A real webcam", kind="pci")
    plug(1, "Something else", driver="vivid")
    assert [one.label for one in cameras()] == ["First", "Second"]


def test_the_first_free_one_is_taken_and_one_named_meetbot_before_it(
    plug: Callable[..., None],
) -> None:
    plug(0, "OBS", CAPTURE)
    plug(1, "Dummy")
    assert _chosen().label == "Dummy"
    plug(2, "Meetbot")
    assert _chosen().label == "Meetbot"


def test_a_camera_is_found_by_its_path_its_name_and_a_part_of_it(
    plug: Callable[..., None],
) -> None:
    plug(0, "Dummy")
    plug(1, "Virtual stage")
    path = str(v4l2.DEV / "video1")
    assert {_chosen(device=name).device for name in (path, "Virtual stage", "stage")} == {path}


def test_a_name_that_is_not_there_is_answered_with_what_is(plug: Callable[..., None]) -> None:
    plug(0, "Dummy")
    with pytest.raises(CameraUnusable, match=r"no virtual camera 'Nope'; there is: Dummy \("):
        _chosen(device="Nope")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (CAPTURE, "in use by another program"),
        (OSError(errno.EBUSY, "Device or resource busy"), "in use by another program"),
        (PermissionError(errno.EACCES, "Permission denied"), "usermod -aG video"),
        (FileNotFoundError(errno.ENOENT, "No such file"), "has no device file"),
    ],
)
def test_what_cannot_be_used_is_told_with_what_to_do(
    plug: Callable[..., None], answer: int | OSError, says: str
) -> None:
    plug(3, "Dummy", answer)
    with pytest.raises(CameraUnusable, match=says) as refused:
        _chosen()
    assert "video3" in str(refused.value)
    with pytest.raises(CameraUnusable, match=says):
        _chosen(device="Dummy")


def test_without_any_the_line_says_how_to_make_one(plug: Callable[..., None]) -> None:
    with pytest.raises(CameraUnusable) as refused:
        _chosen()
    line = str(refused.value)
    assert "modprobe v4l2loopback" in line
    assert "exclusive_caps=1 card_label=Meetbot" in line
    assert "\n" not in line
    plug(0, "Dummy")
    assert _chosen().label == "Dummy"


@pytest.mark.parametrize(
    ("system", "says"),
    [("Windows", "Unity Capture"), ("Darwin", "Start Virtual Camera"), ("Plan9", "Plan9")],
)
def test_each_system_has_its_own_advice(system: str, says: str) -> None:
    assert says in cameras_module.how_to_get_one(system)


def test_a_backend_that_does_not_exist_is_a_mistake_in_the_settings(
    plug: Callable[..., None],
) -> None:
    plug(0, "Dummy")
    with pytest.raises(ConfigError, match=r"room\.camera\.backend.*'obbs'.*v4l2loopback"):
        _chosen(backend="obbs")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("'obs' backend: virtual camera output could not be started", "another program"),
        ("Device /dev/video3 is already in use.", "another program"),
        ("Could not access /dev/video3 due to missing permissions. Did", "log in again"),
        ("OBS Virtual Camera device not found! Did you install OBS?", "is not there"),
        ("the moon is in the wrong place", "cannot be opened: the moon"),
    ],
)
def test_what_a_backend_says_becomes_one_line_of_ours(error: str, says: str) -> None:
    line = str(explained(Camera("obs", "/dev/video3", "Dummy"), RuntimeError(error)))
    assert says in line
    assert line.startswith("the camera Dummy (/dev/video3) ")


def test_a_size_that_a_reader_holds_is_seen(plug: Callable[..., None]) -> None:
    plug(0, "Dummy")
    path = str(v4l2.DEV / "video0")
    assert v4l2.held_size(path, (1280, 720)) == (640, 480)
    assert v4l2.held_size(path, (640, 480)) is None


def test_a_device_that_came_anew_is_another(tmp_path: Path) -> None:
    path = tmp_path / "video0"
    path.touch()
    before = v4l2.stat_of(str(path))
    assert v4l2.same_device(str(path), before)
    other = tmp_path / "other"
    other.touch()
    other.replace(path)
    assert not v4l2.same_device(str(path), before)
    path.unlink()
    assert not v4l2.same_device(str(path), before)
