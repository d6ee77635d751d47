// How much of a sweep is tried: all of it where WASMLP_TESTS=all is set, as in .ci/run, else a sample. vitest.config.ts reads the
// variable.
import { inject } from "vitest";

const ALL = inject("all");

/** How many tries a sweep makes. */
export const tries = (all: number, sample: number): number => (ALL ? all : sample);

/** Whether a sweep's `i`th try is made: each, or one in `step`. */
export const isTried = (i: number, step: number): boolean => ALL || i % step === 0;
