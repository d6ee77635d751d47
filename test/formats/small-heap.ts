// A program for small-heap.node.test.ts, run with a heap that is too small for what these files and values claim: prints the
// name of each, and what became of it.
import { ModelFormatError, NN } from "../../src/index.js";

/** A safetensors file without a checksum, which is optional. */
function file(header: string, data = 0): Uint8Array {
  const bytes = new TextEncoder().encode(header);
  const whole = new Uint8Array(8 + bytes.length + data);
  new DataView(whole.buffer).setBigUint64(0, BigInt(bytes.length), true);
  whole.set(bytes, 8);
  return whole;
}

const description = (layers: string, more = ""): string =>
  `{"version":1,"options":{"layers":${layers},"optimizer":"sgd","seed":1},"step":0,"epoch":0${more}}`;
const TENSORS =
  '"layers.0.weight":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},"layers.0.bias":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}';
const described = (text: string): Uint8Array =>
  file(`{"__metadata__":{"wasmlp":${JSON.stringify(text)},"optimizer":""},${TENSORS}}`, 8);
const header = (entry: string): Uint8Array =>
  file(`{"__metadata__":{"wasmlp":${JSON.stringify(description("[1,1]"))},"optimizer":""},${TENSORS},${entry}}`, 8);
/** About as many bytes of one piece of text, again and again. */
const times = (text: string, bytes: number): string => text.repeat(Math.floor(bytes / text.length));
/** As many different names. */
function names(bytes: number): string {
  const entries: string[] = [];
  for (let i = 0; i < bytes / 12; i++) entries.push(`"k${i.toString(36)}":1`);
  return entries.join();
}

/** Many entries in the description of a file with as many bytes of numbers. */
const described20 = (more: string, data: number): Uint8Array =>
  file(`{"__metadata__":{"wasmlp":${JSON.stringify(description("[1,1]", more))},"optimizer":""},${TENSORS}}`, data);

/** A megabyte where the heap has 128 of them; where it has fewer, the files are as much smaller. */
const MB = (1e6 * Number(process.argv[2])) / 128;
const CASES: Record<string, () => Uint8Array | string> = {
  "a good file": () => described(description("[1,1]")),
  "2,000,000 layers": () => described(description(`[${times("1,", 4 * MB)}1]`)),
  "6,000,000 layers": () => described(description(`[${times("1,", 12 * MB)}1]`)),
  "layers that are objects": () => described(description(`[1,${times("{},", 12 * MB)}1]`)),
  "layers that are lists": () => described(description(`[1,${times("[],", 12 * MB)}1]`)),
  "a shift without end": () =>
    described(description("[1,1]", `,"scalers":{"input":{"shift":[${times("{},", 12 * MB)}0],"scale":[1]}}`)),
  "names in the description": () => described(description("[1,1]", "," + names(9 * MB))),
  "names in the description of numbers": () => described20(`,"x":{${names(10 * MB)}}`, MB),
  "texts in the description of numbers": () => described20(`,"x":[${times('"",', 10 * MB)}0]`, 4 * MB),
  "numbers in the description of numbers": () => described20(`,"x":[${times("1.5,", 12 * MB)}0]`, 4 * MB),
  "brackets in the description": () => described(description(`${"[".repeat(6 * MB)}1${"]".repeat(6 * MB)}`)),
  "a shape without end": () => header(`"x":{"shape":[${times("{},", 18 * MB)}0]}`),
  "tensors without end": () => header(names(9 * MB)),
  "tensors that are empty": () => header(`"x":{},${times('"y":{},', 18 * MB)}"z":0`),
  "texts without end": () => header(`"x":[${times('"",', 18 * MB)}0]`),
  "brackets in the header": () => header(`"x":${"[".repeat(9 * MB)}1${"]".repeat(9 * MB)}`),
  "objects in the header": () => header(`"x":${'{"":'.repeat(4 * MB)}1${"}".repeat(4 * MB)}`),
  "a name of 18 MB": () => header(`"${"x".repeat(18 * MB)}":1`),
  "2,000,000 layers as a value": () =>
    `{"format":"wasmlp","weights":[{"kernel":[1],"bias":[1]}],"slots":[],${description(`[${times("1,", 4 * MB)}1]`).slice(1)}`,
};

for (const [name, make] of Object.entries(CASES)) {
  const given = make();
  let outcome = "loaded";
  try {
    if (typeof given === "string") NN.fromJSON(JSON.parse(given));
    else NN.load(given);
  } catch (error) {
    if (!(error instanceof ModelFormatError)) throw error;
    outcome = error.message.length < 300 ? "refused" : "refused at length";
  }
  console.log(`${name}: ${outcome}`);
}
