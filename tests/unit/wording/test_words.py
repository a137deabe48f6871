"""Words, and where sentences end."""

from __future__ import annotations

import pytest

from meetbot.wording.words import ends_surely


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("The capital of France is Paris.", True),
        ("Столица Франции — Париж.", True),
        ("It costs 3.", False),
        ("Ask Mr.", False),
        ("Ask our prof.", False),
        ("She said “Paris.", False),
        ('She said "Paris.', False),
        ("Wait.", False),
        ("We live in the U.S.", False),
        ("Is it Paris", False),
    ],
)
def test_a_sentence_that_ends_whatever_comes(text: str, sure: bool) -> None:
    assert ends_surely(text) is sure
