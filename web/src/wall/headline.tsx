// The first row of W1: the one hero and four figures beside it, all on one baseline.
import type { JSX } from "preact";
import { num, time } from "../core/fmt";
import { words } from "../core/lang";
import { shares } from "../core/shares";
import type { Size } from "../kit/Box";
import { Bullet } from "../kit/Bullet";
import { Glyph } from "../kit/Glyph";
import { Spark } from "../kit/Spark";
import { Tile } from "../kit/Tile";
import { useWorld } from "../kit/world";
import type { Business, Kpi } from "../wire";
import { Change, Level, severity } from "./words";

/** The shape of the day under a figure, as far as the server sends one. */
export function Day({ name, kpi, zero, ...size }: { name: string; kpi: Kpi; zero: boolean } & Size): JSX.Element | null {
  const shape = useWorld().store.spark(name).value;
  return shape ? <Spark shape={shape} target={kpi.tgt?.v} st={kpi.st} zero={zero} {...size} /> : null;
}

export function Overdue(): JSX.Element {
  const { minute } = useWorld();
  const t = words();
  return (
    <Tile
      name="dossiers_overdue"
      place="hero a-h"
      title={t.overdue}
      side={(kpi) => (
        <span class="side">
          <span>
            <Level kpi={kpi} />
          </span>
          <span class="change">
            <Change kpi={kpi} />
          </span>
        </span>
      )}
      empty={(kpi) => (kpi.v === 0 && minute.value !== null ? t.overdueNone(time(minute.value)) : null)}
      caption={({ parts }) => (
        <>
          <b>{num(parts?.["units"])}</b> {t.overdueUnits} · {t.overdueOldest} <b>{num(whole(parts?.["oldest"]))}</b> {t.overdueDays}
        </>
      )}
      plot={(kpi, _visible, size) => <Day name="dossiers_overdue" kpi={kpi} zero={false} {...size} />}
    />
  );
}

/** Working days passed in full. */
const whole = (days: number | null | undefined): number | null => (days === null || days === undefined ? null : Math.floor(days));

export function DueSoon(): JSX.Element {
  const t = words();
  return (
    <Tile
      name="dossiers_due_soon"
      place="a-d"
      title={t.dueSoon}
      caption={(kpi) => (severity(kpi) ? <Level kpi={kpi} /> : t.dueSoonCaption)}
      plot={(kpi, _visible, size) => <Day name="dossiers_due_soon" kpi={kpi} zero={false} {...size} />}
    />
  );
}

export function Received(): JSX.Element {
  const shape = useWorld().store.spark("dossiers_received").value;
  const t = words();
  return (
    <Tile
      name="dossiers_received"
      place="a-r"
      title={t.received}
      empty={(kpi) => (kpi.v === 0 ? t.receivedNone : null)}
      caption={() => (shape ? t.receivedCaption(num(shape.dt / 60)) : "")}
      plot={(kpi, _visible, size) => <Day name="dossiers_received" kpi={kpi} zero {...size} />}
    />
  );
}

/** "và 640 chờ bổ sung": dossiers that wait for their applicant, loud when there are too many of them. */
function Waiting({ parts }: Kpi): JSX.Element | null {
  const held = useWorld().store.kpi("dossiers_waiting").value;
  const t = words();
  const waiting = held ? held.v : parts?.["waiting"];
  if (waiting === undefined) return null;
  const st = held && severity(held);
  if (!st) {
    return (
      <>
        {t.inProgressAnd} <b>{num(waiting)}</b> {t.inProgressWaiting}
      </>
    );
  }
  return (
    <b class={`lv ${st}`}>
      <Glyph name={st} />
      {num(waiting)} {t.inProgressWaiting}
    </b>
  );
}

export function InProgress(): JSX.Element {
  return (
    <Tile
      name="dossiers_in_progress"
      place="a-w"
      title={words().inProgress}
      caption={(kpi) => <Waiting {...kpi} />}
      plot={(kpi, _visible, size) => <Day name="dossiers_in_progress" kpi={kpi} zero={false} {...size} />}
    />
  );
}

/** A rail that shows where near 100 the figure stands; lower only when figure or target are. */
export function rail(value: number | null, target: number | undefined): number {
  const lowest = Math.min(value ?? 100, target === undefined ? 100 : target - 1);
  return [95, 90, 80, 50].find((begin) => lowest >= begin) ?? 0;
}

function OnTimeRail({ kpi, visible, ...size }: { kpi: Kpi; visible: boolean } & Size): JSX.Element {
  const value = visible ? kpi.v : null;
  const min = rail(value, kpi.tgt?.v);
  const target = kpi.tgt?.v;
  const st: Business = kpi.st;
  const ends = [
    [min, num(min)],
    [100, num(100)],
  ] as const;
  const labels =
    target === undefined || target >= 100
      ? ends
      : [ends[0], [target, words().target(num(target, Number.isInteger(target) ? 0 : 1))] as const, ends[1]];
  return <Bullet value={value} min={min} max={100} target={target} st={st} labels={labels} {...size} />;
}

export function OnTime(): JSX.Element {
  const { store } = useWorld();
  const t = words();
  const period = store.kpi("early_and_on_time_rate").value?.period ?? store.day.value?.date ?? "";
  const month = /^\d{4}-(\d{2})/.exec(period)?.[1];
  return (
    <Tile
      name="early_and_on_time_rate"
      place="a-o"
      title={t.onTime(month ? String(Number(month)) : "—")}
      side={(kpi) =>
        severity(kpi) ? (
          <span class="side">
            <Level kpi={kpi} />
          </span>
        ) : null
      }
      caption={({ parts }) => {
        const [early, punctual, late] = shares([parts?.["early"], parts?.["on_time"], parts?.["late"]], 100, 2);
        return (
          <span class="shares">
            <span>
              {t.early} <b data-share="early">{num(early, 2)}</b>
            </span>
            <span>
              {t.punctual} <b data-share="on_time">{num(punctual, 2)}</b>
            </span>
            <span>
              {t.late} <b data-share="late">{num(late, 2)}</b>
            </span>
          </span>
        );
      }}
      plot={(kpi, visible, size) => <OnTimeRail kpi={kpi} visible={visible} {...size} />}
    />
  );
}
