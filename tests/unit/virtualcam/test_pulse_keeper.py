"""A microphone that goes while it is being led into the virtual one takes nothing with it."""

from __future__ import annotations

from typing import Any

import pulsectl
import pytest

from meetbot.config import CameraSettings
from meetbot.core.errors import RoomRefused
from meetbot_virtualcam.pulse import PulseKeeper
from meetbot_virtualcam.sound_ports import Heard


class _Server:
    """A sound server from which the headset has just been unplugged."""

    def __init__(self) -> None:
        self.has_headset = False

    def module_list(self) -> list[Any]:
        return []

    def module_load(self, module: str, arguments: str) -> int:
        assert (module, "source=headset" in arguments) == ("module-loopback", True)
        if not self.has_headset:
            raise pulsectl.PulseOperationFailed(4)
        return 7


def test_a_headset_unplugged_at_that_moment_is_led_in_when_it_is_back() -> None:
    server, keeper = _Server(), PulseKeeper(CameraSettings(), lambda _: None)
    keeper._ready.set_result(Heard())
    keeper._pass(server, "headset")
    assert keeper._passed is None
    server.has_headset = True
    keeper._pass(server, "headset")
    assert keeper._passed == ("headset", 7)


def test_a_server_that_leads_nothing_is_told_before_the_bot_is_in() -> None:
    keeper = PulseKeeper(CameraSettings(), lambda _: None)
    with pytest.raises(RoomRefused, match="does not take module-loopback"):
        keeper._pass(_Server(), "headset")
