"""From the model's pieces to what is worth saying: whole clauses, plain, true, and not for ever."""

from __future__ import annotations

import re
from contextlib import aclosing
from typing import TYPE_CHECKING

from meetbot.wording.words import ends_surely

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Collection

__all__ = ["clauses", "is_whole"]

END = re.compile(r"[.!?…](?=[\s\"”»)]|$)[\"”»)]*")
CLAUSE_END = re.compile(r"[,;](?=\s)|\s[—–-](?=\s)")
MAX_HELD_WORDS = 4
STOP = re.compile(
    r"<\||\n\s*\n|\n?(?:Question|Вопрос|Transcript|Answer|Ответ|User|Assistant)\b[^:\n]*:"
)
LABEL = re.compile(r"^\s*(?:Answer|Ответ|Assistant|A)\s*:\s*", re.IGNORECASE)
CODE = re.compile(r"```.*?(?:```|$)", re.DOTALL)
LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
URL = re.compile(r"(?:https?://|www\.)\S+")
MARKS = re.compile(r"[*_`#>|~]+|^\s*(?:[-•]|\d+[.)])\s+", re.MULTILINE)
MAX_ECHOES = 3


def is_whole(text: str) -> bool:
    """Whether ``text`` ends with a sentence."""
    return END.search(text.rstrip()[-3:]) is not None


class _Draft:
    """What the model has written so far, and how much of it was handed on."""

    def __init__(self, labels: Collection[str]) -> None:
        names = "|".join(re.escape(label) for label in labels)
        self._label = re.compile(rf"^\s*(?:{names})\s*:\s*", re.IGNORECASE)
        self._raw = ""
        self._taken = 0
        self._whole_sentences = 0
        self.stopped = False

    def add(self, piece: str) -> None:
        """One more piece; ``stopped`` where the model goes on with something else."""
        self._raw = (self._raw + piece).lstrip()
        found = STOP.search(self._raw, 1)
        if found is not None:
            self._raw = self._raw[: found.start()]
            self.stopped = True

    def next(self) -> str:
        """A clause of the first sentence, or the next whole sentence; empty: none stands yet."""
        text = self._plain()[self._taken :]
        end = END.search(text)
        if end is not None and end.end() == len(text) and not ends_surely(text):
            end = None
        at = end.end() if end is not None else 0
        if not self._whole_sentences:
            clause = CLAUSE_END.search(text, 0, at or len(text))
            if clause is not None:
                at = clause.end()
            elif not at and text.count(" ") > MAX_HELD_WORDS:
                at = text.rindex(" ") + 1
        return self._take(at)

    def rest(self, *, complete: bool) -> str:
        """What is left at the end; half a sentence behind a whole one is left out."""
        text = self._plain()[self._taken :]
        ends = list(END.finditer(text))
        if not complete and (ends or self._whole_sentences):
            text = text[: ends[-1].end()] if ends else ""
        return self._take(len(text))

    def _take(self, at: int) -> str:
        text = self._plain()[self._taken : self._taken + at]
        self._taken += at
        self._whole_sentences += bool(END.search(text))
        return text

    def _plain(self) -> str:
        text = LABEL.sub("", self._label.sub("", self._raw))
        text = LINK.sub(r"\1", CODE.sub(" ", text))
        return MARKS.sub("", URL.sub("", text)).replace("\n", " ")


async def clauses(
    pieces: AsyncGenerator[str],
    *,
    labels: Collection[str],
    max_tokens: int,
    holds: Callable[[str, str], bool],
    tells: Callable[[str], bool] = lambda _: True,
) -> AsyncGenerator[str]:
    """What to say of ``pieces``: clauses without markup, each ending where a voice may pause.

    ``labels`` are names that it may begin with, as lines of a transcript do: they are left out.
    It ends before a clause that ``holds(clause, before)`` says is not true or that was said, and
    at the last sentence within ``max_tokens`` pieces; a first sentence has to tell something.
    """
    draft, heard = _Draft(labels), set[str]()
    held, said, count, begun = "", "", 0, False

    def worth(clause: str) -> bool:
        words = re.findall(r"\w+", (said + clause).casefold())
        key = " ".join(re.findall(r"\w+", clause.casefold()))
        repeats = key in heard or _loops(words)
        heard.add(key)
        return not repeats and holds(clause, said)

    async with aclosing(pieces):
        async for piece in pieces:
            count += 1
            draft.add(piece)
            while clause := draft.next():
                if not worth(clause):
                    return
                said, held = said + clause, held + clause
                if begun or tells(held):
                    yield held
                    begun, held = True, ""
                elif END.search(held):
                    return
            if draft.stopped:
                break
    rest = draft.rest(complete=count < max_tokens or draft.stopped)
    if re.search(r"\w", held + rest) and worth(rest) and (begun or tells(held + rest)):
        yield held + rest


def _loops(words: list[str]) -> bool:
    """Whether the same few words come again and again at the end."""
    return any(
        words[-length:] * MAX_ECHOES == words[-length * MAX_ECHOES :]
        for length in range(1, 9)
        if len(words) >= length * MAX_ECHOES
    )
