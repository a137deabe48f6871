"""Where a network runs and in which numbers, and what it means that a device is out of memory."""

from __future__ import annotations

import gc

import torch

from meetbot.core.errors import ConfigError

__all__ = ["choose_device", "choose_dtype", "free_memory", "out_of_memory"]

NO_MEMORY = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "invalid buffer size",
    "cublas_status_alloc_failed",
)
"""What the messages have in common that torch gives on a CPU, an NVIDIA card and Apple's GPU."""


def choose_device(wanted: str) -> torch.device:
    """``auto``: an NVIDIA card, else Apple's GPU, else the CPU. Raises ``ConfigError``."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        wanted = next((name for name, usable in there.items() if usable), "cpu")
    if not there.get(wanted, True):
        raise ConfigError(
            f"painting.painter.device is {wanted}, but torch sees no such device; "
            "set it to auto or cpu"
        )
    return torch.device(wanted)


def choose_dtype(wanted: str, device: torch.device, *, transformer: bool) -> torch.dtype:
    """``auto``: half precision on a GPU (bfloat16 for a ``transformer``, whose values exceed
    float16's range); on a CPU bfloat16 where it has instructions for that, else float32.
    """
    if wanted != "auto":
        dtype: torch.dtype = getattr(torch, wanted)
        return dtype
    if device.type == "cpu":
        able = torch.cpu.get_capabilities()
        fast = able.get("amx_bf16") or able.get("avx512_bf16")
        return torch.bfloat16 if fast else torch.float32
    return torch.bfloat16 if transformer else torch.float16


def out_of_memory(error: BaseException) -> bool:
    """Whether ``error`` is a device's, or the machine's, lack of memory."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(words in text for words in NO_MEMORY)


def free_memory(device: torch.device) -> None:
    """Give back what nothing refers to any more."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()
