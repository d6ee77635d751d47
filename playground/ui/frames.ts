// One loop of animation frames for the whole page: it runs while there are subscribers, and measures the frames per second.

type Callback = (now: number) => void;

const callbacks = new Set<Callback>();
/** When the last frames began, in milliseconds; empty when the loop is at rest. */
const times: number[] = [];
const WINDOW = 60;
/** A frame at 60 a second takes 16.7 ms; one that took longer than this came late. */
const LATE_MS = 18;
const MOST_MS = 6;
const LEAST_MS = 1;
let budget = MOST_MS;

/** Calls back at every frame until the function that is returned is called. */
export function onFrame(callback: Callback): () => void {
  callbacks.add(callback);
  if (callbacks.size === 1) {
    times.length = 0;
    requestAnimationFrame(loop);
  }
  return () => callbacks.delete(callback);
}

function loop(now: number): void {
  if (callbacks.size === 0) return;
  if (times.length) budget = now - times.at(-1)! > LATE_MS ? Math.max(LEAST_MS, 0.8 * budget) : Math.min(MOST_MS, budget + 0.05);
  times.push(now);
  if (times.length > WINDOW) times.shift();
  requestAnimationFrame(loop);
  for (const callback of callbacks) callback(now);
}

/** Frames a second over the last second or so; undefined while nothing moves. */
export function frameRate(): number | undefined {
  if (callbacks.size === 0 || times.length < WINDOW / 2) return undefined;
  return ((times.length - 1) * 1000) / (times.at(-1)! - times[0]);
}

/** How many milliseconds of a frame may go into work other than drawing: fewer when frames have come late. */
export const frameBudget = (): number => budget;

const still = matchMedia("(prefers-reduced-motion: reduce)");

/** Whether the visitor asked for less motion: pictures then change a few times a second. */
export const reducedMotion = (): boolean => still.matches;

/** A test that is true at most every `milliseconds`: for what need not be drawn at every frame. */
export function every(milliseconds: number): (now: number) => boolean {
  let last = -Infinity;
  return (now) => {
    // Half a frame of tolerance, so that a multiple of the frame's length is not missed by a hair.
    if (now - last < milliseconds - 8) return false;
    last = now;
    return true;
  };
}
