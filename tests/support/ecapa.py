"""An ECAPA-TDNN with seeded weights, in the very files and keys of SpeechBrain's published one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from speechbrain.dataio.encoder import CategoricalEncoder
from speechbrain.lobes.models.ECAPA_TDNN import ECAPA_TDNN, Classifier
from speechbrain.processing.features import InputNormalization

from support.pinned import pin

if TYPE_CHECKING:
    from pathlib import Path

    from meetbot.models import ModelStore

__all__ = ["MELS", "NAME", "seeded_network", "write_model"]

NAME = "spkrec-ecapa-voxceleb"
MELS = 80
SPEAKERS = ("id1", "id2", "id3")
SHAPE = {
    "channels": [32, 32, 32, 32, 96],
    "kernel_sizes": [5, 3, 3, 3, 1],
    "dilations": [1, 2, 3, 4, 1],
    "attention_channels": 16,
    "lin_neurons": 192,
}
# The weights' place is the hub's, as in the published file: an engine has to see to it itself
# that the folder's are taken.
HYPERPARAMS = f"""
pretrained_path: speechbrain/spkrec-ecapa-voxceleb
n_mels: {MELS}
compute_features: !new:speechbrain.lobes.features.Fbank
    n_mels: !ref <n_mels>
mean_var_norm: !new:speechbrain.processing.features.InputNormalization
    norm_type: sentence
    std_norm: False
embedding_model: !new:speechbrain.lobes.models.ECAPA_TDNN.ECAPA_TDNN
    input_size: !ref <n_mels>
    channels: {SHAPE["channels"]}
    kernel_sizes: {SHAPE["kernel_sizes"]}
    dilations: {SHAPE["dilations"]}
    attention_channels: {SHAPE["attention_channels"]}
    lin_neurons: {SHAPE["lin_neurons"]}
classifier: !new:speechbrain.lobes.models.ECAPA_TDNN.Classifier
    input_size: {SHAPE["lin_neurons"]}
    out_neurons: {len(SPEAKERS)}
mean_var_norm_emb: !new:speechbrain.processing.features.InputNormalization
    norm_type: global
    std_norm: False
modules:
    compute_features: !ref <compute_features>
    mean_var_norm: !ref <mean_var_norm>
    embedding_model: !ref <embedding_model>
    mean_var_norm_emb: !ref <mean_var_norm_emb>
    classifier: !ref <classifier>
label_encoder: !new:speechbrain.dataio.encoder.CategoricalEncoder
pretrainer: !new:speechbrain.utils.parameter_transfer.Pretrainer
    loadables:
        embedding_model: !ref <embedding_model>
        mean_var_norm_emb: !ref <mean_var_norm_emb>
        classifier: !ref <classifier>
        label_encoder: !ref <label_encoder>
    paths:
        embedding_model: !ref <pretrained_path>/embedding_model.ckpt
        mean_var_norm_emb: !ref <pretrained_path>/mean_var_norm_emb.ckpt
        classifier: !ref <pretrained_path>/classifier.ckpt
        label_encoder: !ref <pretrained_path>/label_encoder.txt
"""


def seeded_network() -> ECAPA_TDNN:
    """The same random network each time, its running statistics away from 0 and 1."""
    with torch.random.fork_rng():
        torch.manual_seed(7)
        network = ECAPA_TDNN(MELS, **SHAPE)
        network.train()
        for _ in range(4):
            network(3 * torch.randn(4, 60, MELS) + 1)
    return network.eval()


def write_model(folder: Path) -> ModelStore:
    """Write the five files where the returned store has its ``spkrec-ecapa-voxceleb``."""
    place = folder / NAME
    place.mkdir(parents=True)
    (place / "hyperparams.yaml").write_text(HYPERPARAMS, encoding="utf-8")
    network = seeded_network()
    torch.save(network.state_dict(), place / "embedding_model.ckpt")
    classifier = Classifier(SHAPE["lin_neurons"], out_neurons=len(SPEAKERS))
    torch.save(classifier.state_dict(), place / "classifier.ckpt")
    norm = InputNormalization(norm_type="global", std_norm=False)
    norm.train()
    norm(torch.ones(1, 1, SHAPE["lin_neurons"]))
    statistics = {"count": norm.count, "glob_mean": norm.glob_mean, "glob_std": norm.glob_std}
    torch.save(statistics, place / "mean_var_norm_emb.ckpt")
    labels = CategoricalEncoder()
    labels.update_from_iterable(SPEAKERS)
    labels.save(place / "label_encoder.txt")
    return pin(folder, NAME)
