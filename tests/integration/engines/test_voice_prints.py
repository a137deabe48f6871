"""The embedded voice-print encoders with their real models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.config import PeopleSettings
from meetbot.core.errors import InputError
from meetbot.core.types import SAMPLE_RATE
from meetbot.engines.registry import load_engine
from meetbot.engines.speaker.d_vector import DVectorSpeakerEncoder
from meetbot.engines.speaker.ge2e import Ge2eSpeakerEncoder
from meetbot.models import ModelStore
from meetbot.transcribe.media import read_sound

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.core.ports import SpeakerEncoder

pytestmark = pytest.mark.model

DIANE = ((10.6, 14.4), (18.6, 21.4))
SHEILA = ((14.8, 17.9), (21.9, 24.9), (25.0, 28.0))
"""Where in the recording one of them speaks alone, in seconds, by its labels."""


@pytest.fixture(scope="module")
def call() -> NDArray[np.float32]:
    return read_sound(ModelStore().path("phone-talk") / "sample.wav")


@pytest.fixture(scope="module", params=[Ge2eSpeakerEncoder, DVectorSpeakerEncoder])
def encoder(request: pytest.FixtureRequest) -> SpeakerEncoder:
    loaded: SpeakerEncoder = request.param.load(ModelStore(), PeopleSettings())
    return loaded


def part(call: NDArray[np.float32], begin: float, end: float) -> NDArray[np.float32]:
    return call[round(begin * SAMPLE_RATE) : round(end * SAMPLE_RATE)]


async def test_a_voice_is_nearer_to_itself_than_to_another(
    encoder: SpeakerEncoder, call: NDArray[np.float32]
) -> None:
    prints = np.stack([await encoder.embed(part(call, *at)) for at in (*DIANE, *SHEILA)])
    likeness = prints @ prints.T
    who = np.array([0] * len(DIANE) + [1] * len(SHEILA))
    same = (who[:, np.newaxis] == who) & ~np.eye(len(who), dtype=bool)
    assert likeness[same].min() > likeness[who[:, np.newaxis] != who].max()


async def test_prints_are_unit_vectors_of_256_numbers(
    encoder: SpeakerEncoder, call: NDArray[np.float32]
) -> None:
    for seconds in (0.4, 1.6, 5.0):
        made = await encoder.embed(part(call, 10.6, 10.6 + seconds))
        assert made.shape == (256,)
        assert made.dtype == np.float32
        assert np.linalg.norm(made) == pytest.approx(1, abs=1e-5)


async def test_a_batch_gives_what_each_window_gives_alone_and_again(
    encoder: SpeakerEncoder, call: NDArray[np.float32]
) -> None:
    """The 8-bit d-vector scales its numbers by the loudest of a batch, hence its looser bound."""
    windows = [part(call, at, at + size) for at, size in ((11, 1.6), (15, 0.8), (22, 1.6), (23, 1))]
    together = await encoder.embed_windows(windows)
    for row, window in zip(together, windows, strict=True):
        (alone,) = await encoder.embed_windows([window])
        assert row @ alone > (0.999999 if encoder.model_id.startswith("ge2e") else 0.999)
    np.testing.assert_array_equal(together, await encoder.embed_windows(windows))


async def test_loudness_does_not_change_whose_voice_it_is(
    encoder: SpeakerEncoder, call: NDArray[np.float32]
) -> None:
    usual = await encoder.embed(part(call, *DIANE[0]))
    quiet = await encoder.embed(part(call, *DIANE[0]) * np.float32(0.5))
    other = await encoder.embed(part(call, *SHEILA[0]))
    assert quiet @ usual > usual @ other


async def test_silence_has_a_print_of_numbers(encoder: SpeakerEncoder) -> None:
    assert np.isfinite(await encoder.embed(np.zeros(2 * SAMPLE_RATE, np.float32))).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
async def test_samples_that_are_no_numbers_are_an_input_error(
    encoder: SpeakerEncoder, call: NDArray[np.float32], bad: float
) -> None:
    broken = part(call, 11, 13).copy()
    broken[100] = bad
    with pytest.raises(InputError, match="no numbers"):
        await encoder.embed(broken)


async def test_less_than_four_tenths_of_a_second_is_an_input_error(
    encoder: SpeakerEncoder, call: NDArray[np.float32]
) -> None:
    for seconds in (0, 0.39):
        with pytest.raises(InputError, match="too short"):
            await encoder.embed(part(call, 11, 11 + seconds))


def test_the_encoder_of_the_settings_is_found_by_its_name() -> None:
    settings = PeopleSettings()
    engine = load_engine("speaker", settings.encoder, ModelStore(), settings)
    assert isinstance(engine, Ge2eSpeakerEncoder)
