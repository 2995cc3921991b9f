// What a reader sees of a value: numbers, names, shares, order, and the state of a tile.
import { afterEach, expect, test, vi } from "vitest";
import * as fmt from "../src/core/fmt";
import { decode } from "../src/core/decode";
import { speak } from "../src/core/lang";
import { cut, short } from "../src/core/names";
import { shares } from "../src/core/shares";
import { mark, marked, plan } from "../src/kit/heat";
import { polyline, roundMark, stairs } from "../src/kit/path";
import { order, rest, seats } from "../src/kit/rank";
import { type Conditions, note, shown } from "../src/kit/reading";
import type { Attention, Cell, Kpi, Ranked } from "../src/wire";

const NOW = 1_795_158_332_000; // 2026-11-20 14:05:32 in the province

vi.stubGlobal("document", { documentElement: {}, title: "" });
afterEach(() => speak("vi"));

test("numbers are written as here, and what is missing is a dash", () => {
  expect([fmt.num(1842), fmt.num(1234.56, 2), fmt.num(-16), fmt.signed(29), fmt.signed(-16), fmt.num(-0)]).toEqual([
    "1.842",
    "1.234,56",
    "−16",
    "+29",
    "−16",
    "0",
  ]);
  expect([null, undefined, Number.NaN, Number.POSITIVE_INFINITY].map((value) => fmt.num(value))).toEqual(["—", "—", "—", "—"]);
  expect([fmt.brief(98), fmt.brief(62.5)]).toEqual(["98", "62,5"]);
});

test("times are the province's, whatever the PC thinks", () => {
  expect([fmt.time(NOW), fmt.timeOfDay(NOW), fmt.date(NOW), fmt.weekday(NOW)]).toEqual([
    "14:05",
    "14:05:32",
    "20/11/2026",
    "Thứ Sáu",
  ]);
  expect(fmt.weekday(fmt.noon("2026-11-22"))).toBe("Chủ Nhật");
  expect([fmt.moment(NOW, NOW), fmt.moment(NOW - 86_400_000, NOW)]).toEqual(["14:05", "19/11"]);
});

test("ages grow from seconds to dates", () => {
  expect([3, 130, 7300, 90_000].map((s) => fmt.age(s * 1000, NOW))).toEqual(["3 giây", "2 phút", "2 giờ", "19/11"]);
});

test("in English the same values read 1,234.56 and Friday", () => {
  speak("en");
  expect([fmt.num(1234.56, 2), fmt.weekday(NOW), fmt.date(NOW), fmt.age(130_000, NOW)]).toEqual([
    "1,234.56",
    "Friday",
    "20/11/2026",
    "2 min",
  ]);
});

test("shares shown sum to a hundred exactly", () => {
  for (const parts of [
    [89.474, 9.304, 1.222],
    [1, 1, 1],
    [33.335, 33.335, 33.33],
    [0, 0, 5],
    [99.994, 0.003, 0.003],
  ]) {
    const shown = shares(parts, 100, 2);
    expect(Math.round(shown.reduce<number>((sum, part) => sum + (part ?? Number.NaN) * 100, 0))).toBe(10_000);
  }
  expect(shares([89.47, 9.3, 1.23], 100, 2)).toEqual([89.47, 9.3, 1.23]);
  expect(shares([1, null, 2], 100, 2)).toEqual([null, null, null]);
});

test("long names are shortened as offices do, then cut between words", () => {
  expect(
    ["Sở Nông nghiệp và Môi trường", "Sở Văn hóa, Thể thao và Du lịch", "Phường Tân Hòa", "Ban Quản lý Khu kinh tế"].map(short),
  ).toEqual(["Sở NN&MT", "Sở VH,TT&DL", "P. Tân Hòa", "BQL KKT"]);
  expect(cut("Phòng Kinh tế, Hạ tầng và Đô thị", (text) => text.length <= 20)).toBe("Phòng Kinh tế, Hạ…");
  expect(cut("Ngắn", (text) => text.length <= 20)).toBe("Ngắn");
  expect(cut("Nghiêngngả", (text) => text.length <= 5)).toBe("Nghi…");
});

const row = (code: string, over = 1): Ranked => ({ code, name: code, st: "", over, soon: 0, oldest: null, old: false });

test("the list is sorted again at most once a minute, and at once when its room changes", () => {
  const first = order(null, [row("a"), row("b"), row("c")], 2, 0);
  expect(first.codes).toEqual(["a", "b"]);
  const storm = [row("c"), row("b"), row("a")];
  expect(order(first, storm, 2, 59_999)).toBe(first);
  expect(order(first, storm, 2, 60_000).codes).toEqual(["c", "b"]);
  expect(order(first, storm, 3, 1000).codes).toEqual(["c", "b", "a"]);
  expect(order(first, [row("a", 9), row("b", 9)], 2, 90_000)).toBe(first);
});

test("a unit keeps its row element while it stays", () => {
  expect(seats([null, null, null], ["a", "b"])).toEqual(["a", "b", null]);
  expect(seats(["a", "b", null], ["c", "b"])).toEqual(["c", "b", null]);
  expect(seats(["a", "b", "c"], ["c", "d", "a"])).toEqual(["a", "d", "c"]);
});

