"""Profile < file < environment < overrides, and each value knows where it came from."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from meetbot.config import Settings, load, load_settings, profile_names


def _file(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("profile", profile_names())
def test_every_profile_is_valid_and_says_what_it_is_for(profile: str) -> None:
    assert isinstance(load_settings(profile, env={}), Settings)


def test_the_four_profiles_are_there() -> None:
    assert profile_names() == ("cpu-server", "embedded", "gpu-server", "laptop")


def test_each_layer_wins_over_the_one_below(tmp_path: Path) -> None:
    file = _file(tmp_path, "[hearing.asr]\nthreads = 3\nlanguage = 'en'\n[web]\nport = 1111\n")
    env = {"MEETBOT_HEARING__ASR__THREADS": "4", "MEETBOT_WEB__PORT": "2222"}
    loaded = load("embedded", file, env, {"web.port": 3333})
    settings = loaded.settings
    assert settings.hearing.asr.model == "whisper-base"
    assert (settings.hearing.asr.language, settings.hearing.asr.threads) == ("en", 4)
    assert settings.web.port == 3333
    assert loaded.origins["hearing.asr.model"] == "profile embedded"
    assert loaded.origins["hearing.asr.language"] == str(file)
    assert loaded.origins["hearing.asr.threads"].endswith("MEETBOT_HEARING__ASR__THREADS")
    assert loaded.origins["web.port"] == "command line"
    assert "stage.fps" not in loaded.origins


def test_overrides_may_be_nested_tables() -> None:
    settings = load_settings(env={}, overrides={"hearing": {"asr": {"threads": 5}}})
    assert settings.hearing.asr.threads == 5


def test_lists_in_the_environment_are_commas_or_json() -> None:
    by_commas = {"MEETBOT_HEARING__ASR__LANGUAGES": "en, ru"}
    assert load_settings(env=by_commas).hearing.asr.languages == ("en", "ru")
    by_json = {
        "MEETBOT_ROOM__ICE_SERVERS": '["stun:localhost:1", {"url": "turn:h", "username": "u"}]'
    }
    servers = load_settings(env=by_json).room.ice_servers
    assert [(server.url, server.username) for server in servers] == [
        ("stun:localhost:1", None),
        ("turn:h", "u"),
    ]


def test_an_empty_variable_unsets_a_value_that_may_be_unset(tmp_path: Path) -> None:
    file = _file(tmp_path, "[hearing.asr]\nlanguage = 'ru'\n")
    assert load_settings(file=file, env={}).hearing.asr.language == "ru"
    env = {"MEETBOT_HEARING__ASR__LANGUAGE": ""}
    assert load_settings(file=file, env=env).hearing.asr.language is None


def test_variables_that_are_not_settings_are_left_alone() -> None:
    env = {"MEETBOT_PORT": "tcp://10.0.0.1:1", "MEETBOT_ROOM_TOKEN": "x", "PATH": "/bin"}
    assert load_settings(env=env) == load_settings(env={})


def test_relative_paths_in_a_file_start_at_the_file(tmp_path: Path) -> None:
    file = _file(tmp_path, "[models]\nfolder = 'm'\n[store]\nfolder = '~/s'\n")
    settings = load_settings(file=file, env={})
    assert settings.models.folder == tmp_path / "m"
    assert settings.store.folder == Path.home() / "s"
    assert settings.store.location == Path.home() / "s"


def test_settings_never_change_once_loaded() -> None:
    settings = load_settings(env={})
    with pytest.raises(ValidationError, match="frozen"):
        settings.web.port = 1  # type: ignore[misc]


def test_a_secret_does_not_show_in_the_settings_text() -> None:
    settings = load_settings(env={"MEETBOT_WEB__TOKEN": "sesame-open-please"})
    assert "sesame" not in repr(settings)
    assert "sesame" not in settings.model_dump_json()
    assert settings.web.token is not None
    assert settings.web.token.get_secret_value() == "sesame-open-please"
