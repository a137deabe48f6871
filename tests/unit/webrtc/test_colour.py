from __future__ import annotations

import av
import numpy as np
import pytest

from meetbot_webrtc.colour import as_yuv420p


def _by_swscale(pixels: np.ndarray) -> np.ndarray:
    picture = av.VideoFrame.from_ndarray(pixels, format="rgb24")
    return picture.reformat(format="yuv420p").to_ndarray()


@pytest.mark.parametrize("size", [(90, 160), (512, 512), (720, 1280)])
def test_colours_of_a_smooth_picture_are_those_of_swscale(size: tuple[int, int]) -> None:
    down, across = np.mgrid[0 : 1 : size[0] * 1j, 0 : 1 : size[1] * 1j]
    ramps = np.stack([across, down, 1 - (across + down) / 2], axis=-1)
    pixels = (ramps * 255).astype(np.uint8)
    mine, theirs = as_yuv420p(pixels).astype(int), _by_swscale(pixels).astype(int)
    assert mine.shape == theirs.shape
    assert np.abs(mine - theirs).max() <= 3


def test_a_red_pixel_among_black_ones_tints_all_four_a_little() -> None:
    pixels = np.zeros((2, 2, 3), np.uint8)
    pixels[0, 0] = (255, 0, 0)
    planes = as_yuv420p(pixels).reshape(-1)
    assert planes[0] > 70
    assert planes[5] == pytest.approx(128 + 112 / 4, abs=1)


def test_an_odd_last_row_and_column_are_left_out() -> None:
    assert as_yuv420p(np.zeros((91, 161, 3), np.uint8)).shape == (135, 160)
