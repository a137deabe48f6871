"""The bot's tokens: made with just the rights needed, or given and looked at before use."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from livekit import api

from meetbot.config import LiveKitSettings
from meetbot.core.errors import ConfigError, RoomRefused
from meetbot_livekit.tokens import TokenSource

SECRET = "0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
OWN = LiveKitSettings.model_validate({"key": "k", "secret": SECRET})
NONE = LiveKitSettings()


def claims(token: str) -> dict[str, Any]:
    """What a token says."""
    part = token.split(".")[1]
    value: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return value


def token(room: str = "team", *, seconds: int = 3600, **grants: Any) -> str:
    """One that somebody else made."""
    rights = {"room_join": True, "room": room, **grants}
    made = api.AccessToken("k", SECRET).with_identity("bot").with_grants(api.VideoGrants(**rights))
    return made.with_ttl(timedelta(seconds=seconds)).to_jwt()


def test_a_made_token_has_the_rights_needed_and_no_others() -> None:
    said = claims(TokenSource("team", "Meetbot (AI)", OWN)())
    assert said["video"] == {
        "roomJoin": True,
        "room": "team",
        "canPublish": True,
        "canPublishSources": ["camera", "microphone", "screen_share"],
        "canPublishData": True,
        "canSubscribe": True,
        "canUpdateOwnMetadata": True,
    }
    assert said["name"] == "Meetbot (AI)"
    assert said["kind"] == "agent"
    assert said["attributes"]["meetbot.ai"] == "true"
    assert json.loads(said["metadata"])["ai"] is True
    assert said["exp"] - datetime.now(UTC).timestamp() == pytest.approx(60, abs=5)


def test_the_identity_is_the_same_in_each_token_and_another_in_each_meeting() -> None:
    first, second = TokenSource("team", "Bot", OWN), TokenSource("team", "Bot", OWN)
    assert claims(first())["sub"] == claims(first())["sub"] == first.identity
    assert first.identity.startswith("meetbot-")
    assert first.identity != second.identity
    chosen = OWN.model_copy(update={"identity": "desk"})
    assert claims(TokenSource("team", "Bot", chosen)())["sub"] == "desk"


def test_a_moved_bot_makes_tokens_for_its_new_room() -> None:
    tokens = TokenSource("team", "Bot", OWN)
    tokens.moved("other")
    assert claims(tokens())["video"]["room"] == "other"


def test_a_given_token_is_used_until_the_server_sends_a_newer_one() -> None:
    given, newer, older = token(), token(seconds=7200), token(seconds=60)
    tokens = TokenSource("team", "Bot", OWN, given)
    assert tokens() == given
    assert tokens.identity == "bot"
    tokens.refreshed(newer)
    tokens.refreshed(older)
    tokens.refreshed("rubbish")
    assert tokens() == newer


def test_a_given_token_that_runs_out_is_refused_at_the_next_connection() -> None:
    now = [datetime.now(UTC)]
    tokens = TokenSource("team", "Bot", NONE, token(seconds=60), now=lambda: now[0])
    tokens()
    now[0] += timedelta(seconds=61)
    with pytest.raises(RoomRefused, match=r"the token expired at 20\d\d-.* UTC; give a new one"):
        tokens()


def _unsigned(payload: object) -> str:
    text = base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")
    return f"e30.{text}.x"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("abc", "not a LiveKit access token"),
        ("a.b.c", "not a LiveKit access token"),
        ("a." + "A" * 20_000 + ".c", "not a LiveKit access token"),
        (_unsigned([1]), "not a LiveKit access token"),
        (_unsigned({"sub": "bot"}), "not for joining"),
        (_unsigned({"sub": 3, "video": {"roomJoin": True, "room": "team"}}), "not for joining"),
        (
            _unsigned({"sub": "b", "exp": "x", "video": {"roomJoin": True, "room": "team"}}),
            "expiry",
        ),
        (
            _unsigned({"sub": "b", "exp": 1e99, "video": {"roomJoin": True, "room": "team"}}),
            "expiry",
        ),
        (token("other"), "for the room “other”, not for “team”"),
        (_unsigned({"sub": "b", "video": {"roomJoin": True}}), "for no room"),
        (token(room_join=False), "not for joining"),
    ],
)
def test_a_given_token_that_cannot_work_is_told_in_one_line(given: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        TokenSource("team", "Bot", NONE, given)
    assert says in str(caught.value)
    assert given not in str(caught.value)


def test_without_a_key_or_a_token_it_says_what_to_give() -> None:
    with pytest.raises(ConfigError, match="--key and --secret, or --token"):
        TokenSource("team", "Bot", NONE)


def test_no_secret_is_shown() -> None:
    given = token()
    assert given not in repr(TokenSource("team", "Bot", NONE, given))
    assert SECRET not in repr(TokenSource("team", "Bot", OWN))
