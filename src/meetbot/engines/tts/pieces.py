"""Long text in pieces that are synthesized one at a time, so that the first is heard soon."""

from __future__ import annotations

import itertools
import re
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from meetbot.core.voice import Speech
    from meetbot.core.worker import ModelThread

__all__ = ["pieces", "stretches"]

MOST = 200
"""Characters of a piece: some twelve seconds of speech."""
ENDS = (
    re.compile(
        r"(?<=\w{3}[.!?…])[\"'”»)]*\s+(?=[^\W\d_]*[A-ZА-ЯЁ\d«\"(¿¡])|(?<=[!?…。！？])\s*(?=\w)|\n+"
    ),
    re.compile(r"(?<=[,;:、，；—–])\s*(?=\S)"),
    re.compile(r"\s+"),
)
"""Where text may be cut: after sentences, then after clauses, then between words."""


def pieces(text: str, most: int = MOST) -> list[str]:
    """The sentences of ``text``, each of at most ``most`` characters; nothing is left out."""
    return [
        piece
        for sentence in _cut(text.strip(), 0)
        for piece in _join(sentence.strip(), most, 1)
        if piece.strip()
    ]


async def stretches(
    text: str, thread: ModelThread, say: Callable[[str, threading.Event], Speech | None]
) -> AsyncGenerator[Speech]:
    """``say`` of each piece of ``text``, on ``thread``; its event is set when no more is wanted."""
    stop = threading.Event()
    try:
        for piece in pieces(text):
            speech = await thread.run(say, piece, stop)
            if speech is not None:
                yield speech
    finally:
        stop.set()


def _cut(text: str, level: int) -> list[str]:
    edges = [0, *(match.end() for match in ENDS[level].finditer(text)), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(edges) if text[a:b].strip()]


def _join(text: str, most: int, level: int) -> list[str]:
    """``text`` cut at a level where it must be, into as few pieces as fit."""
    if len(text) <= most:
        return [text]
    if level == len(ENDS):
        return [text[at : at + most] for at in range(0, len(text), most)]
    joined: list[str] = []
    for part in _cut(text, level):
        for piece in _join(part, most, level + 1):
            if joined and len(joined[-1]) + len(piece) <= most:
                joined[-1] += piece
            else:
                joined.append(piece)
    return [piece.strip() for piece in joined]
