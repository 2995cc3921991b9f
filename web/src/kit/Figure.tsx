// A number and its unit. When a live number changes it is tinted for a second, so that a glance sees what moved.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { still } from "./scale";

interface Props {
  text: string;
  unit?: string | undefined;
  raw: number | null; // what `text` stands for; null: not shown
  steady: boolean; // not a live number: a change is news of the day, not of the minute
}

const LONGEST = 9; // tile.css draws long numbers smaller, by this class, rather than cut them

export function Figure({ text, unit, raw, steady }: Props): JSX.Element {
  const number = useRef<HTMLSpanElement>(null);
  const before = useRef<number | null>(null);
  useEffect(() => {
    const moved = before.current !== null && raw !== null && raw !== before.current;
    before.current = raw;
    if (moved && !steady && !still()) number.current?.animate([{ color: "var(--data-hi)" }, {}], { duration: 1000, easing: "ease-out" });
  }, [raw, steady]);
  return (
    <span class={`fig len-${Math.min(text.length, LONGEST)}`}>
      <span ref={number} data-v={raw ?? ""}>
        {text}
      </span>
      {unit && raw !== null ? <small>{unit}</small> : null}
    </span>
  );
}
