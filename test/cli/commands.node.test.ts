// The built command line, as users run it.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { trainCommand } from "../../src/cli/commands/train.js";
import { UsageError } from "../../src/cli/errors.js";
import { parseCommandLine } from "../../src/cli/parse.js";
import { kFold } from "../../src/entries/selection.js";
import { TableModel } from "../../src/entries/table.js";
import { NN } from "../../src/index.js";
import { Folder, IRIS, root, run, start } from "./support.js";

const TRAIN = [
  "train",
  "iris.csv",
  "--target",
  "species",
  "--seed",
  "1",
  "--epochs",
  "40",
  "--validation",
  "0.2",
  "--hidden",
  "16,8",
  "--learning-rate",
  "0.01",
];
const rows = IRIS.trim()
  .split("\n")
  .slice(1)
  .map((line) => {
    const [a, b, c, d, species] = line.trim().split(",");
    return { "sepal length": a, "sepal width": b, "petal length": c, "petal width": d, species };
  });
let folder: Folder;
const cli = (args: readonly string[], options: Parameters<typeof run>[1] = {}): ReturnType<typeof run> =>
  run(args, { cwd: folder.path, ...options });

beforeAll(async () => {
  folder = new Folder();
  folder.write("iris.csv", IRIS);
  const { code, stderr } = await cli([...TRAIN, "-o", "iris.safetensors"]);
  if (code !== 0) throw new Error(stderr);
});
afterAll(() => folder.remove());

