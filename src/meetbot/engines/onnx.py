"""ONNX Runtime sessions as every small model here wants them: one thread, no spinning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import onnxruntime

from meetbot.core.errors import EngineError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["open_session"]


def open_session(model: Path | bytes, *, threads: int = 1) -> Any:
    """An inference session on the CPU. Raises ``EngineError`` for what is no such model."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(
            model if isinstance(model, bytes) else str(model),
            sess_options=options,
            providers=["CPUExecutionProvider"],
        )
    except Exception as error:
        name = "a network" if isinstance(model, bytes) else model.name
        raise EngineError(f"{name} cannot be opened as an ONNX model: {error}") from error
