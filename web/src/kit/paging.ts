// Whose turn it is when several pages share one place. Pure. Turns are counted by the server's time, so all walls turn together; a
// page on which something broke while nobody saw it comes next.

export interface PageState {
  known: boolean; // some number on it has been heard
  broken: readonly string[]; // names of what is beyond its limits on it
}

export interface Turn {
  n: number; // turns since the epoch
  page: number;
  next: readonly number[]; // pages to show before the usual order goes on
  broken: ReadonlySet<string>;
}

const EACH = 20_000;

/** The turn at `now` (server ms), given the one before; a page of which nothing is known has none. */
export function turned(was: Turn | null, pages: readonly PageState[], now: number): Turn {
  const n = Math.floor(now / EACH);
  const open = pages.flatMap((page, index) => (page.known ? [index] : []));
  const usual = open[n % Math.max(1, open.length)] ?? 0;
  const broken = new Set(pages.flatMap((page) => page.broken));
  if (!was) return { n, page: usual, next: [], broken };
  const waiting = was.next.filter((index) => open.includes(index));
  const same = was.n === n && open.includes(was.page);
  const page = same ? was.page : (waiting[0] ?? usual);
  const fresh = open.filter((index) => pages[index]?.broken.some((name) => !was.broken.has(name)));
  const next = [...new Set([...waiting, ...fresh])].filter((index) => index !== page);
  return { n, page, next, broken };
}
