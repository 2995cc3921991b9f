"""walk(): an old stretch of a source read again, beside the live poll. Called by `ioc backfill` and for corrections that come late.

Each page is stored in one transaction with the stretch's own place, so that it may be stopped or killed anywhere and is gone on with by
whoever asks for it next. Between two pages it rests, because the system has its own people to serve. What the live read knows
better is never overwritten: the store sees to that. No SourceError leaves this room: the report says what happened.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from collectors.poll import Retries, one_line
from collectors.source import Refused, Rewinding, Source, SourceError, Unavailable
from ioc.backfills import Backfill, Span
from ioc.model import Applied, Batch, Item

PATIENT = Retries(tries=8, first=2.0, longest=120.0, obey=600.0)


class Keep(Protocol):
    """Where stretches are kept: `ioc.backfills.Backfills`."""

    def alone(self, source: str) -> AbstractAsyncContextManager[bool]: ...

    async def begin(self, source: str, span: Span, now: datetime) -> Backfill: ...

    async def apply(self, source: str, batch: Batch, now: datetime, *, backfill: int) -> Applied: ...

    async def finish(self, backfill: int, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a stretch has come. `at`: the latest change met in it, None while none was. Counts are those of this call."""

    part: Backfill
    batches: int = 0
    read: int = 0
    changed: int = 0
    quarantined: int = 0
    at: datetime | None = None

    def and_then(self, batch: Batch, applied: Applied) -> Progress:
        happened = [item.happened_at for item in batch.items if isinstance(item, Item) and item.happened_at < self.part.span.until]
        return Progress(
            part=self.part,
            batches=self.batches + 1,
            read=self.read + applied.read,
            changed=self.changed + applied.changed,
            quarantined=self.quarantined + applied.quarantined,
            at=max([*happened, *filter(None, [self.at])], default=None),
        )

    @property
    def share(self) -> float:
        """How much of the stretch lies behind, from 0 to 1."""
        span = self.part.span
        return 0.0 if self.at is None else max(0.0, (self.at - span.since) / (span.until - span.since))


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillReport:
    """What a walk did. `error` is one line without secrets, "" when the whole stretch is stored; `refused`: a person must act first."""

    source: str
    span: Span
    ok: bool
    error: str = ""
    refused: bool = False
    resumed: bool = False
    batches: int = 0
    read: int = 0
    changed: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ways:
    """What a walk has from outside: who waits, who is told, and what time it is."""

    pause: float
    tell: Callable[[Progress], None]
    retries: Retries
    sleep: Callable[[float], Awaitable[None]]
    rng: Callable[[], float]
    instant: Callable[[], datetime]


async def walk(
    source: Source,
    keep: Keep,
    span: Span,
    now: datetime,
    *,
    pause: float = 0.5,
    tell: Callable[[Progress], None] = lambda _: None,
    retries: Retries = PATIENT,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    rng: Callable[[], float] = random.random,
    clock: Callable[[], float] = time.monotonic,
) -> BackfillReport:
    """Read what changed within a stretch. Open stretches that overlap it are gone on with first, then what is left of it is read.

    `pause`: seconds of rest after each page; `tell` hears of each page stored; `retries` counts failures in a row, a page stored begins
    the count anew. `now` is the instant of the call; `clock` only measures how long it takes.
    """
    began = clock()
    ways = _Ways(pause=pause, tell=tell, retries=retries, sleep=sleep, rng=rng, instant=lambda: now + timedelta(seconds=clock() - began))
    if not isinstance(source, Rewinding):
        return _told(source, span, [], Refused("this kind of source cannot be asked for an old stretch; use ioc import for its files"))
    async with keep.alone(source.name) as alone:
        if not alone:
            return _told(source, span, [], Unavailable("an old stretch of this source is being read already; try again when it is done"))
        done: list[Progress] = []
        left = [span]
        failure: SourceError | None = None
        while left and failure is None:
            part = await keep.begin(source.name, left[0], ways.instant())
            progress, failure = await _read(source, keep, part, ways)
            done.append(progress)
            if failure is None:
                await keep.finish(part.id, ways.instant())
            left = [piece for each in left for piece in each.without(part.span)]
    return _told(source, span, done, failure)


async def _read(source: Rewinding, keep: Keep, part: Backfill, ways: _Ways) -> tuple[Progress, SourceError | None]:
    """One stretch from where it stands to its end, and why it did not come there."""
    progress, position, failed = Progress(part=part), part.position, 0
    ways.tell(progress)
    while True:
        try:
            async with aclosing(_between(source, part, position, ways.instant())) as batches:  # type: ignore[type-var]
                async for batch in batches:
                    if batch.position is not None:
                        applied = await keep.apply(part.source, batch, ways.instant(), backfill=part.id)
                        progress, position, failed = progress.and_then(batch, applied), batch.position, 0
                        ways.tell(progress)
                        await ways.sleep(ways.pause)
            return progress, None
        except Unavailable as error:
            failed += 1
            if failed >= ways.retries.tries:
                return progress, error
            await ways.sleep(ways.retries.wait(failed, error.retry_after, ways.rng()))
        except SourceError as error:
            return progress, error


def _between(source: Rewinding, part: Backfill, position: str | None, now: datetime) -> AsyncIterator[Batch]:
    return source.fetch_between(part.span.since, part.span.until, position, now)


def _told(source: Source, span: Span, done: list[Progress], failure: SourceError | None) -> BackfillReport:
    return BackfillReport(
        source=source.name,
        span=span,
        ok=failure is None,
        error=one_line(failure) if failure else "",
        refused=failure is not None and not isinstance(failure, Unavailable),
        resumed=any(each.part.position is not None for each in done),
        batches=sum(each.batches for each in done),
        read=sum(each.read for each in done),
        changed=sum(each.changed for each in done),
        quarantined=sum(each.quarantined for each in done),
    )
