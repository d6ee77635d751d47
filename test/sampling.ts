// How much of a sweep is tried: all of it where WASMLP_TESTS=all was set (.ci/run), else a sample. vitest.config.ts reads the variable.
import { inject } from "vitest";

const ALL = inject("all");

/** How many tries a sweep makes. */
export const tries = (all: number, sample: number): number => (ALL ? all : sample);

/** A list's members, or a sample of them: the first and last, and about one in `step` between. */
export const someOf = <T>(list: readonly T[], step: number): T[] =>
  list.filter((_, i) => ALL || i === 0 || i === list.length - 1 || i % step === 0);
