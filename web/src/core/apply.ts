// The rule by which a screen takes Updates: pure, and the whole of it. live.ts calls it for every snap and delta.
// Values are absolute, so an update that overlaps what we have is harmless; one that starts after it left a gap.
import type { Delta, Since, Snap } from "../wire";

/** Take: store `set`, drop `gone` (and, when `whole`, every key not in `set`). Ask: subscribe again with what we have. */
export type Step =
  | { do: "take"; head: Since; whole: boolean; set: Record<string, unknown>; gone: readonly string[] }
  | { do: "ask" }
  | { do: "skip" };

export function apply(have: Since | null, update: Snap | Delta): Step {
  const head = { ep: update.ep, seq: update.seq };
  const same = have !== null && have.ep === update.ep;
  if (same && update.seq <= have.seq) return { do: "skip" };
  if (update.t === "snap") return { do: "take", head, whole: true, set: update.set, gone: [] };
  if (!same || update.prev > have.seq) return { do: "ask" };
  return { do: "take", head, whole: false, set: update.set, gone: update.del ?? [] };
}

/** The heartbeat names each topic's newest `seq`; anything else than what we have is an update that never came. */
export function lost(have: Since | null, head: number): boolean {
  return have === null || have.seq !== head;
}
