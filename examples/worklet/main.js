// Learns an effect, hands it to an AudioWorklet as bytes, renders a tenth of a second to compare it with the effect itself, and plays it.
import { NN } from "wasmlp";
import processorUrl from "./processor.js?worker&url";

const effect = (sample) => Math.tanh(3 * sample);

const nn = new NN({ layers: [1, { units: 8, activation: "tanh" }, { units: 1, activation: "linear" }], loss: "meanSquaredError", learningRate: 0.01, seed: 1 });
const samples = Float32Array.from({ length: 1024 }, (_, i) => i / 512 - 1);
nn.fit(samples, samples.map(effect), { epochs: 200 });
const model = nn.save();

/** Lets a tone through the effect; returns the node, which tells by a message what computes. */
async function connect(context) {
  await context.audioWorklet.addModule(processorUrl);
  const tone = new OscillatorNode(context, { frequency: 220 });
  const node = new AudioWorkletNode(context, "learnt-effect", { processorOptions: { model } });
  tone.connect(node).connect(context.destination);
  tone.start();
  return node;
}

// Without a loudspeaker: what comes out, and how far it is from the effect.
const offline = new OfflineAudioContext(1, 4800, 48000);
const { port } = await connect(offline);
const told = new Promise((resolve) => {
  port.addEventListener("message", ({ data }) => resolve(data), { once: true });
});
port.start();
const rendered = (await offline.startRendering()).getChannelData(0);
const error = Math.max(...rendered.map((sample, i) => Math.abs(sample - effect(Math.sin((2 * Math.PI * 220 * i) / 48000)))));
const report = { ...(await told), error };
document.querySelector("pre").textContent = JSON.stringify(report);
console.log(JSON.stringify(report));

const button = document.querySelector("button");
button.disabled = false;
button.addEventListener("click", () => connect(new AudioContext()));
