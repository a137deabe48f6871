"""From a question to what answers it: the meeting's own words, or a prompt that holds them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from meetbot.conversation.grounding import Heard, has_number
from meetbot.conversation.phrases import Phrase, quote, who
from meetbot.conversation.questions import Aim, understand
from meetbot.conversation.search import Searcher
from meetbot.wording.words import content_stems, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from meetbot.conversation.memory import Line, Memory
    from meetbot.conversation.questions import Question
    from meetbot.conversation.search import Found, Sentence

__all__ = ["Lookup", "Plan"]

CLEAR_MATCH = 0.5
EVIDENCE = 4
SUMMARY_SENTENCES = 8
QUOTED_PEOPLE = 3
MAX_QUOTED_WORDS = 30
DECISIONS = frozenset(
    content_stems(
        "decide decided decision agree agreed settled approve approved let's shall "
        "решили решено решение договорились согласны утвердили постановили давайте будем"
    )
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How to answer. ``direct``: as it stands, without a model.

    ``evidence``: what the prompt must hold, each line cut down to the sentence that tells.
    ``about_meeting``: names and numbers of the answer must have been said. ``fallback``: what to
    say where the model's answer does not hold.
    """

    question: Question
    direct: str | None = None
    evidence: tuple[Line, ...] = ()
    about_meeting: bool = True
    fallback: str = ""


class Lookup:
    """Answers from a growing memory. ``heard``: every word of it."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._searcher = Searcher()
        self.heard = Heard()

    def add(self, line: Line) -> None:
        """Index what was said; what was said by the bot or to it is no evidence."""
        if not line.with_bot:
            self._searcher.add(line)
            self.heard.add(line.person, line.text)

    def find_people(self, text: str) -> list[str]:
        """Persons who spoke and are named in ``text``."""
        return self._memory.find_people(text)

    def plan(self, text: str, language: str, asker: str, now_ns: int) -> Plan:
        """How to answer the question ``text`` of the participant ``asker`` at ``now_ns``."""
        question = understand(text, language, now_ns)
        match question.aim:
            case Aim.WHO_WAS_THAT:
                return self._who_was_that(question, asker)
            case Aim.WHO_SAID:
                return self._who_said(question)
            case Aim.SAID:
                return self._what_was_said(question)
            case Aim.DECISIONS:
                return self._decisions(question)
            case Aim.SUMMARY:
                return self._summary(question)
            case _:
                return self._anything(question)

    def _who_was_that(self, question: Question, asker: str) -> Plan:
        """The last to speak before the question, but whoever asks."""
        spoken = [line for line in self._spoken(question) if line.participant != asker]
        if not spoken:
            return Plan(question, direct=Phrase.NOBODY.text(question.language))
        name = self._memory.name(spoken[-1].person)
        return Plan(question, direct=who(name, question.language))

    def _who_said(self, question: Question) -> Plan:
        found = self._search(question, question.about)
        if found and found[0].matched >= CLEAR_MATCH:
            return Plan(question, direct=self._quote(found[:1], question))
        if self._is_foreign(question):
            return self._by_model(question, found)
        return Plan(question, direct=Phrase.UNHEARD.text(question.language))

    def _what_was_said(self, question: Question) -> Plan:
        """What somebody said, in their own words where they are short."""
        people = self._memory.find_people(question.text)
        about = self._without_names(question.about, people)
        found = self._search(question, about, people)
        if not about:
            latest = [
                line for line in self._spoken(question) if line.person in people or not people
            ]
            if not latest:
                return Plan(question, direct=Phrase.UNHEARD.text(question.language))
            plan = self._by_model(question, found, latest[-EVIDENCE:])
            return replace(plan, fallback=self._quote_line(latest[-1], question))
        if not found and not self._is_foreign(question):
            return Plan(question, direct=Phrase.UNHEARD.text(question.language))
        best = [one for one in found if one.matched >= max(CLEAR_MATCH, found[0].matched)]
        words = sum(len(tokens(one.text)) for one in best)
        if best and people and words <= MAX_QUOTED_WORDS and not self._is_foreign(question):
            return Plan(question, direct=self._quote(best, question))
        mine = [line for line in self._spoken(question) if line.person in people]
        return self._by_model(question, found, [] if found else mine[-EVIDENCE:])

    def _decisions(self, question: Question) -> Plan:
        decided = [
            _cut_down(sentence)
            for sentence in self._sentences(question)
            if not DECISIONS.isdisjoint(sentence.stems) and not sentence.text.endswith("?")
        ]
        if not decided:
            return Plan(question, direct=Phrase.UNDECIDED.text(question.language))
        plan = self._by_model(question, [], decided[-EVIDENCE:])
        return replace(plan, fallback=self._quote_line(decided[-1], question))

    def _summary(self, question: Question) -> Plan:
        spoken = self._sentences(question)
        if not spoken:
            return Plan(question, direct=Phrase.NOTHING_YET.text(question.language))
        fallback = " ".join(
            quote(self._memory.name(best.line.person), best.text, question.language)
            for best in _each_ones_best(spoken)
        )
        return Plan(question, evidence=_telling(spoken), fallback=fallback)

    def _anything(self, question: Question) -> Plan:
        people = self._memory.find_people(question.text)
        known = [word for word in question.about if self._searcher.knows(word)]
        if not people and not known:
            return Plan(question, about_meeting=False)
        return self._by_model(question, self._search(question, question.about))

    def _by_model(self, question: Question, found: list[Found], lines: Iterable[Line] = ()) -> Plan:
        evidence = {line.id: line for line in [*map(_cut_down, reversed(found)), *lines]}
        ordered = sorted(evidence.values(), key=lambda line: line.start_ns)
        clear = [one for one in found if one.matched >= CLEAR_MATCH and _may_answer(question, one)]
        fallback = Phrase.UNHEARD.text(question.language)
        if clear:
            fallback = self._quote(clear[:1], question)
        return Plan(question, evidence=tuple(ordered), fallback=fallback)

    def _search(
        self, question: Question, about: Iterable[str], people: Iterable[str] = ()
    ) -> list[Found]:
        wanted, since = set(people), question.since_ns
        if self._is_foreign(question):
            about = [word for word in about if self._searcher.knows(word)]

        def counts(line: Line) -> bool:
            return (not wanted or line.person in wanted) and (since is None or line.end_ns >= since)

        return self._searcher.find(about, among=counts, limit=EVIDENCE)

    def _spoken(self, question: Question) -> list[Line]:
        since = question.since_ns
        return [
            line
            for line in self._memory.lines
            if not line.with_bot and (since is None or line.end_ns >= since)
        ]

    def _sentences(self, question: Question) -> list[Sentence]:
        since = question.since_ns
        return [
            sentence
            for sentence in self._searcher.sentences
            if since is None or sentence.line.end_ns >= since
        ]

    def _without_names(self, about: Iterable[str], people: list[str]) -> list[str]:
        return [word for word in about if not set(self._memory.find_people(word)) & set(people)]

    def _is_foreign(self, question: Question) -> bool:
        """Whether most was said in another language than the question's: words cannot match."""
        languages = Counter(line.language for line in self._memory.lines if not line.with_bot)
        return bool(languages) and languages.most_common(1)[0][0] != question.language

    def _quote_line(self, line: Line, question: Question) -> str:
        return quote(self._memory.name(line.person), line.text, question.language)

    def _quote(self, found: list[Found], question: Question) -> str:
        ordered = sorted(found, key=lambda one: (one.line.start_ns, one.line.text.find(one.text)))
        person = ordered[0].line.person
        words = " ".join(one.text for one in ordered if one.line.person == person)
        return quote(self._memory.name(person), words, question.language)


