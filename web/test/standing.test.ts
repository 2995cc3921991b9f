// What the screen says by the clock alone: how each source stands, which page of a row is seen, which time a number speaks of.
import { expect, test } from "vitest";
import { health } from "../src/core/age";
import { otherPeriod, pace, settled } from "../src/core/period";
import { type PageState, turned } from "../src/kit/paging";
import { ill, lines, slowest } from "../src/kit/sources";
import type { Drift, SourceState } from "../src/wire";

const NOW = 1_795_158_332_000;

const drift = (what: Drift["what"], minutes: number): Drift => ({ what, name: "x", n: 34, since: NOW - minutes * 60_000 });
const source = (more: Partial<SourceState>): SourceState => ({
  ...{ name: "a", title: "A", type: "rest", kind: "poll", as_of: NOW, obs: NOW, exp: 60, period: 120, grace: 180, st: "fresh" },
  ...{ since: NOW, stuck: null, drift: [], skew: 0, next: null, why: "", bad: 0, items: 0, figures: 0 },
  ...more,
});
const after = (seconds: number, more: Partial<SourceState> = {}): string => health(source(more), NOW + seconds * 1000);

test("a source is fresh for its period, late for its grace, then stale, or down when its last reading failed", () => {
  expect([0, 120, 121, 300, 301, 86_400].map((seconds) => after(seconds))).toEqual(["fresh", "fresh", "late", "late", "stale", "stale"]);
  expect([120, 300, 301].map((seconds) => after(seconds, { why: "timeout" }))).toEqual(["fresh", "late", "down"]);
  const daily = { kind: "daily", period: 172_800, grace: 86_400 } as const;
  expect([86_400, 259_200, 259_201].map((seconds) => after(seconds, daily))).toEqual(["fresh", "late", "stale"]);
});

test("what the server found worse than a source's age stands, and one that never answered has no age", () => {
  expect(after(0, { st: "down" })).toBe("down");
  expect(after(0, { st: "late" })).toBe("late");
  expect(after(9999, { st: "stale", why: "timeout" })).toBe("stale");
  expect([after(0, { st: "never", obs: null, as_of: null }), after(0, { as_of: null, obs: null })]).toEqual(["never", "never"]);
  expect(after(200, { as_of: null })).toBe("late");
  expect(after(0, { as_of: NOW + 90_000 })).toBe("fresh");
});

test("each trouble of a source is one word with its age, the worst first", () => {
  const troubles: Partial<SourceState>[] = [
    { title: "Lệch giờ", skew: 40 },
    { title: "Trễ", as_of: NOW - 130_000 },
    { title: "Mã", drift: [drift("unknown_code", 25), drift("missing_field", 90)] },
    { title: "Trường", drift: [drift("missing_field", 90), drift("new_field", 300)] },
    { title: "Yên", stuck: NOW - 3 * 3_600_000 },
    { title: "Cũ", as_of: NOW - 22 * 60_000 },
    { title: "Chưa", st: "never", as_of: null, obs: null },
    { title: "Mất", st: "down", obs: NOW - 12 * 60_000, next: NOW + 120_000 },
    { title: "Mất lâu", st: "down", obs: NOW - 26 * 3_600_000 },
    { title: "Mới", drift: [drift("new_field", 5)] },
    { title: "Khỏe", as_of: NOW - 55_000 },
    { title: "Ngày", kind: "daily" },
    { title: "Tay", kind: "manual" },
  ];
  const all = lines(troubles.map(source), NOW);
  expect(all.map(({ standing, said, aside }) => `${standing}: ${said} ${aside}`.trim())).toEqual([
    "down: mất 12 phút hỏi lại 14:07",
    "down: mất từ 19/11",
    "never: chưa đọc được",
    "stale: cũ 22 phút",
    "stuck: đứng yên 3 giờ",
    "drift: lệch mã 25 phút",
    "drift: thiếu trường 1 giờ",
    "late: trễ 2 phút",
    "skew: giờ nhanh 40 giây",
    "noted: có trường mới",
    "fresh: 55 s",
    "quiet: theo ngày",
    "quiet: nhập tay",
  ]);
  expect(all.filter(({ standing }) => !ill(standing)).length).toBe(4);
  expect(slowest(troubles.map(source), NOW)).toBe(55_000);
  expect(slowest([source({ kind: "push" })], NOW)).toBeNull();
});

const pages = (...broken: string[][]): PageState[] => broken.map((names) => ({ known: true, broken: names }));
const at = (turns: number, seconds = 0): number => (3000 * 20 + turns * 20 + seconds) * 1000;

test("pages turn every twenty seconds of the server's time, and one of which nothing is known has no turn", () => {
  const calm = pages([], [], []);
  expect([at(0), at(0, 19.9), at(1), at(2), at(3)].map((now) => turned(null, calm, now).page)).toEqual([0, 0, 1, 2, 0]);
  const [first, , third] = calm as [PageState, PageState, PageState];
  const open = [first, { known: false, broken: [] }, third];
  expect([at(0), at(1), at(2)].map((now) => turned(null, open, now).page)).toEqual([0, 2, 0]);
  expect(turned(null, [], at(0)).page).toBe(0);
});

test("a page on which something broke unseen comes next, once, and then the usual order goes on", () => {
  let turn = turned(null, pages([], [], ["old"]), at(0));
  expect([turn.page, turn.next]).toEqual([0, []]);
  turn = turned(turn, pages([], [], ["old", "pci"]), at(0, 5));
  expect([turn.page, turn.next]).toEqual([0, [2]]);
  const shown = [1, 2, 3, 4].map((n) => (turn = turned(turn, pages([], [], ["old", "pci"]), at(n))).page);
  expect(shown).toEqual([2, 2, 0, 1]);
});

test("what breaks on the page that is seen changes nothing, and two pages that broke wait for each other", () => {
  let turn = turned(null, pages([], [], []), at(0));
  turn = turned(turn, pages(["a"], ["b"], ["c"]), at(0, 1));
  expect(turn.next).toEqual([1, 2]);
  const shown = [1, 2, 3].map((n) => (turn = turned(turn, pages(["a"], ["b"], ["c"]), at(n))).page);
  expect(shown).toEqual([1, 2, 0]);
});

test("a page that is lost while it is shown gives way at once", () => {
  const turn = turned(null, pages([], [], []), at(1));
  expect(turned(turn, [...pages([]), { known: false, broken: [] }, ...pages([])], at(1, 1)).page).toBe(2);
});

test("a period is said unless it is today or this month", () => {
  const today = "2026-11-20";
  expect(["2026-11-20", "2026-11", undefined].map((period) => otherPeriod(period, today))).toEqual([null, null, null]);
  expect(
    ["2025", "2026", "2026-11-19", "2025-12-31", "2026-10", "2025-12", "2026-Q3", "2025-H2", "nay"].map((p) => otherPeriod(p, today)),
  ).toEqual(["năm 2025", "năm 2026", "ngày 19/11", "ngày 31/12/2025", "tháng 10", "tháng 12/2025", "quý III", "nửa năm II/2025", "nay"]);
  expect([pace("2026-11", 86_400, today), pace("2026-11", 60, today)]).toEqual(["theo ngày", null]);
  expect(pace("2025", 86_400, today)).toBe("năm 2025");
  expect(["2025", "2026", "2025-12", undefined].map((period) => settled(period, today))).toEqual([true, false, false, false]);
});
