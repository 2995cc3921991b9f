// One Kpi as a tile must show it right now: which state, how trustworthy, what to say about it. Pure; asked every second.
import { type Aged, quality, worse } from "../core/age";
import { age, isoDay, moment } from "../core/fmt";
import type { Conn } from "../core/ladder";
import { words } from "../core/lang";
import { settled } from "../core/period";
import type { Kpi } from "../wire";

export interface Conditions {
  now: number | null; // server ms
  uptime: number; // seconds since the page started
  conn: Conn;
  db: boolean; // the server has its database
}

/** "wait", "slow": nothing came yet; "na": nothing will; else the value's quality. */
export type Shown = "wait" | "slow" | "na" | Aged;

const SLOW = 5;
const GIVEN_UP = 20;
const DAY = 86_400_000;

/** By its own age alone; the published number of a year that is over does not age. */
function own(kpi: Kpi, now: number): Aged {
  return kpi.q.as_of !== null && settled(kpi.period, isoDay(now)) ? "live" : quality(kpi.q, now);
}

export function shown(kpi: Kpi | undefined, about: Conditions): Shown {
  if (!kpi || about.now === null) return about.uptime < SLOW ? "wait" : about.uptime < GIVEN_UP ? "slow" : "na";
  const aged = own(kpi, about.now);
  return about.db && about.conn !== "lost" ? aged : worse(aged, "late");
}

/** The words beside a value that is not live; null when there is nothing to say. `small`: there is room for few of them. */
export function note(kpi: Kpi | undefined, about: Conditions, small = false): string | null {
  const t = words();
  const state = shown(kpi, about);
  if (state === "wait") return "";
  if (state === "slow") return t.loading;
  if (state === "na" || !kpi || about.now === null) return t.na;
  if (state === "live") return null;
  if (state === "down") return kpi.q.as_of === null ? t.never : t.last(moment(kpi.q.as_of, about.now));
  if (!about.db) return small ? t.dbDownShort : t.dbDown;
  if (own(kpi, about.now) === "live" || kpi.q.as_of === null) return t.lostShort;
  const old = about.now - kpi.q.as_of;
  return old < DAY ? t.old(age(old, about.now)) : t.oldDay(moment(kpi.q.as_of, about.now));
}

/** Beyond its target, in the direction that target names. */
export function beyond(kpi: Kpi): boolean {
  if (!kpi.tgt || kpi.v === null) return false;
  return kpi.tgt.dir === "max" ? kpi.v > kpi.tgt.v : kpi.v < kpi.tgt.v;
}
