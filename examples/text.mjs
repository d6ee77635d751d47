// What does a customer want? Short texts, hashed into a row of numbers, classified, saved, loaded, and served over HTTP.
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NN } from "wasmlp";
import { loadFile, saveFile } from "wasmlp/node";

const INPUTS = 512;
const EXAMPLES = {
  greeting: [
    "hello",
    "hi there",
    "good morning",
    "hey, how are you?",
    "good evening to you",
    "hello again",
    "hi, nice to meet you",
    "greetings",
  ],
  order: [
    "I want to order a pizza",
    "can I get two coffees please",
    "I would like to buy this lamp",
    "please add three chairs to my basket",
    "order the blue jacket for me",
    "I'd like to place an order",
    "buy one ticket for tonight",
    "can I order online?",
  ],
  delivery: [
    "where is my parcel?",
    "when will my order arrive",
    "the package has not been delivered",
    "track my shipment please",
    "how long does shipping take?",
    "my delivery is late",
    "has my parcel been sent yet?",
    "I am still waiting for the package",
  ],
  refund: [
    "I want my money back",
    "how do I return these shoes?",
    "please refund the payment",
    "the lamp is broken, I want to send it back",
    "can I return this item",
    "I was charged twice, give me a refund",
    "it does not fit, may I return it?",
    "cancel it and pay me back",
  ],
  goodbye: [
    "goodbye",
    "bye bye",
    "see you later",
    "thanks, that was all, bye",
    "have a nice day",
    "talk to you tomorrow",
    "see you soon",
    "farewell",
  ],
};

/** FNV-1a: 32 bits that depend on every character. */
function hash(text) {
  let bits = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) bits = Math.imul(bits ^ byte, 0x01000193);
  return bits >>> 0;
}

/** Words, pairs of words, and their parts of four letters, each counted at the input that its hash says; a row of length 1. */
function features(text) {
  const row = new Float32Array(INPUTS);
  const words =
    text
      .toLowerCase()
      .normalize("NFKD")
      .match(/[\p{L}\p{N}']+/gu) ?? [];
  const grams = words.flatMap((word, i) => {
    const edged = `<${word}>`;
    const parts = Array.from({ length: Math.max(0, edged.length - 3) }, (_, at) => edged.slice(at, at + 4));
    return [word, ...parts, ...(i > 0 ? [`${words[i - 1]} ${word}`] : [])];
  });
  // One bit of the hash is a sign, so that two that meet at an input cancel out as often as they add up.
  for (const bits of grams.map(hash)) row[bits % INPUTS] += bits & 0x80000000 ? 1 : -1;
  const length = Math.hypot(...row) || 1;
  return row.map((value) => value / length);
}

const labels = Object.keys(EXAMPLES);
const items = Object.values(EXAMPLES).flatMap((texts, y) => texts.map((text) => ({ text, y })));
const nn = new NN({
  layers: [INPUTS, { units: 32, activation: "relu" }, labels.length],
  loss: "categoricalCrossentropy",
  learningRate: 0.01,
  seed: 1,
});
nn.metadata = { labels }; // goes into the file
const { loss, epochs } = nn.fit(
  items.map(({ text }) => features(text)),
  items.map(({ y }) => y),
  { epochs: 40, batchSize: 8 },
);
console.log(
  `${items.length} texts, ${labels.length} labels: loss ${loss[0].toFixed(3)} → ${loss.at(-1).toFixed(3)} in ${epochs} epochs`,
);

const file = join(tmpdir(), `wasmlp-text-${process.pid}.safetensors`);
await saveFile(nn, file);
const served = await loadFile(file);
await rm(file);

/** The label of a text, and how sure the network is. */
function classify(text) {
  const [chances] = served.predict([features(text)]);
  const best = chances.indexOf(Math.max(...chances));
  return { text, label: served.metadata.labels[best], probability: Number(chances[best].toFixed(3)) };
}

const server = createServer((request, response) => {
  const text = new URL(request.url, "http://localhost").searchParams.get("text");
  response.writeHead(text ? 200 : 400, { "content-type": "application/json" });
  response.end(JSON.stringify(text ? classify(text) : { error: "give a text: /?text=hello" }));
}).listen(0, "127.0.0.1");
await once(server, "listening");
const address = `http://127.0.0.1:${server.address().port}/`;

// Texts that it was not trained on.
for (const text of [
  "hello, good day",
  "I'd like to order four lamps",
  "where's the package I ordered?",
  "please return my payment",
  "ok bye, see you",
]) {
  const answer = await (await fetch(`${address}?text=${encodeURIComponent(text)}`)).json();
  console.log(`${answer.label.padEnd(9)} ${(100 * answer.probability).toFixed(0).padStart(3)} %   ${answer.text}`);
}
server.close();
