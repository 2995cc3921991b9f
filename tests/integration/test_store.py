"""apply(): same input twice, rows that cannot be kept, cursors, figures, refolding. Each guards a promise or a known pitfall."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest

from ioc.deadline import fold
from ioc.model import BadRow, Batch, Figure, Gone, Pause, State
from ioc.store import Profile, Store
from tests.conftest import CALENDAR
from tests.factories import MORNING, item

SOURCE = "by_date"


async def rows(store: Store, query: str) -> list[tuple[object, ...]]:
    async with store.pool.connection() as db:
        return await (await db.execute(query.encode())).fetchall()


async def test_the_same_batch_twice_changes_nothing_but_the_cursor(store: Store, now: datetime) -> None:
    batch = Batch(position="p1", items=[item("A", pauses=(Pause(since=MORNING, until=MORNING + timedelta(hours=1)),)), item("B")])
    first = await store.apply(SOURCE, batch, now)
    again = await store.apply(SOURCE, replace(batch, position="p2"), now)
    assert (first.changed, len(first.transitions), again.changed) == (2, 2, 0)
    assert await rows(store, "select count(*) from transitions") == [(2,)]
    assert await store.cursor(SOURCE) == "p2"


async def test_of_one_code_twice_in_a_page_the_later_row_wins(store: Store, now: datetime) -> None:
    done = await store.apply(SOURCE, Batch(position="1", items=[item("A", step="first"), item("A", step="second")]), now)
    assert done.changed == 1
    assert await rows(store, "select step from items") == [("second",)]


async def test_closed_before_received_is_kept_as_closed_when_received_and_marked(store: Store, now: datetime) -> None:
    odd = item("A", state=State.DONE, closed_at=MORNING - timedelta(days=3))
    done = await store.apply(SOURCE, Batch(position="1", items=[odd]), now)
    assert (done.suspect, done.quarantined) == (1, 0)
    ((received, closed, suspect),) = await rows(store, "select received_at, closed_at, suspect from items")
    assert received == closed == MORNING
    assert (MORNING - timedelta(days=3)).isoformat() in suspect


async def test_rows_that_cannot_be_kept_are_set_aside_and_the_rest_is_stored(store: Store, now: datetime) -> None:
    batch = Batch(
        position="1",
        items=[item("A"), item("B", unit="nowhere"), item("C", field="\0"), item("\ud800E")],
        bad=[
            BadRow(reason="unknown code 'x' for state", raw_hash="ab" * 32, code="D"),
            BadRow(reason="same record again", raw_hash="ab" * 32),
        ],
    )
    done = await store.apply(SOURCE, batch, now)
    assert (done.changed, done.quarantined, done.read) == (1, 4, 6)
    reasons = dict(await rows(store, "select coalesce(code, '?'), reason from quarantine"))
    assert "unknown unit 'nowhere'" in reasons["B"]
    assert "NUL" in reasons["C"]
    assert "surrogate" in reasons["E"]


async def test_a_quarantined_code_is_settled_when_it_comes_well(store: Store, now: datetime) -> None:
    bad = BadRow(reason="unknown code", raw_hash="cd" * 32, code="A")
    await store.apply(SOURCE, Batch(position="1", bad=[bad]), now)
    await store.apply(SOURCE, Batch(position="2", bad=[bad]), now)
    assert await rows(store, "select times, resolved_at from quarantine") == [(2, None)]
    await store.apply(SOURCE, Batch(position="3", items=[item("A")]), now)
    assert await rows(store, "select resolved_at is not null from quarantine") == [(True,)]


async def test_what_fails_half_way_leaves_neither_items_nor_cursor(store: Store, now: datetime) -> None:
    await store.apply(SOURCE, Batch(position="1", items=[item("A")]), now)
    broken = Batch(position="2", items=[item("B")], figures=[Figure(unit="U00", period="2024", name="x", value=-1)])
    async with store.pool.connection() as db:
        await db.execute("alter table figures add check (value > 0)")
    with pytest.raises(psycopg.Error):
        await store.apply(SOURCE, broken, now)
    assert await store.cursor(SOURCE) == "1"
    assert await rows(store, "select code from items") == [("A",)]


async def test_learning_times_rise_strictly_even_at_one_instant(store: Store, now: datetime) -> None:
    for n in range(3):
        await store.apply(SOURCE, Batch(position=str(n), items=[item("A", step=str(n))]), now)
    times = [at for (at,) in await rows(store, "select learned_at from transitions order by learned_at")]
    assert len(set(times)) == 3
    assert times[0] == now


async def test_figures_are_kept_once_and_a_correction_is_a_new_row(store: Store, now: datetime) -> None:
    for n, value in enumerate((281821.0, 281821.0, 281822.0)):
        figure = Figure(unit="U00", period="2024-H1", name="dossiers_received", value=value)
        await store.apply(SOURCE, Batch(position=str(n), figures=[figure]), now + timedelta(minutes=n))
    assert await rows(store, "select value from figures order by learned_at") == [(281821.0,), (281822.0,)]


async def test_another_comparison_folds_the_kept_items_anew(store: Store, now: datetime) -> None:
    due = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    await store.apply(SOURCE, Batch(position="1", items=[item("A", due_at=due)]), now)
    refolded = await store.declare(Profile(name=SOURCE, title="t", calendar=CALENDAR, compare="instant"))
    assert refolded == 1
    assert await rows(store, "select early_before, late_from from items") == [(due, due + timedelta(microseconds=1))]
    assert await store.declare(Profile(name=SOURCE, title="t", calendar=CALENDAR, compare="instant")) == 0


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "Europe/Amsterdam"])
async def test_the_deadline_rules_in_sql_and_in_python_are_the_same(store: Store, zone: str) -> None:
    rnd = random.Random(7)
    begin = datetime(2010, 1, 1, tzinfo=UTC)
    dues = [begin + timedelta(microseconds=rnd.randrange(10**6 * 86400 * 5000)) for _ in range(300)]
    dues += [
        datetime(2011, 3, 26, 23, 0, tzinfo=UTC),
        datetime(2011, 10, 29, 22, 0, tzinfo=UTC),
    ]  # midnights beside Amsterdam's clock changes
    for compare in ("date", "instant"):
        folded = [fold(item("A", due_at=due, received_at=due), CALENDAR, compare, ZoneInfo(zone)) for due in dues]
        async with store.pool.connection() as db:
            query = "select early_before(d, %s::compare_rule, %s), late_from(d, %s::compare_rule, %s) from unnest(%s::timestamptz[]) d"
            asked = await (await db.execute(query, [compare, zone, compare, zone, dues])).fetchall()
        assert asked == [(f.early_before, f.late_from) for f in folded]


async def test_applying_does_not_grow_the_catalog(store: Store, now: datetime) -> None:
    size = "select pg_total_relation_size('pg_class') + pg_total_relation_size('pg_attribute')"
    await store.apply(SOURCE, Batch(position="0", items=[item("A")]), now)
    ((before,),) = await rows(store, size)
    for n in range(40):
        await store.apply(SOURCE, Batch(position=str(n), items=[item("A", step=str(n))]), now)
    ((after,),) = await rows(store, size)
    assert after - before <= 32768


async def test_two_writers_of_one_source_wait_for_each_other(store: Store, now: datetime) -> None:
    batches = [Batch(position=str(n), items=[item("A", step=str(n)), item(f"B{n}")]) for n in range(8)]
    done = await asyncio.gather(*(store.apply(SOURCE, batch, now) for batch in batches))
    assert sum(d.changed for d in done) == 16
    assert await rows(store, "select count(*), count(distinct learned_at) from transitions") == [(16, 8)]


async def test_a_pause_over_the_present_is_remembered_even_if_the_source_names_none(store: Store, now: datetime) -> None:
    await store.apply(SOURCE, Batch(position="1", items=[item("A", state=State.WAITING, happened_at=now)]), now)
    ((pauses, due, appointed),) = await rows(store, "select pauses, due_at, appointed_at from items")
    assert pauses[0].lower == now
    assert pauses[0].upper is None
    assert due is None
    assert appointed == MORNING + timedelta(days=2)


async def test_after_a_restart_items_can_be_taken_back_before_any_came(store: Store, now: datetime) -> None:
    await store.apply(SOURCE, Batch(position="1", items=[item("A")]), now)
    fresh = Store(store.pool, profiles=store.profiles)
    done = await fresh.apply(SOURCE, Batch(position="2", items=[Gone(code="A", happened_at=now)]), now)
    assert [(t.unit, t.state) for t in done.transitions] == [("U01", None)]


async def test_times_come_back_in_plain_utc_or_writing_them_would_cost_three_times_as_much(store: Store, now: datetime) -> None:
    await store.apply(SOURCE, Batch(position="1", items=[item("A")]), now)
    ((received,),) = await rows(store, "select received_at from items")
    assert received.tzinfo is UTC


async def test_the_statement_of_apply_is_planned_for_each_batch(store: Store, now: datetime) -> None:
    """A plan made for one row would be kept for fifty thousand."""
    for n in range(8):
        await store.apply(SOURCE, Batch(position=str(n), items=[item("A", step=str(n))]), now)
    async with store.pool.connection() as db:
        names = await (await db.execute("select statement from pg_prepared_statements where statement like '%merge into%'")).fetchall()
    assert names == []


async def test_history_carries_only_the_indexes_that_are_walked(store: Store) -> None:
    """The hypertable's own time index would cost a sixth of apply and is asked by nobody."""
    found = await rows(store, "select indexname from pg_indexes where schemaname = 'public' and tablename = 'transitions'")
    assert {name for (name,) in found} == {"transitions_xid", "transitions_item"}
