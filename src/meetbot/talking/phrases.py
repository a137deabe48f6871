"""Short turns that mean something to someone who is speaking: "go on" and "stop"."""

from __future__ import annotations

import re

__all__ = ["is_backchannel", "is_stop"]

WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
LONGEST_BACKCHANNEL = 4
LONGEST_STOP = 4

LISTENING = """
    mm mmm mhm mm-hm mm-hmm mhmm uh-huh uh huh hm hmm um er ah aha oh ooh wow ha haha
    yes yeah yep yup ok okay right sure good great nice cool true exactly indeed i see got it
    мм ммм м-м м м-гм угу ага гм хм э эм а ах о ого ух ха хаха
    да так ок окей ясно понятно понял поняла верно точно конечно хорошо ладно ну вот здорово
"""
SILENCE = """
    stop enough quiet silence shush hush cancel
    стоп хватит достаточно замолчи помолчи тихо тише прекрати остановись перестань
"""
BACKCHANNELS = frozenset(LISTENING.split())
"""Listening, in words (Yngve 1970): the one who speaks is meant to go on."""

STOPS = frozenset(SILENCE.split())


def is_backchannel(text: str) -> bool:
    """Whether ``text`` only says that someone listens, or says nothing: "mhm", "да-да"."""
    words = _words(text)
    return len(words) <= LONGEST_BACKCHANNEL and all(map(_is_listening, words))


def is_stop(text: str) -> bool:
    """Whether a short turn tells to be silent: "Meetbot, stop", «стоп»."""
    words = _words(text)
    return len(words) <= LONGEST_STOP and not STOPS.isdisjoint(words)


def _is_listening(word: str) -> bool:
    return word in BACKCHANNELS or all(part in BACKCHANNELS for part in word.split("-"))


def _words(text: str) -> list[str]:
    return WORD.findall(text.casefold())
