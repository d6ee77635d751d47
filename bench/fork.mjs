// Runs a job in its own process (child.mjs), so that the types and garbage of other jobs do not affect it.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * @param {import("./child.mjs").Job} job @param {string} name of the job, for errors
 * @returns {Promise<import("./statistics.mjs").Measurement>}
 */
export const inOwnProcess = (job, name) =>
  new Promise((done, fail) => {
    const child = fork(fileURLToPath(new URL("child.mjs", import.meta.url)));
    child.once("message", (/** @type {{ measurement?: any, error?: string }} */ { measurement, error }) => {
      if (error === undefined) done(measurement);
      else fail(new Error(`refused: ${error}`));
    });
    child.once("exit", (code, signal) => fail(new Error(`${name} ended without a result (${signal ?? `code ${code}`})`)));
    child.send(job);
  });
