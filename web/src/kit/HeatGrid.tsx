// One equal cell for every unit, in the province's rough shape: a quiet shade for its open dossiers, a mark where something is
// wrong. Every cell reads its own value, so one that changes re-draws alone. Names appear only where a cell has room (32:9).
import type { JSX } from "preact";
import { num } from "../core/fmt";
import { words } from "../core/lang";
import { cut } from "../core/names";
import type { Cell } from "../wire";
import type { Size } from "./Box";
import { GlyphAt } from "./Glyph";
import { type Mark, type Plan, at, count, mark, plan } from "./heat";
import { textWidth } from "./measure";
import { px } from "./path";
import { scale } from "./scale";
import { useWorld } from "./world";

interface OneCell {
  code: string;
  p: Plan;
}

function Square({ code, p }: OneCell): JSX.Element | null {
  const cell = useWorld().store.cell(code).value;
  if (!cell) return null;
  const { x, y } = at(p, cell);
  return <rect x={px(x)} y={px(y)} width={px(p.w)} height={px(p.h)} class={`cell l${cell.level}`} />;
}

/** What stands on a square: halo and shape in px. Without names a mark is a little larger than its cell. */
function Shape({ cell, found, p }: { cell: Cell; found: Mark; p: Plan }): JSX.Element {
  const { x, y } = at(p, cell);
  const e = p.gap * 0.5;
  const [cx, cy] = [x + p.w / 2, y + p.h / 2];
  const box = (grow: number): Record<"x" | "y" | "width" | "height", number> => ({
    x: px(x - grow),
    y: px(y - grow),
    width: px(p.w + 2 * grow),
    height: px(p.h + 2 * grow),
  });
  const inner = Math.min(p.w, p.h) * 0.045;
  if (found === "old") return <rect {...box(0)} fill="url(#hatch)" />;
  if (found === "sev") {
    const r = p.w * 0.72 + e;
    const diamond = (size: number): string =>
      `M${px(cx)} ${px(cy - size)}l${px(size)} ${px(size)}l${px(-size)} ${px(size)}l${px(-size)} ${px(-size)}Z`;
    return (
      <g>
        <path d={diamond(r + p.gap * 0.9)} class="halo" />
        <path d={diamond(r)} class="cell-sev" />
      </g>
    );
  }
  return (
    <g>
      <rect {...box(e + p.gap * 0.5)} class="halo" />
      <rect {...box(found === "warn" ? 0 : e)} class={found === "warn" ? `cell l${cell.level}` : "cell-crit"} />
      {found === "warn" && <rect {...box(e - inner)} class="cell-warn" />}
    </g>
  );
}

function Marker({ code, p }: OneCell): JSX.Element | null {
  const cell = useWorld().store.cell(code).value;
  const found = cell && mark(cell);
  if (!cell || !found) return null;
  const { fs } = scale.value;
  const { x, y } = at(p, cell);
  const filled = found === "crit" || found === "sev";
  const figure = num(cell.over);
  const room = p.w + p.gap >= textWidth(figure, fs, 700, -0.03);
  return (
    <g data-unit={code} data-st={found}>
      <Shape cell={cell} found={found} p={p} />
      {filled && cell.over > 0 && room && (
        <text x={px(x + p.w / 2)} y={px(y + p.h / 2 + fs * 0.36)} class="cn on" text-anchor="middle">
          {figure}
        </text>
      )}
      {found === "warn" && (
        <GlyphAt name="warn" x={px(x + p.w / 2 - p.h * 0.18)} y={px(y + p.h * 0.3)} side={px(p.h * 0.36)} tint="t-warn" />
      )}
    </g>
  );
}

/** A cell with its name: the whole of it, marks included. */
function Named({ code, p }: OneCell): JSX.Element | null {
  const cell = useWorld().store.cell(code).value;
  if (!cell) return null;
  const { fs } = scale.value;
  const { x, y } = at(p, cell);
  const found = mark(cell);
  const filled = found === "crit" || found === "sev";
  const name = cut(cell.short, (text) => textWidth(text, fs, filled ? 600 : 400, -0.035) <= p.w - fs * 0.22);
  const box = { x: px(x), y: px(y), width: px(p.w), height: px(p.h) };
  const inset = p.h * 0.035;
  return (
    <g {...(found ? { "data-unit": code, "data-st": found } : {})}>
      <rect {...box} class={filled ? `cell-${found}` : `cell l${cell.level}`} />
      {found === "warn" && (
        <rect x={px(x + inset)} y={px(y + inset)} width={px(p.w - 2 * inset)} height={px(p.h - 2 * inset)} class="cell-warn" />
      )}
      {found === "old" && <rect {...box} y={px(y + fs * 1.6)} height={px(p.h - fs * 1.6)} fill="url(#hatch)" />}
      <text x={px(x + fs * 0.18)} y={px(y + fs * 1.2)} class={`ax cl ${filled ? "on b" : found ? "top" : "hi"}`}>
        {name}
      </text>
      {found && found !== "old" && (
        <>
          <text x={px(x + p.w - fs * 0.4)} y={px(y + p.h - fs * 0.45)} class={`lb b ${filled ? "on" : ""}`} text-anchor="end">
            {num(count(cell, found))}
          </text>
          <GlyphAt
            name={found}
            x={px(x + fs * 0.4)}
            y={px(y + p.h - fs * 1.15)}
            side={px(fs * 0.74)}
            tint={filled ? "on" : "t-warn"}
          />
        </>
      )}
    </g>
  );
}

interface Props extends Size {
  grid: readonly [number, number];
  codes: readonly string[];
  abnormal: readonly { code: string; mark: Mark }[];
}

export function HeatGrid({ grid, codes, abnormal, w, h }: Props): JSX.Element {
  const { store } = useWorld();
  const { fs, names } = scale.value;
  const p = plan(grid, { w, h }, fs * (names ? 0.22 : 0.16), names);
  const stripe = Math.max(2, Math.min(p.w, p.h) * 0.09);
  const list = abnormal.map(({ code }) => store.cell(code).peek()?.name ?? code).join(", ");
  const summary = list ? words().mapAbnormal(list) : words().mapCalm;
  return (
    <svg
      class="f heatgrid"
      width={px(w)}
      height={px(p.height)}
      viewBox={`0 0 ${px(w)} ${px(p.height)}`}
      role="img"
      aria-label={summary}
    >
      <defs>
        <pattern
          id="hatch"
          width={px(stripe * 3)}
          height={px(stripe * 3)}
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width={px(stripe)} height={px(stripe * 3)} class="hx" />
        </pattern>
      </defs>
      {codes.map((code) => (names ? <Named key={code} code={code} p={p} /> : <Square key={code} code={code} p={p} />))}
      {!names && abnormal.map(({ code }) => <Marker key={code} code={code} p={p} />)}
    </svg>
  );
}
