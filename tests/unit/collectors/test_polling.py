"""poll(): what it stores, when it tries again, how long it waits, and what it says afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.poll import PollReport, Retries, poll
from collectors.source import BadItem, MappingError, Refused, SourceError, Unavailable
from ioc.model import Applied, Batch, Kind, State, Transition

NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)


@dataclass(slots=True)
class Script:
    """A source that plays what it is told: for each fetch a list of batches and at most one error at the end."""

    rounds: list[Sequence[Batch | SourceError]]
    name: str = "script"
    cursors: list[str | None] = field(default_factory=list)
    asked_at: list[datetime] = field(default_factory=list)
    closed: int = 0

    async def fetch(self, cursor: str | None, now: datetime) -> AsyncIterator[Batch]:
        self.cursors.append(cursor)
        self.asked_at.append(now)
        try:
            for each in self.rounds.pop(0):
                if isinstance(each, SourceError):
                    raise each
                yield each
        finally:
            self.closed += 1


@dataclass(slots=True)
class Recorder:
    """Remembers what was applied; one transition a batch."""

    position: str | None = None
    applied: list[tuple[str, datetime]] = field(default_factory=list)
    broken: Exception | None = None

    async def cursor(self, source: str) -> str | None:
        return self.position

    async def apply(self, source: str, batch: Batch, now: datetime) -> Applied:
        if self.broken:
            raise self.broken
        self.position = batch.position
        self.applied.append((batch.position, now))
        turn = Transition(
            source=source,
            code=batch.position,
            unit="U",
            kind=Kind.DOSSIER,
            was=None,
            state=State.WORKING,
            happened_at=now,
            learned_at=now,
        )
        return Applied(read=10, changed=3, quarantined=2, suspect=1, transitions=[turn])


class Watch:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds

    def __call__(self) -> float:
        return self.seconds


def batch(position: str, as_of: datetime | None = None) -> Batch:
    return Batch(position=position, as_of=as_of)


async def polled(script: Script, keep: Recorder, watch: Watch, retries: Retries | None = None, draw: float = 0.5) -> PollReport:
    return await poll(script, keep, NOW, retries=retries or Retries(), sleep=watch.sleep, rng=lambda: draw, clock=watch)


async def test_every_batch_is_applied_and_added_up() -> None:
    keep, as_of = Recorder(position="0"), NOW - timedelta(minutes=1)
    script = Script([[batch("1"), batch("2", as_of), batch("3")]])
    report = await polled(script, keep, Watch())
    assert script.cursors == ["0"]
    assert [position for position, _ in keep.applied] == ["1", "2", "3"]
    assert (report.ok, report.error, report.batches, report.tries) == (True, "", 3, 1)
    assert (report.read, report.changed, report.quarantined, report.suspect) == (30, 9, 6, 3)
    assert [turn.code for turn in report.transitions] == ["1", "2", "3"]
    assert report.as_of == as_of


async def test_an_unavailable_source_is_asked_again_from_where_it_stopped() -> None:
    keep, watch = Recorder(), Watch()
    script = Script([[batch("1"), Unavailable("cut")], [Unavailable("down")], [batch("2")]])
    report = await polled(script, keep, watch)
    assert script.cursors == [None, "1", "1"]
    assert (report.ok, report.error, report.batches, report.tries) == (True, "", 2, 3)
    assert watch.waits == [0.5, 1.0]
    assert script.asked_at == [NOW, NOW + timedelta(seconds=0.5), NOW + timedelta(seconds=1.5)]
    assert report.ended == NOW + timedelta(seconds=1.5)
    assert keep.applied[1] == ("2", NOW + timedelta(seconds=1.5))


async def test_the_tries_are_bounded_and_what_was_stored_stays() -> None:
    keep, watch = Recorder(), Watch()
    script = Script([[batch("1"), Unavailable("a")], [Unavailable("b")], [Unavailable("c")]])
    report = await polled(script, keep, watch, Retries(tries=3))
    assert (report.ok, report.error, report.refused, report.tries, report.batches) == (False, "c", False, 3, 1)
    assert len(watch.waits) == 2
    assert keep.position == "1"


@pytest.mark.parametrize("error", [Refused("no rights"), MappingError("wrong"), BadItem("bad")])
async def test_what_needs_a_person_is_not_asked_again(error: SourceError) -> None:
    watch = Watch()
    report = await polled(Script([[error]]), Recorder(), watch)
    assert (report.ok, report.refused, report.error, report.tries) == (False, True, str(error), 1)
    assert watch.waits == []


async def test_what_the_source_asks_for_is_obeyed_up_to_a_limit() -> None:
    watch = Watch()
    script = Script([[Unavailable("busy", retry_after=20)], [Unavailable("busy", retry_after=86_400)], []])
    report = await polled(script, Recorder(), watch, Retries(obey=60))
    assert report.ok
    assert watch.waits == [20, 60]


async def test_an_error_is_one_short_line() -> None:
    report = await polled(Script([[Refused("first\n  second\t" + "x" * 1000)]]), Recorder(), Watch())
    assert report.error.startswith("first second xxx")
    assert len(report.error) == 300


async def test_an_error_of_the_store_is_not_the_sources_and_closes_the_walk() -> None:
    script = Script([[batch("1"), batch("2")]])
    with pytest.raises(OSError, match="disk full"):
        await polled(script, Recorder(broken=OSError("disk full")), Watch())
    assert script.closed == 1


async def test_a_cancelled_poll_closes_the_walk() -> None:
    reached = asyncio.Event()

    async def sleep(_: float) -> None:
        reached.set()
        await asyncio.Event().wait()

    script = Script([[batch("1"), Unavailable("down")]])
    task = asyncio.create_task(poll(script, Recorder(), NOW, sleep=sleep))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert script.closed == 1


@given(st.integers(1, 60), st.floats(0, 1, exclude_max=True), st.none() | st.floats(0, 1e6))
def test_a_wait_is_jittered_bounded_and_no_shorter_than_asked(failed: int, draw: float, asked: float | None) -> None:
    retries = Retries(first=2, longest=30, obey=45)
    wait = retries.wait(failed, asked, draw)
    assert min(asked or 0, 45) <= wait <= max(30, min(asked or 0, 45))
    assert wait <= max(2.0 * 2.0 ** (failed - 1), min(asked or 0, 45))


def test_the_jitter_is_full() -> None:
    retries = Retries(first=1, longest=30)
    assert [retries.wait(3, None, draw) for draw in (0.0, 0.25, 0.5)] == [0.0, 1.0, 2.0]
