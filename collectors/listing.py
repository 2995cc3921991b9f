"""A system's list, walked page by page into batches: what the sources dvcqg and lgsp share.

A walk asks for what changed since a mark. Where records say when they changed, the mark is the latest change seen, in the server's own
words (walk.py). Where they do not, it is the instant the walk began by our clock, and so much before it is read again that a clock there
may be behind ours. Each page is its own batch, so a stop between two pages resumes at the second.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from collectors.answer import Answer
from collectors.dates import read_instant, written
from collectors.pages import batch_of, page_of
from collectors.reading import Reader
from collectors.walk import Place, Route, Seen, step
from ioc.model import Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """How one list is walked. `updated`: their field for the last change of a record, "" where there is none.

    `first`: what changed before is never asked for, "" for everything. `written`: how the system writes an instant (strftime).
    `overlap` in seconds. `paged` False: everything comes in one answer.
    """

    mapping: Reader
    size: int
    overlap: float
    written: str
    updated: str = ""
    ordered: bool = True
    first: str = ""
    paged: bool = True

    @property
    def zone(self) -> ZoneInfo:
        return self.mapping.zone

    @property
    def route(self) -> Route:
        return Route(size=self.size, longest=self.size, overlap=self.overlap, since=True, ordered=self.ordered, zone=self.zone)

    def date(self, instant: datetime) -> str:
        return written(instant, self.written, self.zone)

    def begin(self, cursor: str | None, now: datetime) -> Place:
        """Where the walk goes on: in the middle where one is under way, else a little before the mark."""
        place = Place.of(cursor)
        if place.page:
            return place
        if self.updated:
            begun = self.route.begin(place, now)
            return begun if begun.asked else Place(mark=begun.mark, asked=self.first, page=1, size=self.size)
        mark = self._instant(place.mark)
        if mark is None:
            return Place(mark=self.date(now), asked=self.first, page=1, size=self.size)
        asked = min(mark, now) - timedelta(seconds=self.overlap)
        return Place(mark=self.date(max(mark, now)), asked=self.date(asked), page=1, size=self.size)

    def begin_between(self, cursor: str | None, since: datetime, until: datetime) -> Place | None:
        """Where the walk over an old stretch goes on; None once it is over: its last position has a mark and no page."""
        place = Place.of(cursor)
        if place.page or place.mark:
            return place if place.page else None
        return Place(mark=self.date(until), asked=self.date(since), page=1, size=self.size)

    async def walk(
        self, ask: Callable[[Place], Awaitable[Answer]], begin: Place, now: datetime, *, stay: str | None = None
    ) -> AsyncGenerator[Batch, None]:
        """Pages to the end of the list, each a batch. `stay`: the position to keep when there is nothing at all, so that a poll
        without news writes nothing."""
        route, seen, onward = self.route, Seen(), begin
        while True:
            answer = await ask(onward)
            following, cursor, seen = step(route, onward, page_of(answer, self.mapping, self.updated), seen, now)
            following, cursor = (following, cursor) if self.paged else (None, Place(mark=cursor.mark))
            quiet = onward.page == 1 and not answer.records
            yield await batch_of(answer, self.mapping, stay if quiet and stay else cursor.text(), now)
            if following is None:
                return
            onward = following

    def _instant(self, text: str) -> datetime | None:
        try:
            return read_instant(text, self.zone)
        except (ValueError, OverflowError):
            return None
