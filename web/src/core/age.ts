// How far a value or a source may be trusted, from its age alone. Pure; asked every second, with or without messages.
import type { Freshness, SourceState } from "../wire";

/** What ages can make of a value; the wire's other qualities say where a value comes from. */
export type Aged = "live" | "late" | "stale" | "down";

const QUARTER = 15 * 60;

/** live <= 2 exp, late <= 5 exp, stale <= max(15 min, 10 exp), then down: too old to be shown. `now` and `as_of` in ms. */
export function quality(q: Pick<Freshness, "as_of" | "exp">, now: number): Aged {
  if (q.as_of === null) return "down";
  const age = (now - q.as_of) / 1000;
  if (age <= 2 * q.exp) return "live";
  if (age <= 5 * q.exp) return "late";
  return age <= Math.max(QUARTER, 10 * q.exp) ? "stale" : "down";
}

const ORDER: readonly Aged[] = ["live", "late", "stale", "down"];

/** The worse of two. */
export function worse(a: Aged, b: Aged): Aged {
  return ORDER.indexOf(a) >= ORDER.indexOf(b) ? a : b;
}

export type Health = SourceState["st"];

/** The instant its data were last known true, ms: as it says itself, else when it was last read; null: never. */
export function heardAt({ as_of, obs }: Pick<SourceState, "as_of" | "obs">): number | null {
  return as_of ?? obs;
}

/**
 * The state of a source at `now` (ms), by the server's own rule: fresh for `period`, late for `grace` more, then down if its last
 * reading failed and stale if it answered. It only ages: what the server already found worse stands.
 */
export function health(source: SourceState, now: number): Health {
  if (source.st !== "fresh" && source.st !== "late") return source.st;
  const heard = heardAt(source);
  if (heard === null) return "never";
  const age = (now - heard) / 1000;
  if (age <= source.period) return source.st;
  if (age <= source.period + source.grace) return "late";
  return source.why ? "down" : "stale";
}
