// Counters about this screen's own life: shown by the diagnostics overlay, read by tests through window.__ioc.stats. Nothing writes
// them from outside.
import type { Since } from "../wire";

export class Stats {
  connects = 0; // sockets opened
  frames = 0;
  snaps = 0;
  deltas = 0;
  skipped = 0; // duplicates and overtaken updates
  asks = 0; // subscriptions after a gap, another epoch or a lost update
  unknown = 0; // message types or topics we do not speak
  malformed = 0;
  errors = 0; // `err` messages
}

export interface Exposed {
  build: string;
  server: string;
  offset: number | null;
  heads: Record<string, Since | null>;
  counts: Readonly<Stats>;
}

/** Publish a read-only view as window.__ioc.stats. */
export function expose(read: () => Exposed): void {
  const view = Object.freeze({
    get stats(): Exposed {
      return read();
    },
  });
  Object.defineProperty(window, "__ioc", { value: view, writable: false, configurable: false });
}
