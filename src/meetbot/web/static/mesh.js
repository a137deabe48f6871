// The member's side of the signalling protocol, and one RTCPeerConnection per other member.
// Events: "state" (joined, reconnecting), "roster", "stream" {peer, name, stream} (of a bot, name is
// "stage", "pictures" or "avatar"; a null stream ends all of a peer), "link" {peer},
// "message" {peer, data}, "ended" {code, text}.

const PING_MS = 5000, DEAD_MS = 13000, SLOWEST_MS = 5000, CAMERA_BITRATE = 600_000;

const randomId = () => Array.from(crypto.getRandomValues(new Uint8Array(9)), (b) => b.toString(36)).join("").slice(0, 16);

/** Who makes the offer: a bot always; of two people the one who came later. */
function role(me, other) {
  if (other.kind !== "peer") return "none";
  if (other.is_bot) return "answer";
  return me.order > other.order ? "offer" : "answer";
}

export class Mesh extends EventTarget {
  constructor({ room, name, token, shared, tracks }) {
    super();
    this.hello = { type: "hello", name, shared_microphone: shared };
    if (token) this.hello.token = token;
    this.tracks = tracks; // {audio, video}: MediaStreamTrack or null
    this.local = new MediaStream();
    this.url = `${location.origin.replace(/^http/, "ws")}/rooms/${encodeURIComponent(room)}/ws`;
    this.peers = new Map();
    this.links = new Map();
    this.me = null;
    this.pause = 300;
    this.connect();
    this.heart = setInterval(() => this.beat(), PING_MS);
  }

  emit(type, detail = {}) { this.dispatchEvent(new CustomEvent(type, { detail })); }

  // ---------------------------------------------------------------- signalling

  connect() {
    const socket = (this.socket = new WebSocket(this.url));
    this.heardAt = performance.now();
    socket.onopen = () => {
      const links = [...this.links].filter(([, link]) => link.pc.connectionState === "connected").map(([id]) => id);
      this.send({ ...this.hello, links });
    };
    socket.onmessage = (event) => { this.heardAt = performance.now(); this.handle(JSON.parse(event.data)); };
    socket.onclose = () => { if (socket === this.socket) this.lost(); };
  }

  send(message) { if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message)); }

  beat() {
    this.send({ type: "ping" });
    if (performance.now() - this.heardAt > DEAD_MS && this.socket.readyState <= WebSocket.OPEN) {
      const dead = this.socket;
      this.socket = null;
      dead.close();
      this.lost();
    }
  }

  lost() {
    if (this.over) return;
    this.lostAt ??= performance.now();
    const patience = this.me ? (this.grace + 5) * 1000 : 6000;
    if (performance.now() - this.lostAt > patience) return this.end("gone");
    this.emit("state", { state: "reconnecting" });
    this.retry = setTimeout(() => this.connect(), this.pause);
    this.pause = Math.min(this.pause * 2, SLOWEST_MS);
  }

  end(code, text = "") {
    if (this.over) return;
    this.over = true;
    clearInterval(this.heart);
    clearTimeout(this.retry);
    for (const id of [...this.links.keys()]) this.close(id);
    this.socket?.close();
    this.emit("ended", { code, text });
  }

  leave() { this.send({ type: "leave" }); this.end("left"); }

  handle(message) {
    const peer = message.peer;
    switch (message.type) {
      case "welcome": return this.welcome(message);
      case "refused": return this.end(message.code, message.text);
      case "joined": this.meet(peer); break;
      case "changed": this.peers.set(peer.id, peer); break;
      case "away": case "back": this.mark(message); break;
      case "left": this.peers.delete(peer); this.close(peer); break;
      case "offer": return this.answer(message);
      case "answer": case "candidate": return this.links.get(peer)?.take(message);
      case "renew": return this.restart(peer);
      default: return;
    }
    this.emit("roster");
  }

  welcome(message) {
    const again = this.me !== null;
    if (again && message.me.id !== this.me.id) for (const id of [...this.links.keys()]) this.close(id);
    Object.assign(this, { me: message.me, grace: message.grace_seconds, ice: message.ice_servers ?? [], lostAt: null, pause: 300 });
    this.hello.resume = message.resume;
    const present = new Map(message.peers.map((peer) => [peer.id, peer]));
    for (const id of this.peers.keys()) if (!present.has(id)) { this.peers.delete(id); this.close(id); }
    for (const peer of present.values()) {
      if (!this.peers.has(peer.id)) this.meet(peer);
      else if (this.links.get(peer.id)?.pc.connectionState !== "connected") this.restart(peer.id);
    }
    this.emit("state", { state: "joined", again });
    this.emit("roster");
  }

  meet(peer) {
    this.peers.set(peer.id, peer);
    if (role(this.me, peer) === "offer" && !peer.away) this.open(peer.id);
  }

  mark({ type, peer, links }) {
    const info = this.peers.get(peer);
    if (!info) return;
    this.peers.set(peer, { ...info, away: type === "away" });
    if (type !== "back") return;
    if (!(links ?? []).includes(this.me.id)) this.restart(peer);
    else if (!this.links.has(peer)) this.revive(peer);
  }

  // ---------------------------------------------------------------- media

  restart(id) {
    const peer = this.peers.get(id);
    if (!peer) return;
    this.close(id);
    if (role(this.me, peer) === "offer") this.open(id);
  }

  answer(message) {
    const peer = this.peers.get(message.peer);
    if (!peer || role(this.me, peer) !== "answer") return;
    this.close(message.peer);
    this.open(message.peer, message);
  }

  open(id, offer = null) {
    const link = new Link(this, id, offer);
    this.links.set(id, link);
    link.negotiate(offer).catch((error) => { console.warn("negotiation failed", error); this.broken(link); });
  }

  close(id) {
    const link = this.links.get(id);
    if (!link) return;
    this.links.delete(id);
    link.end();
    this.emit("stream", { peer: id, stream: null });
  }

  broken(link) {
    if (this.links.get(link.id) !== link) return;
    this.close(link.id);
    this.revive(link.id);
  }

  /** Someone who has just gone is not called back: first see whether they have left. */
  revive(id) {
    setTimeout(() => {
      const peer = this.peers.get(id);
      if (this.over || !peer || peer.away || this.links.has(id)) return;
      if (role(this.me, peer) === "offer") this.open(id);
      else if (role(this.me, peer) === "answer") this.send({ type: "renew", peer: id });
    }, 1500);
  }

  /** Send another track, or none, to everyone; nothing is negotiated for it. */
  async replace(kind, track) {
    this.tracks[kind] = track;
    for (const link of this.links.values()) await link.senders[kind]?.replaceTrack(track);
  }

  get desks() { return [...this.links.values()].map((link) => link.words).filter((words) => words?.readyState === "open"); }

  /** Write to the room; a bot takes it and shows it to everyone. */
  write(text) {
    const message = JSON.stringify({ type: "chat", id: randomId(), text });
    for (const words of this.desks) words.send(message);
  }

  share(shared) { this.hello.shared_microphone = shared; this.send({ type: "change", shared_microphone: shared }); }
}

