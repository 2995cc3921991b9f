"""Old stretches of a source that are read again: which there are, where each stands, and storing what they bring.

Called by collectors/backfill.py and by the commands. A stretch has its own place in the table `backfills`, so it never disturbs the live
read; one that was left open, by a kill or by Ctrl-C, is found again and gone on with. One source has one reader of old stretches at a time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from ioc.db import Connection, only_one
from ioc.model import Applied, Batch
from ioc.store import Store

COLUMNS = "id, source, since, until, position, read, changed, started_at, moved_at, done_at"
OPEN = f"""
select {COLUMNS} from backfills
where source = %(source)s and done_at is null and since < %(until)s and until > %(since)s
order by id limit 1"""
BEGIN = f"""
insert into backfills (source, since, until, started_at, moved_at) values (%(source)s, %(since)s, %(until)s, %(now)s, %(now)s)
returning {COLUMNS}"""
FINISH = "update backfills set done_at = %(now)s, moved_at = %(now)s where id = %(id)s"
LIST = f"select {COLUMNS} from backfills where %(source)s::text is null or source = %(source)s order by id desc limit %(limit)s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time, its end not included."""

    since: datetime
    until: datetime

    def without(self, other: Span) -> list[Span]:
        """What of it lies outside another, in order."""
        before = Span(since=self.since, until=min(self.until, other.since))
        after = Span(since=max(self.since, other.until), until=self.until)
        return [each for each in (before, after) if each.since < each.until]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """One stretch of one source. `position`: where it stands, None before its first page; `read`, `changed`: records until now."""

    id: int
    source: str
    span: Span
    position: str | None
    read: int
    changed: int
    started_at: datetime
    moved_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Backfills:
    """The stretches of all sources, over the store that takes what they bring."""

    store: Store

    @asynccontextmanager
    async def alone(self, source: str) -> AsyncIterator[bool]:
        """True inside when nobody else reads old stretches of this source now, in this process or another."""
        async with self.store.pool.connection() as db, only_one(db, f"backfill {source}") as held:
            yield held

    async def begin(self, source: str, span: Span, now: datetime) -> Backfill:
        """The open stretch that overlaps this one, with its own bounds, to be gone on with; else a new one."""
        values = {"source": source, "since": span.since, "until": span.until, "now": now}
        async with self.store.pool.connection() as db:
            row = await (await db.execute(OPEN, values)).fetchone() or await (await db.execute(BEGIN, values)).fetchone()
        assert row is not None
        return _backfill(*row)

    async def apply(self, source: str, batch: Batch, now: datetime, *, backfill: int) -> Applied:
        """Store a batch and move the stretch's place, both or neither; what the live read knows better stays."""
        return await self.store.apply(source, batch, now, backfill=backfill)

    async def finish(self, backfill: int, now: datetime) -> None:
        async with self.store.pool.connection() as db:
            await db.execute(FINISH, {"id": backfill, "now": now})


async def listing(db: Connection, source: str | None = None, limit: int = 50) -> list[Backfill]:
    """The newest stretches first, of one source or of all."""
    rows = await (await db.execute(LIST, {"source": source, "limit": limit})).fetchall()
    return [_backfill(*row) for row in rows]


def _backfill(
    id: int, source: str, since: datetime, until: datetime, position: str | None, read: int, changed: int, started_at: datetime,
    moved_at: datetime, done_at: datetime | None,
) -> Backfill:  # fmt: skip
    return Backfill(
        id=id, source=source, span=Span(since=since, until=until), position=position, read=read, changed=changed, started_at=started_at,
        moved_at=moved_at, done_at=done_at,
    )  # fmt: skip
