// Globals that a platform may lack, each with its fallback. No other file of src/ names them (test/platform.node.test.ts), so a missing
// global is never reported as a bad file or a bad argument. Each is looked up when it is needed, except for WebAssembly.
//
// UTF-8 and base64 are written in the language alone: one implementation everywhere, instead of a fallback that is rarely tested.
// The build for edge platforms replaces `globalThis.setImmediate` and others by `undefined` (scripts/build.mjs).

/** WebAssembly; undefined where there is none: code that may run there uses it inside `try`. */
export const wasm: typeof WebAssembly = globalThis.WebAssembly;

/** The time in milliseconds, of a monotonic clock if there is one. */
export const now = (): number => (globalThis.performance ?? Date).now();

export function warn(message: string): void {
  globalThis.console?.warn(`wasmlp: ${message}`);
}

/** Calls back in a later turn of the event loop; where there are no timers (AudioWorklet), in a microtask. */
export function later(callback: () => void): void {
  if (globalThis.setImmediate) {
    // After a message or a file event the first runs at once; timers and messages that are due run before the second.
    globalThis.setImmediate(() => globalThis.setImmediate(callback));
  } else if (globalThis.MessageChannel) {
    // Browsers delay nested timers by 4 ms, messages not at all.
    const { port1, port2 } = new globalThis.MessageChannel();
    port1.addEventListener("message", () => {
      port1.close();
      callback();
    });
    port1.start();
    port2.postMessage(0);
  } else if (globalThis.setTimeout) {
    globalThis.setTimeout(callback);
  } else {
    // oxlint-disable-next-line promise/no-callback-in-promise
    void Promise.resolve().then(callback);
  }
}

/** Calls back after some milliseconds, unless the returned function is called first. The timer does not keep Node running. */
export function after(milliseconds: number, callback: () => void): () => void {
  const timer: unknown = globalThis.setTimeout?.(callback, milliseconds);
  // In Node a timer is an object; elsewhere it is a number.
  (timer as { unref?: () => void } | undefined)?.unref?.();
  return () => globalThis.clearTimeout?.(timer as number);
}

/** The part of `process` that this library uses; Bun and Deno have it too. */
interface Process {
  readonly versions?: { readonly [name: string]: string | undefined };
  readonly execArgv?: readonly string[];
  readonly stdout?: Output;
  readonly getBuiltinModule?: <M>(name: string) => M | undefined;
}

/** A terminal or a file. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** The terminal's width in characters. */
  readonly columns?: number;
}

const ownProcess = (): Process | undefined => globalThis.process as Process | undefined;

/** A built-in module of Node, also in Bun and Deno. */
export const builtinModule = <M>(name: string): M | undefined => ownProcess()?.getBuiltinModule?.<M>(`node:${name}`);

/** The same in Node alone. */
export function nodeModule<M>(name: string): M | undefined {
  const versions = ownProcess()?.versions;
  return versions?.node && !versions.bun && !versions.deno ? builtinModule<M>(name) : undefined;
}

/** V8's version as a number, such as 13.6; NaN where it is unknown. */
export const v8Version = (): number => Number.parseFloat(ownProcess()?.versions?.v8 ?? "");

/** Whether this process was started with a flag of the JavaScript engine. */
export const startedWith = (flag: string): boolean => ownProcess()?.execArgv?.includes(flag) ?? false;

/** The standard output of Node, Bun and Deno, or the console. */
export function standardOutput(): Output {
  const stdout = ownProcess()?.stdout;
  return stdout?.write ? stdout : { write: (text) => globalThis.console?.log(text.trimEnd()) };
}

/** How many threads the machine runs at once. */
export function coreCount(): number {
  return (
    nodeModule<{ availableParallelism?(): number }>("os")?.availableParallelism?.() ??
    globalThis.navigator?.hardwareConcurrency ??
    1
  );
}

/** Whether this is Node, Bun or Deno. */
export const isProcess = (): boolean => ownProcess() !== undefined;

/** Whether the calling thread may have to keep a page or a server responsive; a web worker has not. */
export const mustStayResponsive = (): boolean => globalThis.document !== undefined || isProcess();

/** Why threads cannot share memory; empty where they can. */
export function whyUnshared(): string {
  if ((globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === false)
    return "this page is not cross-origin isolated";
  return globalThis.SharedArrayBuffer ? "" : "there is no SharedArrayBuffer here";
}

/**
 * Starts a web worker.
 * @param url where its script is served; without it the script is `source`
 * @throws where workers are unavailable
 */
export function startWorker(source: string, url?: string | URL): { worker: Worker; forget: () => void } {
  if (!globalThis.Worker) throw new Error("there are no workers here");
  const address = url ?? globalThis.URL.createObjectURL(new globalThis.Blob([source], { type: "text/javascript" }));
  return {
    worker: new globalThis.Worker(address, { name: "wasmlp" }),
    forget: () => url ?? globalThis.URL.revokeObjectURL(address as string),
  };
}

/** One character for each byte. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  // apply, because spreading a typed array iterates its elements, which is eight times slower.
  for (let i = 0; i < bytes.length; i += 0x2000)
    text += String.fromCharCode.apply(null, bytes.subarray(i, i + 0x2000) as unknown as number[]);
  return text;
}

/** @throws URIError for lone surrogates, which well-formed JSON does not contain */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  const escaped = text.replaceAll(/[^\0-\x7f]+/g, (run) =>
    encodeURIComponent(run).replaceAll(/%(..)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
  );
  const bytes = new Uint8Array(escaped.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = escaped.charCodeAt(i);
  return bytes;
}

/** @throws URIError for bytes that are not UTF-8 */
export function decodeUtf8(bytes: Uint8Array): string {
  return latin1(bytes).replaceAll(/[^\0-\x7f]+/g, (run) =>
    decodeURIComponent(run.replaceAll(/[^]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)),
  );
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Splits a stream of `from`-bit numbers into `to`-bit numbers, until `out` is full; the last one is padded with zero bits. */
function regroup(numbers: Uint8Array, from: number, to: number, out: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const mask = 2 ** to - 1;
  for (let i = 0, at = 0, bits = 0, held = 0; at < out.length;) {
    if (held < to) {
      bits = (bits << from) | numbers[i++]!;
      held += from;
    }
    if (held >= to) {
      held -= to;
      out[at++] = (bits >> held) & mask;
    }
  }
  return out;
}

export function encodeBase64(bytes: Uint8Array): string {
  const digits = regroup(bytes, 8, 6, new Uint8Array(Math.ceil((bytes.length / 3) * 4)));
  for (let i = 0; i < digits.length; i++) digits[i] = DIGITS.charCodeAt(digits[i]!);
  return latin1(digits).padEnd(4 * Math.ceil(bytes.length / 3), "=");
}

/** The bytes; undefined where the text is not base64. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const values = Int8Array.from({ length: 128 }, (_, code) => DIGITS.indexOf(String.fromCharCode(code)));
  const digits = new Uint8Array(text.replace(/==?$/, "").length);
  for (let i = 0; i < digits.length; i++) {
    const value = values[text.charCodeAt(i)] ?? -1;
    if (value < 0) return undefined;
    digits[i] = value;
  }
  return regroup(digits, 6, 8, new Uint8Array((digits.length * 3) >> 2));
}
