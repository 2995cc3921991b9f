"""The source `edxml`: the document axis (trục liên thông văn bản), or a folder that edXML documents are dropped into.

An axis lists what changed since a time; a document is asked for only when its line in the list changed, a few at once. Each page is a
batch; the cursor is a Place (collectors/walk.py) for each list. A document that is none makes its page come again, twice; the third time
it is quarantined and the others are kept. Restricted documents are dropped as soon as they are known to be: not an item, not a bad
row, only a number in `withheld`. Nothing but the header's way and dates ever leaves an envelope.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from collectors.answer import Answer
from collectors.auth import Auth, Open
from collectors.dates import written
from collectors.edxml.folder import FILES, waiting
from collectors.edxml.folder import read as read_dropped
from collectors.edxml.inquiry import Inquiry
from collectors.edxml.record import line_of, records
from collectors.edxml.settings import EdxmlSettings, SystemKey
from collectors.fields import CODE_LENGTH
from collectors.http import connected
from collectors.mapping import load
from collectors.pace import Pace
from collectors.pages import AT_ONCE, change
from collectors.reading import Read, Reader
from collectors.records import Shape, bad_row, raw_hash
from collectors.settings import secret_of, settle
from collectors.source import BadItem, SettingsError, SourceError, Unavailable, shown
from collectors.walk import Page, Place, Route, Seen, step
from ioc.config import SourceEntry
from ioc.model import BadRow, Batch, Fault

PATIENCE = 3  # how often a document must come unreadable before it is put aside
REMEMBERED = 5000  # documents whose records are kept in memory, so that the overlap asks for none of them again

Found = dict[str, Any] | BadRow  # a record of a document, or why it has none


@dataclass(slots=True)
class Memory:
    """What a source remembers from poll to poll. It only spares questions: a source without it reads the same."""

    known: OrderedDict[tuple[str, str], list[Found]] = field(default_factory=OrderedDict)
    failed: OrderedDict[tuple[str, str], int] = field(default_factory=OrderedDict)
    withheld: int = 0

    def keep(self, key: tuple[str, str], found: list[Found]) -> None:
        self.known[key] = found
        self.failed.pop(key, None)
        if len(self.known) > REMEMBERED:
            self.known.popitem(last=False)

    def fail(self, key: tuple[str, str]) -> int:
        """How often a document came unreadable by now."""
        self.failed[key] = self.failed.pop(key, 0) + 1
        if len(self.failed) > REMEMBERED:
            self.failed.popitem(last=False)
        return self.failed[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class EdxmlSource:
    """One axis, or one folder."""

    name: str
    mapping: Reader
    settings: EdxmlSettings
    folder: Path
    auth: Auth = field(default_factory=Open)
    pace: Pace = field(default_factory=Pace)
    memory: Memory = field(default_factory=Memory)

    @classmethod
    def declared(cls, entry: SourceEntry, folder: Path) -> EdxmlSource:
        """The source of a configuration entry; paths are relative to `folder`. Raises SettingsError or MappingError."""
        settings = settle(EdxmlSettings, entry.options, entry.name)
        settings.check(entry.name)
        keyed = bool(settings.secret_env or settings.secret_file)
        return cls(
            name=entry.name,
            mapping=load(folder / entry.mapping),
            settings=settings,
            folder=folder / settings.path,
            auth=SystemKey(settings.system_id, secret_of(entry.name, "secret", entry.options, folder)) if keyed else Open(),
            pace=settings.pace,
        )

    @property
    def withheld(self) -> int:
        """How many restricted documents were met and left where they are since this source was made."""
        return self.memory.withheld

    async def fetch(self, cursor: str | None, now: datetime) -> AsyncIterator[Batch]:
        """What changed since the cursor, page by page. See collectors.source.Source."""
        walk = self._dropped(now) if self.settings.path else self._walk(cursor, now, lambda place: self._route.begin(place, now))
        async with aclosing(walk) as batches:
            async for batch in batches:
                yield batch

    async def fetch_between(self, since: datetime, until: datetime, cursor: str | None, now: datetime) -> AsyncIterator[Batch]:
        """What changed within [since, until) and is still listed. See collectors.source.Rewinding."""
        if self.settings.path:
            raise SettingsError(f"source.{self.name}: a folder holds only what is new; drop the old files into it instead")
        asked = written(since, self.settings.since_format, self.mapping.zone)
        begin = self._route.stretch
        async with aclosing(self._walk(cursor, now, lambda place: begin(place.text(), asked), until)) as batches:
            async for batch in batches:
                yield batch

    async def _walk(
        self, cursor: str | None, now: datetime, begin: Callable[[Place], Place], until: datetime | None = None
    ) -> AsyncGenerator[Batch, None]:
        """The lists one after the other, one under way first, each to its end or until all that follows changed at `until` or later."""
        settings, route, places, last = self.settings, self._route, _places(cursor), cursor
        async with connected(self.auth, settings.limits, settings.answered, self.pace) as session:
            inquiry = Inquiry(session=session, settings=settings, mapping=self.mapping)
            for path in sorted(settings.lists, key=lambda path: not places.get(path, Place()).page):
                seen, onward = Seen(), begin(places.get(path, Place()))
                while True:
                    answer = await inquiry.lines(path, onward)
                    following, places[path], seen = step(route, onward, self._page(answer), seen, now)
                    read = await self._read(inquiry, answer.records, now)
                    position = _text(places)
                    if answer.records or answer.as_of or position != last:
                        yield _batch(read, position, answer)
                    last = position
                    if following is None or (until is not None and route.reached(following, until, now)):
                        break
                    onward = following
                places[path] = replace(places[path], page=0)

    async def _read(self, inquiry: Inquiry, entries: Sequence[object], now: datetime) -> Read:
        """The documents of one page, a few asked for at once; those that could not be read come again with the whole page."""
        room = asyncio.Semaphore(self.settings.concurrency)

        async def one(entry: object) -> list[Found] | Unavailable:
            async with room:
                return await self._found(inquiry, entry, now)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(entry)) for entry in entries]
        except BaseExceptionGroup as errors:
            known, _ = errors.split(SourceError)
            raise (known or errors).exceptions[0] from None
        answers = [task.result() for task in tasks]
        for answer in answers:
            if isinstance(answer, Unavailable):
                raise answer
        found = [each for answer in answers if not isinstance(answer, Unavailable) for each in answer]
        kept = [each for each in found if not isinstance(each, BadRow)]
        few = len(kept) <= AT_ONCE
        read = self.mapping.read_all(kept, now) if few else await asyncio.to_thread(self.mapping.read_all, kept, now)
        shape = Shape()
        for entry in entries:
            shape.add(entry)
        return Read(bad=[each for each in found if isinstance(each, BadRow)], fields=shape.fields).and_then(read)

    async def _found(self, inquiry: Inquiry, entry: object, now: datetime) -> list[Found] | Unavailable:
        """What one line of the list leads to; Unavailable for a document to be asked for once more."""
        if not isinstance(entry, dict):
            return list(self.mapping.read_all([entry], now).bad)
        secrecy, memory = self.settings.secrecy, self.memory
        try:
            line = line_of(entry, self.settings.line_names)
        except BadItem as error:
            return [bad_row(entry, error, None, self.mapping.declared)]
        key = (line.number, line.changed)
        if key in memory.known:
            return memory.known[key]
        try:
            envelope = None if secrecy.hides_line(entry, line.number) else await inquiry.document(line.number)
        except BadItem as error:
            if error.fault is Fault.SHAPE and memory.fail(key) < PATIENCE:  # a login page, half a document: it may pass
                return Unavailable(f"document {shown(line.number)}: {error}")
            return [bad_row(entry, error, line.number[:CODE_LENGTH], self.mapping.declared)]
        if envelope is None or secrecy.hides(envelope):
            memory.withheld += 1
            memory.keep(key, [])
            return []
        found: list[Found] = list(records(envelope, line, await inquiry.history(line.number), self.settings.ours))
        memory.keep(key, found)
        return found

    async def _dropped(self, now: datetime) -> AsyncGenerator[Batch, None]:
        """The documents of the folder, a few files a batch."""
        settings, secrecy = self.settings, self.settings.secrecy
        files = await asyncio.to_thread(waiting, self.folder, now, settings.quiet)
        for at in range(0, len(files), FILES):
            read = [
                await asyncio.to_thread(read_dropped, path, secrecy, settings.ours, settings.longest) for path in files[at : at + FILES]
            ]
            found = self.mapping.read_all([record for each in read for record in each.records], now)
            bad = [bad_row({"file": each.path.name}, each.error, None, frozenset()) for each in read if each.error]
            self.memory.withheld += sum(each.restricted for each in read)
            yield Batch(position=None, items=found.items, bad=[*bad, *found.bad], fields=found.fields)
            for each in read:
                await asyncio.to_thread(each.put_away)

    @property
    def _route(self) -> Route:
        size, zone = self.settings.size, self.mapping.zone
        return Route(size=size, longest=size, overlap=self.settings.overlap, since=True, ordered=True, zone=zone)

    def _page(self, answer: Answer) -> Page:
        changes = [change(entry, self.settings.updated) for entry in answer.records]
        pairs = zip(answer.records, changes, strict=True)
        return Page(changes=changes, keys=frozenset((raw_hash(entry), at) for entry, at in pairs), total=answer.total)


def _batch(read: Read, position: str, answer: Answer) -> Batch:
    return Batch(position=position, items=read.items, bad=read.bad, fields=read.fields, as_of=answer.as_of)


def _places(cursor: str | None) -> dict[str, Place]:
    """Where each list stands; a cursor that cannot be read begins anew."""
    try:
        found = orjson.loads(cursor or "{}")
    except orjson.JSONDecodeError:
        return {}
    return {path: Place.of(text) for path, text in found.items() if isinstance(text, str)} if isinstance(found, dict) else {}


def _text(places: dict[str, Place]) -> str:
    begun = {path: place.text() for path, place in places.items() if place != Place()}
    return orjson.dumps(begun, option=orjson.OPT_SORT_KEYS).decode()
