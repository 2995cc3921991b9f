// A measure against its target. A scale that begins at zero is a bar; any other would lie as a bar and is a dot on a rail.
import type { JSX } from "preact";
import type { Business } from "../wire";
import type { Size } from "./Box";
import { px } from "./path";
import { scale } from "./scale";

interface Props extends Size {
  value: number | null; // null: known to be unknown, only the target stands
  min: number;
  max: number;
  target: number | undefined;
  st: Business;
  labels?: readonly (readonly [number, string])[];
}

export function Bullet({ value, min, max, target, st, labels = [], w, h: height }: Props): JSX.Element {
  const { fs } = scale.value;
  const h = labels.length ? height - fs * 1.3 : height;
  const dot = min !== 0;
  const x = (at: number): number => (w * (Math.max(min, Math.min(max, at)) - min)) / (max - min);
  const thick = dot ? Math.max(2, h * 0.16) : h * 0.56;
  const top = (h - thick) / 2;
  const anchor = (at: number): "start" | "middle" | "end" => (at === min ? "start" : at === max ? "end" : "middle");
  return (
    <svg class="f bullet" width={px(w)} height={px(height)} viewBox={`0 0 ${px(w)} ${px(height)}`} aria-hidden="true">
      <rect x="0" y={px(top)} width={px(w)} height={px(thick)} class="track" />
      {value !== null && !dot && <rect x="0" y={px(top)} width={px(x(value))} height={px(thick)} class={`bar ${st}`} />}
      {value !== null && dot && target !== undefined && (
        <rect x={px(x(target))} y={px(top)} width={px(w - x(target))} height={px(thick)} class="zone" />
      )}
      {target !== undefined && <rect x={px(x(target) - h * 0.07)} y="0" width={px(h * 0.14)} height={px(h)} class="tgt" />}
      {value !== null && dot && <circle cx={px(x(value))} cy={px(h / 2)} r={px(h * 0.34)} class={`dotv ${st}`} />}
      {labels.map(([at, text]) => (
        <text key={text} x={px(x(at))} y={px(height - fs * 0.3)} class="ax" text-anchor={anchor(at)}>
          {text}
        </text>
      ))}
    </svg>
  );
}
