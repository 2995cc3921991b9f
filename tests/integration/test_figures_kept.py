"""Reported figures on a real database: stored once, corrected as a new row, put together over units, refused where the unit is unknown."""

from __future__ import annotations

from datetime import timedelta

from ioc.db import Connection
from ioc.model import Batch, Fault, Figure
from ioc.quarantine import again, listing, waiting
from ioc.reported import numbers, read
from ioc.store import Store
from tests.factories import MORNING

SOURCE = "by_date"


def visits(unit: str, value: float, period: str = "2026-11-18") -> Figure:
    return Figure(unit=unit, period=period, name="visits", value=value, measured_in="lượt")


async def kept(store: Store, *figures: Figure, minutes: int = 0) -> int:
    applied = await store.apply(SOURCE, Batch(position=f"at {minutes}", figures=figures), MORNING + timedelta(minutes=minutes))
    return applied.changed


async def value(db: Connection, store: Store) -> float:
    told = await read(db, MORNING + timedelta(hours=1), store.unit_ids["U00"])
    return numbers(told, MORNING + timedelta(hours=1), "today")["visits"].value


async def test_the_same_figures_again_change_nothing_and_a_correction_wins(store: Store, db: Connection) -> None:
    assert await kept(store, visits("U01", 40), visits("U02", 2)) == 2
    assert await kept(store, visits("U01", 40), visits("U02", 2), minutes=1) == 0
    assert await value(db, store) == 42
    assert await kept(store, visits("U01", 41), minutes=2) == 1
    assert await value(db, store) == 43
    rows = await (await db.execute("select value from figures where name = 'visits' order by learned_at, value")).fetchall()
    assert [row[0] for row in rows] == [2, 40, 41]


async def test_whole_numbers_and_others_go_in_together(store: Store, db: Connection) -> None:
    assert await kept(store, visits("U01", 1), visits("U02", 2.5)) == 2
    assert await value(db, store) == 3.5


async def test_of_one_figure_twice_in_a_batch_the_later_counts(store: Store, db: Connection) -> None:
    assert await kept(store, visits("U01", 1), visits("U01", 2)) == 1
    assert await value(db, store) == 2


async def test_a_unit_called_by_two_of_its_codes_in_one_batch_is_one_unit(store: Store, db: Connection) -> None:
    await db.execute("update units set alt_codes = '{99001}' where code = 'U01'")
    assert await kept(store, visits("U01", 1), visits("99001", 2)) == 1
    assert await value(db, store) == 2


async def test_a_figure_of_an_unknown_unit_waits_in_quarantine_and_stops_no_other(store: Store, db: Connection) -> None:
    assert await kept(store, visits("nobody", 9), visits("U01", 5)) == 1
    (bad,) = await listing(db, SOURCE)
    assert (bad["fault"], "'nobody'" in bad["reason"]) == (Fault.UNIT, True)
    (open_row,) = await waiting(db, SOURCE)
    assert again(open_row.record) == visits("nobody", 9)


async def test_a_unit_that_becomes_known_settles_what_waited_for_it(store: Store, db: Connection) -> None:
    await kept(store, visits("nobody", 9))
    await db.execute("insert into units (code, name, level, parent) select 'nobody', 'x', 'commune', min(id) from units")
    assert await kept(store, visits("nobody", 9), minutes=1) == 1
    assert await listing(db, SOURCE) == []
    (settled,) = await listing(db, SOURCE, everything=True)
    assert settled["resolved"] == "came well"
