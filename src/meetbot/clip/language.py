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


def language_of(text: str) -> str:
    """ISO 639-1: of the script that most letters are of; ``en`` for Latin letters, or none."""
    letters = (unicodedata.name(c, "").split(" ")[0].split("-")[0] for c in text if c.isalpha())
    found = Counter(SCRIPTS.get(script, "en") for script in letters)
    return found.most_common(1)[0][0] if found else "en"
