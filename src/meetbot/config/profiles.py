"""The profiles that come with Meetbot: ``configs/*.toml``, packed into the wheel."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from meetbot.core.errors import ConfigError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["profile_names", "profile_text"]


def profile_names() -> tuple[str, ...]:
    """The names of all profiles, sorted."""
    found = (entry.name for entry in _folder().iterdir())
    return tuple(sorted(name[:-5] for name in found if name.endswith(".toml")))


def profile_text(name: str) -> str:
    """The TOML of profile ``name``. Raises ``ConfigError`` when there is none of that name."""
    names = profile_names()
    if name not in names:
        raise ConfigError(f"there is no profile {name!r}; choose one of {', '.join(names)}")
    return (_folder() / f"{name}.toml").read_text(encoding="utf-8")


def _folder() -> Traversable:
    packed = files("meetbot.config") / "profiles"
    return packed if packed.is_dir() else Path(__file__).parents[3] / "configs"
