// P-01: whatever a line does to updates, a screen that follows apply() ends where the server is.
import { expect, test } from "vitest";
import { apply, lost } from "../src/core/apply";
import type { Delta, Since, Snap } from "../src/wire";

/** A small deterministic generator of numbers in [0, 1): mulberry32. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Server {
  epoch = "e0";
  seq = 0;
  values = new Map<string, number>();
  private readonly changed = new Map<string, number>();

  change(key: string, value: number | null): Delta {
    const prev = this.seq++;
    if (value === null) this.values.delete(key);
    else this.values.set(key, value);
    this.changed.set(key, this.seq);
    return this.since(prev);
  }

  restart(): void {
    this.epoch = `e${Number(this.epoch.slice(1)) + 1}`;
    this.seq = 1;
    this.changed.clear();
  }

  answer(since: Since | null): Snap | Delta {
    if (since?.ep === this.epoch && since.seq <= this.seq) return this.since(since.seq);
    return { t: "snap", n: "overview", ep: this.epoch, seq: this.seq, set: Object.fromEntries(this.values) };
  }

  private since(prev: number): Delta {
    const keys = [...this.changed].filter(([, seq]) => seq > prev).map(([key]) => key);
    const set = Object.fromEntries(keys.filter((key) => this.values.has(key)).map((key) => [key, this.values.get(key)]));
    return {
      t: "delta",
      n: "overview",
      ep: this.epoch,
      seq: this.seq,
      prev,
      set,
      del: keys.filter((key) => !this.values.has(key)),
    };
  }
}

class Screen {
  head: Since | null = null;
  values = new Map<string, unknown>();

  hear(update: Snap | Delta, ask: () => void): void {
    const step = apply(this.head, update);
    if (step.do === "ask") ask();
    if (step.do !== "take") return;
    this.head = step.head;
    if (step.whole) this.values.clear();
    for (const key of step.gone) this.values.delete(key);
    for (const [key, value] of Object.entries(step.set)) this.values.set(key, value);
  }
}

const KEYS = Array.from({ length: 12 }, (_, index) => `kpi.k${index}`);

/** 1,000 changes over a line that loses, doubles and reorders; heartbeats now and then; the end of the line is quiet. */
function run(seed: number): { server: Server; screen: Screen } {
  const roll = dice(seed);
  const server = new Server();
  const screen = new Screen();
  let line: (Snap | Delta)[] = [];
  const ask = (): void => void line.push(server.answer(screen.head));
  ask();
  for (let step = 0; step < 1000; step++) {
    if (roll() < 0.004) server.restart();
    const key = KEYS[Math.floor(roll() * KEYS.length)] as string;
    const update = server.change(key, roll() < 0.15 ? null : Math.floor(roll() * 1000));
    if (roll() > 0.1) line.push(update);
    if (roll() < 0.1) line.push(update);
    if (roll() < 0.1) line.reverse();
    while (line.length && roll() < 0.7) screen.hear(line.shift() as Snap | Delta, ask);
    if (roll() < 0.05 && lost(screen.head, server.seq)) ask();
  }
  while (line.length) screen.hear(line.shift() as Snap | Delta, ask);
  if (lost(screen.head, server.seq) || screen.head?.ep !== server.epoch) screen.hear(server.answer(screen.head), ask);
  while (line.length) screen.hear(line.shift() as Snap | Delta, ask);
  return { server, screen };
}

test("a thousand changes, lost, doubled and reordered, end in the server's state", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const { server, screen } = run(seed);
    expect(Object.fromEntries(screen.values), `seed ${seed}`).toEqual(Object.fromEntries(server.values));
  }
});

const delta = (prev: number, seq: number, more: Partial<Delta> = {}): Delta => ({
  t: "delta",
  n: "overview",
  ep: "a",
  seq,
  prev,
  set: {},
  ...more,
});

test("an update that builds on what we have is taken, and so is one that overlaps it", () => {
  expect(apply({ ep: "a", seq: 4 }, delta(4, 5)).do).toBe("take");
  expect(apply({ ep: "a", seq: 4 }, delta(2, 5)).do).toBe("take");
});

test("a duplicate is skipped, a gap and another epoch are asked about", () => {
  expect(apply({ ep: "a", seq: 5 }, delta(4, 5)).do).toBe("skip");
  expect(apply({ ep: "a", seq: 3 }, delta(4, 5)).do).toBe("ask");
  expect(apply({ ep: "b", seq: 9 }, delta(4, 5)).do).toBe("ask");
  expect(apply(null, delta(0, 1)).do).toBe("ask");
});

test("a snap of another epoch replaces everything, however low its seq", () => {
  const step = apply({ ep: "a", seq: 900 }, { t: "snap", n: "overview", ep: "b", seq: 1, set: { day: 1 } });
  expect(step).toEqual({ do: "take", head: { ep: "b", seq: 1 }, whole: true, set: { day: 1 }, gone: [] });
});

test("a heartbeat that names another seq than ours means a lost update", () => {
  expect(lost({ ep: "a", seq: 4 }, 4)).toBe(false);
  expect(lost({ ep: "a", seq: 4 }, 5)).toBe(true);
  expect(lost(null, 0)).toBe(true);
});
