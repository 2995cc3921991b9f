// Received above the line, resolved below, a bar for every slot; the mean of the last four same weekdays as a thin staircase.
// The future stays empty: it is not zero. `now` moves with the minute.
import type { JSX } from "preact";
import { num, time } from "../core/fmt";
import type { Flow } from "../wire";
import type { Size } from "./Box";
import { known, px, roundMark, stairs } from "./path";
import { scale } from "./scale";

const HOUR = 3600;

interface Label {
  at: number; // slot
  text: string;
  anchor: "start" | "middle" | "end";
}

/** First and last instant in full, every second hour between by its hour alone, none too close to the end. */
function labels(flow: Flow): Label[] {
  const end = flow.n * flow.dt;
  const between = Array.from({ length: Math.max(0, Math.ceil(end / (2 * HOUR)) - 1) }, (_, i) => (i + 1) * 2 * HOUR);
  const at = (seconds: number): string => time(flow.t0 + seconds * 1000);
  return [
    { at: 0, text: at(0), anchor: "start" },
    ...between
      .filter((seconds) => end - seconds >= 1.5 * HOUR)
      .map((seconds): Label => ({ at: seconds / flow.dt, text: at(seconds).slice(0, 2), anchor: "middle" })),
    { at: flow.n, text: at(end), anchor: "end" },
  ];
}

interface Props extends Size {
  flow: Flow;
  now: number | null; // server ms
}

export function StackFlow({ flow, now, w, h }: Props): JSX.Element {
  const { fs } = scale.value;
  const axis = fs * 1.55;
  const above = (h - axis) / 2;
  const below = above + axis;
  const most = Math.max(1, ...known([...flow.came, ...flow.went, ...flow.gcame, ...flow.gwent]));
  const k = (above - 2) / most;
  const slot = w / flow.n;
  const gap = Math.max(2, slot * 0.16);
  const nowAt = now === null ? -1 : (now - flow.t0) / 1000 / flow.dt;
  const mark = roundMark(most * 0.95);
  const bar = (value: number | null, index: number, up: boolean): JSX.Element | null =>
    value === null ? null : (
      <rect
        key={index}
        x={px(index * slot + gap / 2)}
        y={px(up ? above - value * k : below)}
        width={px(slot - gap)}
        height={px(value * k)}
        class={`${up ? "bin" : "bout"} ${index === Math.floor(nowAt) ? "part" : ""}`}
      />
    );
  const rule = (y: number, kind: string): JSX.Element => <line x1="0" y1={px(y)} x2={px(w)} y2={px(y)} class={kind} />;
  const needle = (from: number, to: number): JSX.Element => (
    <line x1={px(nowAt * slot)} y1={px(from)} x2={px(nowAt * slot)} y2={px(to)} class="now" />
  );
  return (
    <svg class="f stackflow" width={px(w)} height={px(h)} viewBox={`0 0 ${px(w)} ${px(h)}`} aria-hidden="true">
      {mark > 0 && rule(above - mark * k, "grid")}
      {mark > 0 && rule(below + mark * k, "grid")}
      {mark > 0 && (
        <text x={px(w)} y={px(above - mark * k - fs * 0.3)} class="ax" text-anchor="end">
          {num(mark)}
        </text>
      )}
      {flow.came.map((value, index) => bar(value, index, true))}
      {flow.went.map((value, index) => bar(value, index, false))}
      <path d={stairs(flow.gcame, slot, above, 1, k)} class="gstep" />
      <path d={stairs(flow.gwent, slot, below, -1, k)} class="gstep" />
      {labels(flow).map(({ at, text, anchor }) => (
        <text key={at} x={px(at * slot)} y={px(above + axis / 2 + fs * 0.36)} class="ax" text-anchor={anchor}>
          {text}
        </text>
      ))}
      {nowAt >= 0 && nowAt <= flow.n && needle(0, above)}
      {nowAt >= 0 && nowAt <= flow.n && needle(below, h)}
    </svg>
  );
}
