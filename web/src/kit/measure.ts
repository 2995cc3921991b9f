// How wide a text of ours is drawn, for drawings that must decide before they draw. Canvas measures with the page's own font.

const context = document.createElement("canvas").getContext("2d");

const OPTICAL = 1.035; // canvas chooses the optical size by itself, which is narrower than the one the page sets

/** CSS px; `tracking` in em, as the skin of that text sets it. */
export function textWidth(text: string, size: number, weight: number, tracking = 0): number {
  if (!context) return text.length * size * 0.6;
  context.font = `${weight} ${size}px Inter`;
  return context.measureText(text).width * OPTICAL + text.length * size * tracking;
}
