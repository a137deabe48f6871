"""The make targets that people rely on, and what the scripts say when something is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TARGETS = ("demo", "test", "test-fast", "run", "lint", "bench", "clean")
SCRIPTS = [*sorted((ROOT / "scripts").glob("*.sh")), ROOT / ".ci" / "run"]
TOOLS = ("bash", "dirname", "id", "rm", "env", "cat")


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A PATH with a shell and little else."""
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / tool).symlink_to(found)
    return tmp_path


def _run(*command: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PATH": str(path)} if path else dict(os.environ)
    env.pop("MAKEFLAGS", None)
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)


@pytest.mark.parametrize("target", TARGETS)
def test_the_targets_are_there(target: str) -> None:
    result = _run("make", "--dry-run", target)
    assert result.returncode == 0, result.stderr


def test_make_alone_says_what_there_is_to_make() -> None:
    told = [line.split()[1] for line in _run("make").stdout.splitlines()]
    assert set(TARGETS) <= set(told)


def test_out_names_the_demos_folder() -> None:
    printed = _run("make", "-n", "demo", "OUT=else where").stdout
    assert "demo --room 'webrtc' --out 'else where'" in printed


def test_room_names_the_demos_kind_of_room() -> None:
    assert "demo --room 'livekit' --out" in _run("make", "-n", "demo", "ROOM=livekit").stdout
    refused = _run("make", "-o", ".venv/base.stamp", "demo", "ROOM=zoom")
    assert refused.returncode == 2
    assert "ROOM=zoom is not there" in refused.stderr


def test_every_script_is_bash_that_stops_at_errors_and_may_be_run() -> None:
    assert len(SCRIPTS) >= 5
    for script in SCRIPTS:
        assert script.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n")
        assert "pipefail" in script.read_text(encoding="utf-8")
        assert os.access(script, os.X_OK)
        assert _run("bash", "-n", str(script)).returncode == 0


def test_without_ollama_and_without_apt_the_tests_say_what_to_do(
    bare_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    mkdir = shutil.which("mkdir")
    assert mkdir is not None
    (bare_path / "mkdir").symlink_to(mkdir)
    result = _run("bash", "scripts/install-ollama.sh", path=bare_path)
    assert result.returncode == 1
    assert "install Ollama so that 'ollama' is on PATH" in result.stderr


def test_without_chromium_and_without_apt_the_browser_tests_say_what_to_do(bare_path: Path) -> None:
    result = _run("bash", "scripts/install-chromium.sh", path=bare_path)
    assert result.returncode == 1
    assert result.stderr == (
        "make test: the browser tests need Chromium; install it so that 'chromium' is on PATH\n"
    )


def test_without_redis_and_without_apt_the_caches_tests_say_what_to_do(bare_path: Path) -> None:
    result = _run("bash", "scripts/install-redis.sh", path=bare_path)
    assert result.returncode == 1
    assert result.stderr == (
        "make test: the cache's tests need Redis; install it so that 'redis-server' is on PATH\n"
    )


def test_without_rhvoice_and_without_apt_the_russian_voice_says_what_it_needs(
    bare_path: Path,
) -> None:
    result = _run("bash", "scripts/install-rhvoice.sh", path=bare_path)
    assert result.returncode == 1
    assert "the Russian voice needs RHVoice (libRHVoice.so.5" in result.stderr


def test_rhvoice_is_installed_without_another_section_where_apt_already_offers_it(
    bare_path: Path,
) -> None:
    log = bare_path / "log"
    for name in ("apt-get", "apt-cache"):
        (bare_path / name).write_text(f'#!/usr/bin/env bash\necho "$@" >> {log}\n')
        (bare_path / name).chmod(0o755)
    if os.getuid() != 0:
        (bare_path / "sudo").write_text('#!/usr/bin/env bash\nshift; "$@"\n')
        (bare_path / "sudo").chmod(0o755)
    result = _run("bash", "scripts/install-rhvoice.sh", path=bare_path)
    assert result.returncode == 0, result.stderr
    assert log.read_text(encoding="utf-8").splitlines() == [
        "update -q=2",
        "show librhvoice5 rhvoice-russian",
        "install -q=2 --no-install-recommends librhvoice5 rhvoice-russian",
    ]


@pytest.mark.parametrize(
    ("script", "package"),
    [
        ("chromium", "chromium"),
        ("redis", "redis-server"),
        ("pulseaudio", "pulseaudio pulseaudio-utils"),
    ],
)
def test_what_is_missing_is_installed_by_apt(bare_path: Path, script: str, package: str) -> None:
    log = bare_path / "log"
    apt = bare_path / "apt-get"
    apt.write_text(f'#!/usr/bin/env bash\necho "$@" >> {log}\n', encoding="utf-8")
    apt.chmod(0o755)
    if os.getuid() != 0:
        sudo = bare_path / "sudo"
        sudo.write_text('#!/usr/bin/env bash\nshift; "$@"\n', encoding="utf-8")
        sudo.chmod(0o755)
    result = _run("bash", f"scripts/install-{script}.sh", path=bare_path)
    assert result.returncode == 0, result.stderr
    assert log.read_text(encoding="utf-8").splitlines() == [
        "update -q=2",
        f"install -q=2 --no-install-recommends {package}",
    ]


def test_a_uv_that_is_there_is_used(bare_path: Path) -> None:
    uv = bare_path / "uv"
    uv.write_text("#!/usr/bin/env bash\nexit 0\n", encoding="utf-8")
    uv.chmod(0o755)
    result = _run("bash", "scripts/find-uv.sh", path=bare_path)
    assert (result.returncode, result.stdout) == (0, f"{uv}\n")
