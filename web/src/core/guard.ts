// Reloading for a new build, without ever looping: at most once in ten minutes and three times for one build, then a badge.
// The tries live in sessionStorage, so they survive the reloads they count.

export interface Tries {
  ui: string; // the build we wanted
  at: readonly number[]; // when, ms since the epoch by this page's own clock
}

const APART = 10 * 60_000;
const MOST = 3;
const KEY = "ioc.reload";

export type Verdict = "reload" | "wait" | "give up";

/** Pure. `now` only spaces reloads, so the page's own clock will do (a refused socket gives us no server time). */
export function verdict(tries: Tries | null, ui: string, now: number): Verdict {
  if (!tries || tries.ui !== ui) return "reload";
  if (tries.at.length >= MOST) return "give up";
  const last = tries.at[tries.at.length - 1] ?? Number.NEGATIVE_INFINITY;
  return now - last >= APART || now < last ? "reload" : "wait";
}

/** Reload if the guard allows it and the page can be fetched: a wall must never land on an error page. */
export async function reload(ui: string): Promise<Verdict> {
  const now = performance.timeOrigin + performance.now();
  const tries = stored();
  const said = verdict(tries, ui, now);
  if (said !== "reload") return said;
  const at = tries?.ui === ui ? tries.at : [];
  sessionStorage.setItem(KEY, JSON.stringify({ ui, at: [...at, now] } satisfies Tries));
  const page = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  if (page?.ok) location.reload();
  return said;
}

/** The build we are is the build we should be. */
export function settled(): void {
  sessionStorage.removeItem(KEY);
}

function stored(): Tries | null {
  try {
    const tries: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    return tries && typeof tries === "object" && Array.isArray((tries as Tries).at) ? (tries as Tries) : null;
  } catch {
    return null;
  }
}
