"""The hours of one kind of day: a whole one, one of which only a half is worked, a Saturday. Used by ioc/calendar.py alone.

Pure, in microseconds since midnight. A break is open to two readings, its beginning and its end; whoever asks says which one is meant.
"""

from __future__ import annotations

from datetime import time
from itertools import pairwise

from ioc.rest_days import CalendarError

Stretches = tuple[tuple[time, time], ...]
NOON = time(12)


class Hours:
    """Stretches [opens, closes) of one day, in order. Raises CalendarError for none, an empty one or two that overlap."""

    __slots__ = ("closes", "given", "length", "opens", "stretches")

    def __init__(self, given: Stretches) -> None:
        self.given = given
        self.stretches = tuple((clock(opens), clock(closes)) for opens, closes in given)
        edges = [edge for stretch in self.stretches for edge in stretch]
        if not edges or any(a >= b for a, b in pairwise(edges)):
            told = ", ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in given)
            raise CalendarError(f"working hours {told!r} must be stretches of one day in order, like 07:30-11:30, 13:00-17:00")
        self.opens, self.closes = edges[0], edges[-1]
        self.length = sum(closes - opens for opens, closes in self.stretches)

    def until(self, at: int) -> int:
        """How much of the day is worked before the clock shows `at`."""
        worked = 0
        for opens, closes in self.stretches:
            if at <= opens:
                break
            worked += min(at, closes) - opens
        return worked

    def at(self, worked: int, *, opening: bool) -> int:
        """What the clock shows when `worked` of the day has passed; in a break its end (`opening`) or its beginning."""
        for opens, closes in self.stretches:
            if worked < closes - opens or (worked == closes - opens and not opening):
                break
            worked -= closes - opens
        return opens + worked

    def opening(self, at: int) -> int | None:
        """The first clock from `at` on that lies in a stretch; None: the day is over."""
        for opens, closes in self.stretches:
            if at < closes:
                return max(at, opens)
        return None

    def closing(self, at: int) -> int | None:
        """The last clock until `at` that lies in (opens, closes] of a stretch; None: the day has not begun."""
        for opens, closes in reversed(self.stretches):
            if at > opens:
                return min(at, closes)
        return None


def halves(given: Stretches) -> tuple[Stretches, Stretches]:
    """What of a day's hours begins before noon, and what from noon on."""
    return tuple(s for s in given if s[0] < NOON), tuple(s for s in given if s[0] >= NOON)


def clock(at: time) -> int:
    return ((at.hour * 60 + at.minute) * 60 + at.second) * 1_000_000 + at.microsecond
