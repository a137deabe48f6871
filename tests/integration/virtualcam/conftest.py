"""The sound server of each test, with no hardware."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.pulse import running_pulse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.pulse import PulseServer


@pytest.fixture
def pulse(monkeypatch: pytest.MonkeyPatch) -> Iterator[PulseServer]:
    """A PulseAudio daemon that this process uses."""
    with running_pulse() as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        yield server
