"""The words by which English and Russian speech is understood: ``vocabulary.toml`` of a package."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files

__all__ = ["vocabulary"]


@lru_cache
def _tables(package: str) -> dict[str, dict[str, str]]:
    text = files(package).joinpath("vocabulary.toml").read_text("utf-8")
    return tomllib.loads(text)


def vocabulary(name: str, package: str = "meetbot.wording") -> frozenset[str]:
    """All words of a table, of both languages, as ``words.plain`` writes them."""
    return frozenset(word for words in _tables(package)[name].values() for word in words.split())
