"""The grammars of composition: which one suits a reading best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

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
    from collections.abc import Sequence

    from meetbot.engines.painter.storyboard.arranging.cast import Cast
    from meetbot.engines.painter.storyboard.arranging.page import Page
    from meetbot.engines.painter.storyboard.arranging.setting import Setting
    from meetbot.engines.painter.storyboard.values import Reading

__all__ = ["Grammar", "choose_grammar"]

_GRAMMARS: tuple[Grammar, ...] = (
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


class Grammar(Protocol):
    """One kind of composition."""

    def suits(self, reading: Reading, cast: Cast, setting: Setting) -> float:
        """How well it would show the reading: 0 (not at all) … 1."""
        ...

    def compose(self, page: Page, reading: Reading, cast: Cast) -> None:
        """Puts the cast on the page."""
        ...


def choose_grammar(
    reading: Reading, cast: Cast, page: Page, *, without: Sequence[Grammar] = ()
) -> Grammar:
    """The best grammar; between equally good ones the page's chance decides."""
    scores = [(grammar.suits(reading, cast, page.setting), grammar) for grammar in _GRAMMARS]
    scores = [one for one in scores if one[0] > 0.0 and one[1] not in without] or scores
    best = max(score for score, _ in scores)
    return page.rng.choice([grammar for score, grammar in scores if score >= best - _NEAR])
