"""A language model's text, piece by piece, to clauses that can be said.

The first clause comes as early as is natural, since someone waits for the first sound: at its
first comma, or before a word that begins a new thought. Later ones are longer, which sounds better.
Nothing is cut inside a number, an abbreviation, an address, a link or code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from meetbot.wording.words import ends_surely

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ClauseSplitter"]

EARLY_WORDS = 4
"""Until so many words are out, every natural break is taken."""
LATER_WORDS = 6
"""Words in front of a comma at which a later clause may end."""
MOST_EARLY_WORDS = 12
MOST_WORDS = 40
MOST_CHARACTERS = 400
"""A clause is cut at a space, or anywhere, where it has no better place before these."""

CLOSERS = "\"'”’»)]*_"
SENTENCE = re.compile(rf"[.!?…。！？]+[{re.escape(CLOSERS)}]*(?=\s)|\n+")
CLAUSE = re.compile(r"[,;:](?=\s)|(?<=[^\W\d_])[,;](?=$)|[，；、]|\s(?:[—–]|-{1,2})(?=\s)")
SPACE = re.compile(r"(?<=\S)\s+(?=\S)")
WORD = re.compile(r"\w[\w'’-]*")
ADDRESS = re.compile(r"(?:https?://|www\.)\S*\Z", re.IGNORECASE)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


ABBREVIATIONS = _set(
    "mr mrs ms dr prof st jr sr vs etc inc ltd co no fig approx dept est e.g i.e cf al p.m a.m"
    " т т.е т.д т.п т.к т.н др пр г гг в вв ул д кв стр см рис им тыс млн млрд руб коп проф акад"
    " напр н.э и.о обл р-н пл"
)
MAY_END = _set("etc inc ltd co a.m p.m al т.д т.п д п др пр г гг руб коп тыс млн млрд")
"""Those after which a sentence often ends: it does where the next word has a capital."""
THOUGHTS = _set(
    "and but or because so that which who where when while if although though since until unless"
    " before after with without about from for in on at during between into"
    " и а но или что чтобы потому поэтому если когда который которая которое которые где хотя пока"
    " после перед для с со в во на о об от из по при без через между под над"
)
"""Words before which a first clause may end."""
BOUND = _set(
    "a an the my your his her its our their this that these those to of and or but is are was were"
    " be been am will would can could should may might must do does did has have had not no very"
    " it i you he she we they there so as if in on at by for with from about into than more most"
    " и а но или не ни в во на с со к ко о об от из по при без для за под над у это этот эта эти"
    " мой твой наш ваш его её их очень самый более что как же бы ли"
)
"""Words that lean on the next one: nothing is cut after them."""


class ClauseSplitter:
    """Cuts one answer; ``push`` its pieces, then ``finish``."""

    def __init__(self) -> None:
        self._text = ""
        self._words = 0

    def push(self, piece: str) -> list[str]:
        """The clauses that stand now that ``piece`` has come."""
        self._text += piece
        return list(self._take(final=False))

    def finish(self) -> list[str]:
        """What is left, when the text has ended."""
        self._text += "\n"
        clauses = list(self._take(final=True))
        rest, self._text = self._text.strip(), ""
        return [*clauses, rest] if rest else clauses

    def _take(self, *, final: bool) -> Iterator[str]:
        while (end := self._end(final=final)) is not None:
            clause, self._text = self._text[:end].strip(), self._text[end:].lstrip()
            self._words += len(WORD.findall(clause))
            if clause:
                yield clause

    def _end(self, *, final: bool) -> int | None:
        """Where the first clause of the text ends; None: nowhere yet."""
        text = self._text
        early = self._words < EARLY_WORDS
        candidates: list[int] = [
            *(
                end
                for end in (m.end() for m in SENTENCE.finditer(text))
                if self._ends(end, final=final)
            ),
            *(m.end() for m in CLAUSE.finditer(text) if early or self._long(m.start())),
            *(self._before_thoughts() if early else ()),
            *((len(text),) if ends_surely(text) else ()),
        ]
        for end in sorted(candidates):
            if WORD.search(text[:end]) and self._whole(end, final=final):
                return end
        return self._forced(MOST_EARLY_WORDS if early else MOST_WORDS, final=final)

    def _ends(self, end: int, *, final: bool) -> bool:
        """Whether a sentence ends at ``end``, where there is a full stop or the like."""
        head = self._text[:end].rstrip(CLOSERS)
        if not head.endswith(".") or head.endswith(".."):
            return True
        word = re.split(r"[\s(\[«“\"]", head[:-1])[-1].lower()
        after = self._text[end:].lstrip()[:1]
        if word.isdecimal() and len(word) <= 2 and not head[: -len(word) - 1].strip():
            return False
        if len(word) == 1 and word.isalpha() and word not in MAY_END:
            return word == "я" or (word == "i" and after.isupper())
        if word in ABBREVIATIONS or word in MAY_END:
            return word in MAY_END and (after.isupper() or (final and not after))
        return True

    def _long(self, end: int) -> bool:
        return len(WORD.findall(self._text[:end])) >= LATER_WORDS

    def _before_thoughts(self) -> Iterator[int]:
        """Ends before a conjunction or preposition that follows four words or more."""
        words = list(WORD.finditer(self._text))
        for before, word in zip(words[EARLY_WORDS - 1 :], words[EARLY_WORDS:], strict=False):
            known = word.end() < len(self._text)
            leans = before[0].lower() in BOUND
            if known and not leans and word[0].lower() in THOUGHTS:
                yield word.start()

    def _whole(self, end: int, *, final: bool) -> bool:
        """Whether nothing that belongs together is open at ``end``: code, a link, an address."""
        head, tail = self._text[:end], self._text[end:]
        if head.count("```") % 2 and (not final or "```" in tail):
            return False
        line = head.rsplit("\n", 1)[-1] if not head.endswith("\n") else ""
        if line.replace("```", "").count("`") % 2 or line.count("[") > line.count("]"):
            return False
        return not ADDRESS.search(head) or tail[:1].isspace()

    def _forced(self, most_words: int, *, final: bool) -> int | None:
        """The last space before a clause is too long."""
        words = list(WORD.finditer(self._text))
        if len(words) <= most_words and len(self._text) <= MOST_CHARACTERS:
            return None
        limit = words[most_words].start() if len(words) > most_words else MOST_CHARACTERS
        limit = min(limit, MOST_CHARACTERS)
        spaces: list[int] = [m.start() for m in SPACE.finditer(self._text[: limit + 1])]
        whole: list[int] = [end for end in spaces if self._whole(end, final=final)]
        return whole[-1] if whole else limit
