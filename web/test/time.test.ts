// Ages, clocks and waits: everything that depends on time, with the time given.
import { expect, test } from "vitest";
import { quality, worse } from "../src/core/age";
import { answer, delay, nonsense } from "../src/core/backoff";
import { anchored, median } from "../src/core/clock";
import { verdict } from "../src/core/guard";
import { standing } from "../src/core/ladder";
import { checkedLately, grade, ranked, turn } from "../src/kit/AlertStrip";
import type { AlertLine } from "../src/wire";

const NOW = 1_795_158_332_000;
const aged = (seconds: number, exp = 60): string => quality({ as_of: NOW - seconds * 1000, exp }, NOW);

test("a value is live up to twice its interval, late up to five times, then stale, then down", () => {
  expect([aged(0), aged(120), aged(121), aged(300), aged(301), aged(900), aged(901)]).toEqual([
    "live",
    "live",
    "late",
    "late",
    "stale",
    "stale",
    "down",
  ]);
});

test("a slow source is down after ten intervals, not after a quarter of an hour", () => {
  expect([aged(2999, 300), aged(3000, 300), aged(3001, 300)]).toEqual(["stale", "stale", "down"]);
});

test("a value never heard is down, and the worse of two qualities wins", () => {
  expect(quality({ as_of: null, exp: 60 }, NOW)).toBe("down");
  expect([worse("live", "late"), worse("stale", "late")]).toEqual(["late", "stale"]);
});

test("the clock takes the median of five, so one slow message moves nothing", () => {
  let samples: readonly number[] = [];
  for (const sample of [1000, 1002, 998, 4000, 1001, 1003]) samples = anchored(samples, sample);
  expect(samples).toHaveLength(5);
  expect(median(samples)).toBe(1002);
});

test("an offset that jumps starts anew: the PC slept, or the server's clock was set", () => {
  expect(anchored([1000, 1001, 1002], 61_000)).toEqual([61_000]);
  expect([median([]), median([3]), median([1, 3])]).toEqual([0, 3, 2]);
});

test("waits double from one to thirty seconds, with full jitter", () => {
  expect([0, 1, 2, 5, 50].map((attempt) => delay(attempt, 0.999_999))).toEqual([999, 1999, 3999, 29_999, 29_999]);
  expect(delay(9, 0)).toBe(0);
});

test("P-04: two hundred screens cut together come back spread out", () => {
  const seconds = new Map<number, number>();
  for (let screen = 0; screen < 200; screen++) {
    const second = Math.floor(delay(4, (screen * 0.618_034) % 1) / 1000);
    seconds.set(second, (seconds.get(second) ?? 0) + 1);
  }
  expect(Math.max(...seconds.values())).toBeLessThanOrEqual(30);
});

test("each close code has its answer", () => {
  expect([4401, 4403, 4409, 4429, 1006, 1012].map((code) => answer(code).retry)).toEqual([
    "slow",
    "never",
    "reload",
    "backoff",
    "backoff",
    "backoff",
  ]);
});

test("three bad frames within ten seconds are too many, three in a minute are not", () => {
  const feed = (instants: number[]): boolean => {
    let recent: readonly number[] = [];
    return instants.map((at) => ({ recent } = nonsense(recent, at)) && nonsense(recent.slice(0, -1), at).tooMany).some(Boolean);
  };
  expect(feed([0, 4000, 9000])).toBe(true);
  expect(feed([0, 20_000, 40_000])).toBe(false);
});

test("a reload happens at most once in ten minutes and three times for one build", () => {
  const minutes = (...at: number[]): { ui: string; at: number[] } => ({ ui: "b", at: at.map((m) => m * 60_000) });
  expect(verdict(null, "b", 0)).toBe("reload");
  expect(verdict(minutes(0), "b", 9 * 60_000)).toBe("wait");
  expect(verdict(minutes(0), "b", 10 * 60_000)).toBe("reload");
  expect(verdict(minutes(0, 10, 20), "b", 90 * 60_000)).toBe("give up");
  expect(verdict(minutes(0, 10, 20), "c", 91 * 60_000)).toBe("reload");
});

test("the screen says retry at once, lost after a minute, and covers itself after a quarter of an hour", () => {
  expect(standing(null, false)).toEqual({ conn: "live", notice: false });
  expect([0, 59, 60, 899].map((s) => standing(s, false))).toEqual([
    { conn: "retry", notice: false },
    { conn: "retry", notice: false },
    { conn: "lost", notice: false },
    { conn: "lost", notice: false },
  ]);
  expect(standing(900, false)).toEqual({ conn: "lost", notice: true });
  expect(standing(0, true)).toEqual({ conn: "denied", notice: true });
});

test("alerts take turns of ten seconds from the moment their set changed", () => {
  expect([0, 9_999, 10_000, 29_999, 30_000].map((ms) => turn(3, NOW + ms, NOW))).toEqual([0, 0, 1, 2, 0]);
  expect(turn(0, NOW, NOW)).toBe(0);
});

test("the worst alert leads, and one without a severity is a matter of the data", () => {
  const line = (id: number, st: AlertLine["st"], since = NOW): AlertLine => ({
    ...{ id, st, since, rule: "r", title_vi: "", title_en: "", subject: "", text_vi: "", text_en: "", count: 1, frozen: false },
  });
  const order = ranked([line(1, "na"), line(2, "warn"), line(3, "sev", NOW - 9), line(4, "sev"), line(5, "crit")]);
  expect(order.map(({ id }) => id)).toEqual([4, 3, 5, 2, 1]);
  expect(order.map(grade)).toEqual(["sev", "sev", "crit", "warn", "dq"]);
});

test("no alerts is claimed only while the rules are known to run", () => {
  expect(checkedLately(NOW - 15_000, NOW, true)).toBe(true);
  expect(checkedLately(NOW - 61_000, NOW, true)).toBe(false);
  expect(checkedLately(NOW, NOW, false)).toBe(false);
});
