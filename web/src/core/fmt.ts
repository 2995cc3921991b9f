// Numbers and times as people here write them: 1.234,56 and 20/11/2026 in Vietnamese, 1,234.56 in English; always the province's
// time, whatever the PC thinks. What is missing is a dash, never 0 and never NaN.
import { type Lang, lang, words } from "./lang";

export const DASH = "—";
const ZONE = "Asia/Ho_Chi_Minh";
const LOCALE: Record<Lang, string> = { vi: "vi-VN", en: "en-GB" };
const HOUR = 3_600_000;

const cached = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function keep<T extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: (locale: string) => T): T {
  const name = `${lang.value} ${key}`;
  let format = cached.get(name) as T | undefined;
  if (!format) cached.set(name, (format = make(LOCALE[lang.value])));
  return format;
}

/** `dp`: digits after the decimal sign. */
export function num(value: number | null | undefined, dp = 0): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  const format = keep(
    `n${dp}`,
    (locale) => new Intl.NumberFormat(locale, { minimumFractionDigits: dp, maximumFractionDigits: dp, useGrouping: "always" }),
  );
  return format.format(value === 0 ? 0 : value).replace("-", "−");
}

/** As short as the number allows: 98, 62,5. */
export function brief(value: number | null | undefined): string {
  return num(value, value === null || value === undefined || Number.isInteger(value) ? 0 : 1);
}

export function signed(value: number | null | undefined, dp = 0): string {
  const text = num(value, dp);
  return value !== null && value !== undefined && value > 0 ? `+${text}` : text;
}

function clockFormat(key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return keep(key, (locale) => new Intl.DateTimeFormat(locale, { ...options, timeZone: ZONE, hourCycle: "h23" }));
}

/** 14:05 */
export function time(ms: number): string {
  return clockFormat("t", { hour: "2-digit", minute: "2-digit" }).format(ms);
}

/** 14:05:32 */
export function timeOfDay(ms: number): string {
  return clockFormat("s", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(ms);
}

/** 20/11/2026 */
export function date(ms: number): string {
  return clockFormat("d", { day: "2-digit", month: "2-digit", year: "numeric" }).format(ms);
}

/** 2026-11-20 */
export function isoDay(ms: number): string {
  return date(ms).split("/").reverse().join("-");
}

/** 14:05 today, else 20/11. */
export function moment(ms: number, now: number): string {
  return date(ms) === date(now) ? time(ms) : date(ms).slice(0, 5);
}

/** Thứ Sáu */
export function weekday(ms: number): string {
  const name = clockFormat("w", { weekday: "long" }).format(ms);
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Noon of an ISO day in the province, which has had one offset all year: safe to format. */
export function noon(iso: string): number {
  return Date.parse(`${iso}T05:00:00Z`);
}

/** 3 giây, 12 phút, 2 giờ; more than a day is a date, which needs `now`. */
export function age(ms: number, now: number): string {
  const t = words();
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return t.seconds(num(seconds));
  if (seconds < 3600) return t.minutes(num(Math.floor(seconds / 60)));
  if (ms < 24 * HOUR) return t.hours(num(Math.floor(seconds / 3600)));
  return moment(now - ms, now);
}

/** How long ago `from` was, 12 phút; a day and more is said by its date, từ 19/11. */
export function ago(from: number, now: number): string {
  return now - from < 24 * HOUR ? age(now - from, now) : words().since(moment(from, now));
}

/** 55 s, 12 phút: for a row of many ages. */
export function shortAge(ms: number, now: number): string {
  return ms < 60_000 ? words().secondsShort(num(Math.max(0, Math.floor(ms / 1000)))) : age(ms, now);
}
