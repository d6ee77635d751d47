// The barrier between threads: a leader starts a task, every thread does its share, and no thread continues before all have arrived.
//
// It consists of two words. The leader increments Generation, which releases the helpers; each helper increments Arrived when it
// has finished, which releases the leader. A waiting thread spins on its word for a while, then calls `atomic.wait`; a writer calls
// `atomic.notify` only where some thread is registered as waiting. No wake-up is lost because these accesses are sequentially
// consistent: a waiter registers before it reads the word a last time, a writer writes the word before it reads the registration.
import { Barrier, Header } from "./abi";

/**
 * Maximum and minimum spins before `atomic.wait`: about 50 µs, as long as waiting and being woken takes, and about 10 µs. A thread
 * that had to wait spins SPIN_STEP less next time: where threads share a core, spinning keeps others from working.
 */
const MAX_SPINS = 200_000, MIN_SPINS = 40_000, SPIN_STEP = 12_000;
/** Timeout of one `atomic.wait`, in nanoseconds: a waiting thread checks this often whether the run has ended. */
const WAIT_NS: i64 = 100_000_000;
/** Timeouts after which the leader assumes that a helper has died that did not wake up (5 s), or did not finish (a minute). */
const WAKE_TIMEOUTS = 50, WORK_TIMEOUTS = 600;

/** The first of `count` items, in multiples of `grain`, that belong to `thread`; its share ends at the next thread's first. */
@inline
export function share(count: u32, thread: u32, grain: u32): u32 {
  // The first thread needs no division.
  if (thread == 0) return 0;
  const threads = load<u32>(Header.Threads);
  if (thread >= threads) return count;
  return <u32>(<u64>count * thread / threads) / grain * grain;
}

/** Leader: starts the task that the header describes. */
export function release(): void {
  if (load<i32>(Header.Threads) == 1) return;
  atomic.store<i32>(Barrier.Arrived, 0);
  atomic.add<i32>(Barrier.Generation, 1);
  if (atomic.load<i32>(Barrier.Waiters)) atomic.notify(Barrier.Generation, -1);
}

/** How many of MAX_SPINS to skip next time, after a wait that skipped `before`. */
@inline
function spinsToSkip(before: i32, waited: bool): i32 {
  return waited ? min(before + SPIN_STEP, MAX_SPINS - MIN_SPINS) : max(before - SPIN_STEP, 0);
}

/** Leader: waits until every helper has finished. Traps when the run has ended, or a helper has died. */
export function join(): void {
  const helpers = load<i32>(Header.Threads) - 1;
  if (!helpers) return;
  const skipped = load<i32>(Barrier.SpinsSkipped);
  for (let i = skipped; i < MAX_SPINS; ++i) {
    if (atomic.load<i32>(Barrier.Arrived) == helpers) {
      store<i32>(Barrier.SpinsSkipped, spinsToSkip(skipped, false));
      return;
    }
  }
  store<i32>(Barrier.SpinsSkipped, spinsToSkip(skipped, true));
  for (let timeouts = 0; ; ) {
    atomic.store<i32>(Barrier.LeaderWaits, 1);
    const arrived = atomic.load<i32>(Barrier.Arrived);
    if (arrived == helpers) break;
    if (atomic.load<i32>(Barrier.Closed) || timeouts == WORK_TIMEOUTS || (timeouts == WAKE_TIMEOUTS && atomic.load<i32>(Barrier.Waiters))) unreachable();
    timeouts += i32(atomic.wait<i32>(Barrier.Arrived, arrived, WAIT_NS) == AtomicWaitResult.TIMED_OUT);
  }
  atomic.store<i32>(Barrier.LeaderWaits, 0);
}

/**
 * Helper: waits until Generation is no longer `generation`, or the run has ended.
 * @param skipped how many of MAX_SPINS to skip
 * @returns how many to skip next time
 */
export function awaitTask(generation: i32, skipped: i32): i32 {
  for (let i = skipped; i < MAX_SPINS; ++i) {
    if (atomic.load<i32>(Barrier.Generation) != generation) return spinsToSkip(skipped, false);
  }
  atomic.add<i32>(Barrier.Waiters, 1);
  while (atomic.load<i32>(Barrier.Generation) == generation && !atomic.load<i32>(Barrier.Closed)) {
    atomic.wait<i32>(Barrier.Generation, generation, WAIT_NS);
  }
  atomic.sub<i32>(Barrier.Waiters, 1);
  return spinsToSkip(skipped, true);
}

/** Helper: reports that its share is done. */
export function arrive(): void {
  atomic.add<i32>(Barrier.Arrived, 1);
  if (atomic.load<i32>(Barrier.LeaderWaits)) atomic.notify(Barrier.Arrived, 1);
}
