// Generated from ioc/wire.py by `make wire`; do not edit.

export const PROTOCOL = 1;
export const HEARTBEAT = 10;
export const DEAD = 25;

export type Business = "" | "warn" | "crit" | "sev" | "na";
export type Quality = "live" | "late" | "stale" | "down" | "daily" | "manual" | "est";

export interface Freshness {
  as_of: number | null;
  obs: number | null;
  src: string[];
  lag: number | null;
  exp: number;
  cov: [number, number];
  bad: number;
}

export interface Target {
  v: number;
  dir: "max" | "min";
}

export interface Compared {
  v: number | null;
  base: "yesterday" | "last_week";
}

export interface Spark {
  t0: number;
  dt: number;
  n: number;
  y: (number | null)[];
  ghost: (number | null)[];
}

export interface Kpi {
  v: number | null;
  u: "count" | "pct" | "min" | "score";
  dp: number;
  st: "" | "warn" | "crit" | "sev" | "na";
  q: Freshness;
  tgt?: Target;
  cmp?: Compared;
  parts?: Record<string, number | null>;
  period?: string;
}

export interface Flow {
  t0: number;
  dt: number;
  n: number;
  came: (number | null)[];
  went: (number | null)[];
  gcame: (number | null)[];
  gwent: (number | null)[];
  total_came: number;
  total_went: number;
}

export interface Cell {
  name: string;
  short: string;
  r: number;
  c: number;
  level: number;
  open: number;
  over: number;
  soon: number;
  st: "" | "warn" | "crit" | "sev" | "na";
  old: boolean;
}

export interface Ranked {
  code: string;
  name: string;
  st: "" | "warn" | "crit" | "sev" | "na";
  over: number;
  soon: number;
  oldest: number | null;
  old: boolean;
}

export interface Attention {
  rows: Ranked[];
  rest_units: number;
  rest_over: number;
}

export interface Day {
  province: string;
  date: string;
  rest_day: string | null;
  grid: [number, number];
  located: boolean;
  units: number;
}

export interface Measured {
  at: string;
  seen: string;
}

export interface Drift {
  what: "unknown_code" | "missing_field" | "new_field";
  name: string;
  n: number;
  since: number;
}

export interface SourceState {
  name: string;
  title: string;
  type: string;
  kind: "poll" | "push" | "daily" | "manual";
  as_of: number | null;
  obs: number | null;
  exp: number;
  period: number;
  grace: number;
  st: "never" | "fresh" | "late" | "stale" | "down";
  since: number;
  stuck: number | null;
  drift: Drift[];
  skew: number;
  next: number | null;
  why: string;
  bad: number;
  items: number;
  figures: number;
}

export interface SystemState {
  db: boolean;
  db_since: number;
  bus: boolean;
  bus_since: number;
  checked: number;
}

export interface AlertLine {
  id: number;
  st: "" | "warn" | "crit" | "sev" | "na";
  rule: string;
  title_vi: string;
  title_en: string;
  subject: string;
  text_vi: string;
  text_en: string;
  count: number;
  since: number;
  frozen: boolean;
}

export interface Tick {
  id: number;
  at: number;
  unit: string;
  what: "received" | "resolved" | "overdue";
  n: number;
}

export interface Wanted {
  n: string;
  since?: Since;
}

export interface Since {
  ep: string;
  seq: number;
}

export interface Hello {
  t: "hello";
  proto: number;
  ui: string;
  lang?: string;
  w?: number;
  h?: number;
}

export interface Sub {
  t: "sub";
  topics: Wanted[];
}

export interface Unsub {
  t: "unsub";
  topics: string[];
}

export interface Welcome {
  t: "welcome";
  now: number;
  proto: number;
  srv: string;
  ui: string;
  hb: number;
  dead: number;
  topics: string[];
}

export interface Snap {
  t: "snap";
  n: string;
  ep: string;
  seq: number;
  set: Record<string, unknown>;
}

export interface Delta {
  t: "delta";
  n: string;
  ep: string;
  seq: number;
  prev: number;
  set: Record<string, unknown>;
  del?: string[];
}

export interface Heartbeat {
  t: "hb";
  now: number;
  heads: Record<string, number>;
}

export interface Problem {
  t: "err";
  code: string;
  vi: string;
  en: string;
}

export type FromServer = Welcome | Snap | Delta | Heartbeat | Problem;
export type ToServer = Hello | Sub | Unsub;

export interface OverviewTopic {
  day: Day;
  measured: Measured;
  [key: `kpi.${string}`]: Kpi;
  [key: `spark.${string}`]: Spark;
  flow: Flow;
  [key: `cell.${string}`]: Cell;
  attention: Attention;
}

export interface SourcesTopic {
  [key: `src.${string}`]: SourceState;
  system: SystemState;
}

export interface AlertsTopic {
  [key: `alert.${string}`]: AlertLine;
}

export interface TickerTopic {
  [key: `tick.${string}`]: Tick;
}

export const TOPICS = ["overview", "sources", "alerts", "ticker"] as const;

export const CLOSES: Record<number, string> = {
  1007: "not a message of ours",
  1008: "too many messages",
  1009: "message too big",
  1012: "restarting",
  4401: "sign in",
  4403: "not allowed",
  4408: "no hello",
  4409: "other protocol",
  4429: "too slow",
};