describe("train", () => {
  test("saves the model that TableModel trains on the same rows, to the bit", () => {
    const model = new TableModel({ target: "species", network: { seed: 1, hidden: [16, 8], learningRate: 0.01 } });
    model.fit(rows, { epochs: 40, validationSplit: 0.2 });
    expect(Buffer.compare(folder.read("iris.safetensors"), model.save())).toBe(0);
  });

  test("writes figures to standard output, what it found to standard error, and either is silent on demand", async () => {
    const json = await cli([...TRAIN, "-o", "json.safetensors", "--json", "--quiet"]);
    expect(json.stderr).toBe("");
    expect(json.code).toBe(0);
    expect(JSON.parse(json.stdout)).toMatchObject({
      output: "json.safetensors",
      data: "iris.csv",
      rows: 150,
      epochs: 40,
      stopReason: "completed",
      seed: 1,
      parameters: 4 * 16 + 16 + 16 * 8 + 8 + 8 * 3 + 3,
    });
    const { stdout, stderr } = await cli([...TRAIN, "-o", "text.safetensors"], { env: { COLUMNS: "60" } });
    expect(stdout).toMatch(/^loss +0\.\d+\naccuracy +0\.\d+\nvalLoss +0\.\d+\nvalAccuracy +[01][.\d]*\nepochs +40, completed\n/);
    expect(stderr).toContain("iris.csv: separator comma, header; 150 rows\n");
    expect(stderr).toMatch(/species \(target\) +category +3: setosa, versicolor, virginica/);
    for (const line of stderr.split("\n").slice(1)) expect(line.length).toBeLessThanOrEqual(60);
  });

  test("measures one fold and trains on the others, so that several processes cross-validate together", async () => {
    const folds = await Promise.all(
      [0, 1, 2].map(
        async (fold) =>
          JSON.parse(
            (
              await cli([
                "train",
                "iris.csv",
                "-t",
                "species",
                "--seed",
                "1",
                "--epochs",
                "5",
                "--fold",
                `${fold}/3`,
                "-o",
                `fold-${fold}.safetensors`,
                "--json",
              ])
            ).stdout,
          ) as { valAccuracy: number },
      ),
    );
    for (const [i, { train, test: tested }] of kFold(150, { folds: 3, seed: 1 }).entries()) {
      const model = new TableModel({ target: "species", network: { seed: 1 } });
      const { valAccuracy } = model.fit(
        train.map((row) => rows[row]!),
        { epochs: 5, validationData: tested.map((row) => rows[row]!) },
      );
      expect(folds[i]!.valAccuracy).toBe(valAccuracy!.at(-1));
    }
  });

  test("reads gzip from standard input", async () => {
    const { code, stderr } = await cli(["train", "-", ...TRAIN.slice(2), "-o", "stdin.safetensors"], { input: gzipSync(IRIS) });
    expect(stderr).toContain("standard input: separator comma");
    expect(code).toBe(0);
    expect(Buffer.compare(folder.read("stdin.safetensors"), folder.read("iris.safetensors"))).toBe(0);
  });

  test("passes every option of the constructor and of fit on", async () => {
    const { code } = await cli([
      "train",
      "iris.csv",
      "-t",
      "species",
      "-o",
      "options.safetensors",
      "--seed",
      "-5",
      "--learningRate",
      "0.02",
      "--optimizer",
      '{"name": "sgd", "momentum": 0.9}',
      "--activation",
      "tanh",
      "--batch-size",
      "10",
      "--l2",
      "0.001",
      "--clip-norm",
      "1",
      "--initializer",
      "glorotUniform",
      "--dtype",
      "float64",
      "--reproducible",
      "--hidden",
      '[{"units": 6, "dropout": 0.1}]',
      "--class-weight",
      "balanced",
      "--no-shuffle",
      "--epochs",
      "3",
      "--column",
      "sepal width=ignore",
    ]);
    expect(code).toBe(0);
    const model = TableModel.load(folder.read("options.safetensors"));
    expect(model.columns).not.toHaveProperty("sepal width");
    expect(model.network.toJSON().options).toMatchObject({
      seed: 2 ** 32 - 5,
      optimizer: { name: "sgd", momentum: 0.9 },
      learningRate: 0.02,
      batchSize: 10,
      l2: 0.001,
      clipNorm: 1,
      dtype: "float64",
      reproducible: true,
      layers: [3, { units: 6, activation: "tanh", dropout: 0.1 }, { units: 3 }],
    });
  });

  test("knows every option of the constructor by name", async () => {
    const message = await Promise.resolve({ layers: [1, 1], zzzzzzzzzzzz: 1 })
      .then((options) => String(new NN(options)), String)
      .catch((error: Error) => error.message);
    const names = message.replace(/.*choose from /, "").split(", ");
    const { stdout } = await cli(["train", "--help"]);
    // The table settles layers and labels, and shuffle is on but for --no-shuffle.
    const shown = names
      .filter((name) => !["layers", "labels", "shuffle"].includes(name))
      .map((name) => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
    expect(names).toContain("clipNorm");
    for (const option of shown) expect(stdout).toContain(`  ${option} `);
  });

  test("regresses numbers, and goes back to the best epoch with --patience", async () => {
    const { code, stdout } = await cli([
      "train",
      "iris.csv",
      "-t",
      "petal width",
      "-o",
      "width.safetensors",
      "--seed",
      "1",
      "--validation",
      "0.3",
      "--patience",
      "2",
      "--epochs",
      "200",
      "--json",
      "--learning-rate",
      "0.05",
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ stopReason: "earlyStopping" });
    const evaluated = await cli(["evaluate", "width.safetensors", "iris.csv", "--json"]);
    const model = TableModel.load(folder.read("width.safetensors"));
    const { mae, r2, loss } = model.evaluate(rows);
    const found = JSON.parse(evaluated.stdout) as Record<string, number>;
    expect(found.rows).toBe(150);
    expect(found.mae).toBeCloseTo(mae!, 10);
    expect(found.r2).toBeCloseTo(r2!, 10);
    expect(found.loss).toBeCloseTo(loss, 10);
  });
});

describe("a file that is too large for memory", () => {
  // 26,000 rows of 20 columns, sorted by class.
  const large = (): string => {
    const header = Array.from({ length: 19 }, (_, c) => `f${c}`).join(",");
    let state = 1;
    const random = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
    const lines = Array.from({ length: 26_000 }, (_, r) => {
      const isHigh = r >= 13_000;
      return `${Array.from({ length: 19 }, (_, c) => (random() + (isHigh && c < 3 ? 1 : 0)).toFixed(3)).join(",")},${isHigh ? "high" : "low"}`;
    });
    return `${header},level\n${lines.join("\n")}\n`;
  };

  test("is trained on from a temporary file, well mixed, and goes on after SIGINT as if nothing had happened", async () => {
    folder.write("large.csv", large());
    const args = ["train", "large.csv", "-t", "level", "--seed", "3", "--epochs", "4", "--validation", "0.1", "--hidden", "8"];
    const whole = await cli([...args, "-o", "whole.safetensors", "--json"]);
    expect(whole.code).toBe(0);
    const { valAccuracy, rows: trained } = JSON.parse(whole.stdout) as Record<string, number>;
    expect(valAccuracy).toBeGreaterThan(0.95);
    expect(trained).toBeGreaterThan(23_000);
    expect(trained).toBeLessThan(24_000);

    // Interrupted once an epoch is complete; wherever that is, the result must be the same.
    const interrupted = start([...args, "-o", "part.safetensors", "--epochs", "1000000"], {
      cwd: folder.path,
      env: { WASMLP_PROGRESS_MS: "0" },
    });
    await interrupted.until(/epoch \d+\//);
    interrupted.child.kill("SIGINT");
    const ended = await interrupted.ended;
    expect(ended.code).toBe(130);
    expect(ended.stderr).toMatch(
      /interrupted after [\d,]+ epochs?; saved part\.checkpoint\.safetensors, from which --resume part\.checkpoint\.safetensors goes on\n$/,
    );
    const done = Number(/interrupted after ([\d,]+)/.exec(ended.stderr)![1]!.replaceAll(",", ""));
    const resumed = await cli([
      "train",
      "large.csv",
      "--resume",
      "part.checkpoint.safetensors",
      "-o",
      "resumed.safetensors",
      "--epochs",
      String(done + 2),
    ]);
    expect(resumed.code).toBe(0);
    const straight = await cli([
      ...args.slice(0, 6),
      "--epochs",
      String(done + 2),
      ...args.slice(8),
      "-o",
      "straight.safetensors",
    ]);
    expect(straight.code).toBe(0);
    expect(Buffer.compare(folder.read("resumed.safetensors"), folder.read("straight.safetensors"))).toBe(0);
  });
});

describe("predict", () => {
  test("answers each row, as CSV or as JSON lines", async () => {
    const { stdout, code } = await cli(["predict", "iris.safetensors", "iris.csv"]);
    expect(code).toBe(0);
    const [header, ...predicted] = stdout.trim().split("\n");
    expect(header).toBe("species");
    expect(predicted).toEqual(TableModel.load(folder.read("iris.safetensors")).predict(rows));
    expect(rows.filter(({ species }, r) => species === predicted[r]).length).toBeGreaterThan(140);
  });

  test("adds probabilities and the row's own columns, from a pipe of JSON lines", async () => {
    const { species: _, ...row } = rows[0]!;
    const { stdout } = await cli(["predict", "iris.safetensors", "--json", "--probabilities", "--keep"], {
      input: `${JSON.stringify({ ...row, note: 'a "b"' })}\n`,
    });
    const model = TableModel.load(folder.read("iris.safetensors"));
    const [probabilities] = model.probabilities([row]);
    expect(JSON.parse(stdout)).toEqual({
      ...row,
      note: 'a "b"',
      species: "setosa",
      ...Object.fromEntries(Object.entries(probabilities!).map(([name, p]) => [`p(${name})`, p])),
    });
  });

  test("is quiet when its reader has had enough", () => {
    const script = `"${process.execPath}" "${join(root, "dist/cli.js")}" predict iris.safetensors many.csv | head -n 1; echo "\${PIPESTATUS[0]}" >&2`;
    folder.write("many.csv", IRIS.split("\n")[0] + "\n" + IRIS.trim().split("\n").slice(1).join("\n").concat("\n").repeat(400));
    const { stdout, stderr } = spawnSync("bash", ["-c", script], { cwd: folder.path, encoding: "utf8" });
    expect(stdout).toBe("species\n");
    expect(stderr).toBe("0\n");
  });
});

describe("evaluate", () => {
  test("draws a confusion matrix whose figures add up", async () => {
    const [text, json] = await Promise.all([
      cli(["evaluate", "iris.safetensors", "iris.csv"]),
      cli(["evaluate", "iris.safetensors", "iris.csv", "--json"]),
    ]);
    const model = TableModel.load(folder.read("iris.safetensors"));
    const predicted = model.predict(rows);
    const {
      accuracy: share,
      confusionMatrix,
      classes,
      perClass,
    } = JSON.parse(json.stdout) as {
      accuracy: number;
      confusionMatrix: number[][];
      classes: string[];
      perClass: { recall: number }[];
    };
    expect(share).toBe(model.evaluate(rows).accuracy);
    expect(classes).toEqual(["setosa", "versicolor", "virginica"]);
    for (const [i, actual] of classes.entries()) {
      for (const [j, guess] of classes.entries()) {
        expect(confusionMatrix[i]![j]).toBe(rows.filter(({ species }, r) => species === actual && predicted[r] === guess).length);
      }
      expect(perClass[i]!.recall).toBeCloseTo(confusionMatrix[i]![i]! / 50, 12);
    }
    expect(text.stdout).toContain(
      "actual \\ predicted  setosa  versicolor  virginica\nsetosa                  50           0          0\n",
    );
  });

  test("lists the most frequent confusions on a narrow terminal", async () => {
    const { stdout } = await cli(["evaluate", "iris.safetensors", "iris.csv"], { env: { COLUMNS: "40" } });
    expect(stdout).toMatch(/^actual +predicted +rows$/m);
    for (const line of stdout.trim().split("\n").slice(1)) expect(line.length).toBeLessThanOrEqual(40);
  });
});

describe("info and export", () => {
  test("info shows columns and layers", async () => {
    const [text, json] = await Promise.all([cli(["info", "iris.safetensors"]), cli(["info", "iris.safetensors", "--json"])]);
    expect(text.stdout).toMatch(/petal width +number +mean 1\.[12]\d*, deviation 0\.7\d*/);
    expect(text.stdout).toContain("16 → 8");
    expect(JSON.parse(json.stdout)).toMatchObject({
      epoch: 40,
      seed: 1,
      dtype: "float32",
      columns: { species: { isTarget: true, categories: ["setosa", "versicolor", "virginica"] } },
    });
  });

  test("export writes what the entries write, and predict agrees with the module", async () => {
    const [onnx, tfjs, module] = await Promise.all([
      cli(["export", "iris.safetensors", "--to", "onnx", "-o", "iris.onnx"]),
      cli(["export", "iris.safetensors", "--to", "tfjs", "-o", "web"]),
      cli(["export", "iris.safetensors", "--to", "module"]),
    ]);
    expect([onnx.code, tfjs.code, module.code]).toEqual([0, 0, 0]);
    const nn = NN.load(folder.read("iris.safetensors"));
    const { toONNX } = await import("../../src/entries/onnx.js");
    expect(Buffer.compare(folder.read("iris.onnx"), toONNX(nn))).toBe(0);
    expect(JSON.parse(folder.read("web/model.json").toString())).toHaveProperty("modelTopology");
    const { predict } = (await import(`data:text/javascript,${encodeURIComponent(module.stdout)}`)) as {
      predict: (x: number[]) => number[];
    };
    const [expected] = nn.predict([[5.1, 3.5, 1.4, 0.2]]);
    for (const [i, p] of predict([5.1, 3.5, 1.4, 0.2]).entries()) expect(p).toBeCloseTo(expected![i]!, 5);
  });
});

describe("what is wrong", () => {
  test.each([
    ["a command is missing", [], 2, /^error: a command is missing\nwasmlp --help lists the commands\.\n$/],
    ["a command is unknown", ["predcit"], 2, /^error: unknown command "predcit"; did you mean "predict"\?\n/],
    [
      "a value is wrong",
      ["train", "iris.csv", "-t", "species", "-o", "x", "--activation", "rellu"],
      2,
      /^error: unknown activation "rellu"; did you mean "relu"\?/,
    ],
    [
      "a number is wrong",
      ["train", "iris.csv", "-t", "species", "-o", "x", "--batch-size", "many"],
      2,
      /^error: --batch-size is "many"; it must be a positive integer/,
    ],
    [
      "a kind is unknown",
      ["train", "iris.csv", "-t", "species", "-o", "x", "--column", "petal width=numbr"],
      2,
      /^error: column "petal width": unknown kind "numbr"; did you mean "number"\?/,
    ],
    [
      "an option of a space is unknown",
      ["search", "iris.csv", "-t", "species", "--space", '{"learningRat": 1}'],
      2,
      /^error: unknown option "learningRat"; did you mean "learningRate"\?/,
    ],
    ["a file is not there", ["predict", "iris.safetensors", "none.csv"], 1, /^error: none\.csv: no such file\n$/],
    ["a model is not there", ["info", "none.safetensors"], 1, /^error: none\.safetensors: no such file\n$/],
    ["a model is none", ["info", "iris.csv"], 1, /^error: iris\.csv is no model that can be used: /],
    [
      "the target is no column",
      ["train", "iris.csv", "-t", "specis", "-o", "x"],
      2,
      /^error: iris\.csv: unknown target "specis"; did you mean "species"\?\n/,
    ],
    [
      "the output cannot be written",
      ["train", "iris.csv", "-t", "species", "-o", "none/x", "--epochs", "1", "-q"],
      1,
      /^error: none\/x cannot be written: /,
    ],
  ])("is said where %s", async (_, args, code, message) => {
    const ended = await cli(args);
    expect(ended.stderr.replace(/^(?!error:)[^]*?(?=error:)/, "")).toMatch(message);
    expect(ended.stdout).toBe("");
    expect(ended.code).toBe(code);
  });

  test.each([
    ["an unknown option", ["iris.csv", "--hiden", "3"], "unknown option --hiden; did you mean --hidden?"],
    ["an option without its value", ["iris.csv", "-t"], "Option '-t, --target <value>' argument missing"],
    ["a missing argument", ["-t", "species"], "DATA is missing"],
    ["a surplus argument", ["a", "b"], '"b" is one argument too many'],
    ["a value that is no choice", ["iris.csv", "--format", "xls"], '--format is "xls"; choose from csv, tsv, json, jsonl'],
  ])("is said of %s", (_, args, message) => {
    expect(() => parseCommandLine(trainCommand, args)).toThrow(new UsageError(message));
  });

  test("is nothing about camel case, negative numbers and values that look like options behind --", () => {
    expect(parseCommandLine(trainCommand, ["--learningRate", "-0.5", "--seed=-3", "--", "--hiden"])).toMatchObject({
      values: { "learning-rate": "-0.5", seed: "-3" },
      positionals: ["--hiden"],
    });
  });

  test.each([
    [
      "a missing value",
      "a,b\n1,x\n\n,y\n3,x\n",
      'bad.csv, line 4: column "a" is missing; leave the row out, or say --missing a=median or --column a=ignore',
    ],
    ["a row of another length", "a,b\n1,x\n2\n", "bad.csv, line 3: 1 cell; the header names 2"],
    [
      "a column of identifiers",
      `name,a,b\n${Array.from({ length: 30 }, (_, i) => `n${i},${i},${i % 2 ? "x" : "y"}`).join("\n")}`,
      'bad.csv: most rows have a text of their own in "name", which teaches nothing; say --column name=ignore, or =category to use it',
    ],
  ])("is said of %s with its line and column", async (_, text, message) => {
    folder.write("bad.csv", text);
    const { stderr, code } = await cli(["train", "bad.csv", "-t", "b", "-o", "x"]);
    expect(stderr).toBe(`error: ${message}\n`);
    expect(code).toBe(1);
  });

  test("is said of rows to predict with their line, far into the file", async () => {
    const lines = IRIS.trim().split("\n");
    folder.write(
      "hole.csv",
      [lines[0], ...Array.from({ length: 30 }, () => lines.slice(1)).flat(), ",3,1.4,0.2,setosa"].join("\n"),
    );
    const { stderr, code } = await cli(["predict", "iris.safetensors", "hole.csv"]);
    expect(stderr).toMatch(/^error: hole\.csv, line 4502: column "sepal length" is missing; /);
    expect(code).toBe(1);
  });
});

describe("help and completion", () => {
  test("help exists for every command, within the terminal's width", async () => {
    const general = await cli(["--help"], { env: { COLUMNS: "50" } });
    const names = [...general.stdout.matchAll(/^ {2}([a-z]+)(?= {2,}\S|\n)/gm)].map(([, name]) => name!);
    expect(names).toEqual(expect.arrayContaining(["train", "predict", "evaluate", "info", "export", "bench", "completion"]));
    for (const { stdout, code } of await Promise.all(names.map((name) => cli([name, "--help"], { env: { COLUMNS: "60" } })))) {
      expect(code).toBe(0);
      // Examples are command lines, which are not broken.
      for (const line of stdout.split("\nExamples\n")[0]!.split("\n")) expect(line.length, line).toBeLessThanOrEqual(60);
    }
  });

  test("the completion of bash completes commands, options, choices and files", async () => {
    const { stdout } = await cli(["completion", "bash"]);
    const complete = (...words: string[]): string[] =>
      execFileSync(
        "bash",
        [
          "-c",
          `${stdout}\nCOMP_WORDS=(wasmlp "$@"); COMP_CWORD=$#; _wasmlp; printf '%s\\n' "\${COMPREPLY[@]}"`,
          "bash",
          ...words,
        ],
        { cwd: folder.path, encoding: "utf8" },
      )
        .trim()
        .split("\n");
    expect(complete("tr")).toEqual(["train"]);
    expect(complete("train", "--hid")).toEqual(["--hidden"]);
    expect(complete("export", "--to", "o")).toEqual(["onnx"]);
    expect(complete("train", "iris.c")).toEqual(["iris.csv"]);
    expect(complete("completion", "z")).toEqual(["zsh"]);
  });

  test.each(["zsh", "fish"])("the completion of %s is a script that the shell can read, where there is one", async (shell) => {
    const { stdout, code } = await cli(["completion", shell]);
    expect(code).toBe(0);
    expect(stdout).toContain("validation");
    const path = `/usr/bin/${shell}`;
    if (existsSync(path))
      expect(spawnSync(path, ["-n"], { input: stdout, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  });
});
