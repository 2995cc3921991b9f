// Little geometry shared by the drawings. Pure; px.

/** Two decimals are finer than any screen. */
export const px = (value: number): number => Math.round(value * 100) / 100;

/** A line through the known points; unknown ones break it. */
export function polyline(values: readonly (number | null)[], x: (index: number) => number, y: (value: number) => number): string {
  let path = "";
  let drawing = false;
  values.forEach((value, index) => {
    if (value !== null) path += `${drawing ? "L" : "M"}${px(x(index))} ${px(y(value))}`;
    drawing = value !== null;
  });
  return path;
}

/** A staircase: each known value holds for its whole slot; `direction` 1 is up from `base`, -1 is down. */
export function stairs(values: readonly (number | null)[], slot: number, base: number, direction: 1 | -1, k: number): string {
  let path = "";
  let drawing = false;
  values.forEach((value, index) => {
    if (value !== null) {
      const y = px(base - direction * value * k);
      path += `${drawing ? "L" : "M"}${px(index * slot)} ${y}L${px((index + 1) * slot)} ${y}`;
    }
    drawing = value !== null;
  });
  return path;
}

/** The largest of 1, 2, 5 x 10^n that is at most `most`; 0 when there is none of at least 1. */
export function roundMark(most: number): number {
  if (most < 1) return 0;
  const power = 10 ** Math.floor(Math.log10(most));
  return [5, 2, 1].map((step) => step * power).find((mark) => mark <= most) ?? 0;
}

export const known = (values: readonly (number | null)[]): number[] => values.filter((value): value is number => value !== null);

export function lastKnown(values: readonly (number | null)[]): number {
  return values.findLastIndex((value) => value !== null);
}
