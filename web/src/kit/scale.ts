// Sizes that drawings need in px, read from the page's own CSS so that both always agree. Read again on a resize and when the fonts
// are in.
import { signal } from "@preact/signals";
import { on } from "../core/effects";

export interface Scale {
  fs: number; // px of --fs-min, the smallest text
  lw: number; // px of --lw, a data line
  names: boolean; // 32:9: the map has room for names
  turn: number; // grows with every change, so that text is measured again
}

export const scale = signal<Scale>({ fs: 16, lw: 2, names: false, turn: 0 });

function read(): void {
  const fs = Number.parseFloat(getComputedStyle(document.documentElement).fontSize); // base.css sets it to --fs-min
  const lw = Math.max(2, window.innerHeight * 0.0024); // --lw in tokens.css
  scale.value = { fs, lw, names: matchMedia("(min-aspect-ratio: 3/1)").matches, turn: scale.peek().turn + 1 };
}

/** Keep the scale current until the disposer is called. */
export function follow(): () => void {
  read();
  const faces = ["400 20px Inter", "500 20px Inter", "600 20px Inter", "700 20px Inter"];
  void Promise.all(faces.map((face) => document.fonts.load(face, "Aấ8≤"))).then(read);
  return on(window, "resize", read);
}

export const still = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;
