"""What holds for every test: no blocking call on the loop, no task left behind, virtual time.

A test marked ``virtual_time`` runs on ``VirtualTimeLoop``; all others on a real loop.
"""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from blockbuster import blockbuster_ctx

from support.leaks import leaked_tasks
from support.virtual_time import VirtualTimeLoop, follow_threads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

OUR_PACKAGES = ["meetbot", "meetbot_livekit", "meetbot_virtualcam", "meetbot_webrtc"]


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Choose the loop by the test's mark."""
    if item.get_closest_marker("virtual_time"):
        return {"virtual": VirtualTimeLoop}
    return {"real": asyncio.SelectorEventLoop}


@pytest.fixture(autouse=True)
def _house_rules(request: pytest.FixtureRequest) -> Iterator[None]:
    """Around each async test: blocking calls on the loop fail it, and so do tasks left behind."""
    if not inspect.iscoroutinefunction(getattr(request.node, "obj", None)):
        yield
        return
    with follow_threads(), blockbuster_ctx(OUR_PACKAGES):
        request.getfixturevalue("no_leaked_tasks")
        yield


@pytest_asyncio.fixture
async def no_leaked_tasks() -> AsyncIterator[None]:
    """Fail the test when tasks that it began still run at its end."""
    known = asyncio.all_tasks()
    yield
    left = await leaked_tasks(known)
    if left:
        pytest.fail("tasks left running: " + "; ".join(left), pytrace=False)
