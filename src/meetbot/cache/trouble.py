"""A cache that is broken is a miss, and says so once."""

from __future__ import annotations

import logging

__all__ = ["TroubleLog"]

log = logging.getLogger(__name__)


class TroubleLog:
    """Logs the first of a row of failures, and when it works again."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._troubled = False

    def failed(self, error: Exception) -> None:
        """It did not work."""
        if not self._troubled:
            self._troubled = True
            reason = str(error) or type(error).__name__
            log.warning("%s does not work, so nothing is kept: %s", self._name, reason)

    def worked(self) -> None:
        """It worked."""
        if self._troubled:
            self._troubled = False
            log.warning("%s works again", self._name)
