"""The folder of a diffusion model: where it is, whether it is safe to load, what its licence is."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from meetbot.core.errors import ConfigError, ModelError, ModelLicence, ModelMissing
from meetbot.engines.painter.families import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from meetbot.models import ModelStore

__all__ = [
    "BEST",
    "ModelFolder",
    "card_for",
    "check_safetensors",
    "check_weights",
    "find_model",
    "require_licence",
    "tiny_vae_for",
]

BEST = ("sd-turbo",)
"""What ``auto`` takes, the first that is on this machine."""
SAFE_LIBRARIES = frozenset({"diffusers", "transformers", None})
NO_WEIGHTS = ("scheduler", "tokenizer", "feature_extractor", "safety_checker", "image_encoder")


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model in the official layout, ``name`` for messages and pictures."""

    path: Path
    name: str


def find_model(models: ModelStore, wanted: str, setting: str) -> ModelFolder:
    """What ``wanted`` names: ``auto``, an entry of the catalogue, or a folder; licence accepted.

    ``setting``: where it was written. Raises ``ModelError``, ``ConfigError`` where nothing is
    called so.
    """
    if wanted == "auto":
        wanted = _best(models)
    if wanted in models.catalogue:
        return ModelFolder(models.path(wanted).absolute(), wanted)
    folder = Path(wanted).expanduser()
    if not folder.is_dir():
        raise ConfigError(
            f"{setting}: no model and no folder is called {wanted!r}; see: meetbot models list"
        )
    require_licence(models, folder)
    return ModelFolder(folder.absolute(), folder.resolve().name)


def _best(models: ModelStore) -> str:
    for name in BEST:
        if name in models.catalogue and models.state(name) == "ready":
            return name
    raise ModelMissing(
        "no diffusion model is on this machine; set painting.painter.model to a folder with one, "
        f"or run: meetbot models pull {BEST[0]}"
    )


def require_licence(models: ModelStore, folder: Path) -> None:
    """Raise ``ModelLicence`` unless the model card allows any use, or the user accepts its terms.

    A folder without a card, or with a licence that is not in ``licences.toml``, is accepted by
    the folder's name.
    """
    said = _card_licence(folder / "README.md")
    kind, licence = _licences().get(said, ("unknown", folder.resolve().name))
    if kind == "free" or models.accepts(licence, folder.resolve().name):
        return
    why = {
        "conditions": f"is under {licence}, which sets conditions for its use",
        "non-commercial": f"is under {licence}, which does not allow commercial use",
        "unknown": f"has the licence {said!r}, which is not known here"
        if said
        else "does not say its licence (its README.md has no `license:`)",
    }[kind]
    raise ModelLicence(
        f"the model in {folder} {why}; to accept its terms, "
        f'add "{licence}" to models.accept_licences'
    )


def card_for(licence: str) -> str:
    """A model card that says no more than ``licence``, by the name that it has here."""
    said = next((said for said, (_, name) in _licences().items() if name == licence), licence)
    return f"---\nlicense: other\nlicense_name: {said}\n---\n"


@cache
def _licences() -> Mapping[str, tuple[str, str]]:
    text = (files("meetbot.engines.painter") / "licences.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    return {said: (kind, name) for kind in tables for said, name in tables[kind].items()}


def _card_licence(card: Path) -> str:
    """What the front matter of a model card says in ``license`` or ``license_name``; "" nothing."""
    try:
        text = card.read_text(encoding="utf-8", errors="replace")[:20_000]
    except OSError:
        return ""
    front = re.match(r"\ufeff?---\s*\n(.*?)\n---\s*(?:\n|$)", text, re.DOTALL)
    found = dict(re.findall(r"^(license|license_name):\s*(\S+)", front[1], re.M)) if front else {}
    said = found.get("license", "")
    if said == "other":
        said = found.get("license_name", said)
    return str(said).strip("\"'").lower()


def check_weights(folder: Path) -> None:
    """Raise ``ModelError`` unless all weights are safetensors and all classes the libraries' own.

    Other files of weights are pickles, which can run any code when they are loaded.
    """
    for part, named in read_json(folder / "model_index.json").items():
        if part.startswith("_") or not isinstance(named, list) or len(named) != 2:
            continue
        if named[0] not in SAFE_LIBRARIES and named[0] != "stable_diffusion":
            raise ModelError(
                f"{folder} wants to run code of its own ({named[0]}, for its {part}), "
                "which is never done; take a model without"
            )
        if named[1] is not None and not part.startswith(NO_WEIGHTS):
            check_safetensors(folder / part)


def check_safetensors(folder: Path) -> None:
    """Raise ``ModelError`` unless ``folder`` holds weights as safetensors."""
    if any(folder.glob("*.safetensors")):
        return
    others = sorted(
        path.name for kind in ("*.bin", "*.pt*", "*.ckpt") for path in folder.glob(kind)
    )
    if others:
        raise ModelError(
            f"{folder} holds its weights as {others[0]} only, a pickle, which could run any code "
            "and is not loaded; take the model's safetensors"
        )
    raise ModelMissing(f"{folder} holds no weights (*.safetensors)")


def tiny_vae_for(models: ModelStore, model: Path, name: str | None) -> Path | None:
    """The small autoencoder ``name``: the catalogue's, else a folder in or beside ``model``."""
    if name is None:
        return None
    if name in models.catalogue and models.state(name) == "ready":
        return models.path(name).absolute()
    places: Sequence[Path] = (model / name, model.parent / name)
    return next((place for place in places if any(place.glob("*.safetensors"))), None)
