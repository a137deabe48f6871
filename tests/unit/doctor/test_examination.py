"""The doctor tells what is wrong, and what to do, on machines that have something wrong."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from meetbot.config import Settings, load_settings
from meetbot.doctor import Finding, Verdict, examine, machine, software

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, object]:
    """An empty data folder and an empty models' folder."""
    return {"store.folder": tmp_path / "data", "models.folder": tmp_path / "models", "web.port": 0}


def _settings(folders: dict[str, object], **more: object) -> Settings:
    return load_settings(env={}, overrides={**folders, **more})


def _by_name(settings: Settings, *, load: bool = False) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(settings, load=load)}


def test_what_is_not_ok_comes_with_advice(folders: dict[str, object]) -> None:
    findings = list(examine(_settings(folders), load=True))
    assert all(finding.advice for finding in findings if finding.verdict is not Verdict.OK)
    assert all(finding.found for finding in findings)


def test_a_missing_recogniser_fails_and_says_how_to_get_it(folders: dict[str, object]) -> None:
    found = _by_name(_settings(folders), load=True)
    assert found["whisper-base"].verdict is Verdict.FAIL
    assert found["whisper-base"].advice == "run: meetbot models pull whisper-base"
    engine = found["asr: faster-whisper"]
    assert engine.verdict is Verdict.FAIL
    assert "meetbot models pull whisper-base" in f"{engine.found} {engine.advice}"


def test_looking_leaves_nothing_behind(folders: dict[str, object], tmp_path: Path) -> None:
    list(examine(_settings(folders), load=False))
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_found(folders: dict[str, object]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        finding = _by_name(_settings(folders, **{"web.port": port}))["port"]
    assert finding.verdict is Verdict.FAIL
    assert str(port) in finding.found
    assert "web.port" in finding.advice


def test_a_free_port_is_ok(folders: dict[str, object]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert _by_name(_settings(folders, **{"web.port": port}))["port"].verdict is Verdict.OK


def test_a_damaged_database_is_found_and_a_whole_one_is_ok(
    folders: dict[str, object], tmp_path: Path
) -> None:
    from meetbot.store import FILE_NAME

    folder = tmp_path / "data"
    folder.mkdir()
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        connection.execute("create table t (x)")
        connection.commit()
    assert _by_name(_settings(folders))["database"].verdict is Verdict.OK
    (folder / FILE_NAME).write_bytes(b"this is no database at all" * 100)
    finding = _by_name(_settings(folders))["database"]
    assert finding.verdict is Verdict.FAIL
    assert "backup" in finding.advice


def test_a_folder_that_cannot_be_used_is_found(folders: dict[str, object], tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, not a folder", encoding="utf-8")
    finding = _by_name(_settings(folders))["store's folder"]
    assert finding.verdict is Verdict.FAIL
    assert "store.folder" in finding.advice


def test_a_model_that_is_not_in_the_catalogue_is_found(folders: dict[str, object]) -> None:
    finding = _by_name(_settings(folders, **{"hearing.asr.model": "whisper-huge"}))["whisper-huge"]
    assert finding.verdict is Verdict.FAIL


def test_more_threads_than_cores_is_found(folders: dict[str, object]) -> None:
    finding = _by_name(_settings(folders, **{"hearing.asr.threads": 64}))["processor"]
    assert finding.verdict is Verdict.WARN
    assert "hearing.asr.threads" in finding.advice


def test_every_codec_of_the_room_is_there() -> None:
    findings = list(software.check_codecs(load_settings(env={})))
    assert [finding.verdict for finding in findings] == [Verdict.OK]


def test_a_library_that_is_absent_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(software.NATIVE, "no-such-distribution", "no_such_module")
    verdicts = {finding.name: finding.verdict for finding in software.check()}
    assert verdicts.pop("no-such-distribution") is Verdict.FAIL
    assert set(verdicts.values()) == {Verdict.OK}


def test_asking_for_a_card_that_is_not_there_fails(
    folders: dict[str, object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    settings = _settings(folders, **{"hearing.asr.device": "cuda"})
    finding = _by_name(settings)["graphics card"]
    assert finding.verdict is Verdict.FAIL
    assert "hearing.asr.device" in finding.advice


def test_a_card_is_read_from_the_drivers_tool(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'NVIDIA L4, 23034 MiB'\n", encoding="utf-8")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert machine.graphics_card() == "NVIDIA L4, 23034 MiB"
    assert machine.suggested_profile(machine.graphics_card()) == "gpu-server"


def test_a_check_that_breaks_does_not_take_the_others_with_it(
    folders: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_settings: Settings) -> list[Finding]:
        raise RuntimeError("no such sensor")

    monkeypatch.setattr(machine, "check", broken)
    findings = list(examine(_settings(folders), load=False))
    assert "no such sensor" in findings[0].found
    assert {"software", "codecs", "storage", "network"} <= {one.group for one in findings}
