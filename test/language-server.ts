// An editor's completions: asks TypeScript's language server over its protocol.
import { spawn, type ChildProcess } from "node:child_process";
import { pathToFileURL } from "node:url";
import { tool } from "./packed.js";

interface Message {
  id?: number;
  method?: string;
  result?: unknown;
}

export class LanguageServer {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #received = Buffer.alloc(0);
  #asked = 0;

  /** Starts it for the programs of a folder. */
  static async start(folder: string): Promise<LanguageServer> {
    const server = new LanguageServer(folder);
    await server.#ask("initialize", { processId: process.pid, rootUri: pathToFileURL(folder).href, capabilities: {} });
    server.#send({ method: "initialized", params: {} });
    return server;
  }

  private constructor(folder: string) {
    this.#folder = folder;
    this.#process = spawn(process.execPath, [tool("typescript/bin/tsc"), "--lsp", "--stdio"], {
      cwd: folder,
      stdio: ["pipe", "pipe", "ignore"],
    });
    this.#process.stdout!.on("data", (data: Buffer) => {
      this.#received = Buffer.concat([this.#received, data]);
      while (this.#read());
    });
  }

  /** The names that can stand where `|` is in a program, in the server's order. */
  async completions(program: string): Promise<string[]> {
    const uri = pathToFileURL(`${this.#folder}/completed-${this.#asked}.mts`).href;
    const lines = program.slice(0, program.indexOf("|")).split("\n");
    this.#send({
      method: "textDocument/didOpen",
      params: { textDocument: { uri, languageId: "typescript", version: 1, text: program.replace("|", "") } },
    });
    const position = { line: lines.length - 1, character: lines.at(-1)!.length };
    const found = (await this.#ask("textDocument/completion", { textDocument: { uri }, position })) as {
      items: { label: string }[];
    };
    return found.items.map(({ label }) => label);
  }

  stop(): void {
    this.#process.kill();
  }

  #ask(method: string, params: object): Promise<unknown> {
    const id = ++this.#asked;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#send({ id, method, params });
    });
  }

  #send(message: object): void {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#process.stdin!.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  /** Takes one whole message from what has come; false when there is none. */
  #read(): boolean {
    const end = this.#received.indexOf("\r\n\r\n");
    if (end < 0) return false;
    const start = end + 4;
    const length = Number(/Content-Length: (\d+)/i.exec(this.#received.toString("latin1", 0, end))?.[1]);
    if (this.#received.length < start + length) return false;
    const { id, method, result } = JSON.parse(this.#received.toString("utf8", start, start + length)) as Message;
    this.#received = this.#received.subarray(start + length);
    // It asks for things, too: nothing is known of them here.
    if (method !== undefined && id !== undefined) this.#send({ id, result: null });
    else if (id !== undefined) this.#waiting.get(id)?.(result);
    return true;
  }
}
