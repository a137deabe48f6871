"""Models on this machine, and whether the configured engines really load."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import replace
from typing import TYPE_CHECKING

from meetbot.core.clock import monotonic_ns
from meetbot.core.errors import MeetbotError
from meetbot.doctor.findings import Finding, Verdict
from meetbot.engines.registry import load_engine
from meetbot.models import SETS, ModelStore

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator

    from meetbot.config import Settings

__all__ = ["check_engines", "check_models"]

NS_PER_S = 1e9


def check_models(settings: Settings) -> Iterator[Finding]:
    """The models of the embedded set, and the recogniser's."""
    store = ModelStore.configured(settings.models)
    names = dict.fromkeys((*SETS["embedded"], settings.hearing.asr.model))
    states = {name: store.state(name) for name in names if name in store.catalogue}
    ready = [name for name, state in states.items() if state == "ready"]
    if ready:
        yield Finding("models", "ready", Verdict.OK, ", ".join(ready))
    for name in names:
        if name not in states:
            advice = "'meetbot models list' shows those there are; set hearing.asr.model"
            yield Finding("models", name, Verdict.FAIL, "not in the catalogue", advice)
        elif states[name] != "ready":
            needed = name == settings.hearing.asr.model
            verdict = Verdict.FAIL if needed or states[name] == "corrupt" else Verdict.WARN
            found = "damaged" if states[name] == "corrupt" else "not on this machine"
            yield Finding("models", name, verdict, found, f"run: meetbot models pull {name}")


def check_engines(settings: Settings) -> Iterator[Finding]:
    """Each configured engine is loaded, as a meeting would, and let go again."""
    store = ModelStore.configured(settings.models)
    hearing, people = settings.hearing, settings.people
    wanted: list[tuple[str, str, object]] = [
        ("vad", hearing.vad.engine, hearing.vad),
        ("turn", hearing.turn.engine, hearing.turn),
        ("asr", hearing.asr.engine, hearing.asr),
    ]
    if people.enabled:
        wanted.append(("speaker", people.encoder, people))
    for kind, name, section in wanted:
        yield _engine(kind, name, store, section)
    if settings.talking.enabled:
        yield from _check_talking(settings, store)
    if settings.painting.enabled:
        yield from _check_painting(settings, store)


def _check_talking(settings: Settings, store: ModelStore) -> Iterator[Finding]:
    """What answers are made with; a voice that is missing leaves its languages to the others."""
    llm, face, voice = settings.conversation.llm, settings.talking.face, settings.talking.voice
    yield _engine("llm", llm.engine, store, llm)
    yield _engine("face", face.engine, store, face)
    for name in dict.fromkeys((voice.english, voice.russian, voice.other)):
        finding = _engine("tts", name, store, voice)
        if finding.verdict is Verdict.FAIL and name != voice.english:
            finding = replace(finding, verdict=Verdict.WARN)
        yield finding


def _check_painting(settings: Settings, store: ModelStore) -> Iterator[Finding]:
    """What pictures are made with, and what looks at them first."""
    painting = settings.painting
    yield _engine("painter", painting.painter.engine, store, painting.painter)
    if painting.safety.engine != "off":
        yield _engine("safety", painting.safety.engine, store, painting.safety)
    yield _engine("text", "minilm", store, None)


def _engine(kind: str, name: str, store: ModelStore, section: object) -> Finding:
    began = monotonic_ns()
    label = f"{kind}: {name}"
    try:
        engine = load_engine(kind, name, store, section)
    except MeetbotError as error:
        problem, _, advice = str(error).partition("; ")
        return Finding("engines", label, Verdict.FAIL, problem, advice)
    except Exception as error:  # a library's own error, which is what a doctor is for
        found = f"does not load: {type(error).__name__}: {error}"
        return Finding("engines", label, Verdict.FAIL, found, "meetbot --debug doctor")
    seconds = (monotonic_ns() - began) / NS_PER_S
    close = getattr(engine, "close", None)
    if callable(close) and inspect.isawaitable(closing := close()):
        asyncio.run(_wait_for(closing))
    chosen = f"{engine.model_id}, " if kind == "llm" else ""
    return Finding("engines", label, Verdict.OK, f"{chosen}loaded in {seconds:.1f} s")


async def _wait_for(closing: Awaitable[None]) -> None:
    await closing
