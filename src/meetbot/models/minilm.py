"""all-MiniLM-L6-v2: English sentences as vectors of 384 numbers, and those of the icons' words.

Source: https://arxiv.org/abs/1908.10084 (Sentence-BERT) for the method: the mean of the last
layer over a sentence's tokens, of length 1. Here the weights are 8-bit integers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from meetbot.core.errors import EngineError, ModelCorrupt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["DIMENSION", "MiniLm", "WordVectors", "convert_minilm"]

DIMENSION: Final = 384
_TOKENS: Final = 128
_BATCH: Final = 64
_SCALE: Final = 127.0
_SKIPPED_GROUPS: Final = (None, 0, 2, 8, 9)
"""Faces, components, symbols and flags: what they are tagged with is seldom looked for."""


@dataclass(frozen=True, slots=True)
class MiniLm:
    """The network and its tokens. Calls may come from several threads."""

    _session: Any
    _tokenizer: Any

    @classmethod
    def open(cls, folder: Path) -> Self:
        """From a folder with ``model.onnx`` and ``tokenizer.json``. Raises ``EngineError``.

        Who opens the same folder again shares what was opened: it takes 160 MB.
        """
        return cls(*_opened(folder))

    def pieces(self, word: str) -> int:
        """Into how many pieces a word falls; one that is no word falls into many."""
        return len(self._tokenizer.encode(word, add_special_tokens=False).ids)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Of length 1, shape ``(n, 384)``; a text's first 128 tokens count."""
        vectors = np.zeros((len(texts), DIMENSION), np.float32)
        tokens = [self._tokenizer.encode(text).ids for text in texts]
        order = sorted(range(len(texts)), key=lambda index: len(tokens[index]))
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            vectors[batch] = self._run([tokens[index] for index in batch])
        return vectors

    def _run(self, batch: list[list[int]]) -> NDArray[np.float32]:
        longest = max(map(len, batch))
        ids = np.zeros((len(batch), longest), np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (hidden,) = self._session.run(["last_hidden_state"], inputs)
        mean: NDArray[np.float32] = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        length: NDArray[np.float32] = np.linalg.norm(mean, axis=1, keepdims=True)
        mean /= np.maximum(length, 1e-9)
        return mean


@lru_cache(maxsize=2)
def _opened(folder: Path) -> tuple[Any, Any]:
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        raise EngineError(f"MiniLM in {folder} cannot be opened: {error}") from error
    tokenizer.enable_truncation(_TOKENS)
    tokenizer.no_padding()
    return session, tokenizer


@dataclass(frozen=True, slots=True)
class WordVectors:
    """The English words that icons are known by, and the vector of each, of length about 1."""

    words: tuple[str, ...]
    vectors: NDArray[np.float32]

    @classmethod
    def open(cls, folder: Path) -> Self:
        """As ``convert_minilm`` wrote them. Raises ``EngineError``."""
        try:
            words = tuple(json.loads((folder / "words.json").read_bytes()))
            vectors = np.load(folder / "words.npy").astype(np.float32) / _SCALE
        except (OSError, ValueError) as error:
            raise EngineError(f"the words in {folder} cannot be read: {error}") from error
        return cls(words, vectors)


def convert_minilm(folder: Path) -> None:
    """Write ``words.json`` and ``words.npy`` (int8, a row for each word) beside the network."""
    try:
        entries = json.loads((folder / "emojibase.en.json").read_bytes())
        words = {
            word.lower()
            for entry in entries
            if entry.get("group") not in _SKIPPED_GROUPS
            for word in (entry["label"], *entry.get("tags", ()))
        }
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise ModelCorrupt(f"the words of icons cannot be read: {error!r}") from error
    listed = sorted(words)
    vectors = MiniLm.open(folder).embed(listed)
    np.save(folder / "words.npy", np.round(vectors * _SCALE).astype(np.int8))
    (folder / "words.json").write_text(json.dumps(listed), encoding="utf-8")
