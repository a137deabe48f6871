"""The grammars of composition: which one suits a reading best."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.arranging.grammars import (
    aloft,
    celebration,
    comparison,
    conversation,
    floating,
    gathering,
    group,
    hero,
    journey,
    presentation,
    quiet,
    sequence,
    tabletop,
    traffic,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from meetbot.engines.painter.storyboard.arranging.cast import Cast
    from meetbot.engines.painter.storyboard.arranging.page import Page
    from meetbot.engines.painter.storyboard.values import Reading

__all__ = ["choose_grammar"]

_GRAMMARS = (
    aloft,
    celebration,
    comparison,
    conversation,
    floating,
    gathering,
    group,
    hero,
    journey,
    presentation,
    quiet,
    sequence,
    tabletop,
    traffic,
)
_NEAR = 0.05


def choose_grammar(reading: Reading, cast: Cast, page: Page) -> Callable[[Page], None]:
    """The layout of the best grammar; between equally good ones the page's chance decides."""
    scores = [(grammar.suits(reading, cast, page.setting), grammar) for grammar in _GRAMMARS]
    best = max(score for score, _ in scores)
    good = [grammar for score, grammar in scores if score >= best - _NEAR]
    grammar = page.rng.choice(good)
    return partial(grammar.compose, reading=reading, cast=cast)
