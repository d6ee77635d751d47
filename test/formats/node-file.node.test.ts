// Networks in files: whole or not at all, whatever fails, also when the process is killed at any step.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { loadFile, loadFileSync, saveFile, saveFileSync } from "../../src/entries/node.js";
import { ModelFormatError, NN } from "../../src/index.js";
import { X, Y, small, weightBytes } from "./support.js";

const root = mkdtempSync(join(tmpdir(), "wasmlp-"));
afterAll(() => rmSync(root, { recursive: true }));
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, "test-"));
  path = join(folder, "model.safetensors");
});

const { nn, file } = small();
const WAYS: [string, (network: NN, to: string | URL) => Promise<void>, (from: string | URL) => Promise<NN>][] = [
  ["saveFile", saveFile, loadFile],
  // oxlint-disable-next-line require-await
  ["saveFileSync", async (network, to) => saveFileSync(network, to), async (from) => loadFileSync(from)],
];

test("a path in place of the network is refused with a message", async () => {
  const nn = new NN(1, 1, 1, 0.1, 1);
  const swapped = [`file:///nowhere`, nn] as unknown as [NN, string];
  await expect(saveFile(...swapped)).rejects.toThrow(new TypeError("saveFile takes a network first, then a path"));
  expect(() => saveFileSync(...swapped)).toThrow(TypeError);
});

test("a Buffer is accepted like a Uint8Array, and is not modified", () => {
  for (const buffer of [Buffer.from(file), Buffer.concat([Buffer.alloc(5), file]).subarray(5)]) {
    const loaded = NN.load(buffer);
    expect(weightBytes(loaded)).toEqual(weightBytes(nn));
    expect(loaded.save()).toEqual(file);
    expect(buffer.equals(file)).toBe(true);
    buffer.fill(0);
    expect(loaded.save()).toEqual(file);
  }
});

