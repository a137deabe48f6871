"""Engines found by entry point, on packages that are really on the path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from meetbot.core.errors import ConfigError, EngineError
from meetbot.engines.registry import engine_names, load_engine
from meetbot.models import ModelStore

if TYPE_CHECKING:
    from pathlib import Path

MODULE = """
class Parrot:
    def __init__(self, models, settings):
        self.models, self.settings = models, settings

    @classmethod
    def load(cls, models, settings):
        return cls(models, settings)
"""


def install(folder: Path, name: str, module: str, text: str) -> None:
    """A package of one module that registers an ASR engine, as an installer would leave it."""
    (folder / f"{module}.py").write_text(text, encoding="utf-8")
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[meetbot.engines.asr]\n{name} = {module}:Parrot\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_an_engine_of_another_package_is_found_and_gets_its_settings(
    site: Path, tmp_path: Path
) -> None:
    install(site, "parrot", "parrot_asr_one", MODULE)
    assert engine_names("asr") == ("faster-whisper", "parrot")
    models, settings = ModelStore(tmp_path), object()
    engine = load_engine("asr", "parrot", models, settings)
    assert type(engine).__module__ == "parrot_asr_one"
    assert (engine.models, engine.settings) == (models, settings)


def test_an_engine_is_not_imported_until_it_is_asked_for(site: Path, tmp_path: Path) -> None:
    install(site, "parrot", "parrot_asr_two", "import a_library_that_is_not_there\n")
    assert "parrot" in engine_names("asr")
    missing = r"'parrot' cannot be imported: .*a_library_that_is_not_there"
    with pytest.raises(EngineError, match=missing + ".*; install what parrot.asr.two needs"):
        load_engine("asr", "parrot", ModelStore(tmp_path), object())


def test_an_unknown_engine_is_a_config_error_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no asr engine .*'faster-wisper'.*'faster-whisper'"):
        load_engine("asr", "faster-wisper", ModelStore(tmp_path), object())


def test_a_name_like_no_other_is_answered_with_all_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there are: .*ge2e, speechbrain$"):
        load_engine("speaker", "zzzz", ModelStore(tmp_path), object())


def test_a_kind_without_engines_is_said_to_have_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'tenor'; none is installed"):
        load_engine("singing", "tenor", ModelStore(tmp_path), object())
