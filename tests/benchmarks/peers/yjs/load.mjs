// Clients of one room that type: node load.mjs URL CLIENTS RATE SECONDS [hocuspocus]; prints one line of JSON.
// Each is a whole Yjs document. An edit is a number; every other client takes the time when it has it in its text.
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import WebSocket from "ws";
import * as sync from "y-protocols/sync";
import * as Y from "yjs";

const [url, count, rate, seconds, protocol] = process.argv.slice(2);
const CLIENTS = Number(count);
const PERIOD = 1000 / Number(rate);
const HOCUSPOCUS = protocol === "hocuspocus";
const WARM = 1500;
const REST = 3000;
const SYNC = 0;
const AUTH = 2;

const sent = new Map();
const times = [];
let measuring = false;
let made = 0;
let received = 0;

const begin = (kind) => {
  const encoder = encoding.createEncoder();
  if (HOCUSPOCUS) encoding.writeVarString(encoder, "room");
  encoding.writeVarUint(encoder, kind);
  return encoder;
};

const join = () =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    const doc = new Y.Doc();
    const text = doc.getText("text");
    const send = (encoder) => socket.send(encoding.toUint8Array(encoder));
    text.observe((event, transaction) => {
      if (transaction.origin !== "remote" || !measuring) return;
      const now = performance.now();
      for (const { insert } of event.delta) {
        for (const [, id] of insert?.matchAll(/<(\d+)>/g) ?? []) {
          const since = sent.get(Number(id));
          if (since !== undefined) times.push(now - since);
        }
      }
    });
    doc.on("update", (update, origin) => {
      if (origin === "remote") return;
      const encoder = begin(SYNC);
      sync.writeUpdate(encoder, update);
      send(encoder);
    });
    socket.on("open", () => {
      if (HOCUSPOCUS) {
        const encoder = begin(AUTH);
        encoding.writeVarUint(encoder, 0);
        encoding.writeVarString(encoder, "token");
        send(encoder);
      }
      const encoder = begin(SYNC);
      sync.writeSyncStep1(encoder, doc);
      send(encoder);
    });
    socket.on("message", (message) => {
      received++;
      const decoder = decoding.createDecoder(message);
      if (HOCUSPOCUS) decoding.readVarString(decoder);
      if (decoding.readVarUint(decoder) !== SYNC) return;
      const encoder = begin(SYNC);
      const empty = encoding.length(encoder);
      const kind = sync.readSyncMessage(decoder, encoder, doc, "remote");
      if (encoding.length(encoder) > empty) send(encoder);
      if (kind === sync.messageYjsSyncStep2) resolve({ text });
    });
    socket.on("error", reject);
    setTimeout(() => reject(new Error("no answer to the first question")), 10_000).unref();
  });

const clients = [];
for (let number = 0; number < CLIENTS; number++) clients.push(await join());
const timers = [];
for (const { text } of clients) {
  const type = () => {
    const id = made++;
    sent.set(id, performance.now());
    text.insert(text.length, `<${id}>`);
  };
  timers.push(setTimeout(() => timers.push(setInterval(type, PERIOD)), Math.random() * PERIOD));
}
await new Promise((done) => setTimeout(done, WARM));
measuring = true;
const before = { made, received, cpu: process.cpuUsage(), time: performance.now() };
await new Promise((done) => setTimeout(done, Number(seconds) * 1000));
const took = (performance.now() - before.time) / 1000;
const cpu = process.cpuUsage(before.cpu);
for (const timer of timers) clearInterval(timer);
const edits = (made - before.made) / took;
const messages = (received - before.received) / took;
await new Promise((done) => setTimeout(done, REST));
times.sort((a, b) => a - b);
const quantile = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
const texts = new Set(clients.map(({ text }) => text.toString()));
const whole = [...texts][0];
const lost = Array.from({ length: made }, (_, id) => id).filter((id) => !whole.includes(`<${id}>`)).length;
const result = {
  p50: quantile(0.5),
  p99: quantile(0.99),
  edits,
  messages,
  seen: times.length,
  cpu: (cpu.user + cpu.system) / 1e6 / took,
  same: texts.size === 1,
  lost,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
