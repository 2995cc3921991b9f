// Shares that are shown must sum to what they are shares of: largest remainder. Pure.

/** Round `parts` to `dp` digits so that they sum to `total` exactly. Any part unknown, or a sum of nothing: all unknown. */
export function shares(parts: readonly (number | null | undefined)[], total: number, dp: number): (number | null)[] {
  const sum = parts.reduce<number>((all, part) => all + (part ?? Number.NaN), 0);
  if (!Number.isFinite(sum) || sum <= 0) return parts.map(() => null);
  const unit = 10 ** dp;
  const exact = parts.map((part) => ((part ?? 0) * total * unit) / sum);
  const floors = exact.map((value) => Math.floor(value + 1e-9));
  let missing = Math.round(total * unit) - floors.reduce((a, b) => a + b, 0);
  const byRemainder = exact.map((value, index) => ({ index, rest: value - (floors[index] ?? 0) })).sort((a, b) => b.rest - a.rest);
  for (const { index } of byRemainder) if (missing-- > 0) floors[index] = (floors[index] ?? 0) + 1;
  return floors.map((value) => value / unit);
}
