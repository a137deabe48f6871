// A participant that plays everything, and keeps on `window.seen` what reached it.
import { Room, RoomEvent, Track } from "livekit-client";

const given = new URLSearchParams(location.hash.slice(1));
const room = new Room();
const seen = {
  connected: false,
  error: null,
  tracks: {}, // identity → source → what came of it
  transcriptions: [], // packets
  streams: [], // text streams of lk.transcription
  chat: [],
  data: [],
  states: [], // lk.agent.state
};
window.seen = seen;
window.room = room;

const sound = new AudioContext();
const decoder = new TextDecoder();

function watch(element, kept) {
  const canvas = new OffscreenCanvas(32, 32);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  let before = null;
  const look = (now) => {
    pen.drawImage(element, 0, 0, 32, 32);
    const pixels = pen.getImageData(0, 0, 32, 32).data;
    const moved = before && pixels.reduce((sum, value, at) => sum + Math.abs(value - before[at]), 0);
    before = pixels;
    kept.frames += 1;
    if (moved > 200) kept.changes += 1;
    if (kept.at) kept.longest_ms = Math.max(kept.longest_ms, now - kept.at);
    kept.at = now;
    kept.width = element.videoWidth;
    kept.height = element.videoHeight;
    element.requestVideoFrameCallback(look);
  };
  element.requestVideoFrameCallback(look);
}

function listen(track, kept) {
  const analyser = new AnalyserNode(sound, { fftSize: 2048 });
  sound.createMediaStreamSource(new MediaStream([track.mediaStreamTrack])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const level = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
    kept.loudest = Math.max(kept.loudest, level);
    if (level > 0.01) kept.loud_ms += 40;
  }, 40);
}

room.on(RoomEvent.TrackSubscribed, (track, publication, participant) => {
  const kept = { kind: track.kind, sid: publication.trackSid, mime: publication.mimeType };
  Object.assign(kept, { frames: 0, changes: 0, longest_ms: 0, loudest: 0, loud_ms: 0 });
  (seen.tracks[participant.identity] ??= {})[publication.source] = kept;
  const element = track.attach();
  document.body.append(element);
  if (track.kind === Track.Kind.Video) watch(element, kept);
  else listen(track, kept);
});
room.on(RoomEvent.TranscriptionReceived, (segments, participant, publication) => {
  for (const { id, text, final } of segments)
    seen.transcriptions.push({
      identity: participant?.identity,
      track: publication?.trackSid,
      id,
      text,
      final,
    });
});
function note(attributes, { identity }) {
  const state = attributes["lk.agent.state"];
  if (state) seen.states.push({ identity, state });
}
room.on(RoomEvent.ParticipantConnected, (participant) => note(participant.attributes, participant));
room.on(RoomEvent.ParticipantAttributesChanged, note);
room.on(RoomEvent.DataReceived, (payload, participant, _, topic) => {
  seen.data.push({ identity: participant?.identity, topic, value: JSON.parse(decoder.decode(payload)) });
});
room.registerTextStreamHandler("lk.transcription", async (reader, { identity }) => {
  seen.streams.push({ identity, text: await reader.readAll(), ...reader.info.attributes });
});
room.registerTextStreamHandler("lk.chat", async (reader, { identity }) => {
  seen.chat.push({ identity, text: await reader.readAll(), id: reader.info.id });
});

// The microphone's recording begins when it is opened.
window.speak = async () => {
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const publication = await room.localParticipant.setMicrophoneEnabled(true, plain);
  return publication.trackSid;
};
window.write = (text) => room.localParticipant.sendText(text, { topic: "lk.chat" });

try {
  await sound.resume();
  await room.connect(given.get("url"), given.get("token"));
  seen.connected = true;
} catch (error) {
  seen.error = String(error);
}
