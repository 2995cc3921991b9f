// A line of text that never runs out of its box: what does not fit is cut between words, by measuring the real thing.
// The element must be one line whose width the layout gives (a flex or grid child that may shrink).
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { observe } from "../core/effects";
import { cut } from "../core/names";
import { scale } from "./scale";

export function Fit({ text, class: name = "" }: { text: string; class?: string }): JSX.Element {
  const box = useRef<HTMLSpanElement>(null);
  const { turn } = scale.value;
  useLayoutEffect(() => {
    const element = box.current as HTMLSpanElement;
    const fits = (candidate: string): boolean => {
      element.textContent = candidate;
      return element.scrollWidth <= element.clientWidth;
    };
    const set = (): void => {
      const kept = cut(text, fits);
      if (element.textContent !== kept) element.textContent = kept;
    };
    let width = Number.NaN; // unlike any width, even none
    const refit = (now: number): void => {
      if (Math.abs(now - width) <= 1) return;
      set();
      width = element.clientWidth;
    };
    refit(element.clientWidth);
    // its neighbours may grow as well as its line shrink
    const stop = [element, element.parentElement ?? element].map((watched) => observe(watched, () => refit(element.clientWidth)));
    return () => stop.forEach((end) => end());
  }, [text, turn]);
  return <span ref={box} class={`fit ${name}`} />;
}
