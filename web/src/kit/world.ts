// What every panel may look at: the values, the time, the line. Made once by the entry, handed down by context.
import { type ReadonlySignal, computed } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Clock } from "../core/clock";
import { isoDay } from "../core/fmt";
import { type Conn, standing } from "../core/ladder";
import type { Live } from "../core/live";
import type { Store } from "../core/store";

export interface World {
  store: Store;
  clock: Clock;
  live: Live;
  conn: ReadonlySignal<Conn>;
  notice: ReadonlySignal<boolean>;
  silence: ReadonlySignal<number>; // seconds since the last frame
  frozen: ReadonlySignal<boolean>; // no value can be newer than it looks: the line or the server's database is gone
  minute: ReadonlySignal<number | null>; // the server's time at the last whole minute, ms
  today: ReadonlySignal<string>; // ISO, in the province
}

export function world(store: Store, clock: Clock, live: Live): World {
  const silence = computed(() => {
    void clock.uptime.value;
    void clock.second.value;
    return live.silence;
  });
  const stand = computed(() => {
    const status = live.status.value;
    return standing(status === "open" ? null : silence.value, status === 4401 || status === 4403);
  });
  const minute = computed(() => {
    const now = clock.second.value;
    return now === null ? null : Math.floor(now / 60_000) * 60_000;
  });
  const today = computed(() => store.day.value?.date ?? isoDay(minute.value ?? 0));
  const conn = computed(() => stand.value.conn);
  const frozen = computed(() => conn.value === "lost" || store.system.value?.db === false);
  return { store, clock, live, conn, frozen, notice: computed(() => stand.value.notice), silence, minute, today };
}

const Context = createContext<World | null>(null);
export const WorldProvider = Context.Provider;

export function useWorld(): World {
  const found = useContext(Context);
  if (!found) throw new Error("no World: a panel stands outside <WorldProvider>");
  return found;
}