def _may_answer(question: Question, found: Found) -> bool:
    return not question.wants_number or has_number(found.text)


def _telling(spoken: list[Sentence]) -> tuple[Line, ...]:
    """The sentences that tell most: by the words that the talk keeps coming back to."""
    best = sorted(spoken, key=_weigh(spoken), reverse=True)[:SUMMARY_SENTENCES]
    return tuple(sorted(map(_cut_down, best), key=lambda line: line.start_ns))


def _cut_down(one: Sentence | Found) -> Line:
    return replace(one.line, text=one.text)


def _each_ones_best(spoken: list[Sentence]) -> list[Sentence]:
    """The most telling sentence of each of those who said most, in order."""
    weight, said = _weigh(spoken), Counter[str]()
    best: dict[str, Sentence] = {}
    for sentence in spoken:
        person = sentence.line.person
        said[person] += len(sentence.text)
        if person not in best or weight(sentence) > weight(best[person]):
            best[person] = sentence
    chosen = [best[person] for person, _ in said.most_common(QUOTED_PEOPLE)]
    return sorted(chosen, key=lambda sentence: sentence.line.start_ns)


def _weigh(spoken: list[Sentence]) -> Callable[[Sentence], int]:
    """How much a sentence has of the words that come again in ``spoken``."""
    frequent = Counter(stem for sentence in spoken for stem in sentence.stems)
    return lambda sentence: sum(frequent[stem] for stem in sentence.stems)
