"""Pictures as a camera takes them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from meetbot_virtualcam.formats import Fitting, letterboxed, sizes_to_try


def _picture(width: int, height: int) -> np.ndarray:
    """Red above, blue below, white in the middle."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, :, 0] = 200
    pixels[height // 2 :, :, 2] = 200
    pixels[height // 4 : -height // 4, width // 4 : -width // 4] = 255
    return pixels


@pytest.mark.parametrize(
    ("name", "back"),
    [("I420", cv2.COLOR_YUV2RGB_I420), ("NV12", cv2.COLOR_YUV2RGB_NV12)],
)
def test_what_a_reader_makes_of_it_is_the_picture(name: str, back: int) -> None:
    pixels = _picture(320, 180)
    sent = Fitting((320, 180), name).fit(pixels)
    assert sent.size == 320 * 180 * 3 // 2
    seen = cv2.cvtColor(sent.reshape(270, 320), back)
    assert np.abs(seen.astype(int) - pixels).mean() < 2


def test_rgb_and_rgba_keep_each_pixel() -> None:
    pixels = _picture(320, 180)
    assert (Fitting((320, 180), "RGB").fit(pixels) == pixels).all()
    rgba = Fitting((320, 180), "RGBA").fit(pixels)
    assert rgba.shape == (180, 320, 4)
    assert (rgba[:, :, :3] == pixels).all()
    assert (rgba[:, :, 3] == 255).all()


def test_another_shape_is_fitted_whole_with_something_dim_beside_it() -> None:
    seen = letterboxed(_picture(1280, 720), (640, 480))
    assert seen.shape == (480, 640, 3)
    for bar in (seen[:59], seen[-59:]):
        assert 0 < bar.max() < 150
        assert np.abs(np.diff(bar.astype(int), axis=1)).max() <= 4
    assert seen[70, 5].tolist() == [200, 0, 0]
    assert seen[240, 320].tolist() == [255, 255, 255]


def test_an_unchanged_picture_is_converted_once() -> None:
    fitting = Fitting((320, 180), "I420")
    pixels = _picture(640, 360)
    sent = [fitting.fit(pixels) for _ in range(5)]
    assert fitting.conversions == 1
    assert all(one is sent[0] for one in sent)
    fitting.fit(_picture(640, 360))
    assert fitting.conversions == 2


def test_before_the_first_picture_it_is_black() -> None:
    assert Fitting((320, 180), "RGB").fit(None).max() == 0


def test_the_size_that_a_reader_holds_comes_before_the_wanted_one() -> None:
    assert sizes_to_try((1280, 720), None)[0] == (1280, 720)
    assert sizes_to_try((1024, 576), (640, 480))[:2] == [(640, 480), (1024, 576)]
