"""The source `rest`: a department system's list over HTTP and JSON, page by page.

The list should be ordered by (last change, code) and answer "changed since" with that instant included; the cursor is a Place
(collectors/walk.py): the latest change seen in the server's own words and, in the middle of a walk, where it goes on. Each page is
its own batch, so a stop between two pages resumes at the second. A little overlap is read again each time, for systems that commit
late. A `next` token or address that no longer holds begins the walk anew. A list that came in one answer is asked for with the
version it had, where the server keeps versions: nothing changed is then told in no time.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from collectors.answer import Answer, open_envelope
from collectors.asking import question
from collectors.auth import Auth, Open, Request
from collectors.dates import like
from collectors.http import Session, connected
from collectors.pace import Pace
from collectors.pages import batch_of, page_of
from collectors.readers import load
from collectors.reading import Reader
from collectors.rest_settings import RestSettings
from collectors.settings import settle
from collectors.source import Refused, Unavailable, shown
from collectors.walk import AHEAD, Place, Route, Seen, step
from ioc.config import SourceEntry
from ioc.model import Batch

STALE_TOKEN = frozenset({400, 404, 410})
UNCHANGED = Batch(position=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """A question, its answer opened, and the version the answer has."""

    request: Request
    answer: Answer
    version: str


@dataclass(slots=True)
class _Known:
    """The last question that was answered whole and stored, and the version of that answer."""

    request: Request | None = None
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """One round: `until` None reads to the end of the list, else as far as what changed before."""

    session: Session
    now: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestSource:
    """One system; `auth` keeps its session, `pace` its pace and `known` its version from poll to poll."""

    name: str
    mapping: Reader
    settings: RestSettings
    auth: Auth = field(default_factory=Open)
    pace: Pace = field(default_factory=Pace)
    known: _Known = field(default_factory=_Known)

    @classmethod
    def declared(cls, entry: SourceEntry, folder: Path) -> RestSource:
        """The source of a configuration entry; paths are relative to `folder`. Raises SettingsError or MappingError."""
        settings = settle(RestSettings, entry.options, entry.name)
        settings.check(entry.name)
        auth = settings.auth(entry.name, entry.options, folder)
        return cls(name=entry.name, mapping=load(folder / entry.mapping), settings=settings, auth=auth, pace=settings.pace)

    async def fetch(self, cursor: str | None, now: datetime) -> AsyncIterator[Batch]:
        """Pages from the cursor to the end of the list, each a batch. See collectors.source.Source."""
        place = self._route.begin(Place.of(cursor), now)
        async with (
            connected(self.auth, self.settings.limits, self.settings.envelope, self.pace) as session,
            aclosing(self._walk(_Round(session=session, now=now), place)) as batches,
        ):
            async for batch in batches:
                yield batch

    async def fetch_between(self, since: datetime, until: datetime, cursor: str | None, now: datetime) -> AsyncIterator[Batch]:
        """Pages of what changed within [since, until), or more. See collectors.source.Rewinding."""
        async with connected(self.auth, self.settings.limits, self.settings.envelope, self.pace) as session:
            part = _Round(session=session, now=now, until=until)
            place = self._route.stretch(cursor, "" if cursor else await self._written(part, since))
            if cursor and self._route.reached(place, until, now):
                return
            async with aclosing(self._walk(part, place)) as batches:
                async for batch in batches:
                    yield batch

    @property
    def _walk(self) -> Callable[[_Round, Place], AsyncGenerator[Batch, None]]:
        match self.settings.paging:
            case "none":
                return self._at_once
            case "next" | "url":
                return self._by_token
        return self._by_page

    async def _by_page(self, part: _Round, begin: Place) -> AsyncGenerator[Batch, None]:
        seen, onward = Seen(), begin
        heard = await self._ask(part, begin, self.known)
        while heard is not None:
            page = page_of(heard.answer, self.mapping, self.settings.updated)
            following, cursor, seen = step(self._route, onward, page, seen, part.now)
            if following is None or self._far_enough(part, cursor):
                yield await batch_of(heard.answer, self.mapping, Place(mark=cursor.mark).text(), part.now)
                self._know(part, heard, alone=onward is begin)
                return
            yield await batch_of(heard.answer, self.mapping, cursor.text(), part.now)
            onward = following
            heard = await self._ask(part, onward)
        yield UNCHANGED

    async def _at_once(self, part: _Round, begin: Place) -> AsyncGenerator[Batch, None]:
        heard = await self._ask(part, self._route.begin(Place(mark=begin.mark), part.now) if part.until is None else begin, self.known)
        if heard is None:
            yield UNCHANGED
            return
        changes = page_of(heard.answer, self.mapping, self.settings.updated).changes
        mark = self._route.later(begin.mark, changes, part.now)
        yield await batch_of(heard.answer, self.mapping, Place(mark=mark).text(), part.now)
        self._know(part, heard, alone=True)

    async def _by_token(self, part: _Round, begin: Place) -> AsyncGenerator[Batch, None]:
        route, onward, used = self._route, begin, {begin.token}
        heard = await self._resume(part, begin)
        while heard is not None:
            answer = heard.answer
            onward = replace(onward, mark=route.later(onward.mark, page_of(answer, self.mapping, self.settings.updated).changes, part.now))
            if answer.next is None or self._far_enough(part, onward):
                yield await batch_of(answer, self.mapping, Place(mark=onward.mark).text(), part.now)
                self._know(part, heard, alone=onward.page == begin.page)
                return
            if answer.next in used:
                raise Unavailable(f"page token repeats: {shown(answer.next, 40)} came twice in one walk; the other side must look")
            used.add(answer.next)
            onward = replace(onward, page=onward.page + 1, token=answer.next, size=route.larger(onward, len(answer.records)))
            yield await batch_of(answer, self.mapping, onward.text(), part.now)
            heard = await self._ask(part, onward)
        yield UNCHANGED

    async def _resume(self, part: _Round, place: Place) -> _Heard | None:
        """The first answer; a token kept from an earlier poll may hold no longer."""
        try:
            return await self._ask(part, place, self.known)
        except Refused as error:
            if not place.token or error.status not in STALE_TOKEN:
                raise
            return await self._ask(part, replace(place, token=""))

    async def _ask(self, part: _Round, place: Place, known: _Known | None = None) -> _Heard | None:
        """The answer at a place; None when it is the one that is `known`."""
        request = question(self.settings, place, part.until or part.now + AHEAD, self.mapping.zone)
        version = known.version if known and part.until is None and request == known.request else ""
        reply = await part.session.ask(replace(request, version=version))
        if not reply.changed:
            return None
        answer = open_envelope(reply.content, self.settings.envelope, self.mapping.zone)
        return _Heard(request=request, answer=answer, version=reply.version)

    def _know(self, part: _Round, heard: _Heard, *, alone: bool) -> None:
        """Remember the version of a list that is stored and came in one answer; of a longer one, one page says nothing of the others."""
        if part.until is None:
            self.known.request, self.known.version = (heard.request, heard.version) if alone else (None, "")

    def _far_enough(self, part: _Round, place: Place) -> bool:
        return part.until is not None and self._route.reached(place, part.until, part.now)

    async def _written(self, part: _Round, since: datetime) -> str:
        """The begin of a stretch as the system itself writes its changes: as declared, else as the first records it shows have it.

        "" where changes are no times: the stretch then begins with the list.
        """
        settings, zone = self.settings, self.mapping.zone
        if not settings.since:
            return ""
        if settings.since_format:
            return since.astimezone(zone).isoformat(timespec="seconds")
        samples = [settings.first_since]
        if not settings.first_since and (heard := await self._ask(part, Place(page=1, size=settings.size))):
            samples = [text for text in page_of(heard.answer, self.mapping, settings.updated).changes if text][:1]
        try:
            return like(samples[0], since, zone) if samples else ""
        except ValueError:
            return ""

    @property
    def _route(self) -> Route:
        settings = self.settings
        return Route(
            size=settings.size,
            longest=settings.max_size,
            overlap=settings.overlap,
            since=settings.since,
            ordered=settings.ordered,
            zone=self.mapping.zone,
        )
