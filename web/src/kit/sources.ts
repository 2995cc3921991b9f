// The sources as the strip lists them: what is wrong with each, in a word with its age, the worst first. Pure; asked every second.
import { health, heardAt } from "../core/age";
import { age, ago, moment, shortAge } from "../core/fmt";
import { words } from "../core/lang";
import { cut, short } from "../core/names";
import type { Drift, SourceState } from "../wire";

/** Worst first. From "noted" on nothing is wrong: a new field only informs, "quiet" is read daily or typed in by hand. */
export const STANDINGS = ["down", "never", "stale", "stuck", "drift", "late", "skew", "noted", "fresh", "quiet"] as const;
export type Standing = (typeof STANDINGS)[number];

export interface Line {
  name: string;
  title: string;
  standing: Standing;
  said: string; // the word and its age; of a healthy source, how far behind it is
  aside: string; // when a failing source is asked again; "" when it is asked as ever
}

const TITLE = 20; // letters
const CROWDED = 14; // letters of the broken ones when they are three or more: all must stand on the narrowest wall

export const ill = (standing: Standing): boolean => STANDINGS.indexOf(standing) < STANDINGS.indexOf("noted");

/** A code or a field that went missing holds its last good value; a new field holds nothing. */
const held = (drift: readonly Drift[]): Drift[] => drift.filter(({ what }) => what !== "new_field");

export function standing(source: SourceState, now: number): Standing {
  const state = health(source, now);
  if (state === "down" || state === "never" || state === "stale") return state;
  if (source.stuck) return "stuck";
  if (held(source.drift).length) return "drift";
  if (state === "late") return "late";
  if (source.skew) return "skew";
  if (source.drift.length) return "noted";
  return source.kind === "daily" || source.kind === "manual" ? "quiet" : "fresh";
}

function drifted(drift: readonly Drift[], now: number): string {
  const t = words();
  const codes = drift.filter(({ what }) => what === "unknown_code");
  const first = Math.min(...(codes.length ? codes : drift).map(({ since }) => since));
  return (codes.length ? t.sourceCodes : t.sourceFields)(ago(first, now));
}

function said(source: SourceState, state: Standing, now: number): string {
  const t = words();
  const heard = heardAt(source);
  if (state === "never" || heard === null) return t.sourceNever;
  switch (state) {
    case "down":
      return t.sourceDown(ago(source.obs ?? heard, now));
    case "stale":
      return t.sourceStale(ago(heard, now));
    case "stuck":
      return t.sourceStuck(ago(source.stuck ?? now, now));
    case "drift":
      return drifted(held(source.drift), now);
    case "late":
      return t.sourceLate(ago(heard, now));
    case "skew":
      return t.sourceSkew(age(source.skew * 1000, now));
    case "noted":
      return t.sourceNewField;
    case "quiet":
      return source.kind === "manual" ? t.sourceManual : t.daily;
    case "fresh":
      return shortAge(now - heard, now);
  }
}

/** Every source, the broken first and among equals by title. `sources` must come sorted by title: see byTitle. */
export function lines(sources: readonly SourceState[], now: number): Line[] {
  const stood = sources.map((source) => [source, standing(source, now)] as const);
  const crowded = stood.filter(([, state]) => ill(state)).length > 2;
  return stood
    .sort(([, a], [, b]) => STANDINGS.indexOf(a) - STANDINGS.indexOf(b))
    .map(([source, state]) => {
      const letters = crowded && ill(state) ? CROWDED : TITLE;
      const title = cut(short(source.title), (text) => text.length <= letters);
      const aside = source.next !== null && ill(state) ? words().sourceNext(moment(source.next, now)) : "";
      return { name: source.name, title, standing: state, said: said(source, state, now), aside };
    });
}

const alphabet = new Intl.Collator("vi");

export function byTitle(sources: readonly SourceState[]): SourceState[] {
  return [...sources].sort((a, b) => alphabet.compare(a.title, b.title));
}

/** Milliseconds the slowest healthy polled source is behind; null without one. */
export function slowest(sources: readonly SourceState[], now: number): number | null {
  const polled = sources.filter((source) => source.kind === "poll" && !ill(standing(source, now)));
  return polled.length ? Math.max(0, ...polled.map((source) => now - (heardAt(source) ?? now))) : null;
}
