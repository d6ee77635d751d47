// The table in docs/compatibility.md: a line for each way of using the library, with the places where it went alike.
const [START, END] = ["<!-- consumers:start -->", "<!-- consumers:end -->"];

/** The table of what was found. Versions and variants of an engine are the machine's, so they are not in it. */
export function tableOf(results) {
  const lines = new Map();
  for (const { name, note, runtime, backend, async = "", error } of results) {
    const engine = error ? "" : backend === "js" ? "JavaScript" : "WebAssembly";
    const key = [name, error ? "no" : "yes", engine, async, note].join(" | ");
    lines.set(key, [...(lines.get(key) ?? []), runtime]);
  }
  const body = [...lines].map(([key, runtimes]) => {
    const [name, ...rest] = key.split(" | ");
    return `| ${[name, runtimes.join(", "), ...rest].join(" | ")} |\n`;
  });
  return `| used from | in | works | engine | fitAsync by | how |\n| --- | --- | --- | --- | --- | --- |\n${body.join("")}`;
}

/** The page with another table between its marks. */
export function replaceTable(page, table) {
  const [start, end] = [page.indexOf(START), page.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`docs/compatibility.md lacks ${START} … ${END}`);
  return `${page.slice(0, start)}${START}\n${table}${page.slice(end)}`;
}
