"""The bot's face and voice in a LiveKit room, as a participant in another process receives them.

    python benchmarks/livekit_av.py [--seconds 60] [--browser] [--json]

A bot presents a face of 512² that flashes white with a beep each second, beside pictures of 1280 by
720 at 15 a second, on a real server on loopback. Told for each flash: how much later than its
moment was due its picture and its sound came out of the SDK, or, with ``--browser``, on the screen
and from the loudspeaker of a Chromium (which needs the test pages and playwright); the skew is the
one less the other. The receiver is another process; the processor time is the sender's alone. The
first three seconds do not count.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

import numpy as np
from livekit import rtc

from meetbot.config import LiveKitSettings
from meetbot.core.clock import MeetingClock, monotonic_ns
from meetbot.core.types import VideoFrame
from meetbot.core.voice import MOMENT_NS, MOMENT_SAMPLES, VOICE_RATE, Moment
from meetbot_livekit.server import running_livekit
from meetbot_livekit.showing import Showing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from numpy.typing import NDArray

    from meetbot.core.clock import Clock
    from meetbot_livekit.server import LiveKitServer

SIZE = 512
CYCLE, FLASH = 25, 5
NS_PER_S, NS_PER_MS = 1_000_000_000, 1_000_000
WARM_NS = 3 * NS_PER_S
NEAR_NS = NS_PER_S // 2
FREEZE_NS = 200 * NS_PER_MS
BRIGHT, LOUD = 190, 3_000
CAMERA, SCREEN = "camera", "screen_share"
ROOM = "av"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking", "--disable-quic", "--no-first-run",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
MEASURE = """async () => {
  const publications = [...room.remoteParticipants.values()][0].trackPublications;
  const of = (source) => [...publications.values()].find((one) => one.source === source);
  const got = window.got = { camera: [], screen_share: [], flashes: [], beeps: [] };
  for (const source of ["camera", "screen_share"]) {
    const video = of(source).track.attachedElements[0];
    const pen = new OffscreenCanvas(8, 8).getContext("2d", { willReadFrequently: true });
    let was = true;
    const look = (_, { expectedDisplayTime: at }) => {
      got[source].push(at);
      pen.drawImage(video, 0, 0, 8, 8);
      const bright = pen.getImageData(0, 0, 8, 8).data.reduce((sum, one) => sum + one, 0) / 256;
      if (source === "camera" && bright > 205 && !was) got.flashes.push(at);
      was = bright > 205;
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  }
  const context = new AudioContext({ latencyHint: "interactive" });
  const code = `registerProcessor("ear", class extends AudioWorkletProcessor {
    process([[samples]]) {
      const loud = samples ? samples.findIndex((one) => Math.abs(one) > 0.09) : -1;
      if (loud >= 0) {
        if (!this.last || currentTime - this.last > 0.3)
          this.port.postMessage(currentTime + loud / sampleRate);
        this.last = currentTime;
      }
      return true;
    }
  })`;
  await context.audioWorklet.addModule("data:text/javascript," + encodeURIComponent(code));
  const ear = new AudioWorkletNode(context, "ear");
  const stream = new MediaStream([of("microphone").track.mediaStreamTrack]);
  context.createMediaStreamSource(stream).connect(ear).connect(context.destination);
  ear.port.onmessage = ({ data }) => {
    const { contextTime, performanceTime } = context.getOutputTimestamp();
    got.beeps.push(performanceTime + (data - contextTime) * 1000);
  };
}"""


async def face(clock: Clock, seconds: float, due: list[int]) -> AsyncIterator[Moment]:
    """A mouth that moves, and each second 0.2 s of white with a beep, due at the times ``due``."""
    coarse = np.random.default_rng(1).integers(60, 140, (32, 32, 3), dtype=np.uint8)
    still = np.kron(coarse, np.ones((16, 16, 1), np.uint8))
    white = np.full((SIZE, SIZE, 3), 235, np.uint8)
    rows, columns = np.mgrid[:SIZE, :SIZE]
    times = np.arange(FLASH * MOMENT_SAMPLES) / VOICE_RATE
    beep = (np.sin(2 * np.pi * 1_000 * times) * 12_000).astype(np.int16).reshape(FLASH, -1)
    mouths = []
    for phase in range(CYCLE):
        mouth = ((columns - 256) / 70) ** 2 + ((rows - 360) / (20 + phase)) ** 2 < 1
        mouths.append(still.copy())
        mouths[-1][mouth] = (90, 30, 40)
    begin, offset = clock.now_ns() + MOMENT_NS, monotonic_ns() - clock.now_ns()
    for number in range(round(seconds * NS_PER_S / MOMENT_NS)):
        pts_ns, place = begin + number * MOMENT_NS, number % CYCLE
        await clock.sleep_until(pts_ns)
        if place == 0:
            due.append(pts_ns + offset)
        flash = place < FLASH
        yield Moment(white if flash else mouths[place], beep[place] if flash else None, pts_ns)


async def scene(clock: Clock, seconds: float) -> AsyncIterator[VideoFrame]:
    """A bar that moves, 15 pictures a second."""
    begin = clock.now_ns()
    still = np.zeros((720, 1280, 3), np.uint8)
    for number in range(round(seconds * 15)):
        pts_ns = begin + number * NS_PER_S // 15
        await clock.sleep_until(pts_ns)
        pixels = still.copy()
        pixels[:, number * 20 % 1200 :][:, :80] = 200
        yield VideoFrame(pixels, pts_ns)


class Receiver:
    """A participant of the Python SDK that notes when what came out of it."""

    def __init__(self) -> None:
        self.got: dict[str, list[int]] = {CAMERA: [], SCREEN: [], "flashes": [], "beeps": []}
        self._tasks: set[asyncio.Task[None]] = set()

    def subscribed(self, track: rtc.Track, publication: rtc.TrackPublication, _: object) -> None:
        """A track of the bot's is there."""
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            work = self._listen(track)
        else:
            camera = publication.source == rtc.TrackSource.SOURCE_CAMERA
            work = self._look(track, CAMERA if camera else SCREEN)
        self._tasks.add(asyncio.create_task(work))

    async def close(self) -> None:
        """Stop noting."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self, track: rtc.Track) -> None:
        last = 0
        stream = rtc.AudioStream(track, sample_rate=VOICE_RATE, frame_size_ms=10, capacity=500)
        async for event in stream:
            now = monotonic_ns()
            samples = np.frombuffer(event.frame.data, np.int16).astype(np.int32)
            loud = np.flatnonzero(np.abs(samples) > LOUD)
            if len(loud):
                if now - last > 3 * NS_PER_S // 10:
                    self.got["beeps"].append(now + int(loud[0]) * NS_PER_S // VOICE_RATE)
                last = now

    async def _look(self, track: rtc.Track, name: str) -> None:
        was = True
        async for event in rtc.VideoStream(track, capacity=10):
            now = monotonic_ns()
            self.got[name].append(now)
            frame = event.frame
            luma = np.frombuffer(frame.data, np.uint8)[: frame.width * frame.height : 101]
            bright = bool(luma.mean() > BRIGHT)
            if name == CAMERA and bright and not was:
                self.got["flashes"].append(now)
            was = bright


async def receive() -> None:
    """The other process: join by the JSON line that is given, write what came when told to end."""
    given = json.loads(await asyncio.to_thread(sys.stdin.readline))
    receiver, room = Receiver(), rtc.Room()
    room.on("track_subscribed", receiver.subscribed)
    await room.connect(given["url"], given["token"])
    await asyncio.to_thread(sys.stdin.readline)
    await receiver.close()
    await room.disconnect()
    sys.stdout.write(json.dumps(receiver.got))


async def send(server: LiveKitServer, seconds: float, settings: LiveKitSettings) -> dict[str, Any]:
    """Present and publish; when flashes were due, and what it cost."""
    clock, room, due, shares = MeetingClock(), rtc.Room(), list[int](), list[float]()
    showing = Showing(("avatar", "pictures"), settings, clock)
    showing.attach(room)
    await room.connect(server.url, server.token("bot", "Bot (AI)", ROOM, kind="agent"))
    await showing.up(room)
    costing = asyncio.create_task(_cost(shares))
    await asyncio.gather(
        showing.present(face(clock, seconds, due)),
        showing.publish("pictures", scene(clock, seconds)),
    )
    costing.cancel()
    await asyncio.wait({costing})
    drops = dict(showing.drops)
    await showing.down()
    await room.disconnect()
    await showing.close()
    return {"due": due, "drops": drops, "cores_each_minute": shares}


async def _cost(shares: list[float]) -> None:
    """Processor seconds of this process per second, for each minute, the last one shorter."""
    while True:
        began, processor = time.monotonic(), time.process_time()
        try:
            await asyncio.sleep(60)
        finally:
            spent = (time.process_time() - processor) / (time.monotonic() - began)
            shares.append(round(spent, 3))


async def with_python(server: LiveKitServer, seconds: float, settings: LiveKitSettings) -> Any:
    """What a participant of the Python SDK gets."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--receive",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    given = {"url": server.url, "token": server.token("guest", "Guest", ROOM)}
    try:
        cast("asyncio.StreamWriter", child.stdin).write(json.dumps(given).encode() + b"\n")
        sent = await send(server, seconds, settings)
        output, _ = await child.communicate(b"end\n")
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return {**sent, **json.loads(output)}


async def with_browser(server: LiveKitServer, seconds: float, settings: LiveKitSettings) -> Any:
    """What a Chromium with LiveKit's own client gets."""
    from playwright.async_api import async_playwright

    script = Path(__file__).parents[1] / "scripts" / "build-test-pages.sh"
    built = await asyncio.to_thread(subprocess.check_output, ["bash", str(script)], text=True)
    handler = partial(_Quiet, directory=built.strip())
    query = urlencode({"url": server.url, "token": server.token("guest", "Guest", ROOM)})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as pages:
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{pages.server_address[1]}/plain/index.html#{query}"
        async with async_playwright() as playwright:
            chromium = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=FLAGS
            )
            page = await chromium.new_page()
            await page.goto(address)
            sending = asyncio.create_task(send(server, seconds, settings))
            there = "() => Object.keys(Object.values(seen.tracks)[0] ?? {}).length === 3"
            await page.wait_for_function(there)
            await page.evaluate(MEASURE)
            sent = await sending
            offsets = []
            for _ in range(20):
                before = monotonic_ns()
                shown = await page.evaluate("performance.now()")
                offsets.append((monotonic_ns() - before, before, shown))
            got = await page.evaluate("window.got")
            await chromium.close()
        pages.shutdown()
    took, before, shown = min(offsets)
    offset = before + took // 2 - round(shown * NS_PER_MS)
    as_ns = {name: [round(at * NS_PER_MS) + offset for at in times] for name, times in got.items()}
    return {**sent, **as_ns}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing of it is of interest."""


def figures(got: dict[str, Any]) -> dict[str, object]:
    """Milliseconds, but for what says otherwise."""
    begin = got["due"][0] + WARM_NS
    due = [at for at in got["due"] if at >= begin]
    pictures, sounds = _delays(due, got["flashes"]), _delays(due, got["beeps"])
    both = ~np.isnan(pictures) & ~np.isnan(sounds)
    skews = (pictures - sounds)[both]
    tenth = max(1, len(skews) // 10)
    return {
        "seconds": round((got["due"][-1] - got["due"][0]) / NS_PER_S) + 1,
        "flashes": len(due),
        "missed": int((~both).sum()),
        "skew_p50": _part(np.abs(skews), 50),
        "skew_p95": _part(np.abs(skews), 95),
        "skew_median": _part(skews, 50),
        "skew_drift": round(float(np.median(skews[-tenth:]) - np.median(skews[:tenth])), 1),
        "picture_late_p50": _part(pictures[both], 50),
        "picture_late_p95": _part(pictures[both], 95),
        "sound_late_p50": _part(sounds[both], 50),
        "sound_late_p95": _part(sounds[both], 95),
        "camera": _flow(got[CAMERA], begin),
        "screen_share": _flow(got[SCREEN], begin),
        "sender_cores_each_minute": got["cores_each_minute"],
        "drops": got["drops"],
    }


def _delays(due: list[int], came: list[int]) -> NDArray[np.float64]:
    """For each time in ``due`` the milliseconds to the first in ``came``; NaN: nothing came."""
    delays = np.full(len(due), np.nan)
    for number, at in enumerate(due):
        near = [one - at for one in came if -NEAR_NS < one - at < NEAR_NS]
        if near:
            delays[number] = near[0] / NS_PER_MS
    return delays


def _flow(came: list[int], begin: int) -> dict[str, float]:
    """Pictures a second, the longest time without one, and how often that was a freeze."""
    times = np.array([at for at in came if at >= begin])
    gaps = np.diff(times)
    return {
        "fps": round(float(len(gaps) / (times[-1] - times[0]) * NS_PER_S), 2),
        "longest_gap": round(float(gaps.max()) / NS_PER_MS, 1),
        "freezes_over_200": int((gaps > FREEZE_NS).sum()),
    }


def _part(values: NDArray[np.float64], percent: float) -> float:
    return round(float(np.percentile(values, percent)), 1)


async def measure(options: argparse.Namespace) -> dict[str, object]:
    """The figures of one run."""
    settings = LiveKitSettings(codec=options.codec)
    with tempfile.TemporaryDirectory() as folder:
        async with running_livekit(Path(folder)) as server:
            run = with_browser if options.browser else with_python
            got = await run(server, options.seconds, settings)
    receiver = "Chromium" if options.browser else "Python"
    return {"receiver": receiver, "codec": options.codec, **figures(got)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--browser", action="store_true", help="receive in a Chromium")
    parser.add_argument("--codec", choices=("h264", "vp8", "vp9"), default="h264")
    parser.add_argument("--json", action="store_true", help="print the figures in one line")
    parser.add_argument("--receive", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.receive:
        asyncio.run(receive())
        return
    result = asyncio.run(measure(options))
    sys.stdout.write(json.dumps(result, indent=None if options.json else 2) + "\n")


if __name__ == "__main__":
    main()
