"""Whatever happens, the running totals, a recount and an independent count in Python agree, for every unit and number."""

from __future__ import annotations

import os
import random
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ioc import meter as meter_module
from ioc.db import Connection
from ioc.indicators import unclosed_sums
from ioc.meter import COLUMNS, NAMES, TICK, Meter, count_at, items_behind
from ioc.model import Batch, Gone, State
from ioc.periods import period
from ioc.store import INCOMING, Store
from tests.factories import item
from tests.world import COMPARE, MINUTE, UNITS, World, local_bounds, true_of

START = datetime(2025, 12, 29, 15, 0, tzinfo=UTC)  # crosses a year, a month, many midnights
SOON = {n for n, name in enumerate(NAMES) if "due_soon" in name or "reception_" in name}  # working time: judged by its own tests


def nonzero(totals: dict[int, list[int]]) -> dict[int, list[int]]:
    return {u: t for u, t in totals.items() if any(t)}


def masked(totals: dict[int, list[int]]) -> dict[int, list[int]]:
    return nonzero({u: [0 if n in SOON else v for n, v in enumerate(t)] for u, t in totals.items()})


def counted(world: World, at: datetime, ids: dict[str, int]) -> dict[int, list[int]]:
    """The world's own count, in the shape of the meter's totals."""
    totals: dict[int, list[int]] = {}
    spans = local_bounds(at)
    for (source, _), one in world.items.items():
        row = totals.setdefault(ids[one.unit], [0] * len(NAMES))
        true = {p: true_of(one, COMPARE[source], at, *spans[p]) for p in spans}
        for n, (_, indicator, p) in enumerate(COLUMNS):
            row[n] += indicator.name in true[p or "today"]
    return nonzero(totals)


def sums_close(totals: dict[int, list[int]]) -> None:
    for numbers in totals.values():
        for p in meter_module.PERIODS:
            of_period = {i.name: numbers[n] for n, (_, i, q) in enumerate(COLUMNS) if q in ("", p)}
            assert unclosed_sums(of_period) == []


class Run:
    """One random history against one database."""

    def __init__(self, seed: int, store: Store, reader: Connection, db: Connection) -> None:
        self.world, self.random, self.now = World(seed), random.Random(-seed), START
        self.store, self.meter, self.oracle, self.other = store, Meter(reader), Meter(db), db
        self.remembered: list[tuple[datetime, dict[int, list[int]]]] = []
        self.changes = self.lists = self.late = 0

    async def apply(self, source: str, step: int, rows: list[Any]) -> int:
        done = await self.store.apply(source, Batch(position=str(step), items=rows), self.now)
        assert done.quarantined == 0
        return done.changed

    async def step(self, step: int) -> None:
        r, source = self.random, self.random.choice(list(COMPARE))
        if r.random() < 0.8:
            rows = [self.world.change(self.now, source) for _ in range(r.choice((1, 1, 2, 5, 20)))]
            self.changes += await self.apply(source, step, rows)
            if r.random() < 0.1:
                assert await self.apply(source, step, rows) == 0, "the same input twice changes nothing"
        if r.random() < 0.15:
            await self.commit_late(step)
        self.now += r.choice((0, 0, 1, 1, 1, 7, 60, 700)) * MINUTE
        if r.random() < 0.7:
            await self.compare(step)
            self.now += timedelta(seconds=1)  # later changes are learned after the remembered instant

    async def commit_late(self, step: int) -> None:
        """A tick while another writer's transaction is open: its commit must neither be lost nor counted twice."""
        before = counted(self.world, self.now, self.store.unit_ids)
        source = self.random.choice(list(COMPARE))
        rows = [self.world.change(self.now, source) for _ in range(3)]
        async with self.store.pool.connection() as writer, writer.transaction():
            await writer.execute(INCOMING.encode())
            await self.store._apply(writer, self.store.profiles[source], Batch(position=f"late {step}", items=rows), self.now, None)
            await self.meter.tick(self.now)
            if before:
                assert masked(self.meter.totals) == before, (step, "saw an uncommitted change")
        self.late += 1

    async def compare(self, step: int) -> None:
        await self.meter.tick(self.now)
        await self.oracle.recount(self.now)
        assert nonzero(self.meter.totals) == nonzero(self.oracle.totals), (step, "totals != recount")
        assert masked(self.oracle.totals) == counted(self.world, self.now, self.store.unit_ids), (step, "SQL != Python")
        sums_close(self.oracle.totals)
        r = self.random
        if r.random() < 0.1 and self.oracle.totals:
            n, unit = r.randrange(len(NAMES)), r.choice(list(self.oracle.totals))
            _, indicator, p = COLUMNS[n]
            span = period(p, self.now) if p else None
            listed = await items_behind(self.other, indicator.name, [unit], self.now, span, live=True)
            assert len(listed) == self.oracle.totals[unit][n], (step, "list != number")
            self.lists += 1
        if r.random() < 0.08:
            self.remembered.append((self.now, {u: list(t) for u, t in nonzero(self.meter.totals).items()}))

    async def look_back(self) -> None:
        """Every remembered instant, as it was known then, is what the meter showed then."""
        for instant, totals in self.remembered:
            known = instant + timedelta(milliseconds=500)
            for p in meter_module.PERIODS:
                then = await count_at(self.other, instant, period(p, instant), known_at=known)
                for unit, counts in then.items():
                    was = totals.get(unit, [0] * len(NAMES))
                    assert [counts[i.name] for _, i, q in COLUMNS if q in ("", p)] == [
                        was[n] for n, (_, _, q) in enumerate(COLUMNS) if q in ("", p)
                    ], (instant, unit)
                assert set(totals) <= {u for u, c in then.items() if any(c.values())} or p != "year"


