// The manifests in examples/kubernetes: against Kubernetes' own schema for values, against its types for names of fields, and their command
// lines against this command line.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Deployment, StatefulSet } from "kubernetes-models/apps/v1";
import { Job } from "kubernetes-models/batch/v1";
import { Service } from "kubernetes-models/v1";
import { afterAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { searchCommand } from "../../src/cli/commands/search.js";
import { trainCommand } from "../../src/cli/commands/train.js";
import { workCommand } from "../../src/cli/commands/work.js";
import { parseCommandLine } from "../../src/cli/parse.js";
import { root } from "./support.js";

interface Manifest {
  apiVersion: string;
  kind: "Service" | "StatefulSet" | "Deployment" | "Job";
  spec: { completionMode?: string; template?: { spec: { containers: { command?: string[] }[] } } };
}

const folder = join(root, "examples/kubernetes");
const manifests = readdirSync(folder).flatMap((file) =>
  parseAllDocuments(readFileSync(join(folder, file), "utf8")).map((document) => {
    const [error] = document.errors;
    if (error) throw error;
    return document.toJS() as Manifest;
  }),
);
const MODELS = {
  Service: ["v1", Service],
  StatefulSet: ["apps/v1", StatefulSet],
  Deployment: ["apps/v1", Deployment],
  Job: ["batch/v1", Job],
} as const;
const COMMANDS = { search: searchCommand, train: trainCommand, work: workCommand };
const scratch = mkdtempSync(join(root, "build-kubernetes-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** What TypeScript says of a manifest as an object of Kubernetes' types: unknown fields at any depth are errors. */
function typeErrors(all: readonly Manifest[]): string {
  const text = all
    .map(
      ({ kind, apiVersion, ...rest }, i) =>
        `import type { I${kind} as T${i} } from "kubernetes-models/${apiVersion}";\nexport const m${i}: T${i} = ${JSON.stringify({ apiVersion, kind, ...rest })};\n`,
    )
    .join("");
  writeFileSync(join(scratch, "manifests.mts"), text);
  try {
    return execFileSync(
      process.execPath,
      [
        join(root, "node_modules/typescript/bin/tsc"),
        "--noEmit",
        "--ignoreConfig",
        "--strict",
        "--skipLibCheck",
        "--module",
        "nodenext",
        "--types",
        "",
        join(scratch, "manifests.mts"),
      ],
      { encoding: "utf8" },
    );
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

describe("the manifests", () => {
  test("hold a queue with its workers, and an Indexed Job", () => {
    expect(manifests.map(({ kind }) => kind).toSorted()).toEqual(["Deployment", "Job", "Job", "Service", "StatefulSet"]);
    expect(manifests.filter(({ spec }) => spec.completionMode === "Indexed")).toHaveLength(1);
  });

  test.each(manifests.map((manifest) => [manifest.kind, manifest] as const))(
    "%s has the values that Kubernetes' schema asks for",
    (kind, manifest) => {
      const [version, Model] = MODELS[kind];
      expect(manifest.apiVersion).toBe(version);
      const check = (value: unknown): void => new Model(value as never).validate();
      expect(() => check(manifest)).not.toThrow();
      expect(() =>
        check({ ...manifest, spec: { ...manifest.spec, ...(kind === "Service" ? { ports: "6379" } : { template: "none" }) } }),
      ).toThrow(/must be (?:array|object)/);
    },
  );

  test("have no field that Kubernetes does not know", () => {
    expect(typeErrors(manifests)).toBe("");
    const [first, ...rest] = structuredClone(manifests);
    Object.assign(first!.spec.template!.spec.containers[0]!, { imagePullPolice: "Always" });
    expect(typeErrors([first!, ...rest])).toContain("imagePullPolice");
  });

  test("run command lines that wasmlp takes", () => {
    const lines = manifests
      .flatMap(({ spec }) => spec.template?.spec.containers ?? [])
      .flatMap(({ command }) => (command ? [command] : []));
    expect(lines).toHaveLength(3);
    for (const [program, name, ...args] of lines) {
      expect(program).toBe("wasmlp");
      expect(() => parseCommandLine(COMMANDS[name as keyof typeof COMMANDS], args)).not.toThrow();
    }
  });
});
