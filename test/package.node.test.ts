// The package as users get it: packed, installed offline in an empty project, imported and required there.
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Project, root, tool } from "./packed.js";

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, unknown> & {
  exports: Record<string, unknown>;
};
/** Entries to import, "wasmlp", "wasmlp/…": those with types; the others are files to read or to serve. */
const entries = Object.entries(manifest.exports)
  .filter(([, file]) => typeof file === "object")
  .map(([entry]) => entry.replace(".", "wasmlp"));
let project: Project;

beforeAll(() => {
  project = new Project();
});

afterAll(() => project?.remove());

describe("the tarball", () => {
  test("holds what a user needs and nothing else", () => {
    const { packed } = project;
    expect(packed.filter((path) => !/^(dist|docs)\//.test(path)).toSorted()).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "llms.txt",
      "package.json",
    ]);
    expect(
      packed
        .filter((path) => path.startsWith("docs/"))
        .filter((path) => !path.endsWith(".md"))
        .toSorted(),
    ).toEqual(["docs/load_in_keras.py", "docs/load_in_pytorch.py", "docs/load_in_sklearn.py"]);
    expect(
      packed.filter((path) => path.startsWith("dist/")).filter((path) => !/\.(c?js|d\.c?ts|wasm|js\.map)$/.test(path)),
    ).toEqual(["dist/types/package.json"]);
    expect(packed).toContain("dist/index.js");
  });

  test("holds the documents that its README links to", () => {
    const links = [...readFileSync(join(project.installed, "README.md"), "utf8").matchAll(/\]\((docs\/[^)#]*)/g)].map(
      ([, path]) => path,
    );
    expect(links).toContain("docs/saving.md");
    for (const link of links) expect(project.packed).toContain(link);
  });

  test("has no dependencies and no install scripts", () => {
    for (const field of ["dependencies", "optionalDependencies", "bundleDependencies"]) {
      expect(manifest[field], field).toBeUndefined();
    }
    // What only a queue of the command line needs, and nobody is made to install.
    expect(Object.keys(manifest.peerDependencies as object)).toEqual(["bullmq", "ioredis"]);
    expect(manifest.peerDependenciesMeta).toEqual({ bullmq: { optional: true }, ioredis: { optional: true } });
    const scripts = Object.keys(manifest.scripts as object);
    expect(scripts.filter((name) => /^(pre|post)?install$|^prepare$|^prepublish$/.test(name))).toEqual([]);
    expect(project.npm("ls", "--all", "--parseable").trim().split("\n")).toHaveLength(2); // the project and wasmlp
  });

  test("stays within the limits of .size-limit.json", () => {
    const { stdout } = spawnSync(process.execPath, [tool("size-limit/bin.js"), "--json"], { cwd: root, encoding: "utf8" });
    const limits = JSON.parse(readFileSync(join(root, ".size-limit.json"), "utf8")) as { path: string; limit: string }[];
    const sizes = limits.map(({ path }) => gzipSync(readFileSync(join(project.installed, path)), { level: 9 }).length);
    expect(JSON.parse(stdout)).toEqual(sizes.map((size) => expect.objectContaining({ passed: true, size }) as unknown));
    expect(limits.map(({ path }) => path)).toEqual([
      "dist/index.js",
      "dist/metrics.js",
      "dist/selection.js",
      "dist/onnx.js",
      "dist/tfjs.js",
      "dist/brain.js",
      "dist/module.js",
      "dist/table.js",
      "dist/cli.js",
    ]);
    const [{ limit }] = limits;
    expect(readFileSync(join(root, "README.md"), "utf8")).toContain(`one file of at most ${limit}`);
  });

  test("has a source map that leads to the sources", () => {
    const { sources, sourcesContent } = JSON.parse(readFileSync(join(project.installed, "dist/index.js.map"), "utf8")) as {
      sources: string[];
      sourcesContent: (string | null)[];
    };
    const at = sources.indexOf("../src/nn.ts");
    expect(sourcesContent[at]).toBe(readFileSync(join(root, "src/nn.ts"), "utf8"));
    expect(
      readFileSync(join(project.installed, "dist/index.js"), "utf8").trimEnd().endsWith("//# sourceMappingURL=index.js.map"),
    ).toBe(true);
  });

  test("names the same version and the same entries for JSR", () => {
    const jsr = JSON.parse(readFileSync(join(root, "jsr.json"), "utf8")) as { version: string; exports: Record<string, string> };
    expect(jsr.version).toBe(manifest["version"]);
    expect(
      Object.keys(jsr.exports)
        .map((entry) => entry.replace(".", "wasmlp"))
        .toSorted(),
    ).toEqual(entries.toSorted());
    expect(readFileSync(join(root, "CITATION.cff"), "utf8")).toContain(`version: ${String(manifest["version"])}`);
  });

  test("is small", () => {
    // docs/decisions/0008-one-package-for-every-loader.md says what is in it.
    expect(statSync(project.tarball).size).toBeLessThanOrEqual(600_000);
  });

  test("contains no paths of the machine that packed it", () => {
    for (const path of project.packed)
      expect(readFileSync(join(project.installed, path), "latin1").includes(root), path).toBe(false);
  });
});

describe("an empty project on this Node", () => {
  const learn = `
    const nn = new NN(2, 3, 1, 0.5, 5000, { seed: 1 });
    nn.fit([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]);
    console.log(nn.predict([[0, 0], [0, 1], [1, 0], [1, 1]]).map(([p]) => Math.round(p)).join(""), nn.backend);
  `;

  test("imports it", () => {
    project.write({ "import.mjs": `import { NN } from "wasmlp";${learn}` });
    expect(project.node("import.mjs")).toMatch(/^0110 wasm-(relaxed-)?simd\n$/);
  });

  test("requires it", () => {
    project.write({ "require.cjs": `const { NN } = require("wasmlp");${learn}` });
    expect(project.node("require.cjs")).toMatch(/^0110 wasm-(relaxed-)?simd\n$/);
  });

  test.each(entries)("imports and requires %s as the same module", (entry) => {
    const source = `import * as a from ${JSON.stringify(entry)};
      import { createRequire } from "node:module";
      console.log(Object.keys(a).length > 0, createRequire(import.meta.url)(${JSON.stringify(entry)}) === a);`;
    project.write({ "both.mjs": source });
    expect(project.node("both.mjs")).toBe("true true\n");
  });

  test("has the same NN in all entries, without a second copy of the library", () => {
    project.write({
      "entries.mjs": `import { NN, ModelFormatError } from "wasmlp";
        import { fromONNX, toONNX } from "wasmlp/onnx";
        import { toModule } from "wasmlp/module";
        const nn = new NN(1, 2, 1, 1, 1);
        console.log(fromONNX(toONNX(nn)) instanceof NN, toModule(nn).includes("predict"));
        try {
          fromONNX(new Uint8Array(9));
        } catch (error) {
          console.log(error instanceof ModelFormatError);
        }`,
    });
    expect(project.node("entries.mjs")).toBe("true true\ntrue\n");
  });

  test("runs its command by name", () => {
    const command = join(project.folder, "node_modules/.bin/wasmlp");
    project.write({ "rows.csv": "a,b\n1,x\n2,y\n3,x\n4,y\n" });
    expect(
      project.node(command, "train", "rows.csv", "--target", "b", "--epochs", "1", "-q", "-o", "model.safetensors"),
    ).toContain("saved");
    expect(project.node(command, "predict", "model.safetensors", "rows.csv").split("\n")).toHaveLength(6);
  });

  test("has one NN in all entries of CommonJS, too, and entries take networks of the other kind of module", () => {
    project.write({
      "commonjs.cjs": `const at = (file) => "./node_modules/wasmlp/dist/" + file;
        const { NN, ModelFormatError } = require(at("index.cjs"));
        const { fromONNX, toONNX } = require(at("onnx.cjs"));
        const nn = new NN(1, 2, 1, 1, 1, { seed: 1 });
        console.log(fromONNX(toONNX(nn)) instanceof NN, nn instanceof require("wasmlp").NN);
        console.log(require("wasmlp/onnx").fromONNX(require("wasmlp/onnx").toONNX(nn)).predict([1]).join() === nn.predict([1]).join());
        try {
          fromONNX(new Uint8Array(9));
        } catch (error) {
          console.log(error instanceof ModelFormatError);
        }`,
    });
    expect(project.node("commonjs.cjs")).toBe("true false\ntrue\ntrue\n");
  });

  test("compiles the WebAssembly builds from their files", () => {
    const builds = project.packed.filter((path) => path.endsWith(".wasm")).map((path) => path.replace(/^dist/, "wasmlp"));
    expect(builds).toContain("wasmlp/wasm/f32-simd.wasm");
    // Node 20 has no relaxed SIMD.
    const takes = builds.filter((build) => !build.includes("relaxed") || Number(process.versions.node.split(".")[0]) > 20);
    project.write({
      "builds.mjs": `import { readFile } from "node:fs/promises";
        import { createRequire } from "node:module";
        import { fileURLToPath } from "node:url";
        for (const build of process.argv.slice(2)) {
          const path = fileURLToPath(import.meta.resolve(build));
          const module = await WebAssembly.compile(await readFile(path));
          const { name, kind } = WebAssembly.Module.imports(module)[0];
          const exports = WebAssembly.Module.exports(module).map(({ name }) => name);
          console.log(build, name, kind, exports.includes("train"), createRequire(import.meta.url).resolve(build) === path);
        }`,
    });
    expect(project.node("builds.mjs", ...takes)).toBe(takes.map((build) => `${build} memory memory true true\n`).join(""));
  });
});

describe("the manifest, by its linters", () => {
  test("publint reports nothing", async () => {
    const { messages, pkg } = await publint({ pkgDir: project.installed, pack: false, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  test("arethetypeswrong reports nothing", () => {
    // Exits with an error when one is.
    const report = project.node(
      tool("@arethetypeswrong/cli/dist/index.js"),
      project.tarball,
      "--profile",
      "strict",
      "--no-color",
      "--no-emoji",
      "--format",
      "ascii",
      "--exclude-entrypoints",
      "worker.js", // a script to serve, which nobody imports
    );
    for (const entry of entries) {
      expect(report).toContain(
        `"${entry}"\n\nnode10: OK \nnode16 (from CJS): OK (CJS)\nnode16 (from ESM): OK (ESM)\nbundler: OK \n`,
      );
    }
  });
});