describe.each(WAYS)("%s", (_name, save, load) => {
  test("the file is what save returns, alone in its folder, and loads", async () => {
    await save(nn, path);
    expect(readFileSync(path).equals(file)).toBe(true);
    expect(readdirSync(folder)).toEqual(["model.safetensors"]);
    const loaded = await load(path);
    expect(loaded).toBeInstanceOf(NN);
    expect(loaded.save()).toEqual(file);
  });

  test("a file: URL, a name relative to the present folder, a very long name", async () => {
    const url = pathToFileURL(join(folder, "a model #1.safetensors"));
    await save(nn, url);
    expect((await load(url)).save()).toEqual(file);
    expect(existsSync(fileURLToPath(url))).toBe(true);
    const long = join(folder, "n".repeat(255));
    await save(nn, long);
    expect((await load(long)).save()).toEqual(file);
    const back = process.cwd();
    try {
      process.chdir(folder);
      await save(nn, "here");
      expect((await load("here")).save()).toEqual(file);
    } finally {
      process.chdir(back);
    }
    expect(readdirSync(folder).length).toBe(3);
  });

  test.runIf(process.platform !== "win32")("an existing file keeps its permissions; a new one gets the usual ones", async () => {
    for (const mode of [0o600, 0o640, 0o666, 0o444]) {
      writeFileSync(path, "old");
      chmodSync(path, mode);
      await save(nn, path);
      expect(statSync(path).mode & 0o7777).toBe(mode);
      expect((await load(path)).save()).toEqual(file);
      rmSync(path);
    }
    await save(nn, path);
    expect(statSync(path).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  test.runIf(process.platform !== "win32")("the file behind a symbolic link is replaced, the link stays", async () => {
    mkdirSync(join(folder, "elsewhere"));
    const real = join(folder, "elsewhere", "real");
    writeFileSync(real, "old");
    symlinkSync(real, path);
    await save(nn, path);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readFileSync(real).equals(file)).toBe(true);
    expect(readdirSync(join(folder, "elsewhere"))).toEqual(["real"]);
  });

  test("a failure leaves everything unchanged", async () => {
    await expect(save(nn, join(folder, "no such folder", "model"))).rejects.toThrow("ENOENT");
    mkdirSync(path);
    await expect(save(nn, path)).rejects.toThrow("is not a file that a network could be saved to");
    if (process.platform !== "win32") await expect(save(nn, "/dev/null")).rejects.toThrow("is not a file");
    await expect(save(nn, "")).rejects.toThrow("ENOENT");
    for (const bad of [undefined, null, 5]) await expect(save(nn, bad as unknown as string)).rejects.toThrow(TypeError);
    await expect(save({} as NN, join(folder, "other"))).rejects.toThrow(TypeError);
    const throwing = vi.spyOn(nn, "save").mockImplementation(() => {
      throw new RangeError("too large");
    });
    await expect(save(nn, join(folder, "other"))).rejects.toThrow("too large");
    throwing.mockRestore();
    expect(readdirSync(folder)).toEqual(["model.safetensors"]);
    expect(readdirSync(path)).toEqual([]);
  });

  test("a failed write removes its temporary file and keeps the old file intact", async () => {
    await save(nn, path);
    // The value passes for bytes until it is to be written.
    const broken = vi.spyOn(nn, "save").mockReturnValue({ length: 5 } as unknown as ReturnType<NN["save"]>);
    await expect(save(nn, path)).rejects.toThrow('The "data" argument must be');
    broken.mockRestore();
    expect(readdirSync(folder)).toEqual(["model.safetensors"]);
    expect((await load(path)).save()).toEqual(file);
  });

  test("loading says which file is wrong", async () => {
    await expect(load(path)).rejects.toThrow("ENOENT");
    writeFileSync(path, file.subarray(0, 100));
    await expect(load(path)).rejects.toThrow(ModelFormatError);
    await expect(load(pathToFileURL(path))).rejects.toThrow(`${path}: the file is cut short`);
    writeFileSync(path, "");
    await expect(load(path)).rejects.toThrow(`${path}: the file is cut short: it has no header`);
  });
});

test("the network is saved as it was when saveFile was called", async () => {
  const network = new NN({ layers: [3, 40, 2], seed: 1 });
  const before = network.save();
  const saving = saveFile(network, path);
  network.fit(X, Y);
  await saving;
  expect(readFileSync(path).equals(before)).toBe(true);
});

test("concurrent saves to one name leave one complete file", async () => {
  const networks = Array.from({ length: 8 }, (_, seed) => new NN({ layers: [3, 20, 2], seed }));
  await Promise.all(networks.flatMap((network) => [saveFile(network, path), saveFile(network, path)]));
  expect(networks.map(({ seed }) => seed)).toContain((await loadFile(path)).seed);
  expect(readdirSync(folder)).toEqual(["model.safetensors"]);
});

test("saves a checkpoint after each epoch of fit", () => {
  const network = new NN({ layers: [3, 4, 2], seed: 1 });
  const epochs: number[] = [];
  network.fit(X, Y, {
    epochs: 3,
    onEpochEnd: () => {
      saveFileSync(network, path);
      epochs.push(loadFileSync(path).toJSON().epoch);
    },
  });
  expect(epochs).toEqual([1, 2, 3]);
  expect(weightBytes(loadFileSync(path))).toEqual(weightBytes(network));
});

describe.runIf(process.platform !== "win32")("kill -9 at every step of a save over a good file", () => {
  const script = join(root, "save.mjs");
  const hook = new URL("die-at.mjs", import.meta.url).href;
  const value = (nn: NN): Set<number> => new Set(nn.getWeights().flatMap(({ kernel, bias }) => [...kernel, ...bias!]));
  /** All its weights are the same number: a file that mixes two of them shows. */
  const filled = (fill: number): Uint8Array => {
    const nn = new NN({ layers: [40, 60, 5], seed: 1 });
    nn.setWeights(
      nn.layers.map(({ inputs, units }) => ({
        kernel: new Float32Array(inputs * units).fill(fill),
        bias: new Float32Array(units).fill(fill),
      })),
    );
    return nn.save();
  };
  const [old, young] = [filled(1), filled(2)];

  beforeAll(async () => {
    await build({
      bundle: true,
      format: "esm",
      platform: "node",
      logLevel: "error",
      outfile: script,
      stdin: {
        resolveDir: fileURLToPath(new URL("../../src", import.meta.url)),
        loader: "ts",
        contents: `
          import { readFileSync } from "node:fs";
          import { saveFile, saveFileSync } from "./entries/node.js";
          const [path, way, source] = process.argv.slice(2);
          const bytes = readFileSync(source);
          globalThis.watchFiles();
          if (way === "async") await saveFile({ save: () => bytes }, path);
          else saveFileSync({ save: () => bytes }, path);`,
      },
    });
  });

  /** Saves in a process that is killed at a step, or at none; what it said and what ended it. */
  function saved(way: string, step?: number): { calls: string[]; signal: string | null } {
    const source = join(root, "young");
    writeFileSync(source, young);
    const { stdout, stderr, signal } = spawnSync(process.execPath, ["--import", hook, script, path, way, source], {
      encoding: "utf8",
      env: { ...process.env, NODE_OPTIONS: "", ...(step && { DIE_AT: String(step) }) },
    });
    expect(stderr).toBe("");
    return { calls: stdout ? (JSON.parse(stdout) as string[]) : [], signal };
  }

  test.each(["async", "sync"])("the file always loads after a killed save, %s", (way) => {
    writeFileSync(path, old);
    const { calls, signal } = saved(way);
    expect(signal).toBe(null);
    expect([...value(loadFileSync(path))]).toEqual([2]);
    // To the disk before it has the name, and the name to the disk.
    expect(calls).toEqual(["open", "write", "write half-way", "chmod", "sync", "close", "rename", "open", "sync", "close"]);
    const renamed = calls.indexOf("rename") + 1;
    for (let step = 1; step <= calls.length; step++) {
      writeFileSync(path, old);
      expect(saved(way, step).signal, calls[step - 1]).toBe("SIGKILL");
      expect([...value(loadFileSync(path))], calls[step - 1]).toEqual([step <= renamed ? 1 : 2]);
      const left = readdirSync(folder).filter((name) => name !== "model.safetensors");
      expect(left.length, calls[step - 1]).toBe(step > 1 && step <= renamed ? 1 : 0);
      expect(left.every((name) => /^\.wasmlp-[-0-9a-f]+\.tmp$/.test(name))).toBe(true);
      const sizes = { 2: 0, 3: young.length >> 1 } as Record<number, number>;
      for (const name of left) {
        expect(statSync(join(folder, name)).size, calls[step - 1]).toBe(sizes[step] ?? young.length);
        rmSync(join(folder, name));
      }
    }
  });
});
