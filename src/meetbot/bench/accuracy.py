"""How many words are wrong, clean and in noise, and what is made of no speech at all."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import av
import jiwer
import numpy as np

from meetbot.bench.recordings import load_noises, load_recordings, mix, noise_clips
from meetbot.core.types import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from meetbot.bench.recordings import Recording
    from meetbot.transcribe import Transcriber

__all__ = ["Accuracy", "measure_accuracy"]

SNR_DB = 10.0
WORDS = jiwer.Compose(
    [
        jiwer.ToLowerCase(),
        jiwer.RemovePunctuation(),  # type: ignore[no-untyped-call]
        jiwer.RemoveMultipleSpaces(),
        jiwer.Strip(),
        jiwer.ReduceToListOfListOfWords(),
    ]
)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Word error rates 0…1, captions made of noise alone, and speed in times real time."""

    recordings: int
    words: int
    wer_clean: float
    wer_noisy: float
    snr_db: float
    noise_clips: int
    noise_captions: int
    times_real_time: float


async def measure_accuracy(transcriber: Transcriber, data: Path, noise: Path) -> Accuracy:
    """Transcribe the recordings of ``data``, clean and with those of ``noise`` mixed in."""
    recordings = load_recordings(data)
    noises = load_noises(noise)
    with tempfile.TemporaryDirectory() as folder:
        bench = _Bench(transcriber, Path(folder))
        begin = time.perf_counter()
        clean = [await bench.text(recording.audio) for recording in recordings]
        seconds = time.perf_counter() - begin
        noisy = [
            await bench.text(mix(recording.audio, noises[i % len(noises)], SNR_DB))
            for i, recording in enumerate(recordings)
        ]
        clips = noise_clips(noises)
        invented = [await bench.captions(clip) for clip in clips]
    return Accuracy(
        recordings=len(recordings),
        words=sum(len(recording.text.split()) for recording in recordings),
        wer_clean=_error_rate(recordings, clean),
        wer_noisy=_error_rate(recordings, noisy),
        snr_db=SNR_DB,
        noise_clips=len(clips),
        noise_captions=sum(invented),
        times_real_time=sum(recording.seconds for recording in recordings) / seconds,
    )


class _Bench:
    """Sound in, text out, by way of a file, as a user would."""

    def __init__(self, transcriber: Transcriber, folder: Path) -> None:
        self._transcriber = transcriber
        self._file = folder / "sound.wav"

    async def text(self, audio: NDArray[np.float32]) -> str:
        write_wav(self._file, audio)
        transcript = await self._transcriber.transcribe(self._file)
        return " ".join(utterance.text for utterance in transcript.utterances)

    async def captions(self, audio: NDArray[np.float32]) -> int:
        write_wav(self._file, audio)
        return len((await self._transcriber.transcribe(self._file)).utterances)


def _error_rate(recordings: Iterable[Recording], heard: list[str]) -> float:
    truth = [recording.text for recording in recordings]
    return float(jiwer.wer(truth, heard, reference_transform=WORDS, hypothesis_transform=WORDS))


def write_wav(path: Path, audio: NDArray[np.float32]) -> None:
    """Write float32 mono at 16 kHz as 16-bit PCM."""
    with av.open(str(path), "w", format="wav") as container:
        stream = container.add_stream("pcm_s16le", rate=SAMPLE_RATE, layout="mono")
        samples = (np.clip(audio, -1, 1) * 32767).astype(np.int16)[np.newaxis]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
