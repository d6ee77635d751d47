// A job in a process of its own, so that no other's types and garbage weigh on it: child.mjs's other end.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * @param {import("./child.mjs").Job} job @param {string} name what failed, should it
 * @returns {Promise<import("./statistics.mjs").Measurement>}
 */
export const inOwnProcess = (job, name) => new Promise((done, fail) => {
  const child = fork(fileURLToPath(new URL("child.mjs", import.meta.url)));
  child.once("message", (/** @type {{ measurement?: any, error?: string }} */ { measurement, error }) => {
    if (error === undefined) done(measurement);
    else fail(new Error(`refused: ${error}`));
  });
  child.once("exit", (code, signal) => fail(new Error(`${name} ended without a result (${signal ?? `code ${code}`})`)));
  child.send(job);
});
