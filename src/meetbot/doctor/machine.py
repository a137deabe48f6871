"""The hardware, and the profile that suits it."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from meetbot.doctor.findings import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meetbot.config import Settings

__all__ = ["check", "graphics_card", "processor_flags", "suggested_profile"]

GIB = 2**30
NEEDED_MEMORY = 1.5 * GIB
GOOD_MEMORY = 3 * GIB
PYTHONS = ((3, 11), (3, 13))
_GROUP = "machine"


def check(settings: Settings) -> Iterator[Finding]:
    """Processor, memory, graphics card, Python, profile."""
    yield _python()
    yield _processor(settings)
    yield _vector_instructions()
    yield _memory(psutil.virtual_memory().available, psutil.virtual_memory().total)
    yield _card(settings, graphics_card())
    yield _profile(settings)


def _python() -> Finding:
    version = f"{platform.python_version()}, {platform.system()} {platform.machine()}"
    if PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]:
        return Finding(_GROUP, "Python", Verdict.OK, version)
    return Finding(_GROUP, "Python", Verdict.FAIL, version, "use Python 3.11, 3.12 or 3.13")


def _processor(settings: Settings) -> Finding:
    cores = len(psutil.Process().cpu_affinity()) if sys.platform == "linux" else psutil.cpu_count()
    cores = cores or 1
    threads = settings.hearing.asr.threads
    found = f"{cores} cores" + (f", {name}" if (name := _processor_name()) else "")
    if settings.hearing.asr.device == "cpu" and threads > cores:
        advice = f"set hearing.asr.threads to {cores}: it is {threads}, more than there are cores"
        return Finding(_GROUP, "processor", Verdict.WARN, found, advice)
    if cores < 2:
        advice = "captions will be late: speech recognition and sound share one core"
        return Finding(_GROUP, "processor", Verdict.WARN, found, advice)
    return Finding(_GROUP, "processor", Verdict.OK, found)


def _processor_name() -> str:
    return _cpuinfo("model name") or platform.processor()


def _cpuinfo(field: str) -> str:
    """A field of Linux's /proc/cpuinfo; empty elsewhere."""
    source = Path("/proc/cpuinfo")
    if not source.exists():
        return ""
    for line in source.read_text(encoding="utf-8", errors="replace").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == field:
            return value.strip()
    return ""


def processor_flags() -> frozenset[str]:
    """The processor's features as Linux names them; empty where the system does not tell."""
    return frozenset((_cpuinfo("flags") or _cpuinfo("Features")).split())


def _vector_instructions() -> Finding:
    flags = processor_flags()
    useful = [
        name for name in ("avx2", "avx512f", "avx512_vnni", "amx_int8", "asimddp") if name in flags
    ]
    if useful:
        return Finding(_GROUP, "vector instructions", Verdict.OK, " ".join(useful))
    if not flags or platform.machine() not in ("x86_64", "AMD64"):
        return Finding(_GROUP, "vector instructions", Verdict.OK, "not told by this system")
    advice = "speech recognition will be several times slower than on a processor with AVX2"
    return Finding(_GROUP, "vector instructions", Verdict.WARN, "no AVX2", advice)


def _memory(available: float, total: float) -> Finding:
    found = f"{available / GIB:.1f} GiB free of {total / GIB:.1f} GiB"
    if available < NEEDED_MEMORY:
        advice = f"a meeting needs {NEEDED_MEMORY / GIB:.1f} GiB: close other programs"
        return Finding(_GROUP, "memory", Verdict.FAIL, found, advice)
    if available < GOOD_MEMORY:
        advice = "enough for one meeting, with little to spare"
        return Finding(_GROUP, "memory", Verdict.WARN, found, advice)
    return Finding(_GROUP, "memory", Verdict.OK, found)


def graphics_card() -> str:
    """The NVIDIA card's name and memory, as its driver's tool tells; empty without one."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ""
    query = [tool, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        answer = subprocess.run(  # noqa: S603 - the driver's own tool, fixed arguments
            query, capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip().splitlines()[0] if answer.stdout.strip() else ""


def _card(settings: Settings, card: str) -> Finding:
    if card:
        return Finding(_GROUP, "graphics card", Verdict.OK, card)
    wanted = [
        key
        for key, device in (
            ("hearing.asr.device", settings.hearing.asr.device),
            ("people.device", settings.people.device),
        )
        if device == "cuda"
    ]
    if wanted:
        advice = f"set {' and '.join(wanted)} to cpu, or use the profile {suggested_profile('')}"
        return Finding(_GROUP, "graphics card", Verdict.FAIL, "no NVIDIA card", advice)
    return Finding(_GROUP, "graphics card", Verdict.OK, "none, and none is needed")


def suggested_profile(card: str) -> str:
    """The profile for a machine with ``card`` (empty: none) and this one's cores."""
    cores = psutil.cpu_count() or 1
    if card:
        return "gpu-server"
    return "cpu-server" if cores >= 8 else "laptop" if cores >= 4 else "embedded"


def _profile(settings: Settings) -> Finding:
    profile = suggested_profile(graphics_card())
    asr = settings.hearing.asr
    now = f"in use: {asr.engine} {asr.model} on {asr.device}, {asr.threads} threads"
    return Finding(_GROUP, "profile for it", Verdict.OK, f"{profile} ({now})")
