// What just happened, three lines at a time, the newest first; every eight seconds the next page fades in over the last. It pages
// by the server's time, so all walls turn together. Two fixed layers carry it for ever. When the line is lost it says so instead.
import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { num, time } from "../core/fmt";
import { words } from "../core/lang";
import type { Tick } from "../wire";
import { Fit } from "./Fit";
import { Glyph } from "./Glyph";
import { type World, useWorld } from "./world";

const PAGE = 3;
const PAGES = 3;
const EACH = 8_000;

/** The newest lines in pages of three. */
export function pages(ticks: readonly Tick[]): Tick[][] {
  const newest = [...ticks].sort((a, b) => b.at - a.at || b.id - a.id).slice(0, PAGE * PAGES);
  return Array.from({ length: Math.ceil(newest.length / PAGE) }, (_, page) => newest.slice(page * PAGE, (page + 1) * PAGE));
}

function say(tick: Tick): string {
  const t = words();
  const how = { received: t.tickReceived, resolved: t.tickResolved, overdue: t.tickOverdue }[tick.what];
  return how(tick.unit, num(tick.n));
}

function Layer({ ticks, on }: { ticks: readonly Tick[]; on: boolean }): JSX.Element {
  return (
    <div class={`tk-l ${on ? "on" : ""}`} aria-hidden={!on}>
      {Array.from({ length: PAGE }, (_, place) => {
        const tick = ticks[place];
        return (
          <span key={place} class="tk-i">
            <b>{tick ? time(tick.at) : ""}</b>
            <Fit text={tick ? say(tick) : ""} />
          </span>
        );
      })}
    </div>
  );
}

/** "Mất kết nối từ 14:05 · số liệu lúc 14:04": the data are as old as the number the wall is about. */
export function lostSince({ live, store }: World): string {
  const since = live.heard;
  if (since === null) return words().lostFromStart;
  const asOf = store.kpi("dossiers_overdue").value?.q.as_of ?? since;
  return words().lost(time(since), time(asOf));
}

function LostBanner(): JSX.Element {
  return (
    <div class="tk tk-lost" role="alert">
      <Glyph name="dq" />
      {lostSince(useWorld())}
    </div>
  );
}

export function Ticker(): JSX.Element {
  const { store, clock, conn } = useWorld();
  const all = useComputed(() => pages(store.ticks.value));
  const page = useComputed(() => Math.floor((clock.second.value ?? 0) / EACH) % Math.max(1, all.value.length));
  const turn = useComputed(() => Math.floor((clock.second.value ?? 0) / EACH) % 2);
  const held = useRef<[readonly Tick[], readonly Tick[]]>([[], []]);
  if (conn.value === "lost") return <LostBanner />;
  const current = all.value[page.value] ?? [];
  const front = all.value.length > 1 ? turn.value : 0;
  held.current[front] = current;
  if (!current.length) return <div class="tk tk-none">{store.seen("ticker") ? words().ticksNone : words().loading}</div>;
  return (
    <div class="tk">
      <Layer ticks={held.current[0]} on={front === 0} />
      <Layer ticks={held.current[1]} on={front === 1} />
    </div>
  );
}
