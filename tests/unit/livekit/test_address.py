"""What an address of a LiveKit room means."""

from __future__ import annotations

import pytest

from meetbot.core.errors import ConfigError
from meetbot_livekit.address import Address, room_address


@pytest.mark.parametrize(
    ("target", "url", "room"),
    [
        ("livekit://localhost/team", "ws://localhost:7880", "team"),
        ("livekit://127.0.0.1:9000/team", "ws://127.0.0.1:9000", "team"),
        ("livekit://127.8.9.1/team", "ws://127.8.9.1:7880", "team"),
        ("livekit://[::1]:9000/team", "ws://[::1]:9000", "team"),
        ("livekit://meet.example.org/team", "wss://meet.example.org:443", "team"),
        ("livekit://meet.example.org:7443/team/", "wss://meet.example.org:7443", "team"),
        ("livekit://192.168.1.4/team", "wss://192.168.1.4:443", "team"),
        (
            "livekit://localhost/%D0%9F%D0%BB%D0%B0%D0%BD%202%2F3",
            "ws://localhost:7880",
            "План 2/3",
        ),
        ("livekit://localhost/План", "ws://localhost:7880", "План"),
    ],
)
def test_an_address_names_a_server_and_a_room(target: str, url: str, room: str) -> None:
    assert room_address(target) == Address(url, room)


def test_tls_is_as_the_settings_say() -> None:
    assert room_address("livekit://meet.local/r", tls=False).url == "ws://meet.local:7880"
    assert room_address("livekit://localhost/r", tls=True).url == "wss://localhost:443"


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("webrtc://localhost/team", "livekit://HOST:PORT/ROOM"),
        ("livekit:///team", "livekit://HOST:PORT/ROOM"),
        ("livekit://localhost", "names no room"),
        ("livekit://localhost/%20", "names no room"),
        ("livekit://localhost:http/team", "Port"),
        ("livekit://localhost:70000/team", "Port"),
        ("livekit://localhost:0/team", "port 0"),
        ("livekit://[::1/team", "Invalid IPv6"),
        ("livekit://localhost/a/b", "%2F"),
        ("livekit://localhost/team?token=abc", "%3F"),
        ("livekit://localhost/%FF%FE", "UTF-8"),
        ("livekit://localhost/a%00b", "control characters"),
        ("livekit://localhost/" + "x" * 257, "256 bytes"),
    ],
)
def test_what_is_no_address_is_told_in_one_line(target: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        room_address(target)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as caught:
        room_address("livekit://key:hush@localhost/team")
    assert "hush" not in str(caught.value)
