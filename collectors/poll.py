"""poll(): one round over one source, from its stored cursor to the end of what it has. Called by the collect job.

Each batch is stored by `keep.apply` in one transaction with its position, so a stop anywhere loses nothing. A source that is
unavailable is asked again a bounded number of times, after a wait drawn by full jitter; one that refuses is not. No SourceError
leaves this room: the report says what happened. What the store raises does leave it, because that is not the source's fault.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from collectors.source import Source, SourceError, Unavailable
from ioc.model import Applied, BadRow, Batch, Transition

ERROR_LENGTH = 300


class Keep(Protocol):
    """Where batches go: `ioc.store.Store`. `apply` stores the batch and moves the cursor, both or neither."""

    async def cursor(self, source: str) -> str | None: ...

    async def apply(self, source: str, batch: Batch, now: datetime) -> Applied: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How often and how patiently an unavailable source is asked again within one poll; times in seconds.

    `tries` counts the first one too. The n-th wait is drawn evenly from 0 to min(longest, first * 2**n), but is never shorter than
    what the source itself asked for, up to `obey`.
    """

    tries: int = 4
    first: float = 1.0
    longest: float = 30.0
    obey: float = 60.0

    def wait(self, failed: int, retry_after: float | None, draw: float) -> float:
        """Seconds to wait after the `failed`-th failure (from 1); `draw` lies in [0, 1)."""
        jittered = draw * min(self.longest, self.first * 2.0 ** (failed - 1))
        return max(jittered, min(retry_after or 0.0, self.obey))


@dataclass(frozen=True, slots=True, kw_only=True)
class PollReport:
    """What one poll did. `error` is one line without secrets, "" when all went well; what was stored before it stays stored.

    `as_of` is the last instant the source said its answer is true for. `refused`: a person must act before it can work again.
    `refused_rows`: what was read well but could not be kept. `fields`: the names of the fields its records came with. `retry_after`:
    the seconds it asked us to stay away, None when it did not say.
    """

    source: str
    started: datetime
    ended: datetime
    ok: bool
    error: str = ""
    refused: bool = False
    tries: int = 1
    batches: int = 0
    read: int = 0
    changed: int = 0
    quarantined: int = 0
    suspect: int = 0
    transitions: tuple[Transition, ...] = ()
    refused_rows: tuple[BadRow, ...] = ()
    as_of: datetime | None = None
    fields: frozenset[str] = frozenset()
    retry_after: float | None = None


@dataclass(slots=True)
class _Sum:
    """What the batches stored so far add up to."""

    batches: int = 0
    read: int = 0
    changed: int = 0
    quarantined: int = 0
    suspect: int = 0
    transitions: list[Transition] = field(default_factory=list)
    refused_rows: list[BadRow] = field(default_factory=list)
    as_of: datetime | None = None
    fields: frozenset[str] = frozenset()

    def add(self, batch: Batch, applied: Applied) -> None:
        self.batches += 1
        self.read += applied.read
        self.changed += applied.changed
        self.quarantined += applied.quarantined
        self.suspect += applied.suspect
        self.transitions.extend(applied.transitions)
        self.refused_rows.extend(applied.refused)
        self.as_of = batch.as_of or self.as_of
        self.fields |= batch.fields


async def poll(
    source: Source,
    keep: Keep,
    now: datetime,
    *,
    retries: Retries = Retries(),
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    rng: Callable[[], float] = random.random,
    clock: Callable[[], float] = time.monotonic,
    tell: Callable[[datetime], None] = lambda _: None,
) -> PollReport:
    """Read everything the source has since its cursor. `now` is the instant of the call; `clock` only measures how long it took.

    `tell` hears the instant of each batch: a first read may take longer than a source may be silent.
    """
    began = clock()

    def instant() -> datetime:
        return now + timedelta(seconds=max(0.0, clock() - began))

    total, tries, failure = _Sum(), 0, None
    while True:
        tries += 1
        try:
            await _walk(source, keep, instant, total, tell)
            failure = None
        except SourceError as error:
            failure = error
        if not isinstance(failure, Unavailable) or tries >= retries.tries:
            break
        await sleep(retries.wait(tries, failure.retry_after, rng()))
    return PollReport(
        source=source.name,
        started=now,
        ended=instant(),
        ok=failure is None,
        error=one_line(failure) if failure else "",
        refused=failure is not None and not isinstance(failure, Unavailable),
        tries=tries,
        batches=total.batches,
        read=total.read,
        changed=total.changed,
        quarantined=total.quarantined,
        suspect=total.suspect,
        transitions=tuple(total.transitions),
        refused_rows=tuple(total.refused_rows),
        as_of=total.as_of,
        fields=total.fields,
        retry_after=failure.retry_after if isinstance(failure, Unavailable) else None,
    )


async def _walk(source: Source, keep: Keep, instant: Callable[[], datetime], total: _Sum, tell: Callable[[datetime], None]) -> None:
    """From the stored cursor to the end; after a failure the stored cursor is where the next walk begins."""
    cursor = await keep.cursor(source.name)
    async with aclosing(source.fetch(cursor, instant())) as batches:  # type: ignore[type-var]
        async for batch in batches:
            if batch.items or batch.figures or batch.bad or batch.position not in (None, cursor):
                total.add(batch, await keep.apply(source.name, batch, instant()))
                cursor = batch.position or cursor
            else:  # nothing new, as most polls find: the database need not hear of it
                total.add(batch, Applied(read=0))
            tell(instant())


def one_line(error: SourceError) -> str:
    """What an error says, as it may be shown: on one line, shortened."""
    text = " ".join(str(error).split())
    return text if len(text) <= ERROR_LENGTH else text[: ERROR_LENGTH - 1] + "…"
