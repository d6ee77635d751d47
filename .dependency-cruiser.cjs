// Which file may import which, as docs/architecture.md says; `npm run imports` checks it. Type imports count as all others do.
// TypeScript 7 has no compiler API for JavaScript, so swc reads the files.

/** Entries beside the library itself, each with the files that only it, or its like, has. */
const ENTRIES = "^src/entries/";

/** The command line, a program of its own. */
const COMMAND_LINE = "^src/cli/";

/** What computes, below everything that decides. */
const ENGINE = "^src/engine/";

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "no-circles",
      comment: "Move what both files need into the lower one, or into a file below both.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "nothing-missing",
      comment: "The import resolves to no file. Generated files come from `npm run build -- --kernels`.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "kernels-stand-alone",
      comment: "AssemblyScript imports nothing outside assembly/.",
      severity: "error",
      from: { path: "^assembly/" },
      to: { pathNot: "^assembly/" },
    },
    {
      name: "only-the-interface-of-kernels",
      comment: "Of the kernels' sources TypeScript reads only abi.ts: codes, addresses and record fields.",
      severity: "error",
      from: { pathNot: "^assembly/" },
      to: { path: "^assembly/", pathNot: "^assembly/abi\\.ts$" },
    },
    {
      name: "library-stands-alone",
      comment: "The library has no dependencies: it imports itself, the interface of its kernels, and modules of Node.",
      severity: "error",
      from: { path: "^src/", pathNot: COMMAND_LINE },
      to: { pathNot: "^src/|^assembly/abi\\.ts$", dependencyTypesNot: ["core"] },
    },
    {
      name: "command-line-uses-the-public-surface",
      comment:
        "The command line uses the library by its public surface. Tables too large for memory, and trials in a queue, also need the insides " +
        "of two entries. It bundles the parser of separated values.",
      severity: "error",
      from: { path: COMMAND_LINE },
      to: {
        pathNot: `${COMMAND_LINE}|^src/(index|entries/[a-z]+|options/checks)\\.ts$|^src/entries/(table|selection)/|^node_modules/(papaparse|bullmq|ioredis)/`,
        dependencyTypesNot: ["core"],
      },
    },
    {
      name: "command-line-on-top",
      comment: "Nothing imports the command line.",
      severity: "error",
      from: { path: "^src/", pathNot: COMMAND_LINE },
      to: { path: COMMAND_LINE },
    },
    {
      name: "entries-use-the-public-surface",
      comment:
        "Entries import the core through src/index.ts, so that no bundle holds a second copy of it. They may " +
        "also use options/checks.ts and platform.ts: functions without state, of which a bundle takes only those it calls.",
      severity: "error",
      from: { path: ENTRIES },
      to: { path: "^src/", pathNot: [ENTRIES, "^src/(index|options/checks|platform)\\.ts$"] },
    },
    {
      name: "core-knows-no-entries",
      comment: "The core must work without its entries, and is itself no user of src/index.ts.",
      severity: "error",
      from: { path: "^src/", pathNot: [ENTRIES, COMMAND_LINE] },
      to: { path: [ENTRIES, "^src/index\\.ts$"] },
    },
    {
      name: "only-the-index-knows-the-class",
      comment: "nn.ts says what happens in which order: everything else in the core lies below it.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/index\\.ts$" },
      to: { path: "^src/nn\\.ts$" },
    },
    {
      name: "engines-below-training",
      comment: "Engines, the memory layout and the WebAssembly builds know nothing of training runs, threads or file formats.",
      severity: "error",
      from: { path: ENGINE },
      to: {
        path: "^src/",
        pathNot: [
          ENGINE,
          "^src/(public-types|errors|platform|options/network|options/network-types|options/checks)\\.ts$|^src/model/",
        ],
      },
    },
    {
      name: "threads-below-training",
      comment: "Threads make the calls that they are told to, whoever drives the training run.",
      severity: "error",
      from: { path: "^src/threads/" },
      to: { path: "^src/(training|data|formats)/" },
    },
    {
      name: "page-uses-the-public-surface",
      comment: "The playground is a user of the library.",
      severity: "error",
      from: { path: "^playground/" },
      to: { path: "^src/|^assembly/|^test/|^bench/", pathNot: "^src/(index|entries/[a-z]+)\\.ts$" },
    },
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
