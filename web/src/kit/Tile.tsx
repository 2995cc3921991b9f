// The tile of one Kpi, in all its states: loading, live, late/stale/down, disconnected, empty, error (by Guarded). What is shown is
// decided in reading.ts; a tile that wants a drawing or other words passes them in.
import { useComputed } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { num } from "../core/fmt";
import type { Kpi } from "../wire";
import { Box, type Size } from "./Box";
import { Figure } from "./Figure";
import { Glyph } from "./Glyph";
import { Guarded } from "./Guarded";
import { type Shown, note, shown } from "./reading";
import { type World, useWorld } from "./world";

export interface Look {
  name: string; // of the Kpi
  place: string; // class: where it stands and how large
  title: string;
  small?: boolean; // row 3: caption beside the figure
  unit?: string;
  side?: (kpi: Kpi) => ComponentChildren;
  caption?: (kpi: Kpi) => ComponentChildren;
  plot?: (kpi: Kpi, visible: boolean, size: Size) => ComponentChildren;
  empty?: (kpi: Kpi) => string | null; // said instead of the caption when there is, rightly, nothing
}

function useReading(
  { clock, conn, store }: World,
  kpi: () => Kpi | undefined,
  small: boolean,
): { shown: Shown; note: string | null } {
  const about = () => ({
    now: clock.second.value,
    uptime: clock.uptime.value,
    conn: conn.value,
    db: store.system.value?.db ?? true,
  });
  const state = useComputed(() => shown(kpi(), about()));
  const words = useComputed(() => note(kpi(), about(), small));
  return { shown: state.value, note: words.value };
}

function Note({ text, shown: state }: { text: string; shown: Shown }): JSX.Element {
  if (state === "wait" || state === "slow" || state === "na") return <span class="cap">{text}</span>;
  return (
    <span class="cap dqn">
      <Glyph name={state === "down" ? "down" : "dq"} />
      {text}
    </span>
  );
}

/** A small tile has room for one digit after the comma, and none for 100,0. */
function digits(kpi: Kpi | undefined, small: boolean): number {
  const dp = kpi?.dp ?? 0;
  if (!small) return dp;
  return (kpi?.v ?? 0) >= 100 ? 0 : Math.min(dp, 1);
}

const DATA_STATE: Partial<Record<Shown, string>> = { wait: "loading", slow: "loading", na: "empty" };

function Drawn(look: Look): JSX.Element {
  const seen = useWorld();
  const slot = seen.store.kpi(look.name);
  const { shown: state, note: said } = useReading(seen, () => slot.value, look.small ?? false);
  const kpi = slot.value;
  const loading = state === "wait" || state === "slow";
  const visible = kpi !== undefined && state !== "na" && state !== "down" && kpi.v !== null;
  const nothing = (visible && look.empty?.(kpi)) || null;
  const st = visible ? kpi.st : "na";
  const aged = state === "late" || state === "stale" || state === "down" ? "stale" : "";
  const raw = visible ? kpi.v : null;
  const words =
    said !== null ? <Note text={said} shown={state} /> : <span class="cap">{nothing ?? (kpi && look.caption?.(kpi))}</span>;
  return (
    <article
      class={`k ${look.place} ${st} ${aged} ${state}`}
      data-kpi={look.name}
      data-state={DATA_STATE[state] ?? (nothing ? "empty" : "ready")}
      data-st={st || "ok"}
      data-quality={kpi && !loading && state !== "na" ? state : ""}
      data-asof={kpi?.q.as_of ?? ""}
    >
      <h2>{look.title}</h2>
      <div class="val">
        {loading ? (
          <span class="fig bone" />
        ) : (
          <Figure text={num(raw, digits(kpi, look.small ?? false))} unit={look.unit} raw={raw} />
        )}
        {visible && look.side?.(kpi)}
        {look.small && words}
      </div>
      <Box class="plot" draw={(size) => (kpi ? look.plot?.(kpi, visible, size) : loading && <i class="bone" />)} />
      {!look.small && words}
    </article>
  );
}

export function Tile(look: Look): JSX.Element {
  return (
    <Guarded code={look.name} class={`k ${look.place}`}>
      <Drawn {...look} />
    </Guarded>
  );
}
