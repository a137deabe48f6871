// The page: the door, where one chooses name and devices, and the meeting.
import { dropPartials, show } from "./captions.js";
import { Loudness, listDevices, openDevices } from "./media.js";
import { Mesh } from "./mesh.js";
import { clearScreens, screen } from "./screens.js";
import { speak, t } from "./texts.js";

const $ = (id) => document.getElementById(id);
const SPEAKING = 0.06, LEVEL_MS = 110, DEVICES_MS = 15_000;
const fragment = new URLSearchParams(location.hash.slice(1));
const tracks = { audio: null, video: null };
const on = { audio: true, video: true };
const tiles = new Map(), activities = new Map();
let mesh = null, loudness = null, opening = 0, opened = Promise.resolve();

// ------------------------------------------------------------------ the door

function initial(name) { return (Array.from(name.trim())[0] ?? "?").toUpperCase(); }

function hue(name) { let sum = 0; for (const char of name) sum = (sum * 31 + char.codePointAt(0)) % 9973; return (sum * 137) % 360; }

function dress(avatar, name) { avatar.textContent = initial(name); avatar.style.setProperty("--hue", hue(name)); }

function complain(text, mild = false) {
  $("trouble").textContent = text ?? "";
  $("trouble").hidden = !text;
  $("trouble").classList.toggle("mild", mild);
}

function showToggles() {
  const states = { audio: on.audio && Boolean(tracks.audio), video: on.video && Boolean(tracks.video) };
  for (const [kind, ids] of [["audio", ["door-mic", "mic"]], ["video", ["door-cam", "cam"]]]) {
    const sign = kind === "audio" ? "mic" : "cam";
    for (const id of ids) {
      const button = $(id);
      button.setAttribute("aria-pressed", states[kind]);
      button.disabled = !tracks[kind];
      button.querySelector("use").setAttribute("href", `#i-${sign}${states[kind] ? "" : "-off"}`);
      button.title = t(`${sign}${states[kind] ? "Off" : "On"}`);
      if (id.startsWith("door")) button.setAttribute("aria-label", button.title);
    }
  }
  $("preview-off").hidden = states.video;
  for (const kind of ["audio", "video"]) if (tracks[kind]) tracks[kind].enabled = on[kind];
  const me = tiles.get("me");
  if (me) { me.node.classList.toggle("silent", !states.audio); me.node.classList.toggle("filmed", states.video); }
}

/** Open these devices; who joins meanwhile waits for them. */
function open(mic, cam) { opened = openTracks(mic, cam).catch(() => complain(t("missing"))); }

async function openTracks(mic, cam) {
  const turn = ++opening;
  complain(t("waitMedia"), true);
  const got = await openDevices(mic, cam);
  if (turn !== opening) { got.audio?.stop(); got.video?.stop(); return; }
  for (const kind of ["audio", "video"]) { tracks[kind]?.stop(); tracks[kind] = got[kind]; }
  complain(got.trouble && t(got.trouble), got.trouble === "noCamera");
  $("preview").srcObject = tracks.video ? new MediaStream([tracks.video]) : null;
  loudness?.stop();
  loudness = tracks.audio ? new Loudness(tracks.audio) : null;
  await listDevices($("mics"), "audioinput", t("none"), tracks.audio?.getSettings().deviceId);
  await listDevices($("cams"), "videoinput", t("none"), tracks.video?.getSettings().deviceId);
  showToggles();
}

function roomOfAddress() {
  const match = location.pathname.match(/^\/r\/([^/]+)$/);
  return match ? decodeURIComponent(match[1]) : "";
}

