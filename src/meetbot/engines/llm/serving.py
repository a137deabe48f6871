"""The process in which llama.cpp runs: ``python -m meetbot.engines.llm.serving``.

A process of its own, because llama.cpp takes over the signals, writes to the terminal and ends
the whole process where it finds its own state wrong; and because its work then neither holds
Python's lock nor competes with the event loop at the same priority.

It reads one line of JSON (``Job``) from standard input and answers with one line on standard
output: ``{"address": "http://127.0.0.1:PORT"}`` or ``{"error": "…"}``. There it serves llama.cpp's
HTTP interface, on loopback, to those who know the job's key, until standard input ends: when
whoever started it closes it, or is gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

    import xllamacpp

__all__ = ["Job", "main"]

BATCH_TOKENS = 64
"""A prompt is read in steps of so many; between two of them it can be given up."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to serve: a GGUF file, the window in tokens, how, and the key to be shown."""

    path: str
    context_tokens: int
    threads: int
    key: str
    niceness: int
    gpu: bool

    def line(self) -> str:
        """As one line of JSON."""
        return json.dumps(asdict(self)) + "\n"


def main() -> None:
    """Serve until standard input ends."""
    answers = _silence()
    job = Job(**json.loads(sys.stdin.readline()))
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(job.niceness)
    try:
        server = _serve(job)
    except RuntimeError:  # it only says that something is wrong
        _answer(answers, {"error": "llama.cpp cannot use its file, or has too little memory"})
        return
    _answer(answers, {"address": server.listening_address})
    sys.stdin.read()
    os._exit(0)  # its own orderly end would wait for open connections


def _silence() -> TextIO:
    """Send what libraries print to nowhere: it may quote a prompt. Returns the real output."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return answers


def _answer(answers: TextIO, told: dict[str, str]) -> None:
    answers.write(json.dumps(told) + "\n")
    answers.flush()


def _serve(job: Job) -> xllamacpp.Server:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = job.path
    params.n_ctx = job.context_tokens
    params.n_parallel = 1
    params.n_batch = params.n_ubatch = BATCH_TOKENS
    params.n_gpu_layers = 999 if job.gpu else 0
    params.cpuparams_batch.n_threads = job.threads
    # Writing waits for memory more than for cores: with one core less it is as good as fast when
    # the machine is idle, and faster when other work interrupts threads that wait for each other.
    params.cpuparams.n_threads = max(1, job.threads - 1)
    params.cache_ram_mib = 0  # other prompts' caches would be copied aside before each answer
    params.fit_params = False
    params.ui = False
    params.verbosity = -1
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [job.key]
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
