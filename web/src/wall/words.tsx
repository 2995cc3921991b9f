// Pieces of text that several tiles of W1 share: the level of a target, the distance to a former day, the sum of shares.
import type { ComponentChildren, JSX } from "preact";
import { brief, signed } from "../core/fmt";
import { words } from "../core/lang";
import { Glyph } from "../kit/Glyph";
import { beyond } from "../kit/reading";
import type { Kpi } from "../wire";

/** Worst first. */
export const SEVERITIES = ["sev", "crit", "warn"] as const;
type Severity = (typeof SEVERITIES)[number];

export function severity(kpi: Pick<Kpi, "st">): Severity | null {
  return kpi.st === "warn" || kpi.st === "crit" || kpi.st === "sev" ? kpi.st : null;
}

/** Why the tile is coloured: the target it misses, or, when a rule found something else, only that it did. */
function reason(kpi: Kpi, st: Severity): string {
  const t = words();
  if (kpi.tgt && beyond(kpi)) return (kpi.tgt.dir === "max" ? t.beyond : t.under)(brief(kpi.tgt.v));
  return st === "sev" ? t.serious : t.attention;
}

/** "Vượt mức 150" with its glyph, or the quiet "Trong mức 150"; null without a target or a state. */
export function Level({ kpi }: { kpi: Kpi }): JSX.Element | null {
  const t = words();
  const st = severity(kpi);
  if (st) {
    return (
      <span class={`lv ${st}`}>
        <Glyph name={st} />
        {reason(kpi, st)}
      </span>
    );
  }
  if (!kpi.tgt) return null;
  return <>{(kpi.tgt.dir === "max" ? t.within : t.reached)(brief(kpi.tgt.v))}</>;
}

/** "−16 so với hôm qua"; null when there is nothing to compare with. */
export function Change({ kpi }: { kpi: Kpi }): JSX.Element | null {
  if (!kpi.cmp || kpi.cmp.v === null || kpi.v === null) return null;
  const t = words();
  return (
    <>
      <b>{signed(kpi.v - kpi.cmp.v, kpi.dp)}</b> {kpi.cmp.base === "yesterday" ? t.yesterday : t.lastWeek}
    </>
  );
}

/** The caption of a small tile: what is wrong if something is, else the given words. */
export function Caption({ kpi, calm }: { kpi: Kpi; calm: ComponentChildren }): JSX.Element {
  const st = severity(kpi);
  if (!st) return <>{calm}</>;
  const t = words();
  const limit = kpi.tgt && beyond(kpi) ? (kpi.tgt.dir === "max" ? t.exceeds : t.below)(brief(kpi.tgt.v)) : t.attention;
  return (
    <b class={`lv ${st}`}>
      <Glyph name={st} />
      {limit}
    </b>
  );
}