async function enter(event) {
  event.preventDefault();
  const name = $("name").value.trim(), room = $("room").value.trim();
  if (!name || !room) return;
  localStorage.setItem("meetbot.name", name);
  const token = $("token").value || fragment.get("token");
  if (token) fragment.set("token", token);
  const hash = fragment.toString();
  history.replaceState(null, "", `/r/${encodeURIComponent(room)}${hash ? `#${hash}` : ""}`);
  $("enter").disabled = true;
  $("enter").textContent = t("joining");
  await Promise.race([opened, new Promise((late) => setTimeout(late, DEVICES_MS))]);
  complain(null);
  mesh = new Mesh({ room, name, token, shared: $("shared").checked, tracks });
  mesh.addEventListener("state", ({ detail }) => (detail.state === "joined" ? joined(room) : banner(mesh?.me ? t("reconnecting") : null)));
  mesh.addEventListener("roster", roster);
  mesh.addEventListener("stream", ({ detail }) => attach(detail.peer, detail.name, detail.stream));
  mesh.addEventListener("link", () => { roster(); showChat(); });
  mesh.addEventListener("message", ({ detail }) => {
    const peer = mesh.peers.get(detail.peer);
    if (!peer?.is_bot) return;
    const activity = show(detail.data, mesh.me?.id);
    if (activity) { activities.set(peer.id, activity); roster(); }
  });
  mesh.addEventListener("ended", ({ detail }) => ended(detail));
}

// ------------------------------------------------------------------ the meeting

function banner(text) { $("banner").textContent = text ?? ""; $("banner").hidden = !text; }

function joined(room) {
  banner(null);
  $("door").hidden = true;
  $("meeting").hidden = false;
  $("room-name").textContent = room;
  document.title = `${room} · Meetbot`;
  $("share").setAttribute("aria-pressed", mesh.me.shared_microphone);
  if (!tiles.has("me")) {
    const tile = makeTile("me", mesh.me.name);
    tile.node.classList.add("me");
    tile.video.muted = true;
    tile.video.srcObject = tracks.video ? new MediaStream([tracks.video]) : null;
    if (tracks.audio) tile.loudness = new Loudness(tracks.audio);
  }
  showToggles();
}

function ended({ code, text }) {
  for (const id of [...tiles.keys()]) removeTile(id);
  dropPartials();
  banner(null);
  mesh = null;
  clearScreens();
  showChat();
  $("meeting").hidden = true;
  $("door").hidden = false;
  $("enter").disabled = false;
  $("enter").textContent = t("join");
  const known = { token: "errToken", full: "errFull", room: "errRoom", closing: "errClosing", gone: "errGone", left: "left" }[code];
  complain(known ? t(known) : t("errOther") + text, code === "left");
  if (code === "token") { $("token-field").hidden = false; $("token").focus(); }
  document.title = "Meetbot";
}

function makeTile(id, name) {
  const node = $("tile").content.firstElementChild.cloneNode(true);
  node.dataset.peer = id;
  dress(node.querySelector(".avatar"), name);
  node.querySelector(".who").textContent = name;
  $("tiles").append(node);
  const tile = { node, video: node.querySelector("video"), loudness: null };
  tiles.set(id, tile);
  return tile;
}

function removeTile(id) {
  const tile = tiles.get(id);
  if (!tile) return;
  tile.loudness?.stop();
  tile.video.srcObject = null;
  tile.node.remove();
  tiles.delete(id);
}

function play(video) { video.play().catch((error) => { if (error.name === "NotAllowedError") $("unmute").hidden = false; }); }

function attach(id, name, stream) {
  const peer = mesh?.peers.get(id);
  if (peer?.is_bot) return attachBot(peer, name, stream);
  const tile = tiles.get(id);
  if (tile) fillTile(tile, stream);
}

/** A bot has screens, and a face with a voice; all are shown once they come. */
function attachBot(peer, name, stream) {
  if (!stream) {
    dropPartials();
    removeTile(peer.id);
    activities.delete(peer.id);
    showChat();
    return clearScreens();
  }
  if (name === "stage" || name === "pictures") return screen(name, stream);
  for (const track of stream.getTracks()) {
    const come = () => face(peer, stream);
    if (track.muted) track.addEventListener("unmute", come, { once: true }); else come();
  }
}

function face(peer, stream) {
  if (!mesh?.peers.has(peer.id) || tiles.get(peer.id)?.stream === stream) return;
  const tile = tiles.get(peer.id) ?? makeTile(peer.id, peer.name);
  tile.stream = stream;
  tile.node.classList.add("bot");
  $("tiles").prepend(tile.node);
  fillTile(tile, stream);
}

function fillTile(tile, stream) {
  tile.loudness?.stop();
  tile.loudness = null;
  tile.video.srcObject = stream;
  tile.node.classList.remove("filmed", "speaking");
  if (!stream) return;
  play(tile.video);
  const [audio] = stream.getAudioTracks(), [video] = stream.getVideoTracks();
  if (audio) tile.loudness = new Loudness(audio);
  if (!video) return;
  const filmed = () => tile.node.classList.toggle("filmed", !video.muted);
  video.onmute = filmed;
  video.onunmute = filmed;
  filmed();
}

function showChat() {
  const open = Boolean(mesh?.desks.length);
  $("words").placeholder = t(open ? "chat" : "noChat");
  $("words").disabled = !open;
  $("send").disabled = !open || !$("words").value.trim();
  for (const id of ["words", "send"]) $(id).setAttribute("aria-label", t(id === "send" ? "send" : "chat"));
}

function remark(peer) {
  if (peer.away) return t("away");
  if (peer.kind === "whip") return t("external");
  if (mesh.links.get(peer.id)?.pc.connectionState !== "connected") return t("connecting");
  return "";
}

function roster() {
  if (!mesh?.me) return;
  const others = [...mesh.peers.values()].sort((a, b) => a.order - b.order);
  for (const peer of others.filter((p) => !p.is_bot)) {
    const tile = tiles.get(peer.id) ?? makeTile(peer.id, peer.name);
    tile.node.classList.toggle("away", peer.away);
    tile.node.dataset.state = mesh.links.get(peer.id)?.pc.connectionState ?? "none";
    tile.node.querySelector(".state").textContent = remark(peer);
  }
  for (const id of [...tiles.keys()]) if (id !== "me" && !mesh.peers.has(id)) removeTile(id);
  const bots = others.filter((p) => p.is_bot);
  $("bot-name").textContent = bots.map((b) => b.name).join(" · ");
  if (!bots.length && $("bot-video").srcObject) clearScreens();
  list([mesh.me, ...others]);
}

function list(members) {
  $("people-count").textContent = String(members.length);
  $("roster").replaceChildren(...members.map((member) => {
    const row = document.createElement("li"), avatar = document.createElement("i"), name = document.createElement("span"), mark = document.createElement("em");
    avatar.className = "avatar";
    dress(avatar, member.name);
    name.textContent = member.name;
    const marks = [member.id === mesh.me.id && t("you"), member.is_bot && t("bot"), member.is_bot && t(activities.get(member.id) ?? "listening"), member.shared_microphone && t("sharedBy"), member.away && t("away")];
    mark.textContent = marks.filter(Boolean).join(", ");
    if (member.is_bot) row.dataset.activity = activities.get(member.id) ?? "listening";
    row.append(avatar, name, mark);
    return row;
  }));
}

// ------------------------------------------------------------------ buttons and clocks

function toggle(kind) { if (tracks[kind]) { on[kind] = !on[kind]; showToggles(); } }

for (const id of ["door-mic", "mic"]) $(id).addEventListener("click", () => toggle("audio"));
for (const id of ["door-cam", "cam"]) $(id).addEventListener("click", () => toggle("video"));
for (const id of ["mics", "cams"]) $(id).addEventListener("change", () => open($("mics").value, $("cams").value));
$("join").addEventListener("submit", enter);
$("name").addEventListener("input", () => dress($("preview-avatar"), $("name").value));
$("leave").addEventListener("click", () => mesh?.leave());
$("share").addEventListener("click", () => {
  const shared = $("share").getAttribute("aria-pressed") !== "true";
  $("share").setAttribute("aria-pressed", shared);
  mesh.me = { ...mesh.me, shared_microphone: shared };
  mesh.share(shared);
  roster();
});
$("people-toggle").addEventListener("click", () => {
  $("people").hidden = !$("people").hidden;
  $("people-toggle").setAttribute("aria-expanded", !$("people").hidden);
});
$("copy").addEventListener("click", async () => {
  await navigator.clipboard?.writeText(location.href).catch(() => {});
  const label = $("copy").querySelector("span");
  label.textContent = t("copied");
  setTimeout(() => { label.textContent = t("copy"); }, 1600);
});
$("words").addEventListener("input", showChat);
$("chat").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("words").value.trim();
  if (!text || !mesh?.desks.length) return;
  mesh.write(text);
  $("words").value = "";
  showChat();
});
$("unmute").addEventListener("click", () => {
  $("unmute").hidden = true;
  for (const { video } of tiles.values()) play(video);
  play($("bot-video"));
});
document.addEventListener("keydown", (event) => {
  if (!mesh?.me || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  if (event.code === "KeyM") toggle("audio");
  if (event.code === "KeyV") toggle("video");
  if (event.code === "Escape") $("people").hidden = true;
});
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => { speak(button.dataset.language); showToggles(); showChat(); roster(); });
}
addEventListener("pagehide", () => mesh?.leave());
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
setInterval(() => {
  $("meter").style.transform = `scaleY(${!$("door").hidden && loudness && on.audio ? loudness.read() : 0})`;
  for (const tile of tiles.values()) tile.node.classList.toggle("speaking", (tile.loudness?.read() ?? 0) > SPEAKING);
}, LEVEL_MS);

speak();
$("name").value = localStorage.getItem("meetbot.name") ?? "";
$("room").value = roomOfAddress() || "meeting";
dress($("preview-avatar"), $("name").value);
showToggles();
showChat();
open();
