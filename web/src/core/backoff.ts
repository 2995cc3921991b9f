// When to try again, and when a flood of nonsense means the line is bad. Pure; live.ts holds the timers.

const CEILING = 30_000;
const SLOW = 30_000;

/** Milliseconds to wait before attempt number `attempt` (0 = first): full jitter under 1, 2, 4 ... 30 s. `random` is in [0, 1). */
export function delay(attempt: number, random: number): number {
  return Math.floor(random * Math.min(CEILING, 1000 * 2 ** Math.min(attempt, 10)));
}

export type Answer =
  { retry: "backoff" } | { retry: "slow"; after: number } | { retry: "never" } | { retry: "reload"; after: number };

/** What a close code asks of us (wire.CLOSES). Unknown codes, 1006 among them, are ordinary losses. */
export function answer(code: number): Answer {
  if (code === 4401) return { retry: "slow", after: SLOW };
  if (code === 4403) return { retry: "never" };
  if (code === 4409) return { retry: "reload", after: SLOW };
  return { retry: "backoff" };
}

/** Keeps the instants of the last ten seconds; three bad frames within them are too many. Instants in ms. */
export function nonsense(recent: readonly number[], now: number): { recent: readonly number[]; tooMany: boolean } {
  const kept = [...recent.filter((at) => now - at < 10_000), now];
  return { recent: kept, tooMany: kept.length >= 3 };
}
