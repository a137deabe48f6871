"""Texts about the same lie close, whether they are English or Russian."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.engines.text.minilm import MiniLmEncoder
from meetbot.models import ModelStore
from meetbot.models.minilm import MiniLm, WordVectors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.model

PHRASES = Path(__file__).parents[1] / "painter" / "phrases"


@pytest.fixture
async def encoder() -> AsyncIterator[MiniLmEncoder]:
    encoder = await asyncio.to_thread(MiniLmEncoder.load, ModelStore(), None)
    yield encoder
    await encoder.close()


async def test_vectors_have_length_one_and_none_without_words(encoder: MiniLmEncoder) -> None:
    vectors = await encoder.embed(["a dog", "", "... !", "Блямба кракозябра", "собака"])
    assert vectors.shape == (5, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [1, 0, 0, 1, 1], atol=1e-5)
    assert (await encoder.embed([])).shape == (0, 384)


@pytest.mark.parametrize(
    ("said", "again", "other"),
    [
        ("We should buy a new car", "Let's buy a new car", "My grandmother bakes bread"),
        ("Надо купить новую машину", "Давайте купим машину", "Бабушка печёт хлеб"),
        ("Надо купить новую машину", "We should buy a new car", "My grandmother bakes bread"),
    ],
)
async def test_the_same_said_again_is_near_and_another_topic_is_far(
    encoder: MiniLmEncoder, said: str, again: str, other: str
) -> None:
    one, two, three = await encoder.embed([said, again, other])
    assert one @ two > 0.7
    assert one @ three < 0.35


async def test_russian_phrases_are_nearest_to_the_english_ones_of_the_same_meaning(
    encoder: MiniLmEncoder,
) -> None:
    english, russian = (
        list(tomllib.loads((PHRASES / f"{name}.toml").read_text(encoding="utf-8")))
        for name in ("en", "ru")
    )
    cosines = await encoder.embed(russian) @ (await encoder.embed(english)).T
    assert np.mean(cosines.argmax(1) == np.arange(len(russian))) >= 0.9


async def test_the_same_text_has_the_same_vector_whatever_else_is_asked(
    encoder: MiniLmEncoder,
) -> None:
    (alone,) = await encoder.embed(["the budget for marketing"])
    among = (await encoder.embed(["a", "the budget for marketing", "a long walk by the sea"]))[1]
    np.testing.assert_allclose(alone, among, atol=0.02)


def test_the_icons_words_have_the_vectors_of_the_network() -> None:
    folder = ModelStore().path("minilm-l6")
    words = WordVectors.open(folder)
    row = words.words.index("dog")
    np.testing.assert_allclose(words.vectors[row], MiniLm.open(folder).embed(["dog"])[0], atol=0.02)
