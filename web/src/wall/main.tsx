// The entry of /wall: puts the parts together once and starts them. Everything after this is signals.
import { effect, signal } from "@preact/signals";
import { render } from "preact";
import "../kit/css/tokens.css";
import "../kit/css/base.css";
import "../kit/css/frame.css";
import "../kit/css/tile.css";
import "../kit/css/forms.css";
import "../kit/css/overview.css";
import { Clock } from "../core/clock";
import { on } from "../core/effects";
import { lang, speak } from "../core/lang";
import { Live } from "../core/live";
import { type Exposed, expose } from "../core/stats";
import { Store } from "../core/store";
import { follow } from "../kit/scale";
import { WorldProvider, world } from "../kit/world";
import { TOPICS } from "../wire";
import { Diagnostics } from "./Diagnostics";
import { Notice } from "./Notice";
import { Overview } from "./Overview";

const IDLE = 3_000; // the pointer hides after this

const store = new Store();
const clock = new Clock();
const live = new Live(store, clock, () => lang.peek());
const seen = world(store, clock, live);
const diagnostics = signal(false);
const root = document.documentElement;

const read = (): Exposed => ({
  build: __UI__,
  server: live.server,
  offset: clock.offset,
  heads: Object.fromEntries(TOPICS.map((topic) => [topic, store.head(topic)])),
  counts: { ...live.stats },
});

const KEYS: Record<string, () => void> = {
  f: () => void (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()).catch(() => undefined),
  l: () => speak(lang.peek() === "vi" ? "en" : "vi"),
  d: () => (diagnostics.value = !diagnostics.peek()),
};

function watchPointer(): void {
  let timer = 0;
  const wake = (): void => {
    root.classList.remove("idle");
    window.clearTimeout(timer);
    timer = window.setTimeout(() => root.classList.add("idle"), IDLE);
  };
  on(window, "pointermove", wake);
  wake();
}

speak(new URLSearchParams(location.search).get("lang") === "en" ? "en" : "vi");
root.dataset["build"] = __UI__;
expose(read);
follow();
effect(() => void (root.dataset["conn"] = seen.conn.value));
on<KeyboardEvent>(window, "keydown", (event) => {
  if (!event.ctrlKey && !event.altKey && !event.metaKey && !event.repeat) KEYS[event.key.toLowerCase()]?.();
});
watchPointer();
render(
  <WorldProvider value={seen}>
    <Overview />
    <Diagnostics open={diagnostics} read={read} />
    <Notice />
  </WorldProvider>,
  document.body,
);
clock.run(() => live.tick());
live.start();
