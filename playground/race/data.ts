// The rows of a race.
import csv from "../../examples/data/ten-rows.csv?raw";
import { loadTest } from "../digits/data.js";
import { PIXELS } from "../digits/files.js";
import { MOST_ROWS } from "../limits.js";
import { makePoints } from "../shapes/datasets.js";
import { WORKLOADS, type WorkloadId } from "./workloads.js";

export interface RaceRows {
  readonly x: Float32Array;
  readonly y: Uint8Array | Float32Array;
}

export async function loadRows(id: WorkloadId): Promise<RaceRows> {
  const { data, rows: all } = WORKLOADS[id];
  const rows = Math.min(all, MOST_ROWS);
  switch (data) {
    case "digits": {
      const { x, y } = await loadTest();
      return { x: x.slice(0, rows * PIXELS), y: y.slice(0, rows) };
    }
    case "spirals": {
      const { train, validation } = makePoints({ data, points: rows, noise: 0.1, seed: 1 });
      const points = [...train, ...validation];
      return { x: Float32Array.from(points.flatMap(({ x, y }) => [x, y])), y: Uint8Array.from(points, ({ target }) => target) };
    }
    case "table": {
      const table = csv
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.split(",").map(Number));
      return {
        x: Float32Array.from(table.flatMap((row) => row.slice(0, -1))),
        y: Float32Array.from(table, (row) => row.at(-1)!),
      };
    }
  }
}