@pytest.mark.parametrize("seed", [11, None], ids=["known", "another"])
async def test_totals_recount_and_an_independent_count_agree(seed: int | None, store: Store, reader: Connection, db: Connection) -> None:
    if seed is None:
        seed = int(os.environ.get("IOC_SEED", random.SystemRandom().randrange(10**6)))
        print(f"IOC_SEED={seed}")  # shown where it fails, to fail again
    run = Run(seed, store, reader, db)
    for step in range(350):
        await run.step(step)
    await run.look_back()
    print(f"seed {seed}: {run.changes} changes, {len(run.world.items)} items, {run.lists} lists, {len(run.remembered)} past instants")
    assert run.changes > 500
    assert run.lists > 5
    assert run.late > 10
    assert len(run.remembered) > 5


async def test_a_deadline_that_passes_with_nobody_touching_the_dossier_moves_it_by_the_clock(store: Store, reader: Connection) -> None:
    due = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    await store.apply("by_instant", Batch(position="1", items=[item("A", unit="U01", due_at=due)]), due - timedelta(hours=30))
    meter, unit = Meter(reader), store.unit_ids["U01"]
    overdue, soon = NAMES.index("dossiers_overdue"), NAMES.index("dossiers_due_soon")
    await meter.tick(due - timedelta(days=1, seconds=1))
    assert (meter.totals[unit][overdue], meter.totals[unit][soon]) == (0, 0)
    await meter.tick(due - timedelta(days=1))  # Thursday, the same time: one working day earlier
    assert (meter.totals[unit][overdue], meter.totals[unit][soon]) == (0, 1)
    await meter.tick(due)
    assert (meter.totals[unit][overdue], meter.totals[unit][soon]) == (0, 1)
    assert await meter.tick(due + timedelta(microseconds=1)) == {unit}
    assert (meter.totals[unit][overdue], meter.totals[unit][soon]) == (1, 0)


async def test_the_two_comparisons_disagree_on_the_due_day_only(store: Store, reader: Connection) -> None:
    due = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # 09:00 in Vietnam
    for source in COMPARE:
        await store.apply(source, Batch(position="1", items=[item(source, due_at=due)]), due)
    afternoon = due + timedelta(hours=5)
    everyone = dict.fromkeys(store.unit_ids.values())
    by_default = await count_at(reader, afternoon)
    by_date, by_instant = [await count_at(reader, afternoon, compare=c) for c in ("date", "instant")]
    numbers = [sum(c[u]["dossiers_overdue"] for u in everyone if u in c) for c in (by_default, by_date, by_instant)]
    assert numbers == [1, 0, 2]


