// Runs the built command line in processes of their own.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const CLI = join(root, "dist/cli.js");

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when standard error or output has this text; rejects when the process ends without it. */
  until(text: string | RegExp): Promise<void>;
}

/** Starts `wasmlp` with arguments. */
export function start(
  args: readonly string[],
  { cwd, env, input, cli = CLI }: { cwd?: string; env?: Record<string, string>; input?: string | Uint8Array; cli?: string } = {},
): Running {
  if (!existsSync(cli)) throw new Error("there is no dist/cli.js: run `npm run build` first");
  const child = spawn(process.execPath, [cli, ...args], { cwd, env: { ...process.env, NO_COLOR: "1", ...env }, stdio: "pipe" });
  let stdout = "",
    stderr = "";
  const listeners = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    for (const listener of listeners) listener();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    for (const listener of listeners) listener();
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input ?? "");
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  return {
    child,
    ended,
    until: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (typeof text === "string" ? (stdout + stderr).includes(text) : text.test(stdout + stderr)) {
            listeners.delete(look);
            resolve();
          }
        };
        listeners.add(look);
        look();
        void ended.then((end) => reject(new Error(`it ended without ${String(text)}: ${JSON.stringify(end)}`)));
      }),
  };
}

/** Runs `wasmlp` to its end. */
export const run = (args: readonly string[], options?: Parameters<typeof start>[1]): Promise<Ended> => start(args, options).ended;

/** A folder for one test file. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "wasmlp-cli-"));

  write(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    return path;
  }

  read(name: string): Buffer {
    return readFileSync(join(this.path, name));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The iris rows of the examples, as text. */
export const IRIS = readFileSync(join(root, "examples/data/iris.csv"), "utf8");
