// How many children of a row stand wholly inside it. For rows of which the rest is only counted.
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { observe } from "../core/effects";
import { scale } from "./scale";

/**
 * Hides the children of `row` that do not fit; the last child counts them and hides when `whole` and all fit. Measured anew when
 * `key`, which names all that is shown, changes. `counted(kept)`: px the last child needs when `kept` stand before it.
 */
export function useRoom(
  key: string,
  whole: boolean,
  counted: (kept: number) => number,
): { row: { current: HTMLSpanElement | null }; fit: number } {
  const row = useRef<HTMLSpanElement>(null);
  const fit = useSignal(0);
  const { turn } = scale.value;
  useLayoutEffect(() => {
    const box = row.current as HTMLSpanElement;
    const measure = (): void => {
      const items = [...box.children] as HTMLElement[];
      const last = items.pop();
      for (const item of items) item.hidden = false;
      const edge = box.getBoundingClientRect().right + 0.5;
      const ends = items.map((item) => item.getBoundingClientRect().right);
      const all = whole && (ends[ends.length - 1] ?? 0) <= edge;
      const kept = all ? items.length : ends.findLastIndex((end, index) => end + counted(index + 1) <= edge) + 1;
      items.forEach((item, index) => (item.hidden = index >= kept));
      if (last) last.hidden = all;
      fit.value = kept;
    };
    measure();
    return observe(box, measure);
  }, [key, turn, fit]);
  return { row, fit: fit.value };
}