async def test_a_waiting_dossier_is_never_overdue_but_was_before_it_waited(store: Store, db: Connection) -> None:
    due = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
    paused = due + timedelta(days=2)
    late = item("A", due_at=due, received_at=due - timedelta(days=5))
    await store.apply("by_instant", Batch(position="1", items=[late]), due)
    waiting = replace(late, state=State.WAITING, happened_at=paused)
    await store.apply("by_instant", Batch(position="2", items=[waiting]), paused)
    unit = store.unit_ids["U01"]
    after = (await count_at(db, paused + timedelta(hours=1)))[unit]
    before = (await count_at(db, paused - timedelta(hours=1)))[unit]
    assert (after["dossiers_overdue"], after["dossiers_waiting"]) == (0, 1)
    assert (before["dossiers_overdue"], before["dossiers_waiting"]) == (1, 0)
    row = await (await db.execute("select due_at, appointed_at from items")).fetchone()
    assert row == (None, due)


async def test_gone_takes_an_item_back_and_leaves_its_history(store: Store, db: Connection, now: datetime) -> None:
    await store.apply("by_date", Batch(position="1", items=[item("A")]), now)
    done = await store.apply("by_date", Batch(position="2", items=[Gone(code="A", happened_at=now)]), now)
    assert (done.changed, done.transitions[0].was, done.transitions[0].state) == (1, State.WORKING, None)
    assert await count_at(db, now + timedelta(minutes=1)) == {}
    assert len(await items_behind(db, "dossiers_in_progress", None, now, known_at=now)) == 1


async def test_the_tick_never_reads_the_whole_table(store: Store, reader: Connection, now: datetime) -> None:
    """Pitfall 1: with a plain join the generic plan hashes all items. Guarded on the plan itself, at a size where it matters."""
    many = [item(f"A{n:05}", unit=UNITS[n % 12], received_at=now - timedelta(days=n % 90)) for n in range(20000)]
    await store.apply("by_date", Batch(position="1", items=many), now)
    await reader.execute("analyze items; analyze transitions")
    meter = Meter(reader)
    await meter.tick(now)
    for n in range(1, 8):
        await meter.tick(now + timedelta(seconds=n))
    prepared = await (
        await reader.execute("select name, parameter_types from pg_prepared_statements where statement like '%touched%'")
    ).fetchone()
    assert prepared, "the tick must be a prepared statement"
    types = prepared[1]
    values = {"snapshot": meter._snapshot, "last": now, "now": now, "horizon": now - timedelta(hours=1), **meter._bounds}
    ordered = _parameters(TICK)
    arguments = ", ".join(f"'{values[name]}'::{kind}" for name, kind in zip(dict.fromkeys(ordered), types, strict=True))
    rows = await (await reader.execute(f"explain execute {prepared[0]}({arguments})")).fetchall()
    plan = "\n".join(row[0] for row in rows)
    assert "Seq Scan on items" not in plan, plan


def _parameters(query: str) -> list[str]:
    return re.findall(r"%\((\w+)\)s", query)


async def test_a_clock_set_back_and_a_lost_snapshot_are_answered_by_a_recount(store: Store, reader: Connection, db: Connection) -> None:
    due = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    await store.apply("by_instant", Batch(position="1", items=[item("A", due_at=due)]), due - timedelta(hours=1))
    meter, unit, overdue = Meter(reader), store.unit_ids["U01"], NAMES.index("dossiers_overdue")
    await meter.tick(due + timedelta(minutes=1))
    assert meter.totals[unit][overdue] == 1
    assert await meter.tick(due - timedelta(minutes=1)) == {unit}
    assert meter.totals[unit][overdue] == 0
    assert (meter.at, (await count_at(db, due - timedelta(minutes=1)))[unit]["dossiers_overdue"]) == (due - timedelta(minutes=1), 0)


async def test_two_processes_measure_the_same(store: Store, reader: Connection, db: Connection, now: datetime) -> None:
    first, second = Meter(reader), Meter(db)
    for n in range(6):
        at = now + timedelta(seconds=n)
        await store.apply("by_date", Batch(position=str(n), items=[item(f"A{n}", unit=UNITS[n])]), at)
        await first.tick(at)
        if n % 2:
            await second.tick(at)
            assert nonzero(first.totals) == nonzero(second.totals)
