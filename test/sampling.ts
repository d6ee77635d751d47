// The size of a sweep over cases: all of them where WASMLP_TESTS=all is set, as in .ci/run, else a sample. vitest.config.ts reads the
// variable.
import { inject } from "vitest";

const ALL = inject("all");

/** The number of cases in a sweep. */
export const tries = (all: number, sample: number): number => (ALL ? all : sample);

/** Whether a sweep includes its `i`th case: all, or one in `step`. */
export const isTried = (i: number, step: number): boolean => ALL || i % step === 0;
