// The order of the attention list. Pure. Rows must not dance: a list that changes its order every second cannot be read, so it is
// sorted again at most once a minute, and every unit keeps its row element while it stays.
import type { Attention, Ranked } from "../wire";

export interface Order {
  codes: readonly string[];
  at: number; // server ms of the last sort
  room: number;
}

const APART = 60_000;

/** The codes to show, top first: the server's order, taken over at most once a minute (or when the room changed). */
export function order(was: Order | null, rows: readonly Ranked[], room: number, now: number): Order {
  const codes = rows.slice(0, room).map((row) => row.code);
  if (!was || was.room !== room || !was.codes.length) return { codes, at: now, room };
  const same = codes.length === was.codes.length && codes.every((code, index) => code === was.codes[index]);
  return same || now - was.at < APART ? was : { codes, at: now, room };
}

/** Who sits on which of the fixed seats: those who stay keep theirs, newcomers take the free ones. */
export function seats(was: readonly (string | null)[], codes: readonly string[]): (string | null)[] {
  const kept = was.map((code) => (code !== null && codes.includes(code) ? code : null));
  const fresh = codes.filter((code) => !kept.includes(code));
  return kept.map((code) => code ?? fresh.shift() ?? null);
}

/** The units not shown and their overdue dossiers, so that rows and remainder sum to the whole. */
export function rest(all: Attention, visible: readonly Ranked[]): { units: number; over: number } {
  const late = (rows: readonly Ranked[]): number => rows.filter((row) => row.over > 0).length;
  const sum = (rows: readonly Ranked[]): number => rows.reduce((total, row) => total + row.over, 0);
  return {
    units: Math.max(0, late(all.rows) + all.rest_units - late(visible)),
    over: Math.max(0, sum(all.rows) + all.rest_over - sum(visible)),
  };
}
