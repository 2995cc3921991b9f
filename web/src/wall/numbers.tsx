// What the third row of W1 shows: three pages of six numbers, and what each says beside its figure while all is well.
import type { ComponentChildren } from "preact";
import { brief, num, signed } from "../core/fmt";
import { words } from "../core/lang";
import type { Words } from "../core/words/vi";
import type { Kpi } from "../wire";

export interface Small {
  name: string; // of the Kpi
  or?: string; // shown instead where only this one has a value
  title: (t: Words) => string;
  calm: (kpi: Kpi) => ComponentChildren;
}

const target = ({ tgt }: Kpi): ComponentChildren => (tgt ? words().target(brief(tgt.v)) : "");
const limit = ({ tgt }: Kpi): ComponentChildren => (tgt ? words().within(brief(tgt.v)).toLocaleLowerCase("vi") : "");

/** A named part and its word, "28 sắp hạn"; the target where the part is not sent. */
const part =
  (name: string, word: (t: Words) => string) =>
  (kpi: Kpi): ComponentChildren => {
    const value = kpi.parts?.[name];
    if (value === undefined) return target(kpi);
    return (
      <>
        <b>{num(value)}</b> {word(words())}
      </>
    );
  };

/** "+1,2 · hạng 4": points against the time before, and the place among all provinces; the target where neither is sent. */
function place(kpi: Kpi): ComponentChildren {
  const { rank, change } = kpi.parts ?? {};
  const said = [change ? signed(change, 1) : "", typeof rank === "number" ? words().rank(num(rank)) : ""].filter(Boolean);
  return said.length ? said.join(" · ") : target(kpi);
}

export const PAGES: readonly (readonly Small[])[] = [
  [
    { name: "online_rate", title: (t) => t.online, calm: target },
    { name: "papers_digitised_rate", or: "dossiers_digitised_rate", title: (t) => t.digitised, calm: target },
    { name: "satisfaction_rate", title: (t) => t.satisfied, calm: part("n", (t) => t.satisfiedVotes) },
    { name: "wait_p90", title: (t) => t.centreWait, calm: part("waiting", (t) => t.centreWaiting) },
    { name: "paid_online_rate", or: "payments_online_rate", title: (t) => t.paidOnline, calm: target },
    { name: "tasks_overdue", title: (t) => t.tasksOverdue, calm: part("soon", (t) => t.tasksSoon) },
  ],
  [
    { name: "documents_signed_rate", title: (t) => t.signed, calm: target },
    { name: "documents_in", title: (t) => t.documentsIn, calm: part("out", (t) => t.documentsOut) },
    { name: "documents_overdue", title: (t) => t.documentsOverdue, calm: limit },
    { name: "documents_urgent_open", title: (t) => t.documentsUrgent, calm: limit },
    { name: "portal_sync_rate", title: (t) => t.portalSync, calm: part("differences", (t) => t.portalDiffers) },
    { name: "feedback_on_time_rate", title: (t) => t.feedbackOnTime, calm: target },
  ],
  [
    { name: "index766", title: (t) => t.index766, calm: place },
    { name: "par_index", title: (t) => t.parIndex, calm: place },
    { name: "sipas", title: (t) => t.sipas, calm: place },
    { name: "pci", title: (t) => t.pci, calm: place },
    { name: "procedures_full_rate", title: (t) => t.fullOnline, calm: target },
    { name: "conference_connected_rate", title: (t) => t.conference, calm: part("sessions", (t) => t.conferenceSessions) },
  ],
];
