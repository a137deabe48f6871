"""What the profiles name is there: models in the catalogue, engines by entry point."""

from __future__ import annotations

import pytest

from meetbot.config import load_settings, profile_names, profile_text
from meetbot.engines.registry import engine_names
from meetbot.models import CATALOGUE


@pytest.mark.parametrize("profile", profile_names())
def test_a_profile_names_models_and_engines_that_exist(profile: str) -> None:
    settings = load_settings(profile, env={})
    assert settings.hearing.asr.model in CATALOGUE
    assert settings.hearing.asr.engine in engine_names("asr")
    assert settings.hearing.vad.engine in engine_names("vad")
    assert settings.hearing.turn.engine in engine_names("turn")
    assert settings.people.encoder in engine_names("speaker")


@pytest.mark.parametrize("profile", profile_names())
def test_the_models_that_a_profile_tells_to_pull_exist(profile: str) -> None:
    comment = " ".join(profile_text(profile).replace("#", " ").split())
    _, _, after = comment.partition("meetbot models pull ")
    assert all(name in CATALOGUE for name in after.split(" [")[0].split())
