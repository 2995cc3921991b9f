// Which language the screen speaks: `?lang=en` at start, the L key later. Reading `words()` in a component re-draws it on a change.
import { type ReadonlySignal, signal } from "@preact/signals";
import { en } from "./words/en";
import { type Words, vi } from "./words/vi";

export type Lang = "vi" | "en";

const chosen = signal<Lang>("vi");
export const lang: ReadonlySignal<Lang> = chosen;

export function words(): Words {
  return chosen.value === "en" ? en : vi;
}

export function speak(language: Lang): void {
  chosen.value = language;
  document.documentElement.lang = language;
  document.title = words().title;
}
