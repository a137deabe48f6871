"""Which language a text is in, as far as its script tells."""

from __future__ import annotations

import unicodedata
from collections import Counter

__all__ = ["language_of"]

SCRIPTS = {
    "CYRILLIC": "ru", "GREEK": "el", "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko",
    "CJK": "zh", "ARABIC": "ar", "HEBREW": "he", "DEVANAGARI": "hi", "GEORGIAN": "ka",
    "ARMENIAN": "hy", "THAI": "th",
}  # fmt: skip


LEAST_SHARE = 1 / 3
"""Of letters in another script: names and terms of computing are Latin in any language."""


def language_of(text: str) -> str:
    """ISO 639-1: of the script that a third of the letters or more are of; else ``en``."""
    letters = [unicodedata.name(c, "").split(" ")[0].split("-")[0] for c in text if c.isalpha()]
    found = Counter(SCRIPTS[script] for script in letters if script in SCRIPTS)
    for language, count in found.most_common(1):
        if count >= LEAST_SHARE * len(letters):
            return language
    return "en"