test("rows and remainder sum to the whole", () => {
  const all: Attention = { rows: [row("a", 5), row("b", 3), row("c", 2), row("d", 0)], rest_units: 30, rest_over: 80 };
  expect(rest(all, all.rows.slice(0, 2))).toEqual({ units: 31, over: 82 });
  expect(rest(all, all.rows)).toEqual({ units: 30, over: 80 });
});

const kpi = (age: number, more: Partial<Kpi> = {}): Kpi => ({
  v: 1,
  u: "count",
  dp: 0,
  st: "",
  q: { as_of: NOW - age * 1000, obs: NOW, src: ["a"], lag: 0, exp: 60, cov: [1, 1], bad: 0 },
  ...more,
});
const about = (more: Partial<Conditions> = {}): Conditions => ({ now: NOW, uptime: 60, conn: "live", db: true, ...more });

test("a tile waits, then says it loads, then that nothing comes", () => {
  expect([1, 5, 19, 20].map((uptime) => shown(undefined, about({ uptime })))).toEqual(["wait", "slow", "slow", "na"]);
  expect([note(undefined, about({ uptime: 6 })), note(undefined, about())]).toEqual(["Đang tải…", "chưa có số liệu"]);
});

test("without the server's database every value is late at once, and says why", () => {
  expect(shown(kpi(3), about({ db: false }))).toBe("late");
  expect(note(kpi(3), about({ db: false }))).toBe("CSDL gián đoạn");
  expect(shown(kpi(2000), about({ db: false }))).toBe("down");
});

test("a value too old is not shown but dated", () => {
  expect(note(kpi(130), about())).toBe("cũ 2 phút");
  expect(note(kpi(7200), about())).toBe("lần cuối 12:05");
  expect(note(kpi(3), about({ conn: "lost" }))).toBe("mất kết nối");
  expect(note(kpi(3), about())).toBeNull();
  expect(note(kpi(100_000, { q: { ...kpi(100_000).q, exp: 43_200 } }), about())).toBe("số ngày 19/11");
});

test("the published number of a year that is over does not grow old, but is late while the line is", () => {
  const pci = kpi(200 * 86_400, { period: "2025" });
  expect([shown(pci, about()), shown(pci, about({ conn: "lost" })), note(pci, about({ conn: "lost" }))]).toEqual([
    "live",
    "late",
    "mất kết nối",
  ]);
  expect(shown({ ...pci, period: "2026" }, about())).toBe("down");
  expect(shown({ ...pci, q: { ...pci.q, as_of: null } }, about())).toBe("down");
});

const cell = (more: Partial<Cell>): Cell => ({
  name: "X",
  short: "X",
  r: 0,
  c: 0,
  level: 0,
  open: 1,
  over: 0,
  soon: 0,
  st: "",
  old: false,
  ...more,
});

test("the worst cell is drawn last, and silence is a mark only where nothing else is wrong", () => {
  expect([mark(cell({ old: true })), mark(cell({ st: "crit", old: true })), mark(cell({ st: "na" }))]).toEqual([
    "old",
    "crit",
    null,
  ]);
  const cells = [
    ["a", cell({ st: "sev" })],
    ["b", cell({ old: true })],
    ["c", cell({})],
    ["d", cell({ st: "warn" })],
  ] as const;
  expect(marked(cells).map(({ code }) => code)).toEqual(["b", "d", "a"]);
});

test("cells are squares inside the box, or fill it when they carry names", () => {
  const square = plan([19, 10], { w: 575, h: 280 }, 3, false);
  expect(square.w).toBe(square.h);
  expect(square.height).toBeLessThanOrEqual(280);
  expect(square.left).toBeGreaterThanOrEqual(0);
  const named = plan([19, 10], { w: 575, h: 280 }, 3, true);
  expect(19 * (named.w + 3) - 3).toBeCloseTo(575);
});

test("unknown points break a line instead of drawing zero", () => {
  expect(
    polyline(
      [1, null, 2],
      (i) => i,
      (v) => v,
    ),
  ).toBe("M0 1M2 2");
  expect(stairs([1, null], 10, 5, 1, 1)).toBe("M0 4L10 4");
  expect([roundMark(214), roundMark(199), roundMark(7), roundMark(0.4)]).toEqual([200, 100, 5, 0]);
});

test("frames are read with suspicion: broken, unknown and known ones are told apart", () => {
  expect(["{", "[]", "7", '"x"', '{"a":1}', '{"t":"snap","n":"overview"}', '{"t":"hb","now":null,"heads":{}}'].map(decode)).toEqual(
    Array<string>(7).fill("malformed"),
  );
  expect([
    decode('{"t":"cmd"}'),
    decode('{"t":"toString"}'),
    decode('{"t":"snap","n":"secret","ep":"a","seq":1,"set":{}}'),
  ]).toEqual(Array<string>(3).fill("unknown"));
  expect(decode('{"t":"hb","now":1,"heads":{},"later":true}')).toEqual({ t: "hb", now: 1, heads: {}, later: true });
});
