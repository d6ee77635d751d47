// The same digest in a process of its own, as users start it; on Node 24 and later also with vectors paired to 256 bits.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import expected from "../consumers/digest.json" with { type: "json" };

const program = fileURLToPath(new URL("digest-program.js", import.meta.url));
const major = Number(process.versions.node.split(".")[0]);

test.each(["--no-warnings", ...(major >= 24 ? ["--experimental-wasm-revectorize"] : [])])(
  "training has the committed digest in node %s",
  async (flag) => {
    const { stdout } = await promisify(execFile)(process.execPath, [flag, program], {
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    expect(JSON.parse(stdout)).toMatchObject(expected);
  },
);
