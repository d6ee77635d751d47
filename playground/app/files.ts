// Opens models and tables, by button or by drag and drop, and saves models as downloads.
import { ModelFormatError, NN } from "../../src/index.js";
import { h } from "../ui/dom.js";

/** The maximum size of a file; larger ones are refused. */
const LARGEST = 200 * 2 ** 20;

export interface FileHandlers {
  model(model: NN, name: string): void;
  /** The bytes of a file of text. */
  table(bytes: Uint8Array, name: string): void;
  /** The bytes of a model that a table was saved with. */
  tableModel(bytes: Uint8Array, name: string): void;
  refuse(message: string): void;
}

/** Offers bytes as a download. */
export function download(bytes: Uint8Array<ArrayBuffer>, name: string): void {
  const address = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Lets the visitor choose a file. */
export function chooseFile(accept: string, handlers: FileHandlers): void {
  const input = h("input", { type: "file", accept, class: "visually-hidden", "aria-label": "File", tabindex: "-1" });
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    input.remove();
    if (file) void readFile(file, handlers);
  });
  input.addEventListener("cancel", () => input.remove());
  document.body.append(input);
  input.click();
}

/** Accepts files that are dropped anywhere on the page. */
export function acceptDrops(handlers: FileHandlers): void {
  let depth = 0;
  const show = (visible: boolean): void => {
    document.body.classList.toggle("is-dropping", visible);
  };
  const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
  addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    depth++;
    show(true);
  });
  addEventListener("dragleave", (event) => {
    if (carriesFiles(event) && --depth <= 0) show(false);
  });
  addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    show(false);
    const files = event.dataTransfer!.files;
    if (files.length === 1) void readFile(files[0], handlers);
    else
      handlers.refuse(
        files.length ? "Drop one file at a time, please." : "That is not a file: drop a CSV table or a saved model.",
      );
  });
}

async function readFile(file: File, handlers: FileHandlers): Promise<void> {
  if (file.size > LARGEST) {
    handlers.refuse(`${file.name} is larger than 200 MB: too much for this page.`);
    return;
  }
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    handlers.refuse(`${file.name} could not be read. Is it a file, not a folder, and still there?`);
    return;
  }
  if (/\.safetensors$/i.test(file.name)) readModel(bytes, file.name, handlers);
  else if (looksLikeText(bytes)) handlers.table(bytes, file.name);
  else handlers.refuse(`${file.name} is neither a CSV table nor a model saved here (.safetensors).`);
}

function readModel(bytes: Uint8Array, name: string, handlers: FileHandlers): void {
  let model: NN;
  try {
    model = NN.load(bytes);
  } catch (error) {
    if (!(error instanceof ModelFormatError)) throw error;
    handlers.refuse(`${name} is not a model that wasmlp can load: ${error.message}.`);
    return;
  }
  if (typeof model.metadata === "object" && model.metadata && "wasmlp/table" in model.metadata) handlers.tableModel(bytes, name);
  else handlers.model(model, name);
}

/** Text has no zero bytes, unless it begins with UTF-16's mark, and files of other kinds soon have one. */
const looksLikeText = (bytes: Uint8Array): boolean =>
  !bytes.subarray(0, 4096).includes(0) || ["255,254", "254,255"].includes(bytes.subarray(0, 2).join());
