"""Programs that record the virtual microphone stay with it when a headset comes back.

PulseAudio makes the virtual microphone the default when the last real one is unplugged. When that
is back, all that records the former default is moved to it, whatever was chosen in the program.
"""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING, Any

import pulsectl

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Listeners"]

log = logging.getLogger(__name__)

LOOKS_BACK = 2


class Listeners:
    """Who has chosen to record a source: who did so while it was not the default."""

    def __init__(self) -> None:
        self._chosen: set[int] = set()
        self._was_default: deque[bool] = deque(maxlen=LOOKS_BACK)

    def keep(self, pulse: Any, source: str) -> None:
        """Look who records ``source``, a name, and lead those back whom the server took away."""
        outputs = {one.index: one.source for one in pulse.source_output_list()}
        is_default = pulse.server_info().default_source_name == source  # asked after the outputs
        at = next((one.index for one in pulse.source_list() if one.name == source), None)
        here = {index for index, where in outputs.items() if where == at}
        if not is_default and any(self._was_default) and at is not None:
            _lead_back(pulse, (self._chosen & set(outputs)) - here, at)
        elif not is_default:
            self._chosen = here
        self._was_default.append(is_default)


def _lead_back(pulse: Any, outputs: Collection[int], source: int) -> None:
    for output in outputs:
        try:
            pulse.source_output_move(output, source)
        except pulsectl.PulseError as error:
            log.debug("a recording (%d) cannot be led back: %s", output, error)
