// How far a value may be trusted, from its age alone. Pure; asked every second, with or without messages.
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

export type Health = "ok" | "quiet" | "late" | "down" | "never";

/** A source as the strip shows it; a source that fell silent together with the server is caught here. "quiet": daily or by hand. */
export function health(source: SourceState, now: number): Health {
  if (source.st !== "ok") return source.st;
  if (source.kind !== "poll") return "quiet";
  const aged = quality({ as_of: source.obs, exp: source.exp }, now);
  if (aged === "live") return "ok";
  return aged === "down" ? "down" : "late";
}
