"""Which language model suits this machine: the largest that begins to answer soon enough."""

from __future__ import annotations

import json
import logging
import os
import platform
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

import httpx

from meetbot.core.errors import EngineError
from meetbot.core.files import write_whole
from meetbot.engines.llm.process import ServingProcess
from meetbot.models.files import disk_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from meetbot.config import LanguageModelSettings
    from meetbot.models import ModelEntry, ModelStore

__all__ = ["SMALLEST_WANTED", "choose_model", "measure", "model_file"]

logger = logging.getLogger(__name__)

SMALLEST_WANTED = "qwen2.5-coder-0.5b"
"""Smaller ones are for tests: they say the transcript again rather than answer."""
SOON_S = 0.5
"""A first clause takes this long at most: ``NEW_TOKENS`` are read and ``CLAUSE_TOKENS`` written."""
NEW_TOKENS = 12
CLAUSE_TOKENS = 8
QUESTIONS = (
    "So what is it that we have decided about the budget today?",
    "And who was it that wanted to call the supplier?",
    "When will we meet again, and what is there to do until then?",
)


def model_file(models: ModelStore, name: str) -> Path:
    """The entry's GGUF file. Raises ``ModelError``, ``EngineError`` where it has none."""
    files = sorted(models.path(name).glob("*.gguf"))
    if len(files) != 1:
        raise EngineError(
            f"{name!r} is no language model that can be embedded; see: meetbot models list"
        )
    return files[0]


def choose_model(
    models: ModelStore,
    settings: LanguageModelSettings,
    measured: Callable[[Path, LanguageModelSettings], float] | None = None,
) -> str:
    """Of the language models on this machine, the largest that is quick enough.

    Quick enough: a first clause comes within ``SOON_S``. Where none is, the smallest that is fit
    for meetings. What ``measured`` (by default ``measure``) found is kept beside the models, so
    that it is asked once. Blocks while it measures.
    """
    here = [
        entry
        for entry in models.catalogue.values()
        if entry.task == "language model" and models.state(entry.name) == "ready"
    ]
    least = models.entry(SMALLEST_WANTED).bytes
    fit = sorted((entry for entry in here if entry.bytes >= least), key=lambda entry: -entry.bytes)
    for entry in fit[:-1]:
        seconds = _remembered(models, entry, settings, measured or measure)
        logger.info("language model %s: a first clause takes %.2f s", entry.name, seconds)
        if seconds <= SOON_S:
            return entry.name
    return (fit or here or [models.entry(SMALLEST_WANTED)])[-1].name


def _remembered(
    models: ModelStore,
    entry: ModelEntry,
    settings: LanguageModelSettings,
    measured: Callable[[Path, LanguageModelSettings], float],
) -> float:
    notes = models.folder / ".language-models.json"
    key = (
        f"{entry.files[0].sha256[:16]} as {entry.converter or 'it is'} "
        f"on {platform.node()} {platform.machine()}, "
        f"{settings.threads} of {os.cpu_count()} cores, {settings.device}, "
        f"xllamacpp {version('xllamacpp')}"
    )
    known = _read(notes)
    if key not in known:
        known[key] = round(measured(model_file(models, entry.name), settings), 3)
        with disk_errors(notes.parent):
            write_whole(notes, json.dumps(known, indent=1).encode())
    return known[key]


def _read(notes: Path) -> dict[str, float]:
    try:
        return {str(key): float(seconds) for key, seconds in json.loads(notes.read_bytes()).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def measure(path: Path, settings: LanguageModelSettings) -> float:
    """Seconds from a question's last words to a first clause, the best of three. Blocks."""
    with _serving(path, settings) as process:
        return min(_first_clause(process, question) for question in QUESTIONS)


@contextmanager
def _serving(path: Path, settings: LanguageModelSettings) -> Iterator[ServingProcess]:
    process = ServingProcess(path, settings)
    process.start()
    try:
        yield process
    finally:
        process.stop()


def _first_clause(process: ServingProcess, question: str) -> float:
    answer = httpx.post(
        f"{process.address}/v1/chat/completions",
        headers=process.headers,
        json={
            "messages": [{"role": "user", "content": question}],
            "max_tokens": CLAUSE_TOKENS + 1,
            "ignore_eos": True,
        },
        timeout=60,
        trust_env=False,
    )
    timings = answer.raise_for_status().json()["timings"]
    reading = timings["prompt_ms"] / timings["prompt_n"]
    return float(NEW_TOKENS * reading + CLAUSE_TOKENS * timings["predicted_per_token_ms"]) / 1000
