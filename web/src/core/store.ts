// The newest value of every key of every topic. live.ts writes it, panels read it.
// A key somebody reads has a signal of its own, so an update re-draws only what it touches; keys that come and go without end
// (alerts, ticks) are read by prefix and leave nothing behind.
import { type ReadonlySignal, type Signal, batch, computed, signal } from "@preact/signals";
import type { AlertLine, Attention, Cell, Day, Flow, Kpi, Since, SourceState, Spark, SystemState, Tick } from "../wire";
import type { Step } from "./apply";
import type { TopicName } from "./decode";

type Taken = Extract<Step, { do: "take" }>;

class Topic {
  head: Since | null = null;
  private values = new Map<string, unknown>();
  private readonly slots = new Map<string, Signal<unknown>>();
  private readonly members = signal(0); // moves when a key comes or goes
  private readonly content = signal(0); // moves with every update

  get seen(): boolean {
    return this.content.value > 0;
  }

  take(step: Taken): void {
    this.head = step.head;
    const gone = step.whole ? [...this.values.keys()].filter((key) => !Object.hasOwn(step.set, key)) : step.gone;
    const before = this.values.size;
    const left = gone.filter((key) => this.values.delete(key)).length;
    for (const [key, value] of Object.entries(step.set)) this.values.set(key, value);
    for (const key of gone) this.touch(key, undefined);
    for (const [key, value] of Object.entries(step.set)) this.touch(key, value);
    if (left || this.values.size !== before) this.members.value++;
    this.content.value++;
  }

  slot<T>(key: string): ReadonlySignal<T | undefined> {
    let slot = this.slots.get(key);
    if (!slot) this.slots.set(key, (slot = signal(this.values.get(key))));
    return slot as ReadonlySignal<T | undefined>;
  }

  /** The keys with this prefix, without it, sorted. */
  names(prefix: string): ReadonlySignal<readonly string[]> {
    return computed(() => {
      void this.members.value;
      return [...this.values.keys()]
        .filter((key) => key.startsWith(prefix))
        .map((key) => key.slice(prefix.length))
        .sort();
    });
  }

  all<T>(prefix: string): ReadonlySignal<readonly T[]> {
    return computed(() => {
      void this.content.value;
      return [...this.values].filter(([key]) => key.startsWith(prefix)).map(([, value]) => value as T);
    });
  }

  private touch(key: string, value: unknown): void {
    const slot = this.slots.get(key);
    if (slot) slot.value = value;
  }
}

export class Store {
  private readonly topics: Record<TopicName, Topic> = {
    overview: new Topic(),
    sources: new Topic(),
    alerts: new Topic(),
    ticker: new Topic(),
  };

  readonly day = this.topics.overview.slot<Day>("day");
  readonly flow = this.topics.overview.slot<Flow>("flow");
  readonly attention = this.topics.overview.slot<Attention>("attention");
  readonly system = this.topics.sources.slot<SystemState>("system");
  readonly cellCodes = this.topics.overview.names("cell.");
  readonly sources = this.topics.sources.all<SourceState>("src.");
  readonly alerts = this.topics.alerts.all<AlertLine>("alert.");
  readonly ticks = this.topics.ticker.all<Tick>("tick.");

  kpi(name: string): ReadonlySignal<Kpi | undefined> {
    return this.topics.overview.slot<Kpi>(`kpi.${name}`);
  }

  spark(name: string): ReadonlySignal<Spark | undefined> {
    return this.topics.overview.slot<Spark>(`spark.${name}`);
  }

  cell(code: string): ReadonlySignal<Cell | undefined> {
    return this.topics.overview.slot<Cell>(`cell.${code}`);
  }

  /** Whether this topic's content has ever come; reading it subscribes. */
  seen(topic: TopicName): boolean {
    return this.topics[topic].seen;
  }

  head(topic: TopicName): Since | null {
    return this.topics[topic].head;
  }

  take(topic: TopicName, step: Taken): void {
    batch(() => this.topics[topic].take(step));
  }
}
