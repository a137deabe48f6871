"""A diffusion model's networks as the exporter wants them: plain tensors in, plain tensors out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.export import Dim

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Network", "decoder", "encoder", "painting_network", "text_encoder"]

MOST_TILES = 32
"""Of the network's smallest part, a side: what sizes an export allows for."""


@dataclass(frozen=True, slots=True)
class Network:
    """A network to export. ``inputs``: by name, for a size in tiles; see ``dynamic``.

    ``outputs``: names. ``dynamic``: which axes of an input grow with the size, and how many
    elements they have for each tile.
    """

    name: str
    module: nn.Module
    inputs: Callable[[int, int], Mapping[str, torch.Tensor]]
    outputs: tuple[str, ...]
    dynamic: Mapping[str, int] = field(default_factory=dict)

    def shapes(self, *, fixed: bool) -> dict[str, dict[int, Any] | None] | None:
        """Which axes are free, for the exporter; None: all sizes are those of the inputs."""
        if fixed or not self.dynamic:
            return None
        free: dict[str, dict[int, Any] | None] = dict.fromkeys(self.inputs(1, 1))
        high, wide = Dim("high", min=1, max=MOST_TILES), Dim("wide", min=1, max=MOST_TILES)
        for name, each in self.dynamic.items():
            free[name] = {2: high * each, 3: wide * each}
        return free


def text_encoder(name: str, model: Any, *, length: int, layer: int | None, pooled: bool) -> Network:
    """Tokens to vectors: of hidden layer ``layer``, None: of the last, normalised.

    With ``pooled``, one vector for the whole text as well.
    """

    class Encoder(nn.Module):  # type: ignore[misc]  # no types where torch is not
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, tokens: torch.Tensor) -> Any:
            made = self.model(tokens, output_hidden_states=layer is not None)
            hidden = made.last_hidden_state if layer is None else made.hidden_states[layer]
            return (hidden, made.text_embeds) if pooled else hidden

    def inputs(_high: int, _wide: int) -> dict[str, torch.Tensor]:
        ends = torch.tensor([[model.config.eos_token_id]])
        return {"tokens": torch.cat([torch.randint(0, 200, (1, length - 1)), ends], dim=1)}

    return Network(name, Encoder(), inputs, ("hidden", "pooled") if pooled else ("hidden",))


class _Stepping(nn.Module):  # type: ignore[misc]  # no types where torch is not
    """A UNet that takes all it needs as tensors."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self.extended = model.config.addition_embed_type == "text_time"

    def forward(
        self,
        latents: Any,
        timestep: Any,
        text: Any,
        pooled: Any = None,
        sizes: Any = None,
        guidance: Any = None,
    ) -> Any:
        added = {"text_embeds": pooled, "time_ids": sizes} if self.extended else None
        return self.model(
            latents,
            timestep,
            text,
            timestep_cond=guidance,
            added_cond_kwargs=added,
            return_dict=False,
        )[0]


def painting_network(name: str, model: Any, *, length: int, tile: int) -> Network:
    """Latents with noise, a timestep and a text to what the scheduler steps by."""
    config = model.config
    extended = config.addition_embed_type == "text_time"
    guided = config.time_cond_proj_dim

    def inputs(high: int, wide: int) -> dict[str, torch.Tensor]:
        made = {
            "latents": torch.randn(1, config.in_channels, high * tile, wide * tile),
            "timestep": torch.tensor([499.0]),
            "text": torch.randn(1, length, config.cross_attention_dim),
        }
        if extended:
            rest = config.projection_class_embeddings_input_dim - 6 * config.addition_time_embed_dim
            sides = torch.tensor([[512.0, 512.0, 0.0, 0.0, 512.0, 512.0]])
            made |= {"pooled": torch.randn(1, rest), "sizes": sides}
        if guided:
            made["guidance"] = torch.randn(1, guided)
        return made

    return Network(name, _Stepping(model), inputs, ("output",), {"latents": tile})


def encoder(name: str, model: Any, *, tile: int, per_latent: int) -> Network:
    """A picture, -1…1, to latents: the mean of where they may lie."""

    class Encoder(nn.Module):  # type: ignore[misc]  # no types where torch is not
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, pixels: torch.Tensor) -> Any:
            made = self.model.encode(pixels)
            return made.latents if hasattr(made, "latents") else made.latent_dist.mode()

    def inputs(high: int, wide: int) -> dict[str, torch.Tensor]:
        sides = (high * tile * per_latent, wide * tile * per_latent)
        return {"pixels": torch.rand(1, 3, *sides) * 2 - 1}

    return Network(name, Encoder(), inputs, ("latents",), {"pixels": tile * per_latent})


def decoder(name: str, model: Any, *, tile: int) -> Network:
    """Latents to a picture, -1…1."""

    class Decoder(nn.Module):  # type: ignore[misc]  # no types where torch is not
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, latents: torch.Tensor) -> Any:
            return self.model.decode(latents, return_dict=False)[0]

    def inputs(high: int, wide: int) -> dict[str, torch.Tensor]:
        channels = model.config.latent_channels
        return {"latents": torch.randn(1, channels, high * tile, wide * tile)}

    return Network(name, Decoder(), inputs, ("pixels",), {"latents": tile})
