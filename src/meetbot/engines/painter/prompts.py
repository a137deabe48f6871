"""Prompts that are longer than what a text encoder reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["fit_prompt"]

END_SHARE = 0.3
"""Of the room, for the end of a prompt, where the words for style and colour are."""


def fit_prompt(prompt: str, room: int, count: Callable[[Sequence[str]], Sequence[int]]) -> str:
    """``prompt``, or its beginning and its end where it has more than ``room`` tokens.

    ``count`` gives the tokens of each of some words. A word is never cut, unless it alone is too
    long.
    """
    words = prompt.split()
    tokens = count(words) if words else ()
    if sum(tokens) <= room:
        return prompt
    end = _fitting(tokens[::-1], int(room * END_SHARE))
    begin = _fitting(tokens, room - sum(tokens[len(tokens) - end :]))
    return " ".join([*words[: max(begin, 1)], *words[len(words) - end :]])


def _fitting(tokens: Sequence[int], room: int) -> int:
    """How many of the first ones fit."""
    total = 0
    for number, size in enumerate(tokens):
        total += size
        if total > room:
            return number
    return len(tokens)
