"""Every mistake in the settings is one line: which layer, which key, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from meetbot.config import load_settings
from meetbot.config.keys import env_name, key_types
from meetbot.core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def _complaint(
    tmp_path: Path, toml: str = "", env: dict[str, str] | None = None, **overrides: object
) -> str:
    file = tmp_path / "mine.toml"
    file.write_text(toml, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings("embedded", file, env or {}, overrides)
    message = str(caught.value)
    assert "\n" not in message
    return message.replace(str(file), "FILE")


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (
            "[hearing.asr]\nmodle = 'x'",
            "FILE: unknown key hearing.asr.modle; did you mean hearing.asr.model?",
        ),
        ("[herring.asr]\nmodel = 'x'", "did you mean hearing.asr.model?"),
        ("port = 1", "FILE: unknown key port; did you mean web.port?"),
        ("zzz = 1", "FILE: unknown key zzz; 'meetbot config show' lists the keys there are"),
        ("[hearing]\nasr = 'x'", "FILE: hearing.asr is a section with keys of its own, not 'x'"),
        (
            "[hearing.asr]\nthreads = 'two'",
            "FILE: hearing.asr.threads should be a whole number, not 'two'",
        ),
        ("[web]\nport = true", "true and false are not values of this key"),
        ("[web]\nport = 70000", "FILE: web.port should be less than or equal to 65535, not 70000"),
        ("[web]\ntls_key = 5", "FILE: web.tls_key should be a path, not 5"),
        ("[people]\nenabled = 'perhaps'", "FILE: people.enabled should be true or false"),
        ("[hearing.vad]\nthreshold = nan", "FILE: hearing.vad.threshold should be a finite number"),
        (
            "[room]\nvideo_codec = 'av1'",
            "FILE: room.video_codec should be one of 'h264' or 'vp8', not 'av1'",
        ),
        ("[room]\nice_servers = ['http://x']", "FILE: room.ice_servers.0.url should match"),
        ("[hearing]\nend_after_ms = 50", "needs speculate_after_ms <= end_after_ms"),
        ("[stage]\nwidth = 641", "FILE: stage.width should be a multiple of 2, not 641"),
        ("[store]\nfolder = 'a'\nurl = 'sqlite:///b'", "set folder or url, not both"),
        ("[web]\ntls_certificate = 'absent.pem'", "there is no file"),
        ("what is this", "FILE: this is not TOML: Expected '='"),
    ],
)
def test_a_mistake_in_a_file_is_named(tmp_path: Path, toml: str, message: str) -> None:
    assert message in _complaint(tmp_path, toml)


def test_several_mistakes_are_told_at_once(tmp_path: Path) -> None:
    message = _complaint(tmp_path, "[stage]\nfps = 'x'\nwidth = 1\n[web]\nport = 'p'\n")
    assert all(key in message for key in ("stage.fps", "stage.width", "web.port"))


def test_a_mistake_in_the_environment_is_named_by_its_variable(tmp_path: Path) -> None:
    message = _complaint(tmp_path, env={"MEETBOT_HEARING__ASR__MODLE": "x"})
    assert message == (
        "environment variable MEETBOT_HEARING__ASR__MODLE: unknown key hearing.asr.modle; "
        "did you mean MEETBOT_HEARING__ASR__MODEL?"
    )
    single = _complaint(tmp_path, env={"MEETBOT_HEARING_ASR_MODEL": "x"})
    assert "did you mean MEETBOT_HEARING__ASR__MODEL?" in single
    wrong = _complaint(tmp_path, env={"MEETBOT_HEARING__ASR__THREADS": "four"})
    assert wrong.startswith("environment variable MEETBOT_HEARING__ASR__THREADS: ")


def test_a_mistake_in_a_flag_is_named(tmp_path: Path) -> None:
    assert _complaint(tmp_path, **{"web.prt": 1}).startswith("command line: unknown key web.prt")


def test_a_secret_is_not_repeated_in_a_complaint(tmp_path: Path) -> None:
    assert "7654321" not in _complaint(tmp_path, "[web]\ntoken = 7654321")
    assert "hunter2" not in _complaint(tmp_path, "[web]\ntoken = 'hunter2 hunter2'")
    assert "hunter2" not in _complaint(tmp_path, "[store]\nurl = 'x://me:hunter2@h/db'")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent.toml: the settings cannot be read: No such"):
        load_settings(file=tmp_path / "absent.toml", env={})
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not a text file in UTF-8"):
        load_settings(file=tmp_path / "bytes.toml", env={})


def test_an_unknown_profile_is_answered_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match="choose one of cpu-server, embedded"):
        load_settings("gpu", env={})


def test_a_public_address_needs_a_token_and_https(tmp_path: Path) -> None:
    certificate = tmp_path / "cert.pem"
    certificate.touch()
    public = {"web.host": "0.0.0.0"}
    assert "set web.token" in _complaint(tmp_path, **public)
    assert "set web.token" in _complaint(tmp_path, **public, **{"web.token": "short"})
    public["web.token"] = "a-token-of-some-length"
    assert "HTTPS" in _complaint(tmp_path, **public)
    half = {**public, "web.tls_certificate": certificate}
    assert "go together" in _complaint(tmp_path, **half)
    whole = load_settings(env={}, overrides={**half, "web.tls_key": certificate})
    assert (whole.web.is_public, whole.web.scheme) == (True, "https")
    assert load_settings(env={}, overrides={**public, "web.tls_by_proxy": True}).web.is_public


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", "127.9.9.9"])
def test_loopback_needs_neither(host: str) -> None:
    assert not load_settings(env={}, overrides={"web.host": host}).web.is_public


def test_a_fixed_language_must_be_among_the_allowed(tmp_path: Path) -> None:
    asr = {"hearing.asr.language": "en", "hearing.asr.languages": ("ru", "de")}
    assert "is not one of languages ['ru', 'de']" in _complaint(tmp_path, **asr)


@given(
    key=st.sampled_from(sorted(key_types())),
    place=st.integers(0, 60),
    letter=st.sampled_from("xq"),
)
def test_one_wrong_letter_is_always_answered_with_a_key_of_that_section(
    key: str, place: int, letter: str
) -> None:
    section, _, last = key.rpartition(".")
    at = place % len(last)
    typo = f"{section}.{last[:at]}{letter}{last[at + 1 :]}"
    assume(typo not in key_types())
    with pytest.raises(ConfigError, match=f"did you mean {section}"):
        load_settings(env={}, overrides={typo: 1})


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(value=VALUES, key=st.sampled_from([*sorted(key_types()), "hearing", "web", "x"]))
def test_any_value_whatever_is_taken_or_refused_in_one_line(value: object, key: str) -> None:
    try:
        load_settings(env={}, overrides={key: value})
    except ConfigError as error:
        complaint = str(error)
    else:
        complaint = ""
    assert complaint.splitlines() in ([], [complaint])


@pytest.mark.parametrize("key", sorted(key_types()))
def test_every_key_can_be_spelt_as_a_variable(key: str) -> None:
    with pytest.raises(ConfigError, match=f"variable {env_name(key)}_Q: .* did you mean MEETBOT_"):
        load_settings(env={env_name(key) + "_Q": "1"})
