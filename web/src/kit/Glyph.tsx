// State glyphs are drawn, never typed: none of our fonts has a triangle or a diamond. Each state has its own shape, so colour is
// never the only sign.
import type { JSX } from "preact";

const line = { fill: "none", stroke: "currentColor" } as const;

const SHAPES = {
  warn: <path d="M8 1.6 15.4 14.4H.6Z" />,
  crit: <rect x="1.6" y="1.6" width="12.8" height="12.8" />,
  sev: <path d="M8 0 16 8 8 16 0 8Z" />,
  ok: <path d="M1.5 8.6 6.2 13.2 14.6 3.2" {...line} stroke-width="2.4" />,
  dq: (
    <g {...line} stroke-width="2">
      <circle cx="8" cy="8" r="6.8" />
      <path d="M8 4v4.4l3 1.8" />
    </g>
  ),
  live: <circle cx="8" cy="8" r="5" />,
  quiet: <circle cx="8" cy="8" r="4.6" {...line} stroke-width="2" />,
  never: <circle cx="8" cy="8" r="6.4" {...line} stroke-width="2.4" stroke-dasharray="3.4 3.3" />,
  stale: (
    <g {...line} stroke-width="2">
      <rect x="1.4" y="1.4" width="13.2" height="13.2" />
      <path d="M2 9 9 2M2 14.4 14.4 2M7.4 14.4l7-7" />
    </g>
  ),
  stuck: <path d="M2.4 1.6H6.4V14.4H2.4ZM9.6 1.6H13.6V14.4H9.6Z" />,
  drift: <path d="M1.4 5.4H14.6M1.4 10.6H14.6M11.4 1.2 4.6 14.8" {...line} stroke-width="2.2" />,
  skew: <path d="M1 5.2H13.4L9.6 1.4M15 10.8H2.6L6.4 14.6" {...line} stroke-width="2.2" />,
  down: <path d="M2.6 2.6 13.4 13.4M13.4 2.6 2.6 13.4" {...line} stroke-width="2.6" />,
  calm: <rect x="2.6" y="2.6" width="10.8" height="10.8" {...line} stroke-width="2" />,
} satisfies Record<string, JSX.Element>;

export type GlyphName = keyof typeof SHAPES;

export function Glyph({ name, tint = "" }: { name: GlyphName; tint?: string }): JSX.Element {
  return (
    <svg class={`g g-${name} ${tint}`} viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">
      {SHAPES[name]}
    </svg>
  );
}

/** A glyph inside a drawing: left top corner and side in px. */
export function GlyphAt({
  name,
  x,
  y,
  side,
  tint,
}: {
  name: GlyphName;
  x: number;
  y: number;
  side: number;
  tint: string;
}): JSX.Element {
  return (
    <svg x={x} y={y} width={side} height={side} viewBox="0 0 16 16" class={tint} fill="currentColor">
      {SHAPES[name]}
    </svg>
  );
}
