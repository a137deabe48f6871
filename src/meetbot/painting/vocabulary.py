"""The words by which wishes and talk are understood here: ``vocabulary.toml``, beside this."""

from __future__ import annotations

from meetbot.wording.vocabulary import vocabulary as of_package

__all__ = ["vocabulary"]


def vocabulary(name: str) -> frozenset[str]:
    """All words of a table, of both languages, as ``wording.words.plain`` writes them."""
    return of_package(name, "meetbot.painting")
