// A project that knows nothing of this repository, with the library in it as npm packs and installs it, offline.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** One of the repository's tools. */
export const tool = (path: string): string => join(root, "node_modules", path);

export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), "wasmlp-package-"));
  readonly installed = join(this.folder, "node_modules/wasmlp");
  readonly tarball: string;
  /** The paths of the files in the tarball. */
  readonly packed: string[];

  constructor() {
    if (!existsSync(join(root, "dist/index.js"))) throw new Error("there is no dist/index.js to pack: run `npm run build` first");
    this.write({ "package.json": '{ "name": "user", "version": "1.0.0", "private": true }' });
    const [{ filename, files }] = JSON.parse(this.npm("pack", root, "--json")) as [
      { filename: string; files: { path: string }[] },
    ];
    this.tarball = join(this.folder, filename);
    this.packed = files.map(({ path }) => path);
    this.npm("install", this.tarball);
  }

  write(files: Record<string, string>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(this.folder, path, ".."), { recursive: true });
      writeFileSync(join(this.folder, path), text);
    }
  }

  node(...args: string[]): string {
    return this.#run(process.execPath, ...args);
  }

  /** npm: the one that runs the tests, else the one on the PATH. Offline, and without asking or telling anyone anything. */
  npm(...args: string[]): string {
    const running = process.env.npm_execpath ?? "";
    const command = /npm-cli\.[cm]?js$/.test(running)
      ? [process.execPath, running]
      : process.platform === "win32"
        ? ["cmd.exe", "/d", "/s", "/c", "npm"]
        : ["npm"];
    return this.#run(...command, ...args, "--offline", "--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs a program in the project; when it fails, what it said becomes the error. */
  #run(...command: string[]): string {
    const [program, ...args] = command as [string, ...string[]];
    try {
      return execFileSync(program, args, { cwd: this.folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    } catch (error) {
      const { stdout, stderr } = error as { stdout?: string; stderr?: string };
      throw new Error(`${command.join(" ")}\n${stdout ?? ""}${stderr ?? ""}`, { cause: error });
    }
  }
}
