"""Where a walk over a department's list stands, and where it goes after each page. Pure; called by the rest source.

The list is expected in the order of (last change, code), and a request names the change from which on it wants to read, that one
included. Instead of counting pages, the walk asks again from the last change it saw: a record changed meanwhile moves to the end
of the list and shifts all others, which would make page numbers skip one. Records that share one instant are asked for in one page
of the greatest size. Page numbers are left for what cannot be walked otherwise: more records of one instant than the server gives at
once (one of them changing right then may hide its neighbour until that changes too), and lists that are in another order: declared
so, or noticed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import orjson

from collectors.dates import earlier, read_instant
from collectors.source import Unavailable

Rank = tuple[int, float, str]
AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A cursor. `mark`: the latest change seen, in the server's own words; the next poll begins there.

    While a walk is under way `page` is not 0, counted from 1: `asked` is the change it asked from, `size` the page size, `skip` the
    records of the pages before this one, `numbered` that only page numbers can be trusted, `token` the next page's token where
    pages have one.
    """

    mark: str = ""
    asked: str = ""
    page: int = 0
    size: int = 0
    skip: int = 0
    numbered: bool = False
    token: str = ""

    def text(self) -> str:
        return orjson.dumps({key: value for key, value in asdict(self).items() if value}, option=orjson.OPT_SORT_KEYS).decode()

    @classmethod
    def of(cls, text: str | None) -> Place:
        """The place a cursor names; one that cannot be read begins anew, which costs time and loses nothing."""
        try:
            found = orjson.loads(text or "{}")
        except orjson.JSONDecodeError:
            return cls()
        kinds = {each.name: type(each.default) for each in fields(cls)}
        if not isinstance(found, dict) or not all(type(value) is kinds.get(key) for key, value in found.items()):
            return cls()
        return cls(**found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How a system's list is walked. `longest` is the page size reached when catching up; `overlap` in seconds.

    `since` False: the system cannot be asked from a change on, so its whole list is walked by page number each time. `ordered` False:
    it can, but its list does not come in that order.
    """

    size: int
    longest: int
    overlap: float
    since: bool
    ordered: bool
    zone: ZoneInfo

    def begin(self, place: Place, now: datetime) -> Place:
        """Where the walk goes on: in the middle where one is under way, else a little before the mark (anew, if that is still to come)."""
        if place.page:
            return place
        mark = place.mark if self.past(place.mark, now) else ""
        asked = mark if self.since else ""
        return Place(mark=mark, asked=earlier(asked, self.overlap, self.zone) if self.overlap else asked, page=1, size=self.size)

    def stretch(self, cursor: str | None, asked: str) -> Place:
        """Where the walk over an old stretch goes on, or begins by asking from `asked` ("": the beginning of the list)."""
        place = Place.of(cursor)
        return place if place.page else Place(mark=place.mark, asked=(place.mark or asked) if self.since else "", page=1, size=self.size)

    def reached(self, place: Place, until: datetime, now: datetime) -> bool:
        """Whether all that is still to come changed at `until` or later: only a list in its order can say so."""
        rank = self.rank(place.mark, now)
        return self.since and self.ordered and not place.numbered and rank is not None and rank[0] == 0 and rank[1] >= until.timestamp()

    def larger(self, place: Place, count: int) -> int:
        """The size of the next page: twice as much after a full one, because there is more to catch up with."""
        return min(place.size * 2, self.longest) if count >= place.size else place.size

    def rank(self, change: str, now: datetime) -> Rank | None:
        """What changes are ordered by: instants, else numbers, else letters. None for none, and for one that lies in the future."""
        try:
            instant = read_instant(change, self.zone)
        except (ValueError, OverflowError):
            digits = change.isascii() and change.isdigit() and len(change) <= 15
            return None if not change else (1, float(change), "") if digits else (2, 0.0, change)
        return None if instant - now > AHEAD else (0, instant.timestamp(), "")

    def past(self, change: str, now: datetime) -> bool:
        """Whether a change is no later than now, as far as it can be dated."""
        rank = self.rank(change, now)
        return rank is not None and (rank[0] != 0 or rank[1] <= now.timestamp())

    def ranked(self, changes: Iterable[str], now: datetime) -> list[tuple[Rank, str]]:
        """Changes with their ranks; where some are instants the others are rubbish, and likewise with numbers, and are left out."""
        found = [(rank, change) for change in changes if (rank := self.rank(change, now))]
        kind = min((rank[0] for rank, _ in found), default=0)
        return [(rank, change) for rank, change in found if rank[0] == kind]

    def later(self, mark: str, changes: Sequence[str], now: datetime) -> str:
        """The latest of a mark and some changes that is not still to come; never before the mark.

        A record stamped ahead of our clock is read again until its time comes: beginning after it would skip what changes before then.
        """
        known = [change for change in (mark, *changes) if self.past(change, now)]
        return max(self.ranked(known, now), key=lambda pair: pair[0], default=((0, 0.0, ""), mark))[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer as the walk sees it. `changes`: each record's last change, "" where it names none; `keys` tell records apart."""

    changes: Sequence[str] = ()
    keys: frozenset[tuple[str, str]] = frozenset()
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a walk remembers from page to page: the length of its longest one, and the keys of the last."""

    longest: int = 0
    keys: frozenset[tuple[str, str]] = frozenset()

    def and_then(self, page: Page) -> Seen:
        return Seen(longest=max(self.longest, len(page.changes)), keys=page.keys)


def step(route: Route, place: Place, page: Page, seen: Seen, now: datetime) -> tuple[Place | None, Place, Seen]:
    """Where the walk goes after a page (None: it is over), the cursor that says so, and what it remembers.

    Over is: an empty page, one shorter than an earlier one, or the last of the total the server states. Raises Unavailable when
    the server sends the same full page for two numbers.
    """
    mark, count = route.later(place.mark, page.changes, now), len(page.changes)
    dated = route.ranked(page.changes, now)
    follows = route.since and route.ordered and _follows([rank for rank, _ in dated], route.rank(place.asked, now))
    by_number = place.numbered or not follows
    seen_then = seen.and_then(page)
    if count == 0 or count < seen.longest or (page.total is not None and place.skip + count >= page.total):
        return None, Place(mark=mark), seen_then
    if place.page > 1 and page.keys <= seen.keys:
        if count >= min(place.size, route.size):  # shorter: some servers answer a page after the last with the last
            raise Unavailable(f"page token repeats: page {place.page} is page {place.page - 1} again; check how pages are asked for")
        return None, Place(mark=mark), seen_then
    onward = replace(place, mark=mark, page=place.page + 1, skip=place.skip + count, numbered=by_number)
    if not by_number and dated:
        larger = route.larger(place, count)
        if dated[0][0] < dated[-1][0]:
            onward = Place(mark=mark, asked=dated[-1][1], page=1, size=larger)
        elif larger > place.size and place.page == 1:
            onward = replace(onward, page=1, size=route.longest, skip=0)
    return onward, onward, seen_then


def _follows(ranks: Sequence[Rank], asked: Rank | None) -> bool:
    """Whether a page is in order and nothing in it lies before what was asked: then its last change can be asked from."""
    return all(a <= b for a, b in pairwise(ranks)) and (asked is None or not ranks or asked <= ranks[0])
