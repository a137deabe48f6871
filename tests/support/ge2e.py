"""The GE2E encoder in plain numpy, as a reference for the ONNX one."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["encode", "random_state"]

Array = np.ndarray[Any, np.dtype[np.float32]]


def random_state(seed: int) -> dict[str, Array]:
    """Weights of the right shapes, of the size that training starts from."""
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> Array:
        return rng.uniform(-0.0625, 0.0625, shape).astype(np.float32)

    state = {"linear.weight": draw(256, 256), "linear.bias": draw(256)}
    for layer in range(3):
        state[f"lstm.weight_ih_l{layer}"] = draw(1024, 40 if layer == 0 else 256)
        state[f"lstm.weight_hh_l{layer}"] = draw(1024, 256)
        state[f"lstm.bias_ih_l{layer}"] = draw(1024)
        state[f"lstm.bias_hh_l{layer}"] = draw(1024)
    return state


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def encode(state: dict[str, Array], mels: Array) -> Any:
    """``mels`` [batch, frames, 40] to [batch, 256], in float64, by PyTorch's LSTM equations."""
    x = mels.astype(np.float64)
    for layer in range(3):
        w_ih = state[f"lstm.weight_ih_l{layer}"].astype(np.float64)
        w_hh = state[f"lstm.weight_hh_l{layer}"].astype(np.float64)
        bias = (state[f"lstm.bias_ih_l{layer}"] + state[f"lstm.bias_hh_l{layer}"]).astype(float)
        h = np.zeros((len(x), 256))
        c = np.zeros((len(x), 256))
        outputs = []
        for t in range(x.shape[1]):
            i, f, g, o = np.split(x[:, t] @ w_ih.T + h @ w_hh.T + bias, 4, axis=1)
            c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
            h = _sigmoid(o) * np.tanh(c)
            outputs.append(h)
        x = np.stack(outputs, axis=1)
    raw = np.maximum(x[:, -1] @ state["linear.weight"].T + state["linear.bias"], 0)
    return raw / np.linalg.norm(raw, axis=1, keepdims=True)
