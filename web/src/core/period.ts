// Which time a value speaks of, when that is not the running day or month. Pure. The shapes are those of ioc/periods.py.
import { words } from "./lang";

const SHAPE = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?|-Q([1-4])|-H([12]))?$/;
const ROMAN = ["", "I", "II", "III", "IV"];
const HALF_DAY = 43_200;

/** "năm 2025", "tháng 10", "ngày 19/11"; null for the running day or month and where none is named. `today`: ISO, local. */
export function otherPeriod(period: string | undefined, today: string): string | null {
  if (!period || (period.length > 4 && today.startsWith(period))) return null;
  const t = words();
  const [, year, month, day, quarter, half] = SHAPE.exec(period) ?? [];
  if (!year) return period;
  const rest = year === today.slice(0, 4) ? "" : `/${year}`;
  if (month && day) return t.ofDay(`${day}/${month}${rest}`);
  if (month) return t.ofMonth(`${Number(month)}${rest}`);
  if (quarter) return t.ofQuarter(`${ROMAN[Number(quarter)]}${rest}`);
  if (half) return t.ofHalf(`${ROMAN[Number(half)]}${rest}`);
  return t.ofYear(year);
}

/** What to say of a value that does not move with the minute: its period, or "theo ngày"; null for a live one. `exp` in seconds. */
export function pace(period: string | undefined, exp: number, today: string): string | null {
  return otherPeriod(period, today) ?? (exp >= HALF_DAY ? words().daily : null);
}

/** A year that is over: what was published of it stays true, however long nobody says it again. */
export function settled(period: string | undefined, today: string): boolean {
  return period !== undefined && /^\d{4}$/.test(period) && period < today.slice(0, 4);
}
