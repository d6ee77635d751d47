// For a child process (`node --import`): notes each call of the file system that works on a temporary file or its folder, and kills
// the process at the one that DIE_AT counts to: before it, or half-way through a write. Without DIE_AT it prints the calls on exit.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { DIE_AT } = process.env;
const calls = [];

/** Notes a call; a signal that a process sends to itself is delivered before `kill` returns. */
function note(name) {
  calls.push(name);
  if (String(calls.length) === DIE_AT) process.kill(process.pid, "SIGKILL");
}

/** Has a function of an object noted; a write is made in two halves. */
function watch(owner, name, as = name) {
  const original = owner[name];
  owner[name] = function (...args) {
    if (!name.startsWith("writeFile")) {
      note(as);
      return original.apply(this, args);
    }
    const at = args.findIndex((each) => each instanceof Uint8Array);
    const part = (from, to) => original.apply(this, args.with(at, args[at].subarray(from, to)));
    const half = args[at].length >> 1;
    note("write");
    const first = part(0, half);
    const rest = () => {
      note("write half-way");
      return part(half);
    };
    return first ? first.then(rest) : rest();
  };
}

const SYNC = {
  openSync: "open",
  writeFileSync: "write",
  fchmodSync: "chmod",
  fsyncSync: "sync",
  closeSync: "close",
  renameSync: "rename",
};

/** From now on calls are counted. */
globalThis.watchFiles = () => {
  for (const [name, as] of Object.entries(SYNC)) watch(fs, name, as);
  const { open } = fs.promises;
  fs.promises.open = async (...args) => {
    note("open");
    const file = await open(...args);
    for (const name of ["writeFile", "chmod", "sync", "close"]) watch(file, name);
    return file;
  };
  watch(fs.promises, "rename");
  syncBuiltinESMExports();
  process.on("exit", () => fs.writeSync(1, JSON.stringify(calls)));
};
