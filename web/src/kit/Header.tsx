// The top line of a wall: where, what, whether it is live, and the server's time. Its seconds are the only thing that always moves.
import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { age, date, noon, num, timeOfDay, weekday } from "../core/fmt";
import { words } from "../core/lang";
import { Fit } from "./Fit";
import { useWorld } from "./world";

function Connection(): JSX.Element {
  const { conn, silence, clock, live } = useWorld();
  const t = words();
  const state = conn.value;
  const text = useComputed(() => {
    if (conn.value === "live") return words().live(words().seconds(num(silence.value)));
    const now = clock.second.value;
    if (conn.value !== "lost" || now === null) return words().retry;
    return `${words().retry} ${age(silence.value * 1000, now)}`;
  });
  return (
    <span class={`conn ${state}`}>
      <i class="beat" />
      {state === "denied" ? t.denied : text.value}
      {live.outdated.value && <span class="badge">{t.outdated}</span>}
    </span>
  );
}

function RestDay(): JSX.Element | null {
  const day = useWorld().store.day.value;
  if (!day?.rest_day) return null;
  return <Fit class="restday" text={day.rest_day === "weekend" ? words().rest : words().restNamed(day.rest_day)} />;
}

function Time(): JSX.Element {
  const { clock, store } = useWorld();
  const now = clock.second.value;
  const day = store.day.value;
  const noonOf = day ? noon(day.date) : now;
  const text = now === null ? "" : timeOfDay(now);
  return (
    <div class="hd-r">
      <span class="date">{noonOf === null ? "" : `${weekday(noonOf)} ${date(noonOf)}`}</span>
      <span class="clock">
        {text.slice(0, 5)}
        <small>{text.slice(5)}</small>
      </span>
    </div>
  );
}

export function Header({ title }: { title: string }): JSX.Element {
  const province = useWorld().store.day.value?.province ?? "";
  return (
    <header class="hd">
      <div class="hd-l">
        <span class="mark" />
        <span class="prov">{province}</span>
        <h1 class="scr">{title}</h1>
      </div>
      <div class="hd-c">
        <Connection />
        <RestDay />
      </div>
      <Time />
    </header>
  );
}
