// How work on the calling thread lets others have their turn.

/** A turn of the event loop: what waits for it runs. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") {
      // The first comes at once where a message or a file led here; timers and messages that are due, before the second.
      setImmediate(() => setImmediate(resolve));
    } else {
      // Timers are slowed to 4 ms; a message is not.
      const { port1, port2 } = new MessageChannel();
      port1.addEventListener("message", () => {
        port1.close();
        resolve();
      });
      port1.start();
      port2.postMessage(0);
    }
  });
}
