"""The dotted names of settings: which exist, what is near them, how variables spell them."""

from __future__ import annotations

import difflib
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, get_args, get_origin

from pydantic import BaseModel

from meetbot.config.schema import Settings
from meetbot.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "ENV_PREFIX",
    "check_keys",
    "env_layer",
    "env_name",
    "flatten",
    "key_types",
    "key_values",
    "resolve_paths",
    "text_value",
]

ENV_PREFIX = "MEETBOT_"
_NOT_SETTINGS = ("MEETBOT_CONFIG", "MEETBOT_PROFILE", "MEETBOT_DEBUG", "MEETBOT_ROOM_TOKEN")
"""Read by the command line itself."""
_NONE_WORDS = ("", "none", "null")


@cache
def key_types() -> dict[str, object]:
    """Each dotted key that holds a value, with its annotated type."""
    return dict(_walk(Settings, ""))


def _walk(section: type[BaseModel], prefix: str) -> Iterator[tuple[str, object]]:
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _walk(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", kind


def key_values(settings: Settings) -> dict[str, object]:
    """Each dotted key with its value in ``settings``, in the schema's order; secrets masked."""

    def of(key: str) -> object:
        value: object = settings
        for name in key.split("."):
            value = getattr(value, name)
        return value

    return {key: of(key) for key in key_types()}


@cache
def _sections() -> frozenset[str]:
    parts = [key.split(".")[:-1] for key in key_types()]
    return frozenset(".".join(part[:n]) for part in parts for n in range(1, len(part) + 1))


def flatten(tree: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Nested tables as dotted keys; a table of a valid section goes on, others stay values."""
    flat: dict[str, object] = {}
    for name, value in tree.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict) and key not in key_types():
            flat.update(flatten(value, f"{key}.") or {key: value})
        else:
            flat[key] = value
    return flat


def check_keys(flat: Mapping[str, object], origin: str) -> None:
    """Raise ``ConfigError`` for the first key that does not exist or is a section of its own."""
    for key, value in flat.items():
        if key in key_types() or (key in _sections() and value == {}):
            continue
        if key in _sections():
            raise ConfigError(f"{origin}: {key} is a section with keys of its own, not {value!r}")
        shown = key if key.isprintable() and key else repr(key)
        raise ConfigError(f"{origin}: unknown key {shown}{_suggestion(key, origin)}")


def _suggestion(key: str, origin: str) -> str:
    known = list(key_types())
    near = difflib.get_close_matches(key, known, 1, cutoff=0.7)
    last = key.rsplit(".", 1)[-1]
    same_end = [name for name in known if name.rsplit(".", 1)[-1] == last]
    ends = {name.rsplit(".", 1)[-1]: name for name in known}
    near_end = [ends[end] for end in difflib.get_close_matches(last, list(ends), 1, cutoff=0.8)]
    choices = near or same_end or near_end
    if not choices:
        return "; 'meetbot config show' lists the keys there are"
    as_env = origin.startswith("environment variable")
    return f"; did you mean {env_name(choices[0]) if as_env else choices[0]}?"


def env_name(key: str) -> str:
    """``hearing.asr.model`` → ``MEETBOT_HEARING__ASR__MODEL``."""
    return ENV_PREFIX + key.replace(".", "__").upper()


def env_layer(name: str, text: str) -> dict[str, object]:
    """The setting that variable ``name`` makes; empty for a variable that is not a setting."""
    rest = name.removeprefix(ENV_PREFIX).lower()
    top = {section for section in _sections() if "." not in section}
    if name in _NOT_SETTINGS or ("__" not in rest and rest.split("_")[0] not in top):
        return {}
    key = rest.replace("__", ".")
    return {key: text_value(key, text)}


def text_value(key: str, text: str) -> object:
    """``text`` as ``key`` would have it: nothing, a list (JSON or commas), else as it is."""
    kind = key_types().get(key)
    if type(None) in get_args(kind) and text.strip().lower() in _NONE_WORDS:
        return None
    if get_origin(kind) is not tuple:
        return text
    if text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return [item.strip() for item in text.split(",") if item.strip()]


def resolve_paths(tree: Mapping[str, object], folder: Path) -> dict[str, object]:
    """``tree`` with relative paths made relative to ``folder``, where the file lies."""
    flat = flatten(tree)
    for key, value in flat.items():
        if isinstance(value, str) and _is_path(key_types().get(key)):
            flat[key] = folder.expanduser() / Path(value).expanduser()
    return flat


def _is_path(kind: object) -> bool:
    """Whether a type is a path, however wrapped in ``Annotated`` and ``None``."""
    return kind is Path or any(_is_path(inner) for inner in get_args(kind))
