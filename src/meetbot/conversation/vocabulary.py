"""The words by which questions and answers are understood: ``vocabulary.toml``, beside this."""

from __future__ import annotations

from meetbot.wording.vocabulary import vocabulary as of_package

__all__ = ["vocabulary"]


def vocabulary(name: str) -> frozenset[str]:
    """All words of a table, of both languages, as ``words.plain`` writes them."""
    return of_package(name, "meetbot.conversation")
