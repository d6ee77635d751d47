// Long work on the calling thread yields to its event loop.
import { later } from "../platform.js";

/** Resolves after a turn of the event loop, in which pending timers, messages and I/O have run. */
export const yieldToEventLoop = (): Promise<void> => new Promise(later);
