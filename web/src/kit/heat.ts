// Where the cells of the tile map stand and which of them are abnormal. Pure; px.
import type { Cell } from "../wire";
import type { GlyphName } from "./Glyph";

export interface Plan {
  w: number; // of one cell, without its gap
  h: number;
  gap: number;
  left: number; // of the whole grid in its box
  height: number; // of the whole grid
}

/** Equal squares as large as the box allows; with names, rectangles that fill it. `grid`: columns, rows. */
export function plan(grid: readonly [number, number], box: { w: number; h: number }, gap: number, names: boolean): Plan {
  const [columns, rows] = [Math.max(1, grid[0]), Math.max(1, grid[1])];
  const across = (box.w + gap) / columns;
  const down = (box.h + gap) / rows;
  const [w, h] = names ? [across, down] : [Math.min(across, down), Math.min(across, down)];
  return { w: w - gap, h: h - gap, gap, left: (box.w - (w * columns - gap)) / 2, height: h * rows - gap };
}

export const at = (p: Plan, cell: Pick<Cell, "r" | "c">): { x: number; y: number } => ({
  x: p.left + cell.c * (p.w + p.gap),
  y: cell.r * (p.h + p.gap),
});

export type Mark = Extract<GlyphName, "warn" | "crit" | "sev"> | "old";

/** What is wrong with a unit: its state first, silence second; null when nothing is. */
export function mark(cell: Cell): Mark | null {
  if (cell.st === "warn" || cell.st === "crit" || cell.st === "sev") return cell.st;
  return cell.old ? "old" : null;
}

const RANK: Record<Mark, number> = { old: 0, warn: 1, crit: 2, sev: 3 };

export interface Marked {
  code: string;
  mark: Mark;
}

/** The worst is drawn last, so that nothing lies over it. */
export function marked(cells: readonly (readonly [string, Cell])[]): Marked[] {
  return cells
    .flatMap(([code, cell]) => {
      const found = mark(cell);
      return found ? [{ code, mark: found }] : [];
    })
    .sort((a, b) => RANK[a.mark] - RANK[b.mark]);
}

/** The count drawn on an abnormal cell: what its state is about. */
export const count = (cell: Cell, found: Mark): number => (found === "warn" ? cell.soon : cell.over);
