"""WHIP and WHEP with a standard WebRTC client (aiortc alone) over HTTP."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import numpy as np
import pytest
import pytest_asyncio
from aiortc import (
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCSessionDescription,
)
from aiortc.contrib.media import MediaPlayer

from meetbot.config import Settings, WebSettings
from meetbot.web import RoomServer
from meetbot_webrtc import RoomClient
from meetbot_webrtc.ice import loopback_addresses
from support.rooms import RATE, RecordingBot, loud, moments, pitch, tone, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.server

SDP = {"Content-Type": "application/sdp"}


@pytest_asyncio.fixture
async def http(server: RoomServer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the server."""
    address = f"http://127.0.0.1:{server.port}"
    async with httpx.AsyncClient(base_url=address, timeout=20, trust_env=False) as client:
        yield client


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Three seconds of a 600 Hz tone as a WAV file."""
    import wave

    path = tmp_path / "tone.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(tone(600, 3).tobytes())
    return path


@asynccontextmanager
async def peer() -> AsyncIterator[RTCPeerConnection]:
    """A connection with nothing of ours in it."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        yield connection
    finally:
        await asyncio.to_thread(lambda: None)
        await connection.close()


async def offer(connection: RTCPeerConnection) -> str:
    """Its offer with all candidates, on loopback."""
    with loopback_addresses(True):
        await connection.setLocalDescription()
    return connection.localDescription.sdp


async def test_a_whip_client_is_a_participant_whom_the_bot_hears(
    server: RoomServer, bot: RecordingBot, http: httpx.AsyncClient, recording: Path
) -> None:
    player = await asyncio.to_thread(MediaPlayer, str(recording))
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna, peer() as obs:
        obs.addTrack(player.audio)
        response = await http.post("/whip/r?name=OBS", content=await offer(obs), headers=SDP)
        assert response.status_code == 201
        assert response.headers["content-type"] == "application/sdp"
        assert response.headers["etag"].startswith('"')
        assert response.headers["location"].startswith("/media/")
        await obs.setRemoteDescription(RTCSessionDescription(response.text, "answer"))
        await until(lambda: len(loud(bot.heard("OBS"))) > RATE)
        assert pitch(loud(bot.heard("OBS"))) == pytest.approx(600, abs=5)
        assert {p.name: p.kind for p in anna.roster.values()}["OBS"] == "whip"
        deleted = await http.delete(response.headers["location"])
        assert deleted.status_code == 200
        await until(lambda: bot.left().get("OBS") == "left")
        again = await http.delete(response.headers["location"])
        assert again.status_code == 404
        assert again.headers["content-type"] == "application/problem+json"


async def test_the_first_whip_client_brings_the_bot(
    bot: RecordingBot, http: httpx.AsyncClient, recording: Path
) -> None:
    player = await asyncio.to_thread(MediaPlayer, str(recording))
    async with peer() as obs:
        obs.addTrack(player.audio)
        response = await http.post("/whip/r", content=await offer(obs), headers=SDP)
        assert response.status_code == 201
        await obs.setRemoteDescription(RTCSessionDescription(response.text, "answer"))
        await until(lambda: bot.opened() == ["WHIP"])
    await until(lambda: "WHIP" in bot.left(), 15)


async def test_a_whep_client_watches_the_bots_track_unseen(
    server: RoomServer, bot: RecordingBot, http: httpx.AsyncClient
) -> None:
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna, peer() as viewer:
        await anna.bot_is_here()
        viewer.addTransceiver("video", "recvonly")
        response = await http.post("/whep/r/stage", content=await offer(viewer), headers=SDP)
        assert response.status_code == 201
        await viewer.setRemoteDescription(RTCSessionDescription(response.text, "answer"))
        track = viewer.getTransceivers()[0].receiver.track
        picture = await asyncio.wait_for(track.recv(), 5)
        assert (picture.width, picture.height) == (640, 360)
        assert [p.name for p in anna.roster.values()] == ["Tester (AI)"]
        assert bot.joined() == ["Anna"]


async def test_a_whep_client_sees_the_face_and_hears_the_voice(
    server: RoomServer, bot: RecordingBot, http: httpx.AsyncClient
) -> None:
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna, peer() as viewer:
        await anna.bot_is_here()
        viewer.addTransceiver("video", "recvonly")
        viewer.addTransceiver("audio", "recvonly")
        response = await http.post("/whep/r/avatar", content=await offer(viewer), headers=SDP)
        assert response.status_code == 201
        await viewer.setRemoteDescription(RTCSessionDescription(response.text, "answer"))
        picture, sound = (transceiver.receiver.track for transceiver in viewer.getTransceivers())
        await until(lambda: viewer.connectionState == "connected")
        presenting = asyncio.create_task(
            bot.room.present(moments(bot.clock, tone(500, 4), 100)), name="presenting"
        )
        face = await asyncio.wait_for(picture.recv(), 5)
        assert (face.width, face.height) == (512, 512)
        heard = [await asyncio.wait_for(sound.recv(), 5) for _ in range(60)]
        samples = np.concatenate([frame.to_ndarray()[0, ::2] for frame in heard])
        assert pitch(loud(samples)) == pytest.approx(500, abs=10)
        refused = await http.post("/whep/r/nose", content=await offer(viewer), headers=SDP)
        assert refused.status_code == 400
        assert "stage, pictures, avatar" in refused.json()["detail"]
        presenting.cancel()
        await asyncio.gather(presenting, return_exceptions=True)


