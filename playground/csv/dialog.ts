import type { FileHandlers } from "../app/files.js";
export function openTable(_text: string, _name: string, _say: (message: string) => void, _handlers: FileHandlers): void {}
