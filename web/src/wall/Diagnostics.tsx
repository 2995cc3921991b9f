// The overlay behind the D key: what this screen knows about its own line. For whoever stands in front of it with a question.
import { type ReadonlySignal, useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { num } from "../core/fmt";
import { words } from "../core/lang";
import type { Exposed } from "../core/stats";
import { useWorld } from "../kit/world";

export function Diagnostics({ open, read }: { open: ReadonlySignal<boolean>; read: () => Exposed }): JSX.Element | null {
  const { clock } = useWorld();
  const state = useComputed(() => (open.value ? ([clock.uptime.value, read()] as const) : null));
  if (!state.value) return null;
  const t = words();
  const { build, server, offset, heads, counts } = state.value[1];
  const lines: [string, string][] = [
    [t.diagBuild, build],
    [t.diagServer, server || "—"],
    [t.diagOffset, num(offset)],
    [t.diagConnects, num(counts.connects)],
    [t.diagFrames, num(counts.frames)],
    [t.diagUpdates, `${num(counts.snaps)} / ${num(counts.deltas)}`],
    [t.diagSkipped, num(counts.skipped)],
    [t.diagAsks, num(counts.asks)],
    [t.diagUnknown, `${num(counts.unknown)} / ${num(counts.malformed)} / ${num(counts.errors)}`],
    ...Object.entries(heads).map(([topic, head]): [string, string] => [t.diagHead(topic), head ? `${head.ep} · ${head.seq}` : "—"]),
  ];
  return (
    <aside class="diag" data-diagnostics>
      <h2>{t.diagnostics}</h2>
      <dl>
        {lines.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}
