"""What an exported folder holds, in its ``manifest.json``: exporter writes it, painter reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from meetbot.core.errors import ModelCorrupt, ModelError, ModelMissing
from meetbot.engines.painter.onnx.schedule import SchedulerConfig

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MANIFEST", "Autoencoder", "Dtype", "Manifest", "TextEncoder", "read_manifest"]

MANIFEST = "manifest.json"

Dtype = Literal["float32", "float16", "int8"]
"""How weights are stored: as they are; as halves, computed in float32; or the matrices as bytes."""

File = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TextEncoder(_Table):
    """A text encoder with its tokenizer. ``length``, ``padding``: tokens, and the one that fills.

    Its outputs: ``hidden`` (1, length, width) and, where ``pooled``, ``pooled`` (1, width).
    """

    network: File
    tokenizer: File
    length: Annotated[int, Field(ge=3)]
    padding: int
    pooled: bool = False


class Autoencoder(_Table):
    """Pictures ↔ latents, which the painting network knows as (latents - shift) · scale."""

    encoder: File
    decoder: File
    scale: float
    shift: float = 0.0


class Manifest(_Table):
    """An exported model.

    ``name``, ``family``: of what it was made of. ``size``: width and height that it is fixed to;
    None: any multiple of ``multiple``. ``side``: of the square that it was trained on. All sizes
    are in pixels. ``steps``, ``guidance``, ``negative``: what suits it.
    ``built_in_guidance``: length of the vector that tells the network the guidance; None: it is
    run twice instead. ``extended``: it takes a pooled text vector and sizes (SDXL).
    ``empty_negative_is_zeros``: no negative prompt is a vector of zeros.
    ``agreement``: for each network, the largest difference from torch's output over the standard
    deviation of that output. ``made_with``: versions.
    """

    format: Literal[1] = 1
    name: str
    family: str
    dtype: Dtype
    size: tuple[int, int] | None
    multiple: Annotated[int, Field(ge=8)]
    side: Annotated[int, Field(ge=8)]
    steps: Annotated[int, Field(ge=1)]
    guidance: float
    negative: bool
    latent_channels: Annotated[int, Field(ge=1)]
    pixels_per_latent: Annotated[int, Field(ge=1)]
    texts: Annotated[tuple[TextEncoder, ...], Field(min_length=1, max_length=2)]
    network: File
    built_in_guidance: int | None = None
    extended: bool = False
    empty_negative_is_zeros: bool = False
    scheduler: SchedulerConfig
    autoencoder: Autoencoder
    tiny_autoencoder: Autoencoder | None = None
    agreement: dict[str, float]
    made_with: dict[str, str]

    def files(self) -> tuple[str, ...]:
        """Every file that the manifest names."""
        names = [self.network]
        for text in self.texts:
            names += [text.network, text.tokenizer]
        for coder in (self.autoencoder, self.tiny_autoencoder):
            names += [coder.encoder, coder.decoder] if coder else []
        return tuple(names)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of ``folder``, all of whose files are there.

    Raises ``ModelMissing`` where there is none, ``ModelCorrupt`` where it is none.
    """
    path = folder / MANIFEST
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise ModelMissing(
            f"{folder} has no {MANIFEST}, so it was not made by: meetbot models export"
        ) from None
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "JSON"
        raise ModelCorrupt(f"{path} is damaged at {where}: {first['msg']}; export again") from None
    for name in manifest.files():
        if not (folder / name).is_file():
            raise ModelCorrupt(f"{folder} has no {name}, which its {MANIFEST} names; export again")
    return manifest
