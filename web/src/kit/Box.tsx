// Gives a drawing the px size of the box it stands in, and again whenever that changes.
import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { observe } from "../core/effects";

export interface Size {
  w: number;
  h: number;
}

export function Box({ class: name, draw }: { class: string; draw: (size: Size) => ComponentChildren }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const size = useSignal<Size>({ w: 0, h: 0 });
  useLayoutEffect(
    () =>
      observe(box.current as HTMLDivElement, (w, h) => {
        const was = size.peek();
        if (w !== was.w || h !== was.h) size.value = { w, h };
      }),
    [size],
  );
  const { w, h } = size.value;
  return (
    <div ref={box} class={name}>
      {w > 0 && h > 0 ? draw({ w, h }) : null}
    </div>
  );
}
