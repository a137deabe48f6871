"""From written words to rough phonemes, for engines that do not tell theirs.

Good enough for the shapes of a mouth: no stress, so no reduced vowels, and no soft signs of
palatalised consonants. Each symbol is one letter of the IPA.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["phonemes"]

UNKNOWN = "ə"
"""Of a letter or digit that is neither Cyrillic nor Latin: an open mouth."""
VOWELS = {"а": "a", "о": "o", "у": "u", "ы": "ɨ", "э": "ɛ", "и": "i", "і": "i"}
IOTATED = {"е": "e", "ё": "o", "ю": "u", "я": "a", "є": "e", "ї": "i"}
CONSONANTS = {
    "б": "b", "в": "v", "г": "ɡ", "ґ": "ɡ", "д": "d", "ж": "ʐ", "з": "z", "й": "j", "к": "k",
    "л": "l", "м": "m", "н": "n", "п": "p", "р": "r", "с": "s", "т": "t", "ф": "f", "х": "x",
    "ц": "ts", "ч": "tɕ", "ш": "ʂ", "щ": "ɕ",
}  # fmt: skip
VOICELESS = {"b": "p", "v": "f", "ɡ": "k", "d": "t", "ʐ": "ʂ", "z": "s"}
VOICED = {voiceless: voiced for voiced, voiceless in VOICELESS.items()}
OBSTRUENTS_VOICED = frozenset("bɡdʐz")
OBSTRUENTS_VOICELESS = frozenset("pfktʂsxɕ")
SPELLINGS = (
    (re.compile(r"^(?=что)ч|(?<=^коне)ч(?=н)|(?<=^ску)ч(?=н)"), "ш"),
    (re.compile(r"т(?:ь)?ся$"), "ца"),
    (re.compile(r"(?<=[ое])г(?=о$)"), "в"),
    (re.compile(r"[сз]ч"), "щ"),
    (re.compile(r"(?<=с)т(?=н)|(?<=з)д(?=н)|л(?=нц)|в(?=ств)"), ""),
)
"""What is written and not said; ``много`` and a few others are wrong by it."""
LATIN = {
    "a": "a", "b": "b", "c": "k", "d": "d", "e": "e", "f": "f", "g": "ɡ", "h": "h", "i": "i",
    "j": "ʒ", "k": "k", "l": "l", "m": "m", "n": "n", "o": "o", "p": "p", "q": "k", "r": "r",
    "s": "s", "t": "t", "u": "u", "v": "v", "w": "w", "x": "ks", "y": "i", "z": "z",
    "ß": "s", "æ": "æ", "ø": "ø", "œ": "œ", "ł": "w", "đ": "d", "þ": "θ", "ð": "ð", "ı": "ɨ",
    "ö": "ø", "ü": "y", "ñ": "ɲ", "ç": "s", "š": "ʃ", "ž": "ʒ", "č": "tʃ",
}  # fmt: skip
PAIRS = {"sh": "ʃ", "ch": "tʃ", "th": "θ", "ph": "f", "ck": "k", "oo": "u", "ee": "i", "ou": "u"}


def phonemes(word: str) -> str:
    """The phonemes of one word, a letter each; empty where it has no letters or digits."""
    letters = "".join(c for c in word.lower() if c.isalnum())
    if re.search(r"[а-яёіїєґ]", letters):
        return _cyrillic(letters)
    return _latin(letters)


def _cyrillic(word: str) -> str:
    for pattern, said in SPELLINGS:
        word = pattern.sub(said, word)
    sounds = ""
    for before, letter in zip(" " + word, word, strict=False):
        if letter in IOTATED:
            sounds += ("" if before in CONSONANTS else "j") + IOTATED[letter]
        elif letter not in "ьъ":
            sounds += VOWELS.get(letter) or CONSONANTS.get(letter) or _latin(letter)
    return _voicing(sounds)


def _voicing(sounds: str) -> str:
    """Obstruents take the voice of the one that follows, and lose it at the end of the word."""
    voiced = ""
    following = " "
    for sound in reversed(sounds):
        heard = sound
        if following == " " or following in OBSTRUENTS_VOICELESS:
            heard = VOICELESS.get(sound, sound)
        elif following in OBSTRUENTS_VOICED:
            heard = VOICED.get(sound, sound)
        voiced = heard + voiced
        following = heard
    return voiced


def _latin(word: str) -> str:
    sounds = ""
    at = 0
    while at < len(word):
        pair = PAIRS.get(word[at : at + 2])
        letter = word[at]
        plain = unicodedata.normalize("NFD", letter)[0]
        sounds += pair or LATIN.get(letter) or LATIN.get(plain) or UNKNOWN
        at += 2 if pair else 1
    return sounds
