"""ECAPA-TDNN voice-prints by SpeechBrain and torch; needs the ``speechbrain`` extra.

Desplanques et al., "ECAPA-TDNN", https://arxiv.org/abs/2005.07143; the weights are SpeechBrain's
spkrec-ecapa-voxceleb (Apache-2.0), trained on VoxCeleb 1 and 2.

A ``hyperparams.yaml`` of SpeechBrain is HyperPyYAML: it names the Python that is run when it is
loaded. So only the catalogue's own file may be, whose sha256 is pinned and was verified by the
model store. The checkpoints are read as tensors and nothing else. Nothing is downloaded and
nothing is written: SpeechBrain's file names the hub as the place of its weights, which is
overridden with the folder, and fetching is told to stay off the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch
from speechbrain.inference.speaker import EncoderClassifier
from speechbrain.utils.fetching import FetchConfig, LocalStrategy

from meetbot.core.errors import EngineError
from meetbot.core.types import SAMPLE_RATE
from meetbot.core.worker import ModelThread
from meetbot.engines.speaker.windows import NICENESS, embed_by_length, mean_print, partials

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.models import ModelStore

__all__ = ["EcapaSpeakerEncoder"]

NAME = "spkrec-ecapa-voxceleb"
CHECKPOINTS = ("embedding_model.ckpt", "mean_var_norm_emb.ckpt", "classifier.ckpt")
WINDOW = 20 * SAMPLE_RATE
"""Longer sound is embedded in slices of so many samples."""
BATCH = 60 * SAMPLE_RATE
"""At most so many samples at once; a minute takes some 100 MB."""


class EcapaSpeakerEncoder:
    """The encoder on a thread of its own."""

    model_id = "ecapa-voxceleb-0f99f2d0"

    def __init__(self, classifier: Any, *, threads: int) -> None:
        self._classifier = classifier
        self._threads = threads
        self._thread = ModelThread("ecapa", niceness=NICENESS)

    @classmethod
    def load(cls, models: ModelStore, settings: object) -> Self:
        """Open the catalogue's ``spkrec-ecapa-voxceleb``.

        Of the people section it takes ``device`` and ``threads``. Raises ``ModelError`` where the
        files are not the catalogue's, ``EngineError`` where they or the device cannot be used.
        """
        folder = models.path(NAME).absolute()
        device = _device(str(getattr(settings, "device", "cpu")))
        try:
            classifier = _open(folder, device)
        except Exception as error:  # whatever a checkpoint, YAML or CUDA may raise
            raise EngineError(
                f"the voice-print encoder in {folder} cannot be opened: {_gist(error)}; "
                f"check its files with: meetbot models verify {NAME}"
            ) from error
        return cls(classifier, threads=int(getattr(settings, "threads", 1)))

    async def embed(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        """The unit voice-print, shape ``(192,)``. Raises ``InputError`` below 0.4 s of sound."""
        slices = [audio[start:end] for start, end in partials(len(audio), WINDOW, WINDOW)]
        return mean_print(await self.embed_windows(slices))

    async def embed_windows(self, windows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """One unit print for each window, shape ``(n, 192)``; windows of one length are a batch.

        Raises ``InputError`` as ``embed`` does, ``EngineError`` when torch broke.
        """
        try:
            return await self._thread.run(embed_by_length, windows, self._network)
        except RuntimeError as error:
            raise EngineError(f"the voice-print encoder broke: {_gist(error)}") from error

    def _network(self, windows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        torch.set_num_threads(self._threads)
        per_batch = max(1, BATCH // len(windows[0]))
        batches = [windows[at : at + per_batch] for at in range(0, len(windows), per_batch)]
        with torch.inference_mode():
            sounds = [torch.from_numpy(np.stack(batch)) for batch in batches]
            raw = [self._classifier.encode_batch(sound) for sound in sounds]
            unit = torch.nn.functional.normalize(torch.cat(raw)[:, 0], dim=1)
        prints: NDArray[np.float32] = unit.cpu().numpy()
        return prints


def _open(folder: Path, device: str) -> Any:
    weights = [
        torch.load(folder / name, map_location="cpu", weights_only=True) for name in CHECKPOINTS
    ]
    classifier = EncoderClassifier.from_hparams(
        source=str(folder),
        overrides={"pretrained_path": str(folder)},
        local_strategy=LocalStrategy.NO_LINK,
        fetch_config=FetchConfig(allow_network=False),
        run_opts={"device": device},
    )
    # SpeechBrain only logs weights that are missing, and would go on with random ones.
    classifier.mods.embedding_model.load_state_dict(weights[0], strict=True)
    return classifier


def _device(wanted: str) -> str:
    cuda = torch.cuda.is_available()
    if wanted == "cuda" and not cuda:
        raise EngineError(
            "people.device is cuda, but torch sees no NVIDIA card; set it to auto or cpu"
        )
    return "cuda:0" if cuda and wanted in ("auto", "cuda") else "cpu"


def _gist(error: Exception) -> str:
    """The first sentence; torch goes on for a paragraph."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].split(". ")[0].rstrip(".")
