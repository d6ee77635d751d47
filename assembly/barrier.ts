// Threads meet here: a leader hands out tasks, helpers do their shares, and nobody goes on before all have arrived.
//
// A meeting is two words. The leader counts Turn up, which lets the helpers go; each helper counts Arrived up when it is
// done, which lets the leader go. Whoever waits looks at its word for a while, then sleeps until it is woken; who
// writes wakes others only where somebody says to be asleep. That is safe because these accesses are sequentially
// consistent: a sleeper says so before it looks a last time, a writer writes before it asks.
import { Header, Meeting } from "./abi";

/**
 * Looks before sleeping, at the most and at the fewest: some 50 µs, about as long as falling asleep and being woken, and some 10. Who
 * had to sleep looks less the next time, by so much: where threads have to share a core, looking keeps others from working.
 */
const MOST = 200_000, FEWEST = 40_000, LESS = 12_000;
/** Sleepers look up this often, in nanoseconds, in case their waker is gone. */
const NAP: i64 = 100_000_000;
/** Naps after which the leader takes a helper for dead that should have woken, and one that should have been done: 5 s, a minute. */
const WAKING = 50, WORKING = 600;

/** The first of `count` things, in whole grains, that belong to `thread`; the next thread's first ends its share. */
@inline
export function share(count: u32, thread: u32, grain: u32): u32 {
  // The first thread begins at the first, and needs no division.
  if (thread == 0) return 0;
  const threads = load<u32>(Header.Threads);
  if (thread >= threads) return count;
  return <u32>(<u64>count * thread / threads) / grain * grain;
}

/** Leader: lets the helpers begin the task that the header describes. */
export function release(): void {
  if (load<i32>(Header.Threads) == 1) return;
  atomic.store<i32>(Meeting.Arrived, 0);
  atomic.add<i32>(Meeting.Turn, 1);
  if (atomic.load<i32>(Meeting.Sleepers)) atomic.notify(Meeting.Turn, -1);
}

/** How many looks fewer than the most the next wait begins with, after one that began with so many fewer. */
@inline
function impatience(before: i32, slept: bool): i32 {
  return slept ? min(before + LESS, MOST - FEWEST) : max(before - LESS, 0);
}

/** Leader: waits until every helper is done. Traps where the run is over, or a helper is gone. */
export function join(): void {
  const helpers = load<i32>(Header.Threads) - 1;
  if (!helpers) return;
  const less = load<i32>(Meeting.Impatience);
  for (let i = less; i < MOST; ++i) {
    if (atomic.load<i32>(Meeting.Arrived) == helpers) {
      store<i32>(Meeting.Impatience, impatience(less, false));
      return;
    }
  }
  store<i32>(Meeting.Impatience, impatience(less, true));
  for (let naps = 0; ; ) {
    atomic.store<i32>(Meeting.LeaderSleeps, 1);
    const arrived = atomic.load<i32>(Meeting.Arrived);
    if (arrived == helpers) break;
    if (atomic.load<i32>(Meeting.Over) || naps == WORKING || (naps == WAKING && atomic.load<i32>(Meeting.Sleepers))) unreachable();
    naps += i32(atomic.wait<i32>(Meeting.Arrived, arrived, NAP) == AtomicWaitResult.TIMED_OUT);
  }
  atomic.store<i32>(Meeting.LeaderSleeps, 0);
}

/** Helper: waits until Turn is no longer `turn`, or the run is over; looks `less` than the most first. Returns by how much less the next time. */
export function awaitTurn(turn: i32, less: i32): i32 {
  for (let i = less; i < MOST; ++i) {
    if (atomic.load<i32>(Meeting.Turn) != turn) return impatience(less, false);
  }
  atomic.add<i32>(Meeting.Sleepers, 1);
  while (atomic.load<i32>(Meeting.Turn) == turn && !atomic.load<i32>(Meeting.Over)) {
    atomic.wait<i32>(Meeting.Turn, turn, NAP);
  }
  atomic.sub<i32>(Meeting.Sleepers, 1);
  return impatience(less, true);
}

/** Helper: says that its share is done. */
export function arrive(): void {
  atomic.add<i32>(Meeting.Arrived, 1);
  if (atomic.load<i32>(Meeting.LeaderSleeps)) atomic.notify(Meeting.Arrived, 1);
}
