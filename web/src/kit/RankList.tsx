// The units that need somebody: a fixed pool of row elements, sorted by rank.ts, which move for 400 ms when their order changes.
import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { num, time } from "../core/fmt";
import { words } from "../core/lang";
import { short } from "../core/names";
import type { Attention, Ranked } from "../wire";
import { Box } from "./Box";
import { Fit } from "./Fit";
import { Glyph } from "./Glyph";
import { type Order, order, rest, seats } from "./rank";
import { scale, still } from "./scale";
import { useWorld } from "./world";

const SEATS = 12;
const ROW = 1.45 * 1.32 * 1.08; // height of a row in smallest-text sizes: its text, its line height, a little air

function Row({ row, most }: { row: Ranked | null; most: number }): JSX.Element {
  const st = row?.old && !row.st ? "dq" : row?.st || "calm";
  const bar = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (bar.current) bar.current.style.width = `${(100 * (row?.over ?? 0)) / most}%`;
  }, [row?.over, most]);
  return (
    <li class={`row ${st}`} data-unit={row?.code ?? ""} data-st={row ? row.st || "ok" : ""} hidden={!row}>
      <Glyph name={st === "na" ? "calm" : st} />
      <Fit class="nm" text={row ? short(row.name) : ""} />
      <span class="hb">
        <i ref={bar} />
      </span>
      <span class="ov">
        <b>{num(row?.over)}</b>
      </span>
      <span class="du">{num(row?.soon)}</span>
      <span class="ol">{row?.oldest ? words().workdays(num(Math.floor(row.oldest))) : "—"}</span>
    </li>
  );
}

/** Let rows glide from where they stood to where they stand (first, last, invert, play). */
function useGlide(list: { current: HTMLOListElement | null }, codes: readonly string[]): void {
  const tops = useRef(new Map<string, number>());
  useLayoutEffect(() => {
    const rows = [...(list.current?.children ?? [])].filter((row): row is HTMLElement => row instanceof HTMLElement && !row.hidden);
    const now = new Map(rows.map((row) => [row.dataset["unit"] ?? "", row.offsetTop]));
    for (const row of rows) {
      const code = row.dataset["unit"] ?? "";
      const moved = (tops.current.get(code) ?? Number.NaN) - (now.get(code) ?? 0);
      if (moved && !still()) row.animate([{ transform: `translateY(${moved}px)` }, {}], { duration: 400, easing: "ease-in-out" });
    }
    tops.current = now;
  }, [list, codes]);
}

interface Kept {
  room: number;
  order: Order | null;
  seats: (string | null)[];
  rows: Map<string, Ranked>; // of the units shown: one that left the server's list stays until the next sort
}

function useRows(
  all: Attention,
  room: number,
): { codes: readonly string[]; seats: readonly (string | null)[]; rows: Map<string, Ranked> } {
  const { clock, store } = useWorld();
  const kept = useRef<Kept>({ room, order: null, seats: Array<string | null>(SEATS).fill(null), rows: new Map() });
  const state = kept.current;
  state.room = room;
  const sorted = useComputed(() => {
    const { order: was, room: places } = kept.current;
    return (kept.current.order = order(was, store.attention.value?.rows ?? [], places, clock.second.value ?? 0));
  });
  const { codes } = sorted.value;
  const news = new Map(all.rows.map((row) => [row.code, row]));
  const held = state.rows;
  state.rows = new Map(
    codes.flatMap((code) => {
      const row = news.get(code) ?? held.get(code);
      return row ? [[code, row] as const] : [];
    }),
  );
  state.seats = seats(state.seats, codes);
  return { codes, seats: state.seats, rows: state.rows };
}

function Rows({ all, room }: { all: Attention; room: number }): JSX.Element {
  const list = useRef<HTMLOListElement>(null);
  const { codes, seats: seated, rows } = useRows(all, room);
  useGlide(list, codes);
  const visible = codes.flatMap((code) => rows.get(code) ?? []);
  const most = Math.max(1, ...visible.map((row) => row.over));
  const remainder = rest(all, visible);
  const places = seated.map((code, seat) => ({ seat, code, rank: code === null ? SEATS : codes.indexOf(code) }));
  return (
    <>
      <ol class="rows" ref={list} data-rows={codes.join(" ")}>
        {places
          .sort((a, b) => a.rank - b.rank || a.seat - b.seat)
          .map(({ seat, code }) => (
            <Row key={seat} row={(code !== null && rows.get(code)) || null} most={most} />
          ))}
      </ol>
      <p class="rest">{remainder.units > 0 ? words().rankRest(num(remainder.units), num(remainder.over)) : ""}</p>
    </>
  );
}

export function RankList({ all }: { all: Attention }): JSX.Element {
  const { minute } = useWorld();
  const { fs } = scale.value;
  const t = words();
  const hot = all.rows.some((row) => row.st !== "" && row.st !== "na");
  return (
    <div class="rk">
      <div class="rk-h">
        <h2>{hot ? t.rankHot : t.rankCalm}</h2>
        <span class="hdr">{t.rankOver}</span>
        <span class="hdr">{t.rankSoon}</span>
        <span class="hdr">{t.rankOldest}</span>
      </div>
      {all.rows.length ? (
        <Box
          class="rk-b"
          draw={({ h }) => <Rows all={all} room={Math.max(1, Math.min(SEATS, Math.floor((h - fs * 1.8) / (fs * ROW))))} />}
        />
      ) : (
        <p class="none">{minute.value === null ? "" : t.rankNone(time(minute.value))}</p>
      )}
    </div>
  );
}