class Link {
  constructor(mesh, id, offer) {
    Object.assign(this, { mesh, id, session: offer?.session ?? randomId(), senders: {}, early: [] });
    const pc = (this.pc = new RTCPeerConnection({ iceServers: mesh.ice, bundlePolicy: "max-bundle" }));
    this.streams = new Map();
    this.words = null;
    pc.onicecandidate = ({ candidate }) => this.send({
      type: "candidate", candidate: candidate?.candidate ?? "", sdp_mid: candidate?.sdpMid ?? null, sdp_mline_index: candidate?.sdpMLineIndex ?? null,
    });
    pc.ontrack = ({ track, streams }) => {
      const name = mesh.peers.get(id)?.is_bot ? streams[0]?.id ?? "" : "";
      if (!this.streams.has(name)) this.streams.set(name, new MediaStream());
      const stream = this.streams.get(name);
      stream.addTrack(track);
      mesh.emit("stream", { peer: id, name, stream });
    };
    pc.ondatachannel = ({ channel }) => {
      this.words = channel;
      channel.onopen = () => mesh.emit("link", { peer: id });
      channel.onmessage = ({ data }) => mesh.emit("message", { peer: id, data });
    };
    pc.onconnectionstatechange = () => this.changed();
  }

  send(message) { this.mesh.send({ ...message, peer: this.id, session: this.session }); }

  async negotiate(offer) {
    if (offer) {
      await this.pc.setRemoteDescription({ type: "offer", sdp: offer.sdp });
      for (const transceiver of this.pc.getTransceivers()) await this.fill(transceiver);
      await this.settle();
      await this.pc.setLocalDescription();
      this.send({ type: "answer", sdp: this.pc.localDescription.sdp });
    } else {
      for (const kind of ["audio", "video"]) await this.fill(this.pc.addTransceiver(kind, { direction: "sendrecv", streams: [this.mesh.local] }));
      await this.pc.setLocalDescription();
      this.send({ type: "offer", sdp: this.pc.localDescription.sdp });
    }
  }

  /** Send our track of that kind, unless the other side only shows something (as the bot does). */
  async fill(transceiver) {
    const kind = transceiver.receiver.track.kind;
    const wanted = !this.mesh.peers.get(this.id)?.is_bot || kind === "audio";
    if (!wanted || this.senders[kind]) return;
    this.senders[kind] = transceiver.sender;
    transceiver.direction = "sendrecv";
    await transceiver.sender.replaceTrack(this.mesh.tracks[kind]);
    if (kind === "video") await this.limit(transceiver.sender);
  }

  async limit(sender) {
    const parameters = sender.getParameters();
    if (!parameters.encodings?.length) return;
    parameters.encodings[0].maxBitrate = CAMERA_BITRATE;
    await sender.setParameters(parameters).catch(() => {});
  }

  async take(message) {
    if (message.session !== this.session) return;
    try {
      if (message.type === "answer") {
        await this.pc.setRemoteDescription({ type: "answer", sdp: message.sdp });
        await this.settle();
      } else if (this.pc.remoteDescription) await this.add(message);
      else this.early.push(message);
    } catch (error) { console.warn("signalling", error); }
  }

  async settle() { for (const message of this.early.splice(0)) await this.add(message); }

  async add({ candidate, sdp_mid, sdp_mline_index }) {
    if (candidate) await this.pc.addIceCandidate({ candidate, sdpMid: sdp_mid ?? null, sdpMLineIndex: sdp_mline_index ?? null });
  }

  changed() {
    const state = this.pc.connectionState;
    this.mesh.emit("link", { peer: this.id, state });
    clearTimeout(this.patience);
    if (state === "failed") this.mesh.broken(this);
    if (state === "disconnected") this.patience = setTimeout(() => this.mesh.broken(this), 6000);
  }

  end() { clearTimeout(this.patience); this.pc.onconnectionstatechange = null; this.pc.close(); }
}
