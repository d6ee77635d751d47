// How a page of README or docs links to a file: relative where the tarball contains the file, else with the address on the repository's host.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
export const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
/** The repository's address, from package.json's `repository` field. */
export const address = manifest.repository.url.replace(/^git\+/, "").replace(/\.git$/, "");

/** Whether the tarball contains a file. */
export const isPacked = (path) =>
  /^(README|CHANGELOG|LICENSE)/.test(path) || (/^docs\/.*\.(md|py)$/.test(path) && !path.startsWith("docs/api/"));
const hosted = (path) => `${address}/${/\.\w+$|^LICENSE/.test(path) ? "blob" : "tree"}/main/${path}`;

/**
 * A page's text with links that work in the tarball, too.
 * @param page the page's path in the repository
 * @param report is called with a message for each link to a file that does not exist
 */
export function withStandaloneLinks(page, text, report = () => {}) {
  return text.replaceAll(/\]\(([^()\s]+)\)/g, (link, target) => {
    const [, path = target] = /^https:\/\/github\.com\/[^/]+\/[^/]+\/(?:blob|tree)\/main\/(.*)$/.exec(target) ?? [];
    const isAbsolute = path !== target;
    if (!isAbsolute && /^(\w+:|#)/.test(target)) return link;
    const [file, ...fragment] = path.split("#");
    const inRepository = isAbsolute
      ? file
      : normalize(join(dirname(page), file))
          .replaceAll("\\", "/")
          .replace(/\/$/, "");
    if (!existsSync(join(root, inRepository))) {
      // Another repository's file.
      if (!isAbsolute || !target.startsWith(address)) return link;
      report(`${page} links to ${target}, and there is no ${inRepository}`);
    }
    const hash = fragment.length ? `#${fragment.join("#")}` : "";
    if (!isPacked(inRepository)) return `](${hosted(inRepository)}${hash})`;
    return `](${relative(dirname(page), inRepository).replaceAll("\\", "/")}${hash})`;
  });
}
