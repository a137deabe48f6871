"""Icons and the words for them, made at pull into files that open in milliseconds.

``icons.svg`` has the icons' SVG fragments one after the other, ``icons.json`` tells where each is
and what it shows, ``words.LANGUAGE.json`` has the words that name the icons in a language.
Sources: the icon set as Iconify packs it; names and tags of Unicode's CLDR as emojibase packs them.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from meetbot.core.errors import ModelCorrupt

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LANGUAGES", "convert_icons"]

LANGUAGES: Final = ("de", "en", "es", "fr", "it", "nl", "pl", "pt", "ru", "uk")
"""ISO 639-1, each with a file of words."""

_ID = re.compile(r'(\bid="|url\(#|href="#)')
_FE0F = "fe0f"


def convert_icons(folder: Path) -> None:
    """Write the files above beside the downloaded ones. The same bytes every time.

    Raises ModelCorrupt where a source is not of the shape that is expected.
    """
    try:
        icons = _read(folder / "fluent.json")
        names = {_plain(code): name for code, name in _read(folder / "fluent.chars.json").items()}
        described = {language: _described(folder, language, names) for language in LANGUAGES}
        index, fragments = _packed(icons, described["en"])
        words = {language: _words(entries) for language, entries in described.items()}
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise ModelCorrupt(f"the icons cannot be read: {error!r}") from error
    (folder / "icons.svg").write_bytes(fragments)
    _write(folder / "icons.json", index)
    for language in LANGUAGES:
        _write(folder / f"words.{language}.json", words[language])


def _read(path: Path) -> Any:
    return json.loads(path.read_bytes())


def _write(path: Path, value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    path.write_text(text, encoding="utf-8")


def _plain(code: str) -> str:
    """A code sequence without the mark that only asks for colour."""
    return "-".join(part for part in code.lower().split("-") if part != _FE0F)


def _described(folder: Path, language: str, names: dict[str, str]) -> dict[str, dict[str, Any]]:
    """What emojibase tells of each icon, by the icon's name."""
    entries = _read(folder / f"emojibase.{language}.json")
    return {names[code]: entry for entry in entries if (code := _plain(entry["hexcode"])) in names}


def _packed(icons: Any, english: dict[str, dict[str, Any]]) -> tuple[dict[str, Any], bytes]:
    bodies = {name: icon["body"] for name, icon in icons["icons"].items()}
    for name, alias in icons["aliases"].items():
        body = bodies[alias["parent"]]
        flipped = f'<g transform="matrix(-1 0 0 1 32 0)">{body}</g>'
        bodies[name] = flipped if alias.get("hFlip") else body
    index: dict[str, Any] = {}
    fragments = bytearray()
    for name in sorted(bodies):
        fragment = _ID.sub(rf"\g<1>{name}-", bodies[name]).encode()
        entry = english.get(name, {})
        index[name] = [
            len(fragments),
            len(fragment),
            entry.get("group", -1),
            entry.get("subgroup", -1),
            entry.get("emoji", "").removesuffix("\ufe0f"),
        ]
        fragments += fragment
    return index, bytes(fragments)


def _words(entries: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """By icon: its label first, then its tags."""
    return {
        name: [entry["label"].lower(), *(tag.lower() for tag in entry.get("tags", ()))]
        for name, entry in entries.items()
    }
