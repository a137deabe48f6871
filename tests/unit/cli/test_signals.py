"""Ctrl-C ends what runs in good order, and a second one at once."""

from __future__ import annotations

import asyncio
import signal

from meetbot.cli.signals import on_signals


async def test_the_first_ctrl_c_leaves_and_a_second_one_is_the_systems_again() -> None:
    left = asyncio.Event()
    on_signals(left.set)
    signal.raise_signal(signal.SIGINT)
    await asyncio.wait_for(left.wait(), 5)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
