// Networks in files: whole or not at all, whatever fails, also when the process is killed in the middle.
import { spawn } from "node:child_process";
import {
  chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { ModelFormatError, NN } from "../../src/index.js";
import { loadFile, loadFileSync, saveFile, saveFileSync } from "../../src/node.js";
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

test("a path where the network belongs is refused in words", async () => {
  const nn = new NN(1, 1, 1, 0.1, 1);
  const swapped = [`file:///nowhere`, nn] as unknown as [NN, string];
  await expect(saveFile(...swapped)).rejects.toThrow(new TypeError("saveFile takes a network first, then a path"));
  expect(() => saveFileSync(...swapped)).toThrow(TypeError);
});

test("a Buffer is as good as a Uint8Array, and stays as it is", () => {
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

  test("what fails leaves everything as it was", async () => {
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

  test("a write that fails takes its temporary file with it; the old file is whole", async () => {
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

test("many saves to one name at once leave one of them, whole", async () => {
  const networks = Array.from({ length: 8 }, (_, seed) => new NN({ layers: [3, 20, 2], seed }));
  await Promise.all(networks.flatMap((network) => [saveFile(network, path), saveFile(network, path)]));
  expect(networks.map(({ seed }) => seed)).toContain((await loadFile(path)).seed);
  expect(readdirSync(folder)).toEqual(["model.safetensors"]);
});

test("a checkpoint after each epoch of fit", () => {
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

describe("kill -9 at a random moment, while a loop saves over a good file", () => {
  const script = join(root, "loop.mjs");
  beforeAll(async () => {
    const common = { bundle: true, format: "esm", platform: "node", logLevel: "error" } as const;
    await build({
      ...common, outfile: script,
      stdin: {
        resolveDir: fileURLToPath(new URL("../../src", import.meta.url)), loader: "ts",
        contents: `
          import { NN } from "./index.js";
          import { saveFile, saveFileSync } from "./node.js";
          const [path, way] = process.argv.slice(2);
          const nn = new NN({ layers: [300, 300, 300], optimizer: "sgd", seed: 1 });
          // Saved beforehand: the loop does nothing but write.
          const files = [0, 1].map((value) => {
            nn.setWeights(nn.layers.map(({ inputs, units }) => ({ kernel: new Float32Array(inputs * units).fill(value), bias: new Float32Array(units).fill(value) })));
            return nn.save();
          });
          for (let count = 0; ; count++) {
            nn.save = () => files[count % 2];
            if (way === "async") await saveFile(nn, path);
            else saveFileSync(nn, path);
            if (count < 2) console.log("saved");
          }`,
      },
    });
  });

  /** Lets the loop run for some milliseconds after its first two saves. */
  async function killed(to: string, way: string, milliseconds: number): Promise<void> {
    const child = spawn(process.execPath, [script, to, way], { stdio: ["ignore", "pipe", "inherit"] });
    const exit = new Promise<NodeJS.Signals | null>((resolve) => void child.once("exit", (_code, signal) => resolve(signal)));
    let said = "";
    await new Promise<void>((resolve, reject) => {
      child.stdout.on("data", (text: Buffer) => {
        said += text.toString();
        if (said === "saved\nsaved\n") resolve();
      });
      void exit.then(() => reject(new Error("the loop ended by itself")));
    });
    await new Promise((resolve) => void setTimeout(resolve, milliseconds));
    child.kill("SIGKILL");
    expect(await exit).toBe("SIGKILL");
  }

  test.each(["async", "sync"])("the file always loads, %s", async (way) => {
    let inTheMiddle = 0;
    for (let round = 0; round < 15 || (!inTheMiddle && round < 60); round++) {
      await killed(path, way, Math.random() * 40);
      // Written by one save: all weights are the same number.
      const values = new Set(loadFileSync(path).getWeights().flatMap(({ kernel, bias }) => [...new Set([...kernel, ...bias!])]));
      expect(values.size).toBe(1);
      const left = readdirSync(folder).filter((name) => name !== "model.safetensors");
      expect(left.length).toBeLessThanOrEqual(1);
      expect(left.every((name) => /^\.wasmlp-[-0-9a-f]+\.tmp$/.test(name))).toBe(true);
      inTheMiddle += left.length;
      left.forEach((name) => rmSync(join(folder, name)));
    }
    // Else the moments were not where they hurt.
    expect(inTheMiddle).toBeGreaterThan(0);
  }, 120_000);
});
