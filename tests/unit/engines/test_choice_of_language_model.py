"""``auto``: the largest language model on this machine that is quick enough, measured once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from meetbot.config import LanguageModelSettings
from meetbot.core.errors import EngineError
from meetbot.engines.llm.choice import choose_model, model_file
from meetbot.models import CATALOGUE
from support.pinned import pin_all

if TYPE_CHECKING:
    from pathlib import Path

LARGE, SMALL, TINY = "qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b", "smollm2-135m"
SETTINGS = LanguageModelSettings()


class Machine:
    """Models in a folder, each as quick as ``seconds`` says; those measured are noted."""

    def __init__(self, folder: Path, *present: str) -> None:
        for name in present:
            (folder / name).mkdir()
            for file in CATALOGUE[name].kept:
                (folder / name / file).write_bytes(b"x" * (CATALOGUE[name].bytes // 10**6))
        self.models = pin_all(folder, present)
        self.seconds = {LARGE: 0.4, SMALL: 0.2, TINY: 0.1}
        self.measured: list[str] = []

    def choose(self, settings: LanguageModelSettings = SETTINGS) -> str:
        return choose_model(self.models, settings, self._measure)

    def _measure(self, path: Path, settings: LanguageModelSettings) -> float:
        del settings
        self.measured.append(path.parent.name)
        return self.seconds[path.parent.name]


def test_the_largest_that_is_quick_enough_is_chosen_and_measured_once(tmp_path: Path) -> None:
    machine = Machine(tmp_path, LARGE, SMALL, TINY)
    assert machine.choose() == LARGE
    assert machine.choose() == LARGE
    assert machine.measured == [LARGE]


def test_one_that_is_too_slow_leaves_it_to_the_next(tmp_path: Path) -> None:
    machine = Machine(tmp_path, LARGE, SMALL, TINY)
    machine.seconds[LARGE] = 0.9
    assert machine.choose() == SMALL
    assert machine.choose() == SMALL
    assert machine.measured == [LARGE]


def test_the_one_for_tests_is_not_chosen_however_slow_the_others_are(tmp_path: Path) -> None:
    machine = Machine(tmp_path, LARGE, SMALL, TINY)
    machine.seconds |= {LARGE: 9.0, SMALL: 3.0}
    assert machine.choose() == SMALL


@pytest.mark.parametrize("only", [LARGE, SMALL, TINY])
def test_the_only_one_is_chosen_without_measuring(tmp_path: Path, only: str) -> None:
    machine = Machine(tmp_path, only)
    assert machine.choose() == only
    assert machine.measured == []


def test_without_any_the_one_to_pull_is_named(tmp_path: Path) -> None:
    assert Machine(tmp_path).choose() == SMALL


def test_other_settings_are_measured_anew(tmp_path: Path) -> None:
    machine = Machine(tmp_path, LARGE, SMALL)
    machine.choose()
    machine.choose(LanguageModelSettings(threads=1))
    assert machine.measured == [LARGE, LARGE]


@pytest.mark.parametrize("damage", ["", "[]", "{", '{"x": "y"}'])
def test_damaged_notes_are_written_anew(tmp_path: Path, damage: str) -> None:
    machine = Machine(tmp_path, LARGE, SMALL)
    machine.choose()
    (tmp_path / ".language-models.json").write_text(damage, encoding="utf-8")
    assert machine.choose() == LARGE
    assert machine.choose() == LARGE
    assert machine.measured == [LARGE, LARGE]


def test_a_model_for_something_else_is_refused(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "phone-talk")
    with pytest.raises(EngineError, match="'phone-talk' is no language model"):
        model_file(machine.models, "phone-talk")
