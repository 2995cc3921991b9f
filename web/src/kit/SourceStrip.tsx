// Where the numbers come from. What is broken stands first with its word and age; the healthy are named as far as there is room; at
// the right how many work and how far behind the slowest of them is. The server's own troubles stand before all.
import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { moment, num, shortAge } from "../core/fmt";
import { lang, words } from "../core/lang";
import type { SystemState } from "../wire";
import { Glyph, type GlyphName } from "./Glyph";
import { Guarded } from "./Guarded";
import { textWidth } from "./measure";
import { useRoom } from "./room";
import { scale } from "./scale";
import { type Line, type Standing, byTitle, ill, lines, slowest } from "./sources";
import { useWorld } from "./world";

const MOST = 40; // names no wall has room for are not even drawn

/** Each state has its own shape. */
const GLYPH: Record<Standing, GlyphName> = {
  ...{ down: "down", never: "never", stale: "stale", stuck: "stuck", drift: "drift", late: "dq", skew: "skew" },
  ...{ noted: "live", fresh: "live", quiet: "quiet" },
};

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

function Source({ line: { name, title, standing, said, aside } }: { line: Line }): JSX.Element {
  return (
    <span class={`sr-i ${ill(standing) ? "ab" : ""}`} data-source={name} data-state={standing}>
      <Glyph name={GLYPH[standing]} />
      {title}
      <em class={ill(standing) || standing === "noted" ? "keep" : ""}>{said}</em>
      {aside && <em>{aside}</em>}
    </span>
  );
}

/** "và 7 nguồn khác": also how many of those left out are broken, for they count. */
function more(hidden: readonly Line[]): string {
  const t = words();
  const broken = hidden.filter((line) => ill(line.standing)).length;
  return broken ? t.sourceMoreBroken(num(hidden.length), num(broken)) : t.sourceMore(num(hidden.length));
}

function Row({ all }: { all: readonly Line[] }): JSX.Element {
  const drawn = all.slice(0, MOST);
  const shown = drawn.map(({ name, title, standing, said, aside }) => [name, title, standing, aside, ill(standing) && said]);
  const { fs } = scale.value;
  const counted = (kept: number): number => textWidth(more(all.slice(kept)), fs, 400) + 2.4 * fs; // its gap and glyph too
  const { row, fit } = useRoom(`${lang.value} ${shown.join()}`, drawn.length === all.length, counted);
  const hidden = all.slice(fit);
  const worse = hidden.some((line) => ill(line.standing));
  return (
    <span class="sr-l" ref={row}>
      {drawn.map((line) => (
        <Source key={line.name} line={line} />
      ))}
      <span class={`sr-i sr-more ${worse ? "ab" : ""}`}>
        {worse && <Glyph name="dq" />}
        {more(hidden)}
      </span>
    </span>
  );
}

/** "14/15 hoạt động · chậm nhất 55 s". */
function Sum({ all, behind, now }: { all: readonly Line[]; behind: number | null; now: number }): JSX.Element {
  const t = words();
  const well = all.filter((line) => !ill(line.standing)).length;
  return (
    <span class={`sr-sum ${well < all.length ? "bad" : ""}`}>
      <b>
        {num(well)}/{num(all.length)}
      </b>{" "}
      {t.sourceWorking}
      {behind !== null && ` · ${t.sourceSlowest(shortAge(behind, now))}`}
    </span>
  );
}

function Strip(): JSX.Element {
  const { store, clock } = useWorld();
  const now = clock.second.value ?? 0;
  const sorted = useComputed(() => byTitle(store.sources.value));
  const all = useComputed(() => lines(sorted.value, clock.second.value ?? 0)).value;
  const t = words();
  return (
    <footer class="sr">
      <span class="sr-h">{t.sources}</span>
      <System system={store.system.value} now={now} />
      {all.length ? <Row all={all} /> : <span class="sr-l">{store.seen("sources") ? t.sourcesNone : t.loading}</span>}
      {all.length > 0 && <Sum all={all} behind={slowest(sorted.value, now)} now={now} />}
    </footer>
  );
}

export function SourceStrip(): JSX.Element {
  return (
    <Guarded code="sources" class="sr">
      <Strip />
    </Guarded>
  );
}
