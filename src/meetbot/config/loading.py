"""Layers of settings, merged and validated: profile < file < environment < overrides."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from meetbot.config.keys import ENV_PREFIX, check_keys, env_layer, flatten, resolve_paths
from meetbot.config.messages import one_line
from meetbot.config.profiles import profile_text
from meetbot.config.schema import Settings
from meetbot.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Loaded", "load", "load_settings"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and for each dotted key that a layer set, which one: a path, a variable, …"""

    settings: Settings
    origins: Mapping[str, str]


def load_settings(
    profile: str = "embedded",
    file: Path | None = None,
    env: Mapping[str, str] | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Settings:
    """The settings of ``profile`` < ``file`` < ``env`` (None: this process's) < ``overrides``.

    ``overrides`` takes dotted keys (``{"hearing.asr.model": …}``) or nested tables. Raises
    ``ConfigError`` that names the layer, the key and, for an unknown key, the nearest valid one.
    """
    return load(profile, file, env, overrides).settings


def load(
    profile: str = "embedded",
    file: Path | None = None,
    env: Mapping[str, str] | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Loaded:
    """As ``load_settings``, telling also where each value came from."""
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    for origin, layer in _layers(profile, file, os.environ if env is None else env, overrides):
        flat = flatten(layer)
        check_keys(flat, origin)
        values.update(flat)
        origins.update(dict.fromkeys(flat, origin))
    try:
        settings = Settings.model_validate(_nested(values))
    except ValidationError as error:
        raise ConfigError(one_line(error, origins)) from None
    return Loaded(settings, origins)


def _layers(
    profile: str,
    file: Path | None,
    env: Mapping[str, str],
    overrides: Mapping[str, object] | None,
) -> list[tuple[str, Mapping[str, object]]]:
    layers: list[tuple[str, Mapping[str, object]]] = [
        (f"profile {profile}", _parse(profile_text(profile), f"profile {profile}"))
    ]
    if file is not None:
        layers.append((str(file), resolve_paths(_parse(_read(file), str(file)), file.parent)))
    layers.extend(
        (f"environment variable {name}", env_layer(name, text))
        for name, text in sorted(env.items())
        if name.startswith(ENV_PREFIX)
    )
    layers.append(("command line", overrides or {}))
    return layers


def _read(file: Path) -> str:
    try:
        return file.expanduser().read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{file}: this is not a text file in UTF-8") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigError(f"{file}: the settings cannot be read: {reason}") from None


def _parse(text: str, origin: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{origin}: this is not TOML: {error}") from None


def _nested(flat: Mapping[str, object]) -> dict[str, object]:
    tree: dict[str, object] = {}
    for key, value in flat.items():
        *tables, last = key.split(".")
        table = tree
        for name in tables:
            inner = table.setdefault(name, {})
            if not isinstance(inner, dict):  # a section given as a plain value: pydantic says so
                break
            table = inner
        else:
            table[last] = value
    return tree
