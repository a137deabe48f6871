"""Untrusted text made fit to be shown: what people say, and what they call themselves."""

from __future__ import annotations

import unicodedata

__all__ = ["ELLIPSIS", "clean", "head", "initials", "tail"]

ELLIPSIS = "…"
MAX_MARKS = 4
"""Combining marks kept on one letter: enough for every script, too few to smear over the page."""

_JOINERS = "\u200c\u200d"
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean(text: str) -> str:
    """``text`` on one line, without control, bidi-override and private characters.

    Joiners (needed by Persian and the Indic scripts) stay between letters; runs of white space
    become one space; of a pile of combining marks ``MAX_MARKS`` are kept.
    """
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if category[0] == "M":
            marks += 1
            if marks > MAX_MARKS or not kept:
                continue
        elif char in _JOINERS:
            if not kept or kept[-1].isspace():
                continue
        else:
            marks = 0
        if char.isspace():
            kept.append(" ")
        elif category not in _UNSHOWN or char in _JOINERS:
            kept.append(char)
    return " ".join("".join(kept).split())


def head(text: str, limit: int) -> str:
    """The first ``limit`` characters, ending in an ellipsis where something was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + ELLIPSIS


def tail(text: str, limit: int) -> str:
    """The last ``limit`` characters, from a word's beginning, after an ellipsis if cut."""
    if len(text) <= limit:
        return text
    at = len(text) - limit + 2
    cut = text[at:]
    if not text[at - 1].isspace():
        cut = cut.partition(" ")[2] or cut
    return f"{ELLIPSIS} {cut.lstrip()}"


def initials(name: str) -> str:
    """One or two capitals that stand for ``name``; ``?`` where it holds no letter or digit."""
    letters = [next((c for c in word if c.isalnum()), "") for word in name.split()]
    letters = [letter for letter in letters if letter]
    if not letters:
        return "?"
    chosen = letters[0] if len(letters) == 1 else letters[0] + letters[-1]
    return chosen.upper()[:2]
