// The third row of W1: pages of six equal tiles in one place, twenty seconds each, in step with every other wall. All pages are
// mounted for ever; turning one only fades it in. The line below says which page this is and what is broken on those not seen.
import { type ReadonlySignal, useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { num } from "../core/fmt";
import { words } from "../core/lang";
import { Bullet } from "../kit/Bullet";
import type { Size } from "../kit/Box";
import { Glyph } from "../kit/Glyph";
import { type PageState, type Turn, turned } from "../kit/paging";
import { roundMark } from "../kit/path";
import { Tile } from "../kit/Tile";
import { type World, useWorld } from "../kit/world";
import type { Kpi } from "../wire";
import { Day } from "./headline";
import { PAGES, type Small } from "./numbers";
import { Caption, SEVERITIES, severity } from "./words";

/** The end of a bar's scale: 100 of a share or a score, else room for twice the target or the figure, whichever is more. */
export function scaleEnd(kpi: Pick<Kpi, "u" | "v" | "tgt">): number {
  if (kpi.u === "pct" || kpi.u === "score") return 100;
  const needed = Math.max(1, 2 * (kpi.tgt?.v ?? 0), kpi.v ?? 0);
  return needed <= 2 * (kpi.tgt?.v ?? 0) ? needed : 2 * roundMark(needed);
}

/** A bar where there is a target or a whole to compare with; else the day's shape. A bar of anything but the figure would lie. */
function SmallPlot({ name, kpi, visible, ...size }: { name: string; kpi: Kpi; visible: boolean } & Size): JSX.Element | null {
  const whole = kpi.u === "pct" || kpi.u === "score";
  if (!kpi.tgt && !whole) return visible ? <Day name={name} kpi={kpi} zero {...size} /> : null;
  return <Bullet value={visible ? kpi.v : null} min={0} max={scaleEnd(kpi)} target={kpi.tgt?.v} st={kpi.st} {...size} />;
}

const heard = (kpi: Kpi | undefined): kpi is Kpi => kpi !== undefined && (kpi.v !== null || kpi.q.as_of !== null);

/** The number to show here and its name: the second one where only that has a value. */
function found({ store }: World, { name, or }: Small): { name: string; kpi: Kpi | undefined } {
  const kpi = store.kpi(name).value;
  const other = or === undefined ? undefined : store.kpi(or).value;
  const silent = kpi === undefined || kpi.v === null;
  return or !== undefined && silent && other && other.v !== null ? { name: or, kpi: other } : { name, kpi };
}

function SmallTile({ small }: { small: Small }): JSX.Element {
  const seen = useWorld();
  const name = useComputed(() => found(seen, small).name).value;
  return (
    <Tile
      key={name}
      name={name}
      place=""
      small
      title={small.title(words())}
      caption={(kpi) => <Caption kpi={kpi} calm={small.calm(kpi)} />}
      plot={(kpi, visible, size) => <SmallPlot name={name} kpi={kpi} visible={visible} {...size} />}
    />
  );
}

function pageState(seen: World, page: readonly Small[]): PageState {
  const kpis = page.map((small) => found(seen, small).kpi);
  const broken = page.filter((_, place) => heard(kpis[place]) && severity(kpis[place]));
  return { known: kpis.some(heard), broken: broken.map(({ name }) => name) };
}

function useTurn(): { page: ReadonlySignal<number>; open: ReadonlySignal<string> } {
  const seen = useWorld();
  const kept = useRef<Turn | null>(null);
  const states = useComputed(() => PAGES.map((page) => pageState(seen, page)));
  const page = useComputed(() => {
    const now = seen.clock.second.value;
    if (now === null || !seen.store.seen("overview")) return 0;
    kept.current = turned(kept.current, states.value, now);
    return kept.current.page;
  });
  const open = useComputed(() => states.value.flatMap(({ known }, index) => (known ? [index] : [])).join());
  return { page, open };
}

function Leaf({ numbers, on }: { numbers: readonly Small[]; on: boolean }): JSX.Element {
  return (
    <div class={`leaf ${on ? "on" : ""}`} aria-hidden={!on}>
      {numbers.map((small) => (
        <SmallTile key={small.name} small={small} />
      ))}
    </div>
  );
}

const NAMED = 4; // broken numbers that find room beside the dots

/** What is beyond its limits on the pages not seen, the worst first, each with its shape. */
function Elsewhere({ page }: { page: number }): JSX.Element {
  const seen = useWorld();
  const t = words();
  const broken = PAGES.flatMap((numbers, index) => (index === page ? [] : numbers))
    .flatMap((small) => {
      const { kpi } = found(seen, small);
      const st = heard(kpi) ? severity(kpi) : null;
      return st ? [{ small, st }] : [];
    })
    .sort((a, b) => SEVERITIES.indexOf(a.st) - SEVERITIES.indexOf(b.st));
  return (
    <>
      {broken.slice(0, NAMED).map(({ small, st }) => (
        <span key={small.name} class="else" data-elsewhere={small.name} data-st={st}>
          <Glyph name={st} tint={`t-${st}`} />
          {small.title(t)}
        </span>
      ))}
      {broken.length > NAMED && <span class="else">{t.brokenMore(num(broken.length - NAMED))}</span>}
    </>
  );
}

export function Row3(): JSX.Element {
  const turn = useTurn();
  const page = turn.page.value;
  const open = turn.open.value.split(",").map(Number);
  return (
    <div class="svc a-s" data-page={page} data-pages={turn.open.value}>
      <div class="leaves">
        {PAGES.map((numbers, index) => (
          <Leaf key={index} numbers={numbers} on={index === page} />
        ))}
      </div>
      <div class="dots" hidden={open.length < 2}>
        {open.map((index) => (
          <i key={index} class={index === page ? "on" : ""} />
        ))}
        <Elsewhere page={page} />
      </div>
    </div>
  );
}
