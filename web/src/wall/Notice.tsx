// What covers the whole wall: that nothing has come for a quarter of an hour, or that this screen may not see the data.
import type { JSX } from "preact";
import { words } from "../core/lang";
import { lostSince } from "../kit/Ticker";
import { type World, useWorld } from "../kit/world";

interface Said {
  kind: "denied" | "forbidden" | "lost";
  title: string;
  how: string;
}

function said(seen: World): Said {
  const t = words();
  const status = seen.live.status.value;
  if (status === 4401) return { kind: "denied", title: t.denied, how: t.deniedHow };
  if (status === 4403) return { kind: "forbidden", title: t.forbidden, how: t.forbiddenHow };
  return { kind: "lost", title: lostSince(seen), how: t.retry };
}

export function Notice(): JSX.Element | null {
  const seen = useWorld();
  if (!seen.notice.value) return null;
  const { kind, title, how } = said(seen);
  return (
    <div class="notice" data-notice={kind} role="alert">
      <div>
        <p class="notice-t">{title}</p>
        <p>{how}</p>
      </div>
    </div>
  );
}
