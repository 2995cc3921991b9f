// The third row of W1: six equal tiles, small figures with a bar against their target where they have one.
import type { ComponentChildren, JSX } from "preact";
import { brief, num } from "../core/fmt";
import { words } from "../core/lang";
import type { Size } from "../kit/Box";
import { Bullet } from "../kit/Bullet";
import { roundMark } from "../kit/path";
import { Tile } from "../kit/Tile";
import type { Kpi } from "../wire";
import { Day } from "./headline";
import { Caption } from "./words";

/** The end of a bar's scale: 100 % of a share, else room for twice the target or the figure, whichever is more. */
export function scaleEnd(kpi: Pick<Kpi, "u" | "v" | "tgt">): number {
  if (kpi.u === "pct") return 100;
  const needed = Math.max(1, 2 * (kpi.tgt?.v ?? 0), kpi.v ?? 0);
  return needed <= 2 * (kpi.tgt?.v ?? 0) ? needed : 2 * roundMark(needed);
}

/** A bar where there is a target to compare with; else the day's shape. A bar of anything but the figure above would lie. */
function SmallPlot({ name, kpi, visible, ...size }: { name: string; kpi: Kpi; visible: boolean } & Size): JSX.Element | null {
  if (!kpi.tgt) return visible ? <Day name={name} kpi={kpi} zero {...size} /> : null;
  return <Bullet value={visible ? kpi.v : null} min={0} max={scaleEnd(kpi)} target={kpi.tgt.v} st={kpi.st} {...size} />;
}

interface Small {
  name: string;
  title: string;
  unit?: string;
  calm: (kpi: Kpi) => ComponentChildren;
}

function SmallTile({ name, title, unit = "", calm }: Small): JSX.Element {
  return (
    <Tile
      name={name}
      place=""
      small
      title={title}
      unit={unit}
      caption={(kpi) => <Caption kpi={kpi} calm={calm(kpi)} />}
      plot={(kpi, visible, size) => <SmallPlot name={name} kpi={kpi} visible={visible} {...size} />}
    />
  );
}

/** A named part and its word: "28 sắp hạn"; nothing when the part is not there. */
function part(kpi: Kpi, name: string, word: string, unit = "", dp = 0): ComponentChildren {
  const value = kpi.parts?.[name];
  if (value === undefined) return "";
  return (
    <>
      <b>
        {num(value, dp)}
        {unit}
      </b>{" "}
      {word}
    </>
  );
}

export function Row3(): JSX.Element {
  const t = words();
  const target = (kpi: Kpi): string => (kpi.tgt ? t.target(brief(kpi.tgt.v)) : "");
  const limit = (kpi: Kpi): string => (kpi.tgt ? t.within(brief(kpi.tgt.v)).toLocaleLowerCase("vi") : "");
  return (
    <div class="svc a-s">
      <SmallTile name="online_rate" title={t.online} unit="%" calm={target} />
      <SmallTile name="documents_signed_rate" title={t.signed} unit="%" calm={target} />
      <SmallTile name="documents_overdue" title={t.documentsOverdue} calm={limit} />
      <SmallTile name="documents_in" title={t.documentsIn} calm={(kpi) => part(kpi, "out", t.documentsOut)} />
      <SmallTile name="dossiers_waiting" title={t.waiting} calm={(kpi) => part(kpi, "share", t.waitingShare, " %", 1)} />
      <SmallTile name="tasks_overdue" title={t.tasksOverdue} calm={(kpi) => part(kpi, "soon", t.tasksSoon)} />
    </div>
  );
}
