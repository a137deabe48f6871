"""What the bot says without asking a model, in English and Russian."""

from __future__ import annotations

from enum import Enum

__all__ = ["Phrase", "quote", "who"]


class Phrase(Enum):
    """A sentence in the languages that the bot has it in; any other language gets English."""

    YES = ("Yes?", "Да?")
    WELCOME = ("You're welcome.", "Пожалуйста.")
    UNHEARD = ("I haven't heard that in this meeting.", "На этой встрече об этом не говорили.")
    UNDECIDED = (
        "I haven't heard any decision in this meeting yet.",
        "На этой встрече пока ничего не решили.",
    )
    NOTHING_YET = ("Nothing has been said yet.", "Пока ещё ничего не сказано.")
    NOBODY = ("Nobody has spoken yet.", "Пока ещё никто не говорил.")
    UNSURE = ("No, I am not sure of that.", "Нет, в этом я не уверена.")
    SPEECHLESS = ("Sorry, I have nothing to say to that.", "Простите, на это мне нечего ответить.")
    BROKEN = ("Sorry, I can't answer at the moment.", "Простите, сейчас я не могу ответить.")

    def text(self, language: str) -> str:
        """The sentence in ``language`` (ISO 639-1)."""
        english, russian = self.value
        return russian if language == "ru" else english


def quote(name: str, words: str, language: str) -> str:
    """Who said which words."""
    words = words.strip().rstrip(",;:—–-")
    if words[-1:] not in ".!?…":
        words += "."
    return f"{name} говорит: {words}" if language == "ru" else f"{name} said: {words}"


def who(name: str, language: str) -> str:
    """Whose voice it was."""
    return f"Это {name}." if language == "ru" else f"That was {name}."
