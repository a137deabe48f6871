"""Takes tokens out of everything that is logged."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["RedactingFilter", "redact"]

HIDDEN = "[hidden]"

_PATTERNS = (
    re.compile(r"(?i)\b(bearer|basic)\s+(?!\[hidden\])[^\s,;'\"]+"),
    re.compile(
        r"(?i)\b((?:access_|api_|auth_)?(?:token|secret|password|credential|api_?key))"
        r"(['\"]?\s*[=:]\s*['\"]?)(?!\[hidden\]|bearer\b|basic\b|none\b)[^\s,;&'\"}\])]+"
    ),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*"),
    re.compile(r"(?<=://)([^/\s:@]*):[^/\s@]+(?=@)"),
)
_REPLACEMENTS = (rf"\1 {HIDDEN}", rf"\1\2{HIDDEN}", HIDDEN, rf"\1:{HIDDEN}")


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """``text`` without ``secrets``, bearer tokens, JWTs, ``token=…`` and passwords in URLs."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    for pattern, replacement in zip(_PATTERNS, _REPLACEMENTS, strict=True):
        text = pattern.sub(replacement, text)
    return text


class RedactingFilter(logging.Filter):
    """A logging filter (put it on handlers) that redacts messages, arguments and traces."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = tuple(sorted((s for s in secrets if s), key=len, reverse=True))
        self._formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact in place; every record passes."""
        record.msg = redact(record.getMessage(), self._secrets)
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = self._formatter.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text, self._secrets)
            record.exc_info = None
        return True
