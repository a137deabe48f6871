"""Where exported models are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from meetbot.core.errors import ModelError, ModelMissing
from meetbot.engines.painter.folders import require_licence
from meetbot.engines.painter.onnx.manifest import MANIFEST, Manifest, read_manifest

if TYPE_CHECKING:
    from meetbot.models import ModelStore

__all__ = ["exports_folder", "find_export"]


def exports_folder(models: ModelStore) -> Path:
    """Where ``meetbot models export`` puts models that are told no other place."""
    return models.folder / "onnx"


def find_export(models: ModelStore, wanted: str) -> tuple[Path, Manifest]:
    """The export that ``wanted`` names: a folder, one of ``exports_folder``, or ``auto``.

    ``auto``: the one of the fewest steps. Raises ``ModelError``.
    """
    if wanted == "auto":
        folder = _quickest(models)
    else:
        named = exports_folder(models) / wanted
        folder = named if (named / MANIFEST).is_file() else Path(wanted).expanduser()
    manifest = read_manifest(folder)
    require_licence(models, folder)
    return folder, manifest


def _quickest(models: ModelStore) -> Path:
    found: list[tuple[int, str, Path]] = []
    for path in sorted(exports_folder(models).glob(f"*/{MANIFEST}")):
        try:
            found.append((read_manifest(path.parent).steps, path.parent.name, path.parent))
        except ModelError:
            continue
    if not found:
        raise ModelMissing(
            "no model for the engine onnx is on this machine; make one of a diffusion model with: "
            "meetbot models export FOLDER"
        )
    return min(found)[2]
