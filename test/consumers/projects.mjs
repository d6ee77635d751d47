// Fresh projects with the packed library in them, programs that run there, and servers for what they build.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { npm } from "../../scripts/install.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const repository = join(here, "../..");
const workspace = mkdtempSync(join(tmpdir(), "wasmlp-consumers-"));
/** Nothing calls home, nothing is coloured, and Deno keeps its cache to itself. */
const environment = {
  ...process.env,
  NO_COLOR: "1",
  DO_NOT_TRACK: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  DENO_DIR: join(workspace, "deno-cache"),
  DENO_NO_UPDATE_CHECK: "1",
};
/** How to end each thing that was started. */
const running = [];

/** Packs the library and installs it, as a user would, in a project that later ones are copies of. */
export function packLibrary() {
  const template = join(workspace, "template");
  cpSync(join(here, "fixtures"), template, { recursive: true });
  writeFileSync(
    join(template, "package.json"),
    '{ "name": "consumer", "version": "1.0.0", "private": true, "type": "module" }\n',
  );
  const [{ filename }] = JSON.parse(offline(template, "pack", repository, "--json", "--pack-destination", workspace));
  offline(template, "install", join(workspace, filename));
}

function offline(cwd, ...args) {
  const { error, status, stdout, stderr } = npm([...args, "--offline", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd,
    encoding: "utf8",
  });
  if (status !== 0) throw error ?? new Error(`npm ${args[0]} failed\n${stdout}${stderr}`);
  return stdout;
}

/**
 * A fresh project: the fixtures, the installed library, and what else is given.
 * @param name its folder's
 * @param files path → text
 */
export function makeProject(name, files = {}) {
  const folder = join(workspace, name);
  cpSync(join(workspace, "template"), folder, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** Lets a project's files import the library from a server, as pages do that no bundler has seen. */
export function importFrom(folder, library) {
  for (const name of readdirSync(join(folder, "src"))) {
    const path = join(folder, "src", name);
    const text = readFileSync(path, "utf8");
    writeFileSync(
      path,
      text.replaceAll('"wasmlp"', `"${library}/dist/index.js"`).replaceAll('"wasmlp/metrics"', `"${library}/dist/metrics.js"`),
    );
  }
}

/** Runs a program in a folder to its end. Returns what it printed; where it fails, what it said is the error. */
export async function run(folder, program, ...args) {
  try {
    const { stdout } = await promisify(execFile)(program, args, { cwd: folder, env: environment, timeout: 300_000 });
    return stdout;
  } catch (error) {
    throw new Error(`${error.message}\n${error.stdout}`, { cause: error });
  }
}

/** Runs one of the installed tools' scripts. */
export function runTool(folder, script, ...args) {
  return run(folder, process.execPath, join(here, "node_modules", script), ...args);
}

/** Puts one of the repository's example folders into a project, over what is there; returns the project. */
export function useExample(name, folder) {
  cpSync(join(repository, "examples", name), folder, { recursive: true });
  return folder;
}

/** Gives a project what this folder has installed, beside the library: tools that look for themselves in the project. */
export function installTools(folder) {
  for (const name of readdirSync(join(here, "node_modules"))) {
    const to = join(folder, "node_modules", name);
    if (name.startsWith(".") || existsSync(to)) continue;
    // Links, since these are some hundred MB; none to folders, for Next refuses those that lead out of the project.
    linkAll(join(here, "node_modules", name), to);
  }
}

function linkAll(from, to) {
  if (!lstatSync(from).isDirectory()) return linkOrCopy(from, to);
  mkdirSync(to);
  for (const name of readdirSync(from)) linkAll(join(from, name), join(to, name));
}

function linkOrCopy(from, to) {
  try {
    linkSync(from, to);
  } catch {
    cpSync(from, to); // on another disk
  }
}

/** Starts one of the installed tools' scripts that serves; as `start`. */
export function startTool(folder, script, ...args) {
  return start(folder, process.execPath, join(here, "node_modules", script), ...args);
}

/** Starts a program that serves; returns the first address that it prints, or its port where it speaks JSON. It is ended by `cleanUp`. */
export function start(folder, program, ...args) {
  const child = spawn(program, args, { cwd: folder, env: environment });
  running.push(() => child.kill());
  let said = "";
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        said += text;
        const port = /"port":(\d+)/.exec(said)?.[1];
        const address = port ? `http://127.0.0.1:${port}` : /http:\/\/\S+/.exec(said)?.[0];
        if (address) resolve(address);
      });
    }
    child.on("error", reject).on("exit", () => reject(new Error(`${program} ${args[0]} ended\n${said}`)));
  });
}

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };

/** Serves a folder's files from an origin of their own. No charset is sent: many servers send none. Returns the origin. */
export async function serve(folder, headers = {}) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const path = join(folder, normalize(pathname.endsWith("/") ? `${pathname}index.html` : pathname));
    if (!existsSync(path)) return response.writeHead(404).end();
    response
      .writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "application/octet-stream", ...headers })
      .end(readFileSync(path));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  running.push(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${server.address().port}`;
}

/** Ends what was started and removes all projects. */
export function cleanUp() {
  for (const stop of running) stop();
  rmSync(workspace, { recursive: true, force: true });
}
