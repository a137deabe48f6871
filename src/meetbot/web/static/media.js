// Camera and microphone: getting them, choosing them, and how loud they are.

const CAMERA = { width: { ideal: 640 }, height: { ideal: 400 }, frameRate: { ideal: 24, max: 30 } };
const MICROPHONE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };

/** What went wrong with getUserMedia, as a key of the texts. */
function reason(error) {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return "denied";
  if (error.name === "NotReadableError" || error.name === "AbortError") return "busy";
  return "missing";
}

const wish = (base, device) => (device === "" ? false : device ? { ...base, deviceId: { exact: device } } : base);

/** Open what can be had: {audio, video, trouble}. `mic` and `cam` are device ids, "" for none. */
export async function openDevices(mic, cam) {
  if (!navigator.mediaDevices?.getUserMedia) return { audio: null, video: null, trouble: "insecure" };
  const get = (audio, video) => navigator.mediaDevices.getUserMedia({ audio, video });
  const audio = wish(MICROPHONE, mic), video = wish(CAMERA, cam);
  if (!audio && !video) return { audio: null, video: null, trouble: null };
  try {
    const stream = await get(audio, video);
    return { audio: stream.getAudioTracks()[0] ?? null, video: stream.getVideoTracks()[0] ?? null, trouble: null };
  } catch (error) {
    if (!audio || !video) return { audio: null, video: null, trouble: video ? "noCamera" : reason(error) };
    const sound = await get(audio, false).catch((e) => e);
    if (sound instanceof MediaStream) return { audio: sound.getAudioTracks()[0], video: null, trouble: "noCamera" };
    const picture = await get(false, video).catch(() => null);
    return { audio: null, video: picture?.getVideoTracks()[0] ?? null, trouble: reason(sound) };
  }
}

/** Fill a <select> with the devices of a kind; the first entry means none. */
export async function listDevices(select, kind, none, current) {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  const options = devices.filter((d) => d.kind === kind && d.deviceId).map((d, i) => new Option(d.label || `${i + 1}`, d.deviceId));
  select.replaceChildren(new Option(none, ""), ...options);
  select.value = current && options.some((o) => o.value === current) ? current : "";
}

let context = null;

/** Follows the loudness (0…1) of a track; `stop()` ends it. */
export class Loudness {
  constructor(track) {
    context ??= new AudioContext();
    context.resume().catch(() => {});
    this.source = context.createMediaStreamSource(new MediaStream([track]));
    this.analyser = new AnalyserNode(context, { fftSize: 1024, smoothingTimeConstant: 0.3 });
    this.source.connect(this.analyser);
    this.samples = new Float32Array(this.analyser.fftSize);
  }

  read() {
    this.analyser.getFloatTimeDomainData(this.samples);
    let sum = 0;
    for (const sample of this.samples) sum += sample * sample;
    return Math.min(1, Math.sqrt(sum / this.samples.length) * 6);
  }

  stop() { this.source.disconnect(); }
}
