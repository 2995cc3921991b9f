// The tile of one Kpi, in all its states: loading, live, late/stale/down, disconnected, empty, error (by Guarded). What is shown is
// decided in reading.ts; a tile that wants a drawing or other words passes them in.
import { useComputed } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { num } from "../core/fmt";
import { words } from "../core/lang";
import { pace } from "../core/period";
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

/** Above the figure, at the right: how many records it lacks, else the time it speaks of when that is not now. */
function Tag({ missing, spoken }: { missing: number; spoken: string | null }): JSX.Element | null {
  if (missing <= 0) return spoken === null ? null : <span class="tag">{spoken}</span>;
  return (
    <span class="tag dqn" data-missing={missing}>
      <Glyph name="dq" />
      {words().missing(num(missing))}
    </span>
  );
}

/** A count and a score are named by their title. */
function unit({ u }: Kpi): string {
  return u === "pct" ? "%" : u === "min" ? words().minutesUnit : "";
}

/** A small tile has room for one digit after the comma, and none for 100,0. */
function digits(kpi: Kpi | undefined, small: boolean): number {
  const dp = kpi?.dp ?? 0;
  if (!small) return dp;
  return (kpi?.v ?? 0) >= 100 ? 0 : Math.min(dp, 1);
}

const DATA_STATE: Partial<Record<Shown, string>> = { wait: "loading", slow: "loading", na: "empty" };

/** The time a value speaks of, and the records it lacks; nothing of either while no number is shown. */
function useTag(kpi: Kpi | undefined, visible: boolean): { missing: number; spoken: string | null } {
  const { today } = useWorld();
  if (!kpi || !visible) return { missing: 0, spoken: null };
  return { missing: kpi.q.bad, spoken: pace(kpi.period, kpi.q.exp, today.value) };
}

interface Said {
  look: Look;
  kpi: Kpi | undefined;
  state: Shown;
  said: string | null; // about its quality
  nothing: string | null; // said instead of the caption when there is, rightly, nothing
  spoken: string | null; // the time it speaks of, where the tag has no room for it
}

/** One line of words: what is wrong with the value, else that there is nothing, else its caption. */
function Line({ look, kpi, state, said, nothing, spoken }: Said): JSX.Element {
  if (said !== null) return <Note text={said} shown={state} />;
  return <span class="cap">{nothing ?? (kpi && (spoken !== null && !kpi.st ? spoken : look.caption?.(kpi)))}</span>;
}

function Drawn(look: Look): JSX.Element {
  const seen = useWorld();
  const slot = seen.store.kpi(look.name);
  const small = look.small ?? false;
  const { shown: state, note: said } = useReading(seen, () => slot.value, small);
  const kpi = slot.value;
  const loading = state === "wait" || state === "slow";
  const visible = kpi !== undefined && state !== "na" && state !== "down" && kpi.v !== null;
  const { missing, spoken } = useTag(kpi, visible);
  const nothing = (visible && look.empty?.(kpi)) || null;
  const st = visible ? kpi.st : "na";
  const aged = state === "late" || state === "stale" || state === "down" ? "stale" : "";
  const raw = visible ? kpi.v : null;
  const line = <Line {...{ look, kpi, state, said, nothing }} spoken={missing > 0 ? spoken : null} />;
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
      <Tag missing={missing} spoken={spoken} />
      <div class="val">
        {loading ? (
          <span class="fig bone" />
        ) : (
          <Figure text={num(raw, digits(kpi, small))} unit={kpi && unit(kpi)} raw={raw} steady={spoken !== null} />
        )}
        {visible && look.side?.(kpi)}
        {small && line}
      </div>
      <Box class="plot" draw={(size) => (kpi ? look.plot?.(kpi, visible, size) : loading && <i class="bone" />)} />
      {!small && line}
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
