// How work on the calling thread lets others have their turn.
import { later } from "../platform.js";

/** A turn of the event loop: what waits for it runs. */
export const yieldToEventLoop = (): Promise<void> => new Promise(later);
