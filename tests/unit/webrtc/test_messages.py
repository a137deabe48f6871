"""Names, roles and messages of the signalling protocol."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetbot.core.errors import ConfigError
from meetbot_webrtc.link import room_address
from meetbot_webrtc.messages import (
    Hello,
    PeerInfo,
    guest_name,
    link_role,
    parse_client_message,
)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  Anna\tPetrova \n", "Anna Petrova"),
        ("Борис", "Борис"),
        ("\u202eevil\u2066", "evil"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("\u200b\u200d", "Guest"),
        ("", "Guest"),
        ("x" * 100, "x" * 64),
    ],
)
def test_names_are_made_safe(typed: str, shown: str) -> None:
    assert guest_name(typed) == shown
    assert Hello(name=typed).name == shown


@given(st.text(max_size=300))
def test_no_name_is_empty_long_or_invisible(typed: str) -> None:
    name = guest_name(typed)
    assert 1 <= len(name) <= 64
    assert not any(unicodedata.category(char).startswith("C") for char in name)


def member(identity: str, order: int, *, bot: bool = False, kind: str = "peer") -> PeerInfo:
    return PeerInfo.model_validate(
        {"id": identity, "name": identity, "order": order, "is_bot": bot, "kind": kind}
    )


OLD, NEW = member("a", 1), member("b", 2)
BOT, OTHER_BOT = member("bot", 3, bot=True), member("bot2", 4, bot=True)
WHIP, WHEP = member("w", 5, kind="whip"), member("v", 6, kind="whep")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (NEW, OLD, "offer"),
        (BOT, OLD, "offer"),
        (BOT, NEW, "offer"),
        (WHIP, BOT, "offer"),
        (WHEP, BOT, "offer"),
    ],
)
def test_one_side_offers_and_the_other_answers(
    one: PeerInfo, other: PeerInfo, expected: str
) -> None:
    assert link_role(one, other) == expected
    assert link_role(other, one) == "answer"


@pytest.mark.parametrize(
    ("one", "other"), [(BOT, OTHER_BOT), (OLD, WHIP), (NEW, WHEP), (WHIP, WHEP), (WHIP, WHIP)]
)
def test_some_have_nothing_to_negotiate(one: PeerInfo, other: PeerInfo) -> None:
    assert link_role(one, other) == "none"
    assert link_role(other, one) == "none"


@given(st.text(max_size=200))
def test_no_text_is_worse_than_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_client_message(text)


@pytest.mark.parametrize(
    ("target", "room", "address"),
    [
        ("webrtc://127.0.0.1/team", None, "ws://127.0.0.1:8765/rooms/team/ws"),
        ("webrtc://meet.example:9000/team", None, "wss://meet.example:9000/rooms/team/ws"),
        ("http://localhost:8765", "планёрка", None),
        ("https://meet.example/r/team", None, "wss://meet.example:443/rooms/team/ws"),
        ("webrtc://[::1]:9/a%20b", None, "ws://[::1]:9/rooms/a%20b/ws"),
    ],
)
def test_addresses_of_rooms(target: str, room: str | None, address: str | None) -> None:
    expected = address or (
        "ws://localhost:8765/rooms/%D0%BF%D0%BB%D0%B0%D0%BD%D1%91%D1%80%D0%BA%D0%B0/ws"
    )
    assert room_address(target, room) == expected


@pytest.mark.parametrize("target", ["webrtc://host", "livekit://host/r", "team", "http:///r"])
def test_what_is_no_address_of_a_room_is_a_clear_error(target: str) -> None:
    with pytest.raises(ConfigError, match="webrtc://HOST:PORT/ROOM"):
        room_address(target)
