"""What a declared number is: a count of items, a rate of counts, a quantile of times. Pure; the declarations themselves are next door.

A count is one SQL predicate over one item judged at the instant `at`. The same text counts all items (recount), counts a difference
(meter), lists the items behind a number, and judges the past: only the relation it is applied to changes.

    {since} {until}        bound it to a period
    {age_2} ... {age_16}   the instants so many working days before `at`; such a number is counted when asked for, never kept running

Rule: within a period a predicate may depend on `at` only through `late_from <= at`, `soon_at <= at`, `step_due_at <= at` and
`reception_due_at <= at`, because these columns are what the meter watches (CLOCKS in meter.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ioc.indicators.bases import OFFICE

AGES = (2, 4, 8, 16)  # working days: the borders of the ageing buckets 0-1, 2-3, 4-7, 8-15, more

Better = Literal["up", "down", ""]  # which way is good; "": neither


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What people read of a number: its title, its definition in words, the legal basis, and who answers for the definition (`owner`)."""

    vi: str
    en: str
    about_vi: str = ""
    about_en: str = ""
    basis: str = ""
    owner: str = OFFICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A count of the items for which `where` holds. With a period it counts within one; without, the stock at an instant."""

    name: str
    where: str
    words: Words
    measured_in: str = "hồ sơ"
    better: Better = ""

    @property
    def per_period(self) -> bool:
        return "{since}" in self.where

    @property
    def running(self) -> bool:
        """Whether the meter keeps it up to the second."""
        return "{age_" not in self.where

    def sql(self, prefix: str = "") -> str:
        """The predicate with its parameters, those of a period called `prefix`since and `prefix`until."""
        ages = {f"age_{n}": f"%(age_{n})s" for n in AGES}
        return self.where.format(since=f"%({prefix}since)s", until=f"%({prefix}until)s", **ages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """100 x the sum of `parts` / `whole`, per cent, rounded half up to 2 decimals; None when there is nothing to divide by."""

    name: str
    parts: tuple[str, ...]
    whole: str
    words: Words
    better: Better = "up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """The working hours which a `share` of the items that `of` counts took at most, one decimal; None when there are none."""

    name: str
    of: str
    share: float
    words: Words
    better: Better = "down"
