// The shape of the day: today solid, the day compared with a thin ghost, the newest point a dot, the target dashed. The window is
// fixed by the server, so all shapes of a wall compare.
import type { JSX } from "preact";
import type { Business, Spark as Shape } from "../wire";
import type { Size } from "./Box";
import { known, lastKnown, polyline, px } from "./path";
import { scale } from "./scale";

interface Props extends Size {
  shape: Shape;
  target: number | undefined;
  st: Business;
  zero: boolean; // volumes stand on zero; stocks show their movement
}

export function Spark({ shape, target, st, zero, w, h }: Props): JSX.Element {
  const r = scale.value.lw * 1.7;
  const values = known([...shape.y, ...shape.ghost, target ?? null]);
  const low = zero ? 0 : Math.min(...values);
  const high = Math.max(...values, low + 1e-9);
  const x = (index: number): number => r + ((w - 2 * r) * index) / Math.max(1, shape.n - 1);
  const y = (value: number): number => h - r - ((h - 2 * r) * (value - low)) / (high - low);
  const last = lastKnown(shape.y);
  return (
    <svg class="f spark" width={px(w)} height={px(h)} viewBox={`0 0 ${px(w)} ${px(h)}`} aria-hidden="true">
      {target !== undefined && <line x1="0" y1={px(y(target))} x2={px(w)} y2={px(y(target))} class="tgtl" />}
      <path d={polyline(shape.ghost, x, y)} class="ghost" />
      <path d={polyline(shape.y, x, y)} class="ser" />
      {last >= 0 && <circle cx={px(x(last))} cy={px(y(shape.y[last] as number))} r={px(r)} class={`dot ${st}`} />}
    </svg>
  );
}
