"""The source `sql`: a read-only view in a department's database, PostgreSQL or whatever SQLAlchemy has a driver for.

The view is read in the order of a watermark (when a row last changed) and a key, page by page, each page a batch; the cursor is a Stand
(collectors/sql/stand.py). A little before the mark is read again each time, for transactions that commit late. Only the columns the
mapping names leave the database. A row the driver cannot hand over costs itself alone; one without a watermark is read each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select

from collectors import paths
from collectors.fields import Broken
from collectors.readers import load
from collectors.reading import Reader
from collectors.rows import read_rows
from collectors.settings import secret_of, settle
from collectors.source import Refused, SettingsError, Unavailable, shown, suggestion
from collectors.sql.database import BadValue, Database
from collectors.sql.dialects import Bounds
from collectors.sql.pages import Rows, View, a_mark, after, broken, columns_of, keys, page, span, unmarked
from collectors.sql.stand import Stand
from collectors.sql.values import Key, as_sort, sort_of
from ioc.config import SourceEntry
from ioc.model import Batch

MOST_NAMES = 400  # columns whose names are remembered
FEW, PATIENCE = 3, 3  # so few rows that all cannot be read are put aside too, when they have come so often


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlSettings:
    """The options of an `sql` source. The address holds a password, so it is named by `url_env` or `url_file`, never written here.

    `view`: its name, with its schema before a point. `watermark`: the column that tells when a row last changed, "" to read the whole
    view each time. `key`: a column (or an expression of the view) that is never empty and never twice. `size`: rows a page; `overlap`
    and times in seconds.
    """

    view: str
    key: str
    watermark: str = ""
    url_env: str = ""
    url_file: str = ""
    size: int = 2000
    overlap: float = 60.0
    max_megabytes: float = 32.0
    connect_timeout: float = 5.0
    timeout: float = 30.0

    def check(self, source: str) -> None:
        """What types alone cannot say. Raises SettingsError."""
        for key, names in (("view", self.view.split(".")), ("key", [self.key]), ("watermark", [self.watermark or "-"])):
            for name in names:
                if not 0 < len(name) <= 128 or not name.isprintable() or len(names) > 2:
                    raise SettingsError(
                        f"source.{source}.{key}: {shown(getattr(self, key))} is no name; write name, or schema.name for a view"
                    )
        if not 2 <= self.size <= 50_000:
            raise SettingsError(f"source.{source}.size: {self.size} is not from 2 to 50000; correct it")
        if min(self.max_megabytes, self.connect_timeout, self.timeout) <= 0 or self.overlap < 0:
            raise SettingsError(f"source.{source}: timeouts and max_megabytes must be above 0, overlap at least 0; correct them")


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlSource:
    """One view."""

    name: str
    mapping: Reader
    settings: SqlSettings
    database: Database
    failures: list[int] = field(default_factory=lambda: [0])  # pages in a row of which no row could be read

    @classmethod
    def declared(cls, entry: SourceEntry, folder: Path) -> SqlSource:
        """The source of a configuration entry; paths are relative to `folder`. Raises SettingsError or MappingError."""
        settings = settle(SqlSettings, entry.options, entry.name)
        settings.check(entry.name)
        return cls(
            name=entry.name,
            mapping=load(folder / entry.mapping),
            settings=settings,
            database=Database(
                source=entry.name,
                url=secret_of(entry.name, "url", entry.options, folder),
                bounds=Bounds(connect=settings.connect_timeout, statement=settings.timeout),
            ),
        )

    async def fetch(self, cursor: str | None, now: datetime) -> AsyncIterator[Batch]:
        """What changed since the cursor, page by page. See collectors.source.Source."""
        stand = Stand.of(cursor)
        walk = self._walk(stand, stand.since(self.settings.overlap), None, cursor, now)
        async with self.database.used(), aclosing(walk) as batches:
            async for batch in batches:
                yield batch

    async def fetch_between(self, since: datetime, until: datetime, cursor: str | None, now: datetime) -> AsyncIterator[Batch]:
        """The rows whose watermark lies within [since, until); the whole view where it has none. See collectors.source.Rewinding."""
        async with self.database.used():
            first = last = None
            if self.settings.watermark:
                view, _ = await self._view()
                mark = await self.database.ask(a_mark(view))
                if mark is None:
                    return
                first, last = (as_sort(at, sort_of(mark), self.mapping.zone) for at in (since, until))
                if first is None or last is None:
                    raise Refused(f"column {shown(self.settings.watermark)} holds no times, so no stretch of time can be read again")
            async with aclosing(self._walk(Stand.of(cursor), first, last, cursor, now)) as batches:
                async for batch in batches:
                    yield batch

    async def _walk(
        self, stand: Stand, since: Key | None, until: Key | None, cursor: str | None, now: datetime
    ) -> AsyncGenerator[Batch, None]:
        """Pages from a stand, or from a watermark on, to the end."""
        view, fields = await self._view()
        last = cursor
        if view.mark and until is None and stand.key is None and (strays := await self._strays(view)).records:
            yield await self._batch(strays, cursor, fields, now)
        while True:
            rows = await self._page(view, after(view, stand, since, until))
            stand = stand.after(rows.at, now, view.zone) if rows.at else stand
            following = stand.safe(now, view.zone) if rows.full else stand.over()
            last = last if not rows.at and following == Stand.of(last) else following.text()
            yield await self._batch(rows, last, fields, now)
            if not rows.full:
                return

    async def _view(self) -> tuple[View, frozenset[str]]:
        """The view as it is now, and the names of all its columns. Raises Refused when one that is needed is missing."""
        settings, mapping = self.settings, self.mapping
        *schema, name = settings.view.split(".")
        had = await self.database.ask(columns_of(name, schema[0] if schema else None))
        for each in mapping.columns():
            outer = [part for given in each.names for part in _outermost(given)]
            if outer and each.default is None and not _present(outer, had):
                raise Refused(f"view {shown(settings.view)} has no column {shown(outer[0])} for {each.ours}{suggestion(outer[0], had)}")
        wanted = {part.casefold() for given in mapping.declared for part in _outermost(given)}
        view = View(
            name=name, schema=schema[0] if schema else None, key=self._named(settings.key, had),
            mark=self._named(settings.watermark, had) if settings.watermark else "",
            columns=tuple(each for each in had if each.casefold() in wanted), size=settings.size, megabytes=settings.max_megabytes,
            zone=mapping.zone,
        )  # fmt: skip
        return view, frozenset(each for each in had[:MOST_NAMES] if len(each) <= 80)

    def _named(self, name: str, had: Sequence[str]) -> str:
        found = [each for each in had if each == name] or [each for each in had if each.casefold() == name.casefold()]
        if not found:
            raise Refused(f"view {shown(self.settings.view)} has no column {shown(name)}{suggestion(name, had)}")
        return found[0]

    async def _strays(self, view: View) -> Rows:
        """The rows without a watermark. Raises Refused when there are more of them than a page: then they are no exception."""
        rows = await self._page(view, unmarked(view))
        if rows.full:
            raise Refused(f"{view.size} rows or more have no {shown(view.mark)}; the department must fill it, or name another watermark")
        return rows

    async def _page(self, view: View, asked: Select[Any]) -> Rows:
        """One page; row by row where one of them cannot be handed over."""
        try:
            return await self.database.ask(page(view, asked))
        except BadValue:
            return await self._apart(view, asked)

    async def _apart(self, view: View, asked: Select[Any]) -> Rows:
        """A page that holds rows nobody can read: those alone are put aside. When no row can be read, the view fails and not the rows."""
        try:
            stands = await self.database.ask(keys(view, asked))
        except BadValue:
            raise Refused(f"{shown(view.mark or view.key)} holds a value that cannot be read; the department must correct it") from None
        rows = await self._halved(view, stands) if stands else Rows()
        good = any(not isinstance(record, Broken) for record in rows.records)
        self.failures[0] = 0 if good or not stands else self.failures[0] + 1
        if self.failures[0] and (len(stands) > FEW or self.failures[0] < PATIENCE):
            raise Unavailable(f"the view itself fails: none of {len(stands)} rows can be read; the department must look at it")
        rows.full = len(stands) >= view.size
        return rows

    async def _halved(self, view: View, stands: Sequence[Sequence[Any]]) -> Rows:
        """The rows at these places, halved until those nobody can read stand alone."""
        try:
            return await self.database.ask(page(view, span(view, stands[0], stands[-1])))
        except BadValue as error:
            if len(stands) == 1:
                return broken(view, stands[0], str(error))
        half = len(stands) // 2
        first, second = await self._halved(view, stands[:half]), await self._halved(view, stands[half:])
        return Rows(records=first.records + second.records, at=first.at + second.at)

    async def _batch(self, rows: Rows, position: str | None, fields: frozenset[str], now: datetime) -> Batch:
        read = await asyncio.to_thread(read_rows, self.mapping, rows.records, now)
        return Batch(
            position=position, items=read.items, figures=read.figures, bad=read.bad, fields=fields if rows.records else frozenset()
        )


def _outermost(declared: str) -> list[str]:
    """The columns a declared name reads: of a dotted one the outermost part too."""
    return [part for place in paths.reads(declared) for part in dict.fromkeys((place, place.split(".", 1)[0]))]


def _present(names: Sequence[str], had: Sequence[str]) -> bool:
    folded = {each.casefold() for each in had}
    return any(name.casefold() in folded for name in names)
