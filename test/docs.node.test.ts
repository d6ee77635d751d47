// README and docs: every block of code runs as it stands, links lead somewhere, also from the tarball, and lists name all there is.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ACTIVATIONS, INITIALIZERS } from "../src/model/spec.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const run = (...args: string[]): string =>
  execFileSync(process.execPath, args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

test("every block of code in README and docs runs, in the order of its page", () => {
  const printed = run("test/docs-blocks.mjs");
  const results = JSON.parse(printed.slice(printed.indexOf("RESULT") + 6)) as {
    page: string;
    line: number;
    mark?: string;
    error?: string;
  }[];
  expect(results.filter(({ error }) => error)).toEqual([]);
  expect(results.filter(({ mark }) => !mark).length).toBeGreaterThan(25);
  // Blocks that are not run need a browser, or another library.
  for (const { page, line, mark } of results.filter((each) => each.mark))
    expect(["page", "other"], `${page}:${line}`).toContain(mark);
});

test("the README's first block is all that a new user needs: install, import, train, predict", () => {
  const [install, program] = [...read("README.md").matchAll(/^```(?:sh|js)\n([^]*?)^```$/gm)].map(([, code]) => code!);
  expect(install).toBe("npm install wasmlp\n");
  expect(program).toContain('import { NN } from "wasmlp";');
  expect(program!.trim().split("\n").length).toBeLessThanOrEqual(12);
});

test("links lead to files, stand alone in the tarball, and name the repository that package.json names", () => {
  expect(run("scripts/links.mjs", "--check")).toBe("");
});

test("links to a part of a page name one of its headings", () => {
  const anchorsOf = (page: string): string[] =>
    [
      ...read(page)
        .replaceAll(/^```[^]*?^```$/gm, "")
        .matchAll(/^#+ (.*)$/gm),
    ].map(([, title]) =>
      title!
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    );
  const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".md"));
  const broken: string[] = [];
  for (const page of ["README.md", "CHANGELOG.md", ...docs.map((path) => `docs/${path}`)]) {
    for (const [link, path, anchor] of read(page).matchAll(/\]\(([^():#\s]*)#([^()\s]+)\)/g)) {
      const target = path ? join(page, "..", path) : page;
      if (target.endsWith(".md") && existsSync(join(root, target)) && !anchorsOf(target).includes(anchor!))
        broken.push(`${page}: ${link}`);
    }
  }
  expect(broken).toEqual([]);
});

test("publishing is refused while the repository is a placeholder", () => {
  const placeholder = (JSON.parse(read("package.json")) as { repository: { url: string } }).repository.url.includes("OWNER");
  const publish = (): string => run("scripts/links.mjs", "--publish");
  if (placeholder) expect(publish).toThrow(/placeholder/);
  else expect(publish()).toBe("");
});

test("docs/initializers.md has a formula for each initializer, and the README names them and every activation", () => {
  const page = read("docs/initializers.md");
  for (const name of INITIALIZERS) expect(page).toContain(`| \`${name}\` |`);
  for (const name of [...INITIALIZERS, ...ACTIVATIONS]) expect(read("README.md")).toContain(name);
});
