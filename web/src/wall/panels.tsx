// The second row of W1: the flow of the day, where in the province, and which units need somebody.
import { useComputed } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { noon, num, signed } from "../core/fmt";
import { words } from "../core/lang";
import { Box } from "../kit/Box";
import { Glyph } from "../kit/Glyph";
import { Guarded } from "../kit/Guarded";
import { HeatGrid } from "../kit/HeatGrid";
import { type Mark, mark, marked } from "../kit/heat";
import { RankList } from "../kit/RankList";
import { StackFlow } from "../kit/StackFlow";
import { useWorld } from "../kit/world";
import type { Cell, Flow } from "../wire";

interface Framed {
  code: string;
  place: string;
  title?: string;
  aux?: ComponentChildren;
  ready: boolean;
  children: ComponentChildren;
}

const GIVEN_UP = 20; // seconds after which a skeleton says that nothing comes

/** A panel with its title line; skeleton until its value is there. */
function Panel({ code, place, title, aux, ready, children }: Framed): JSX.Element {
  const { frozen, clock } = useWorld();
  const late = useComputed(() => clock.uptime.value >= GIVEN_UP);
  return (
    <article
      class={`panel ${place} ${frozen.value ? "stale" : ""}`}
      data-panel={code}
      data-state={ready ? "ready" : late.value ? "empty" : "loading"}
    >
      {title !== undefined && (
        <div class="ph">
          <h2>{title}</h2>
          {ready && <span class="aux">{aux}</span>}
        </div>
      )}
      {ready ? children : <div class="grow bone">{late.value && <p>{words().na}</p>}</div>}
    </article>
  );
}

function FlowLegend({ flow }: { flow: Flow }): JSX.Element {
  const t = words();
  const date = useWorld().store.day.value?.date;
  const weekday = date ? t.weekdays[new Date(noon(date)).getUTCDay()] : undefined;
  return (
    <div class="legend">
      <span>
        <i class="sw in" />
        {t.flowCame} {num(flow.total_came)}
      </span>
      <span>
        <i class="sw out" />
        {t.flowWent} {num(flow.total_went)}
      </span>
      {weekday && (
        <span>
          <i class="sw gh" />
          {t.flowMean(weekday)}
        </span>
      )}
    </div>
  );
}

function FlowBody(): JSX.Element {
  const { store, minute } = useWorld();
  const flow = store.flow.value;
  const now = minute.value;
  const t = words();
  const net = flow ? signed(flow.total_came - flow.total_went) : "";
  const nothing = flow !== undefined && flow.total_came === 0 && flow.total_went === 0;
  const aux = nothing ? (
    t.flowNone
  ) : (
    <>
      {t.flowNet} <b>{net}</b>
    </>
  );
  return (
    <Panel code="flow" place="a-f" title={t.flow} aux={aux} ready={flow !== undefined}>
      {flow && <FlowLegend flow={flow} />}
      <Box class="grow" draw={(size) => flow && <StackFlow flow={flow} now={now} {...size} />} />
    </Panel>
  );
}

export function FlowPanel(): JSX.Element {
  return (
    <Guarded code="flow" class="a-f">
      <FlowBody />
    </Guarded>
  );
}

const MARKS: readonly Mark[] = ["sev", "crit", "warn", "old"];

function MapLegend({ present, located }: { present: readonly Mark[]; located: boolean }): JSX.Element {
  const t = words();
  const name = { sev: t.mapSevere, crit: t.mapOver, warn: t.mapSoon, old: t.mapOld };
  return (
    <div class="legend mleg">
      {present.length ? (
        MARKS.filter((found) => present.includes(found)).map((found) => (
          <span key={found}>
            {found === "old" ? <i class="sw hatch" /> : <Glyph name={found} tint={`t-${found}`} />}
            {name[found]}
          </span>
        ))
      ) : (
        <span class="shades">
          {t.mapLow} <i class="sw l0" />
          <i class="sw l1" />
          <i class="sw l2" />
          <i class="sw l3" /> {t.mapHigh}
        </span>
      )}
      {!located && <span class="apart">{t.mapUnlocated}</span>}
    </div>
  );
}

/** How many units are in tolerance, or, when some are silent, how many are heard. */
export function coverage(cells: readonly Cell[]): { kind: "within" | "covered"; n: number } {
  const silent = cells.filter((cell) => cell.old).length;
  if (silent) return { kind: "covered", n: cells.length - silent };
  return { kind: "within", n: cells.filter((cell) => mark(cell) === null).length };
}

function MapBody(): JSX.Element {
  const { store } = useWorld();
  const t = words();
  const codes = store.cellCodes;
  const cells = useComputed(() =>
    codes.value.flatMap((code) => {
      const cell = store.cell(code).value;
      return cell ? [[code, cell] as const] : [];
    }),
  );
  // compared as text: most updates of a cell change a number on it, not what is abnormal
  const abnormal = useComputed(() => JSON.stringify(marked(cells.value)));
  const covered = useComputed(() => JSON.stringify(coverage(cells.value.map(([, cell]) => cell))));
  const day = store.day.value;
  const list = JSON.parse(abnormal.value) as ReturnType<typeof marked>;
  const { kind, n } = JSON.parse(covered.value) as ReturnType<typeof coverage>;
  const count = codes.value.length;
  const aux = (kind === "within" ? t.mapWithin : t.mapCovered)(num(n), num(count));
  return (
    <Panel
      code="map"
      place="a-m"
      title={count ? t.map(num(count)) : t.mapUnits}
      aux={count ? aux : t.mapNone}
      ready={day !== undefined}
    >
      <Box class="grow" draw={(size) => day && <HeatGrid grid={day.grid} codes={codes.value} abnormal={list} {...size} />} />
      {day && count > 0 && <MapLegend present={list.map((found) => found.mark)} located={day.located} />}
    </Panel>
  );
}

export function MapPanel(): JSX.Element {
  return (
    <Guarded code="map" class="a-m">
      <MapBody />
    </Guarded>
  );
}

function AttentionBody(): JSX.Element {
  const all = useWorld().store.attention.value;
  if (!all) return <Panel code="attention" place="a-n" title={words().rankHot} ready={false} children={null} />;
  return (
    <Panel code="attention" place="a-n" ready>
      <RankList all={all} />
    </Panel>
  );
}

export function AttentionPanel(): JSX.Element {
  return (
    <Guarded code="attention" class="a-n">
      <AttentionBody />
    </Guarded>
  );
}
