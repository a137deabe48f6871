"""The error tree is what its docstring draws, and says how the command line exits."""

from __future__ import annotations

import re

from meetbot.core import errors

BAD_INPUT = {"ConfigError", "InputError", "ModelLicence"}


def _tree() -> dict[str, type[errors.MeetbotError]]:
    return {name: getattr(errors, name) for name in errors.__all__}


def _drawn_parents() -> dict[str, str]:
    """Each class of the docstring's drawing with the class it hangs under."""
    parents: dict[str, str] = {}
    trail: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^([\s│├└─]*)(\w+)(?:\s{2,}|$)", line)
        if not found or found[2] not in errors.__all__:
            continue
        depth = len(found[1])
        trail = [entry for entry in trail if entry[0] < depth]
        if trail:
            parents[found[2]] = trail[-1][1]
        trail.append((depth, found[2]))
    return parents


def test_the_drawing_is_the_inheritance() -> None:
    real = {name: kind.__base__.__name__ for name, kind in _tree().items() if kind.__base__}
    real.pop("MeetbotError")
    assert _drawn_parents() == real


def test_bad_input_exits_with_2_and_failures_with_1() -> None:
    assert {name for name, kind in _tree().items() if kind.exit_code == 2} == BAD_INPUT
    assert {kind.exit_code for kind in _tree().values()} == {1, 2}
