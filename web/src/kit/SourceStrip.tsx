// Where the numbers come from. What is broken stands first and keeps its age; the healthy are named as far as there is room; at the
// right how far behind the slowest of them is. The server's own troubles stand before all.
import { useComputed, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Health, health } from "../core/age";
import { age, moment, num, shortAge } from "../core/fmt";
import { words } from "../core/lang";
import { observe } from "../core/effects";
import type { SourceState, SystemState } from "../wire";
import { Glyph, type GlyphName } from "./Glyph";
import { scale } from "./scale";
import { useWorld } from "./world";

export interface Line {
  name: string;
  title: string;
  health: Health;
  since: string; // its age in words
}

const WORST: readonly Health[] = ["down", "never", "late", "ok", "quiet"];
const GLYPH: Record<Health, GlyphName> = { down: "down", never: "down", late: "dq", ok: "live", quiet: "quiet" };
const broken = (state: Health): boolean => state === "down" || state === "never" || state === "late";

function since(source: SourceState, state: Health, now: number): string {
  const t = words();
  if (state === "never" || source.obs === null) return t.sourceNever;
  if (state === "down") return t.sourceDown(moment(source.obs, now));
  if (state === "late") return t.sourceLate(age(now - (source.as_of ?? source.obs), now));
  if (state === "quiet") return source.kind === "manual" ? t.sourceManual : t.sourceDaily;
  return shortAge(now - source.obs, now);
}

export function lines(sources: readonly SourceState[], now: number): Line[] {
  return sources
    .map((source) => {
      const state = health(source, now);
      return { name: source.name, title: source.title, health: state, since: since(source, state, now) };
    })
    .sort((a, b) => WORST.indexOf(a.health) - WORST.indexOf(b.health) || a.title.localeCompare(b.title, "vi"));
}

/** Milliseconds the slowest healthy polled source is behind; null without one. */
export function slowest(sources: readonly SourceState[], now: number): number | null {
  const ages = sources.filter((source) => health(source, now) === "ok").map((source) => now - (source.as_of ?? source.obs ?? now));
  return ages.length ? Math.max(0, ...ages) : null;
}

function System({ system, now }: { system: SystemState | undefined; now: number }): JSX.Element | null {
  const t = words();
  if (!system || (system.db && system.bus)) return null;
  const text = system.db ? t.busDownSince(moment(system.bus_since, now)) : t.dbDownSince(moment(system.db_since, now));
  return (
    <span class="sr-i ab" data-system={system.db ? "bus" : "db"}>
      <Glyph name="down" />
      {text}
    </span>
  );
}

/** How many children of the row stand wholly inside it, measured once they are all there. */
function useRoom(count: number, key: string): { row: { current: HTMLSpanElement | null }; fit: number } {
  const row = useRef<HTMLSpanElement>(null);
  const fit = useSignal(count);
  const { turn } = scale.value;
  useLayoutEffect(() => {
    const box = row.current as HTMLSpanElement;
    const measure = (): void => {
      const items = [...box.children] as HTMLElement[];
      for (const item of items) item.hidden = false;
      const edge = box.getBoundingClientRect().right + 0.5;
      const more = items[items.length - 1]?.getBoundingClientRect().width ?? 0;
      const inside = items.slice(0, -1).filter((item) => item.getBoundingClientRect().right <= edge).length;
      const all = inside === items.length - 1;
      const kept = all
        ? inside
        : items.slice(0, -1).filter((item) => item.getBoundingClientRect().right + more * 1.5 <= edge).length;
      items.forEach((item, index) => (item.hidden = index === items.length - 1 ? all : index >= kept));
      fit.value = kept;
    };
    measure();
    return observe(box, measure);
  }, [key, turn, fit]);
  return { row, fit: fit.value };
}

function Source({ line }: { line: Line }): JSX.Element {
  const ill = broken(line.health);
  return (
    <span class={`sr-i ${ill ? "ab" : ""}`} data-source={line.name} data-state={line.health}>
      <Glyph name={GLYPH[line.health]} />
      {line.title}
      <em class={ill ? "keep" : ""}>{line.since}</em>
    </span>
  );
}

function Row({ all }: { all: readonly Line[] }): JSX.Element {
  const key = all.map((line) => `${line.name}${line.title}${line.health}${broken(line.health) ? line.since : ""}`).join();
  const { row, fit } = useRoom(all.length, key);
  return (
    <span class="sr-l" ref={row}>
      {all.map((line) => (
        <Source key={line.name} line={line} />
      ))}
      <span class="sr-i sr-more">{words().sourceMore(num(Math.max(0, all.length - fit)))}</span>
    </span>
  );
}

export function SourceStrip(): JSX.Element {
  const { store, clock } = useWorld();
  const now = clock.second.value ?? 0;
  const sources = store.sources.value;
  const all = useComputed(() => lines(store.sources.value, clock.second.value ?? 0));
  const well = all.value.filter((line) => !broken(line.health)).length;
  const worst = slowest(sources, now);
  const t = words();
  return (
    <footer class="sr">
      <span class={`sr-sum ${well < all.value.length ? "bad" : ""}`}>
        {t.sources}{" "}
        <b>
          {num(well)}/{num(all.value.length)}
        </b>
      </span>
      <System system={store.system.value} now={now} />
      {all.value.length ? <Row all={all.value} /> : <span class="sr-l">{store.seen("sources") ? t.sourcesNone : t.loading}</span>}
      {worst !== null && <span class="sr-worst">{t.sourceSlowest(shortAge(worst, now))}</span>}
    </footer>
  );
}
