// The line to the server: one WebSocket on /live, kept for ever. It decides nothing by itself: apply.ts says what an update does,
// backoff.ts when to try again, guard.ts whether to reload. The wall starts it once; `tick` is called every second by the clock.
import { type ReadonlySignal, signal } from "@preact/signals";
import { DEAD, type Delta, type Heartbeat, PROTOCOL, type Snap, TOPICS, type ToServer, type Welcome } from "../wire";
import { apply, lost } from "./apply";
import { answer, delay, nonsense } from "./backoff";
import type { Clock } from "./clock";
import { type TopicName, decode, isTopic } from "./decode";
import { on } from "./effects";
import { type Verdict, reload, settled } from "./guard";
import { Stats } from "./stats";
import type { Store } from "./store";

const HEALTHY = 60_000; // connected this long: the next loss starts from the shortest wait again
const NUDGE = 5_000; // online and visibility events retry at once, but not more often
const REASK = 5_000;
const SLEPT = 60_000; // between two ticks: the PC slept, the socket cannot be trusted

export class Live {
  readonly stats = new Stats();
  server = "";
  private readonly state = signal<"open" | "down" | 4401 | 4403>("down");
  private readonly skew = signal(false);
  private socket: WebSocket | null = null;
  private disposers: (() => void)[] = [];
  private timer = 0;
  private attempt = 0;
  private wanted = ""; // the build the server expects, when it is not ours
  private openedAt = 0;
  private heardAt = performance.now(); // last frame, or the beginning of this attempt
  private liveAt = performance.now(); // last frame of a welcomed connection
  private nudgedAt = Number.NEGATIVE_INFINITY;
  private tickedAt = performance.now();
  private recent: readonly number[] = [];
  private readonly asked = new Map<TopicName, number>();

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly lang: () => string,
  ) {}

  /** 4401 and 4403: the server refused this screen; "down": no connection. */
  get status(): ReadonlySignal<"open" | "down" | 4401 | 4403> {
    return this.state;
  }

  /** True once every allowed reload still brought an old build. */
  get outdated(): ReadonlySignal<boolean> {
    return this.skew;
  }

  /** Whole seconds since a frame came over a welcomed connection. */
  get silence(): number {
    return Math.max(0, Math.floor((performance.now() - this.liveAt) / 1000));
  }

  /** The server's time when that frame came, ms; null before the first welcome. */
  get heard(): number | null {
    const offset = this.clock.offset;
    return offset === null ? null : this.liveAt + offset;
  }

  start(): () => void {
    const nudge = (): void => this.nudge();
    const stop = [on(window, "online", nudge), on(document, "visibilitychange", nudge)];
    this.connect();
    return () => {
      for (const dispose of stop) dispose();
      window.clearTimeout(this.timer);
      this.drop();
    };
  }

  tick(): void {
    const now = performance.now();
    const slept = now - this.tickedAt > SLEPT && !document.hidden;
    this.tickedAt = now;
    if (this.socket && (slept || now - this.heardAt > DEAD * 1000)) this.fail(1006);
    if (this.state.peek() === "open" && now - this.openedAt > HEALTHY) this.attempt = 0;
    if (this.wanted) void reload(this.wanted).then((said: Verdict) => (this.skew.value = said === "give up"));
  }

  private nudge(): void {
    const now = performance.now();
    if (document.hidden || this.socket || this.state.peek() === 4403 || now - this.nudgedAt < NUDGE) return;
    this.nudgedAt = now;
    this.connect();
  }

  private connect(): void {
    window.clearTimeout(this.timer);
    this.drop();
    this.heardAt = performance.now();
    this.recent = [];
    this.asked.clear();
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`);
    this.socket = socket;
    this.disposers = [
      on(socket, "open", () => this.greet()),
      on<MessageEvent>(socket, "message", (event) => this.hear(event.data)),
      on<CloseEvent>(socket, "close", (event) => this.fail(event.code)),
    ];
  }

  /** Let go of the socket at once: a half-open one would take minutes to report its own close. */
  private drop(): void {
    for (const dispose of this.disposers) dispose();
    this.disposers = [];
    this.socket?.close();
    this.socket = null;
  }

  private fail(code: number): void {
    this.drop();
    const next = answer(code);
    this.state.value = code === 4401 || code === 4403 ? code : "down";
    if (next.retry === "never") return;
    if (next.retry === "reload") this.wanted ||= `protocol after ${PROTOCOL}`;
    const wait = next.retry === "backoff" ? delay(this.attempt++, Math.random()) : next.after;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.connect(), wait);
  }

  private greet(): void {
    this.stats.connects++;
    this.send({ t: "hello", proto: PROTOCOL, ui: __UI__, lang: this.lang(), w: window.innerWidth, h: window.innerHeight });
  }

  private hear(data: unknown): void {
    this.heardAt = performance.now();
    this.stats.frames++;
    const message = decode(data);
    if (message === "malformed") return this.garbled();
    if (message === "unknown") return void this.stats.unknown++;
    if (message.t === "err") return void this.stats.errors++;
    if (message.t === "welcome") this.welcome(message);
    if (this.state.peek() !== "open") return;
    this.liveAt = this.heardAt;
    if (message.t === "hb") this.beat(message);
    else if (message.t !== "welcome") this.update(message);
  }

  private garbled(): void {
    this.stats.malformed++;
    const { recent, tooMany } = nonsense(this.recent, performance.now());
    this.recent = recent;
    if (tooMany) this.fail(1006);
  }

  private welcome(message: Welcome): void {
    this.clock.hear(message.now);
    this.server = message.srv;
    this.openedAt = performance.now();
    this.state.value = "open";
    this.wanted = message.ui === __UI__ || __UI__ === "dev" ? "" : message.ui; // a server without a build names none
    if (!this.wanted) {
      settled();
      this.skew.value = false;
    }
    this.subscribe(TOPICS.filter((topic) => message.topics.includes(topic)));
  }

  private beat(message: Heartbeat): void {
    this.clock.hear(message.now);
    for (const [topic, head] of Object.entries(message.heads))
      if (isTopic(topic) && lost(this.store.head(topic), head)) this.ask(topic);
  }

  private update(message: Snap | Delta): void {
    const topic = message.n as TopicName;
    if (message.t === "snap") this.stats.snaps++;
    else this.stats.deltas++;
    const step = apply(this.store.head(topic), message);
    if (step.do === "skip") return void this.stats.skipped++;
    if (step.do === "ask") return this.ask(topic);
    this.asked.delete(topic);
    this.store.take(topic, step);
  }

  /** Subscribe again, once; again only if the answer stays out. */
  private ask(topic: TopicName): void {
    const at = this.asked.get(topic);
    if (at !== undefined && performance.now() - at < REASK) return;
    this.stats.asks++;
    this.subscribe([topic]);
  }

  private subscribe(topics: readonly TopicName[]): void {
    for (const topic of topics) this.asked.set(topic, performance.now());
    const wanted = topics.map((n) => {
      const since = this.store.head(n);
      return since ? { n, since } : { n };
    });
    this.send({ t: "sub", topics: wanted });
  }

  private send(message: ToServer): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
}
