// Time as the server tells it. The PC's own clock is never read: performance.now() runs on, the server says where it stands.
// `second` moves once a second for everything on the screen that shows an age or a time.
import { type ReadonlySignal, signal } from "@preact/signals";

const KEPT = 5;
const JUMP = 5_000; // an offset this far off is a sleeping PC or a corrected server clock, not a slow network

/** The next set of offset samples (server ms - monotonic ms): the last five, or the newest alone after a jump. */
export function anchored(samples: readonly number[], sample: number): readonly number[] {
  if (samples.length && Math.abs(sample - median(samples)) > JUMP) return [sample];
  return [...samples, sample].slice(-KEPT);
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? 0;
  return sorted.length % 2 ? high : ((sorted[middle - 1] ?? high) + high) / 2;
}

export class Clock {
  private samples: readonly number[] = [];
  private readonly whole = signal<number | null>(null);
  private readonly since = signal(0);
  private readonly started = performance.now();

  /** The server's time at the last whole second, ms; null before the first welcome. */
  get second(): ReadonlySignal<number | null> {
    return this.whole;
  }

  /** Whole seconds since this page started. */
  get uptime(): ReadonlySignal<number> {
    return this.since;
  }

  /** server ms - monotonic ms; null before the first welcome. */
  get offset(): number | null {
    return this.samples.length ? median(this.samples) : null;
  }

  get now(): number | null {
    const offset = this.offset;
    return offset === null ? null : performance.now() + offset;
  }

  hear(serverNow: number): void {
    this.samples = anchored(this.samples, serverNow - performance.now());
    if (this.whole.peek() === null) this.read();
  }

  /** Call `each` just after every whole second of the server's time, until the disposer is called. */
  run(each: () => void): () => void {
    let timer = 0;
    const tick = (): void => {
      this.read();
      each();
      timer = window.setTimeout(tick, 1005 - ((this.now ?? performance.now()) % 1000));
    };
    timer = window.setTimeout(tick, 1000);
    return () => window.clearTimeout(timer);
  }

  private read(): void {
    const now = this.now;
    this.whole.value = now === null ? null : Math.floor(now / 1000) * 1000;
    this.since.value = Math.floor((performance.now() - this.started) / 1000);
  }
}
