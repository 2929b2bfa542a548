// A Yjs client as it comes from npm, told what to do by lines of JSON: node peer.mjs URL ROOM QUERY
import { createInterface } from "node:readline";
import * as Y from "yjs";
import { WebsocketProvider } from "y-websocket";
import WS from "ws";

const [url, room, query] = process.argv.slice(2);
const doc = new Y.Doc();
const text = doc.getText("text");
const provider = new WebsocketProvider(url, room, doc, {
  WebSocketPolyfill: WS,
  disableBc: true,
  params: JSON.parse(query),
});
const say = (body) => process.stdout.write(`${JSON.stringify(body)}\n`);
const ALPHABET = ["A", "B", "C", "\u{1F600}", "漢", "\n"];

let state = 1;
const random = (below) => {
  // The same sequence in every run.
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return state % below;
};

// Never inside a surrogate pair: there Yjs and others would disagree for ever.
const border = (place) => {
  const code = text.toString().charCodeAt(place);
  return code >= 0xdc00 && code <= 0xdfff ? place - 1 : place;
};

const type = async (count, seed) => {
  state = seed;
  for (let index = 0; index < count; index++) {
    const place = border(Math.min(text.length, random(4)));
    text.insert(place, ALPHABET[random(ALPHABET.length)]);
    if (index % 5 === 4) {
      const first = border(Math.min(Math.max(0, text.length - 1), random(6)));
      if (first < text.length) {
        text.delete(first, String.fromCodePoint(text.toString().codePointAt(first)).length);
      }
    }
    if (index % 3 === 0) await new Promise((done) => setImmediate(done));
  }
  say({ typed: count });
};

provider.awareness.on("change", () => {
  const states = [...provider.awareness.getStates()].filter(([client]) => client !== doc.clientID);
  say({ others: states.map(([, value]) => value) });
});
provider.on("status", ({ status }) => say({ status }));
provider.on("sync", (synced) => say({ synced, client: doc.clientID }));
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (command.type) await type(command.type, command.seed);
  else if (command.insert !== undefined) text.insert(0, command.insert);
  else if (command.aware) provider.awareness.setLocalState(command.aware);
  else if (command.token) provider.params.token = command.token;
  else if (command.show) say({ text: text.toString() });
  else if (command.quit) break;
}
provider.destroy();
process.exit(0);
