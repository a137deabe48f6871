"""Finds engines by entry point, so that another package's engine is a peer of ours.

An engine is a class with ``load(models, settings) -> engine``; its module is imported here, when
it is asked for, and not before: that is where heavy libraries come in.
"""

from __future__ import annotations

import difflib
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from meetbot.core.errors import ConfigError, EngineError

if TYPE_CHECKING:
    from meetbot.models import ModelStore

__all__ = ["engine_names", "load_engine"]


def engine_names(kind: str) -> tuple[str, ...]:
    """The installed engines of a kind (``asr``, ``vad``, ``turn``, ``speaker``…), sorted."""
    return tuple(sorted({point.name for point in entry_points(group=f"meetbot.engines.{kind}")}))


def load_engine(kind: str, name: str, models: ModelStore, settings: object) -> Any:
    """Load engine ``name`` of a kind with its section of the configuration.

    Raises ``ConfigError`` for a name nobody provides, ``ModelError`` when its model cannot be
    used, ``EngineError`` when a library that it needs is not installed.
    """
    found = [p for p in entry_points(group=f"meetbot.engines.{kind}") if p.name == name]
    if not found:
        known = engine_names(kind)
        close = difflib.get_close_matches(name, known, 1)
        there_are = f"there are: {', '.join(known)}" if known else "none is installed"
        hint = f"did you mean {close[0]!r}?" if close else there_are
        raise ConfigError(f"no {kind} engine is called {name!r}; {hint}")
    try:
        engine = found[0].load()
    except (ImportError, AttributeError) as error:
        package = found[0].dist.name if found[0].dist else "meetbot"
        advice = f"install what {package} needs"
        if package == "meetbot":
            advice = f"install it with: pip install 'meetbot[{name}]'"
        raise EngineError(
            f"the {kind} engine {name!r} cannot be imported: {error}; {advice}"
        ) from error
    return engine.load(models, settings)
