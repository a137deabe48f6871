// What the bot shows besides its face: its captions and its pictures. One of them is large, the
// other stands among the tiles; a click there changes them.
const large = document.getElementById("bot-video"), place = document.getElementById("stage");
const tile = document.getElementById("screen"), small = tile.querySelector("video");
const PICTURE = { left: 24 / 1280, top: 24 / 720, width: 1032 / 1280, height: 580 / 720 }; // of the layout "picture"
const THUMB = 480;
const streams = { stage: null, pictures: null };
let painted = false, chosen = null;

const live = (stream) => Boolean(stream?.getVideoTracks().some((track) => !track.muted));

function give(video, stream) {
  if (video.srcObject === stream) return;
  video.srcObject = stream;
  if (video === large) place.dataset.state = "waiting";
  if (stream) video.play().catch(() => {});
}

function arrange() {
  const both = painted && live(streams.pictures);
  const first = both ? chosen ?? "pictures" : "stage";
  tile.hidden = !both || !streams.stage;
  place.dataset.shows = first;
  give(large, streams[first]);
  give(small, tile.hidden ? null : streams[first === "stage" ? "pictures" : "stage"]);
}

large.addEventListener("playing", () => { place.dataset.state = "live"; });
tile.addEventListener("click", () => { chosen = place.dataset.shows === "stage" ? "pictures" : "stage"; arrange(); });

/** The stream `stage` or `pictures` of a bot came; null: it is gone. */
export function screen(name, stream) {
  streams[name] = stream;
  for (const track of stream?.getVideoTracks() ?? []) for (const event of ["mute", "unmute"]) track.addEventListener(event, arrange);
  arrange();
}

/** The bot is gone, with all that it showed. */
export function clearScreens() {
  Object.assign(streams, { stage: null, pictures: null });
  painted = false;
  chosen = null;
  arrange();
}

/** A picture has been painted: from the first on, pictures are what is large. */
export function pictured() {
  painted = true;
  arrange();
}

/** The picture that is shown now, as a canvas; null where none is to be seen. */
export function thumbnail() {
  const video = [large, small].find((each) => each.srcObject && each.srcObject === streams.pictures);
  if (!video?.videoWidth) return null;
  const { videoWidth: wide, videoHeight: tall } = video, canvas = document.createElement("canvas");
  canvas.width = THUMB;
  canvas.height = Math.round((THUMB * PICTURE.height * tall) / (PICTURE.width * wide));
  canvas.getContext("2d").drawImage(video, PICTURE.left * wide, PICTURE.top * tall, PICTURE.width * wide, PICTURE.height * tall, 0, 0, canvas.width, canvas.height);
  return canvas;
}
