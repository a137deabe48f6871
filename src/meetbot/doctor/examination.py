"""All checks, in the order in which they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.doctor import engines, machine, network, rooms, software, storage
from meetbot.doctor.findings import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from meetbot.config import Settings

__all__ = ["examine"]


def examine(settings: Settings, *, load: bool = True) -> Iterator[Finding]:
    """Look at this machine with ``settings`` in mind. ``load``: also load every engine (seconds).

    A check that breaks is itself a finding; nothing is raised and nothing is left behind.
    """
    checks: list[tuple[str, Callable[[], Iterable[Finding]]]] = [
        ("machine", lambda: machine.check(settings)),
        ("software", software.check),
        ("codecs", lambda: software.check_codecs(settings)),
        ("storage", lambda: storage.check(settings)),
        ("models", lambda: engines.check_models(settings)),
        ("network", lambda: network.check(settings)),
        ("rooms", lambda: rooms.check(settings)),
    ]
    if load:
        checks.append(("engines", lambda: engines.check_engines(settings)))
    for group, check in checks:
        try:
            yield from check()
        except Exception as error:  # a check must never take the others with it
            found = f"the check broke: {type(error).__name__}: {error}"
            yield Finding(group, group, Verdict.WARN, found, "please report this")