async def test_a_viewer_without_h264_gets_vp8_from_an_encoder_of_its_own(
    server: RoomServer, bot: RecordingBot, http: httpx.AsyncClient
) -> None:
    async with RoomClient(server.url, "r", "Anna") as anna, peer() as viewer:
        await asyncio.wait_for(anna.bot_video.receive(), 5)
        assert bot.room.encoders == {"stage": ("h264",)}
        transceiver = viewer.addTransceiver("video", "recvonly")
        known = RTCRtpReceiver.getCapabilities("video").codecs
        transceiver.setCodecPreferences([c for c in known if c.mimeType == "video/VP8"])
        response = await http.post("/whep/r/stage", content=await offer(viewer), headers=SDP)
        await viewer.setRemoteDescription(RTCSessionDescription(response.text, "answer"))
        picture = await asyncio.wait_for(transceiver.receiver.track.recv(), 5)
        assert (picture.width, picture.height) == (640, 360)
        assert bot.room.encoders == {"stage": ("h264", "vp8")}


@pytest.mark.parametrize(
    ("body", "headers", "status", "says"),
    [
        (b"garbage", SDP, 400, "no audio section"),
        (b"\xff\xfe\x00", SDP, 400, "not a usable SDP offer"),
        (b"v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 96\r\n", SDP, 400, "ICE credentials"),
        (b"v=0\r\nm=audio nine\r\n", SDP, 400, "not a usable SDP offer"),
        (b"", SDP, 400, "no audio section"),
        (b"v" * 60_000, SDP, 413, "48000 bytes"),
        (b"{}", {"Content-Type": "application/json"}, 415, "application/sdp"),
    ],
)
async def test_a_bad_offer_is_a_problem_that_says_why(
    http: httpx.AsyncClient, body: bytes, headers: dict[str, str], status: int, says: str
) -> None:
    response = await http.post("/whip/r", content=body, headers=headers)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert says in problem["detail"]


async def test_an_offer_that_only_the_bot_finds_wrong_is_a_problem_too(
    server: RoomServer, http: httpx.AsyncClient
) -> None:
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna, peer() as broken:
        await anna.bot_is_here()
        broken.addTransceiver("audio", "sendrecv")
        sdp = (await offer(broken)).replace("opus/48000", "noise/48000").replace("PCM", "XXX")
        sdp = sdp.replace("G722", "X722")
        response = await http.post("/whip/r", content=sdp, headers=SDP)
        assert response.status_code == 400
        assert "cannot take that offer" in response.json()["detail"]
        await until(lambda: [p.name for p in anna.roster.values()] == ["Tester (AI)"])


async def test_trickle_is_declined_and_options_tell_what_is_taken(http: httpx.AsyncClient) -> None:
    patched = await http.patch("/media/unknown", content=b"a=candidate:")
    assert patched.status_code == 405
    assert patched.headers["allow"] == "DELETE"
    options = await http.options("/whip/r")
    assert options.status_code == 204
    assert options.headers["accept-post"] == "application/sdp"
    assert "access-control-allow-origin" not in options.headers


async def test_the_token_is_a_bearer_token(settings: Settings) -> None:
    web = WebSettings(port=0, token="sixteen-or-more-chars")
    async with (
        RoomServer(settings.model_copy(update={"web": web})) as server,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as http,
    ):
        for headers in ({}, {"Authorization": "Bearer no"}, {"Authorization": "Basic x"}):
            response = await http.post("/whip/r", content=b"x", headers={**SDP, **headers})
            assert response.status_code == 401
            assert response.headers["www-authenticate"] == "Bearer"
        right = {**SDP, "Authorization": "Bearer sixteen-or-more-chars"}
        assert (await http.post("/whip/r", content=b"x", headers=right)).status_code == 400


async def test_a_track_that_is_not_there_is_a_problem(
    server: RoomServer, http: httpx.AsyncClient
) -> None:
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna, peer() as viewer:
        await anna.bot_is_here()
        viewer.addTransceiver("video", "recvonly")
        response = await http.post("/whep/r/faces", content=await offer(viewer), headers=SDP)
        assert response.status_code == 400
        assert "no video track 'faces'" in response.json()["detail"]
