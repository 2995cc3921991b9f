"""What the parts of a number contributed to its change. Exact: whole numbers and fractions, rounded only to be printed. Pure.

A rate R = sum of w*r over its groups, w a group's share of the whole and r its own rate. Its change is split as Kitagawa did ("Components
of a Difference Between Two Rates", 1955), with the first moment as the base, so that no part is left over:

    mix   (w1 - w0) * (r0 - R0)      the group has become a larger or smaller part of the whole
    rate  w1 * (r1 - r0)             the group itself has become better or worse

A group that was not there has no rate of its own before: R0 stands for it, so its coming is all rate. One that has gone is all mix.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

HUNDREDTHS = 100  # what percentage points are printed in


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One group of a rate: what counts of it, and out of how many."""

    part: int = 0
    whole: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What one group adds to the change of a rate, in parts of 1."""

    mix: Fraction
    rate: Fraction

    @property
    def both(self) -> Fraction:
        return self.mix + self.rate


NONE = Counted()


def decomposed(before: Mapping[str, Counted], after: Mapping[str, Counted]) -> dict[str, Effects] | None:
    """The effects of every group; they sum to the change of the rate exactly. None where one of the two rates has nothing to divide by."""
    first, last = total(before.values()), total(after.values())
    if not first.whole or not last.whole:
        return None
    base = Fraction(first.part, first.whole)

    def effects(one: Counted, other: Counted) -> Effects:
        share, share_after = Fraction(one.whole, first.whole), Fraction(other.whole, last.whole)
        own = Fraction(one.part, one.whole) if one.whole else base
        moved = share_after * (Fraction(other.part, other.whole) - own) if other.whole else Fraction(0)
        return Effects(mix=(share_after - share) * (own - base), rate=moved)

    return {group: effects(before.get(group, NONE), after.get(group, NONE)) for group in before.keys() | after.keys()}


def total(groups: Iterable[Counted]) -> Counted:
    listed = list(groups)
    return Counted(part=sum(one.part for one in listed), whole=sum(one.whole for one in listed))


def printed(one: Counted) -> int | None:
    """A rate in hundredths of a per cent, half up, as it stands on every screen; None without anything to divide by."""
    if not one.whole:
        return None
    return int((Decimal(one.part * 100 * HUNDREDTHS) / Decimal(one.whole)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def apportioned(values: Sequence[Fraction], whole: int) -> list[int]:
    """`values` as whole numbers that sum to `whole`, the largest remainders rounded up (Hamilton's method).

    `whole` is the printed sum and may be off the exact one by what rounding two printed numbers makes: what is left over beyond one for
    each value goes round again, so the sum holds whatever `whole` is.
    """
    floors = [value.numerator // value.denominator for value in values]
    left = whole - sum(floors)
    order = sorted(range(len(values)), key=lambda n: (floors[n] - values[n], n))
    each, rest = divmod(left, len(values)) if values else (0, 0)
    up = set(order[:rest])
    return [floor + each + (n in up) for n, floor in enumerate(floors)]
