// The panel of what is said and written. Whatever comes is text, never markup.
import { pictured, thumbnail } from "./screens.js";
import { t } from "./texts.js";

const KEPT = 300, COLOUR = /^#[0-9a-f]{6}$/i, FADED_MS = [1400, 4000], ACTIVITIES = ["listening", "thinking", "speaking"];
const list = document.getElementById("captions"), empty = document.getElementById("captions-empty"), latest = document.getElementById("latest");
const items = new Map();
let following = true, newest = null;

list.addEventListener("scroll", () => {
  following = list.scrollHeight - list.scrollTop - list.clientHeight < 48;
  if (following) latest.hidden = true;
});
latest.addEventListener("click", () => { following = true; follow(); });

function follow() {
  if (following) list.scrollTop = list.scrollHeight; else latest.hidden = false;
}

function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function element(tag, className) { const node = document.createElement(tag); node.className = className; return node; }

function item(id) {
  const found = items.get(id);
  if (found) return found;
  const node = document.createElement("li"), by = element("div", "by");
  by.append(element("span", "voice"), document.createElement("time"));
  node.append(by, element("div", "said"));
  list.append(node);
  items.set(id, node);
  return node;
}

/** Finals stand in the order of their beginnings, above what is still being said. */
function settle(node) {
  let before = node.previousElementSibling;
  while (before && (before.classList.contains("partial") || Number(before.dataset.start) > Number(node.dataset.start))) before = before.previousElementSibling;
  if (before) before.after(node); else list.prepend(node);
  for (const each of [node, node.nextElementSibling]) group(each);
}

function group(node) {
  const before = node?.previousElementSibling;
  if (!node?.dataset.voice) return;
  const near = before && before.dataset.voice === node.dataset.voice && Number(node.dataset.start) - Number(before.dataset.end) < 20;
  node.classList.toggle("same", Boolean(near));
}

function caption(message) {
  const node = item(String(message.id));
  if (node.dataset.final && !message.final) return;
  const voice = String(message.speaker ?? message.participant_name ?? t("guest"));
  node.querySelector(".voice").textContent = voice;
  node.querySelector("time").textContent = clock(message.start);
  node.querySelector(".said").textContent = String(message.text ?? "");
  node.lang = String(message.language ?? "");
  if (COLOUR.test(message.colour ?? "")) node.style.setProperty("--tint", message.colour);
  Object.assign(node.dataset, { voice, start: Number(message.start) || 0, end: Number(message.end) || 0 });
  node.classList.toggle("partial", !message.final);
  if (message.final) { node.dataset.final = "1"; settle(node); } else group(node);
}

function chat(message, mine) {
  const node = item(`chat ${message.participant} ${message.id}`);
  const bots = message.participant === "bot" && document.getElementById("bot-name").textContent;
  const voice = String(bots || (message.participant_name ?? t("guest"))), at = Number(message.at) || 0;
  node.classList.add("chat");
  node.classList.toggle("mine", message.participant === mine);
  node.querySelector(".voice").textContent = voice;
  node.querySelector("time").textContent = clock(at);
  node.querySelector(".said").textContent = String(message.text ?? "");
  Object.assign(node.dataset, { voice: `chat ${voice}`, start: at, end: at, final: "1" });
  settle(node);
}

/** A picture with whose words it shows; what it looks like is taken from the video once it has faded in, and again where that takes longer. */
function picture(message) {
  const id = `picture ${message.id}`, node = item(id), at = Number(message.at) || 0;
  const speakers = Array.isArray(message.speakers) ? message.speakers : [];
  const voice = speakers.map((one) => String(one?.name ?? "")).filter(Boolean).join(", ") || String(message.participant_name ?? t("bot"));
  const tint = speakers.find((one) => COLOUR.test(one?.colour ?? ""))?.colour;
  node.classList.add("picture");
  node.querySelector(".voice").textContent = voice;
  node.querySelector("time").textContent = clock(at);
  node.querySelector(".said").textContent = String(message.subject || t("neutral"));
  if (tint) node.style.setProperty("--tint", tint);
  Object.assign(node.dataset, { voice: `picture ${voice}`, start: at, end: at, final: "1" });
  settle(node);
  pictured();
  newest = id;
  for (const late of FADED_MS) setTimeout(() => { if (newest === id) frame(node); }, late);
}

function frame(node) {
  const canvas = thumbnail();
  if (!canvas || !node.isConnected) return;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${t("picture")}: ${node.querySelector(".said").textContent}`);
  node.querySelector("canvas")?.remove();
  node.querySelector(".by").after(canvas);
  follow();
}

function notice(message) {
  const node = element("li", `note ${message.state === "degraded" ? "degraded" : ""}`);
  node.textContent = String(message.text ?? "");
  list.append(node);
}

/** Show one message of the bot's data channel; `mine` is this member's id. Returns what the bot does, where it says so. */
export function show(text, mine) {
  let message;
  try { message = JSON.parse(text); } catch { return; }
  if (message?.type === "activity") return ACTIVITIES.includes(message.activity) ? message.activity : null;
  if (message?.type === "caption") caption(message);
  else if (message?.type === "chat") chat(message, mine);
  else if (message?.type === "picture") picture(message);
  else if (message?.type === "notice") notice(message);
  else return;
  empty.hidden = true;
  while (list.children.length > KEPT) {
    for (const [id, node] of items) if (node === list.firstElementChild) items.delete(id);
    list.firstElementChild.remove();
  }
  follow();
}

/** What nobody will finish any more (the bot is gone) is taken away. */
export function dropPartials() {
  for (const [id, node] of items) if (node.classList.contains("partial")) { node.remove(); items.delete(id); }
}
