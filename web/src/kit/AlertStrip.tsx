// What fires now: the worst first, the others in turn, ten seconds each; how many more there are by severity. When nothing fires it
// says so with the second the rules last ran, because silence alone proves nothing.
import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { age, moment, num, timeOfDay } from "../core/fmt";
import { lang, words } from "../core/lang";
import { short } from "../core/names";
import type { AlertLine } from "../wire";
import { Fit } from "./Fit";
import { Glyph } from "./Glyph";
import { useWorld } from "./world";

const EACH = 10_000;
const DAY = 86_400_000;
const GRADES = ["sev", "crit", "warn", "dq"] as const;
type Grade = (typeof GRADES)[number];

/** How an alert is drawn: by its severity, or, without one, as what it then is: a matter of the data. */
export function grade({ st }: Pick<AlertLine, "st">): Grade {
  return st === "sev" || st === "crit" || st === "warn" ? st : "dq";
}

/** Worst first, then the newest, then by id: the same order on every wall. */
export function ranked(alerts: readonly AlertLine[]): AlertLine[] {
  return [...alerts].sort((a, b) => GRADES.indexOf(grade(a)) - GRADES.indexOf(grade(b)) || b.since - a.since || a.id - b.id);
}

/** Whose turn it is, ten seconds each, from the instant the set of alerts last changed: news are shown at once. */
export function turn(count: number, now: number, changed: number): number {
  return count > 0 ? Math.floor(Math.max(0, now - changed) / EACH) % count : 0;
}

/** All alerts in their order, and the one to show now. */
function useAlerts(): { alerts: readonly AlertLine[]; current: AlertLine | undefined } {
  const { clock, store } = useWorld();
  const set = useRef({ ids: "", changed: 0 });
  const alerts = useComputed(() => ranked(store.alerts.value));
  const index = useComputed(() => {
    const now = clock.second.value ?? 0;
    const ids = alerts.value.map((alert) => alert.id).join(" ");
    if (ids !== set.current.ids) set.current = { ids, changed: now };
    return turn(alerts.value.length, now, set.current.changed);
  });
  return { alerts: alerts.value, current: alerts.value[index.value] };
}

const UNCHECKED = 60_000; // the rules run every fifteen seconds: after a minute their silence proves nothing

/** Whether "no alerts" may be claimed: the rules ran lately and we would have heard. Instants in ms. */
export function checkedLately(checked: number, now: number, connected: boolean): boolean {
  return connected && now - checked <= UNCHECKED;
}

function Calm(): JSX.Element {
  const { store, clock, conn } = useWorld();
  const t = words();
  const checked = store.system.value?.checked;
  const sure = useComputed(() => checkedLately(store.system.value?.checked ?? 0, clock.second.value ?? 0, conn.value !== "lost"));
  if (!checked || !store.seen("alerts")) return <div class="al al-x">{t.loading}</div>;
  return (
    <div class="al" data-alerts={sure.value ? 0 : ""}>
      <span class={`al-calm ${sure.value ? "" : "t-dq"}`}>
        <Glyph name={sure.value ? "ok" : "dq"} />
        {sure.value ? t.alertsNone : t.alertsUnknown}
      </span>
      <span class="al-x">{(sure.value ? t.alertsChecked : t.alertsLast)(timeOfDay(checked))}</span>
    </div>
  );
}

function More({ others }: { others: readonly AlertLine[] }): JSX.Element | null {
  if (!others.length) return null;
  const counts = GRADES.map((st) => [st, others.filter((alert) => grade(alert) === st).length] as const);
  return (
    <span class="al-more">
      {counts
        .filter(([, count]) => count > 0)
        .map(([st, count]) => (
          <span key={st} class={st === "sev" ? "more-sev" : `t-${st}`}>
            <Glyph name={st} tint={st === "sev" ? "t-sev" : ""} />
            {num(count)}
          </span>
        ))}
    </span>
  );
}

function Age({ since }: { since: number }): JSX.Element {
  const { clock } = useWorld();
  const text = useComputed(() => {
    const now = clock.second.value;
    if (now === null) return "";
    const days = Math.floor((now - since) / DAY);
    return days > 0 ? words().alertDays(days) : words().alertAge(age(now - since, now));
  });
  return <span class="al-a">{text.value}</span>;
}

function Firing({ alert, alerts }: { alert: AlertLine; alerts: readonly AlertLine[] }): JSX.Element {
  const { clock, conn } = useWorld();
  const t = words();
  const st = grade(alert);
  const word = { sev: t.severe, crit: t.critical, warn: t.warning, dq: t.dataAlert }[st];
  const [title, text] = lang.value === "en" ? [alert.title_en, alert.text_en] : [alert.title_vi, alert.text_vi];
  return (
    <div class={`al hot ${conn.value === "lost" ? "stale" : ""}`} data-alerts={alerts.length} data-alert={alert.id} data-st={st}>
      <span class={`chip ${st}`}>
        <Glyph name={st} />
        {word}
      </span>
      <span class="al-t">{moment(alert.since, clock.second.peek() ?? alert.since)}</span>
      <span class="al-w">{short(alert.subject)}</span>
      <Fit class="al-x" text={text || title} />
      {alert.frozen && (
        <span class="al-a t-dq">
          <Glyph name="dq" /> {t.alertFrozen}
        </span>
      )}
      <Age since={alert.since} />
      <More others={alerts.filter((other) => other.id !== alert.id)} />
    </div>
  );
}

export function AlertStrip(): JSX.Element {
  const { alerts, current } = useAlerts();
  return current ? <Firing alert={current} alerts={alerts} /> : <Calm />;
}
