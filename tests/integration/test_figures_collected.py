"""Figures from a statistics server into the real store: kept once, corrected by a new row, put aside where they cannot be kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.poll import poll
from collectors.source import Rewinding
from ioc import quarantine
from ioc.db import Connection
from ioc.model import Batch
from ioc.store import Profile, Store
from tests.conftest import CALENDAR
from tests.contract.rigs.base import MAPPINGS, NOW, ONCE
from tests.contract.rigs.figures import TODAY, FiguresRig, centre

pytestmark = pytest.mark.services
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
async def rig(tmp_path: Path, store: Store) -> AsyncIterator[FiguresRig]:
    await store.declare(Profile(name="sut", title="sut", calendar=CALENDAR))
    async with AsyncExitStack() as stack:
        yield FiguresRig(tmp_path, stack)


def u(number: int, **changes: Any) -> dict[str, Any]:
    """A row of one of the store's units."""
    return centre(number, unit=f"U{number:02}", **changes)


async def kept(db: Connection, name: str = "visits") -> list[tuple[str, str, float]]:
    query = "select u.code, f.period, f.value from figures f join units u on u.id = f.unit where f.name = %s order by f.learned_at, 1"
    return [tuple(row) for row in await (await db.execute(query, [name])).fetchall()]


async def test_a_figure_is_kept_once_and_a_corrected_one_is_a_new_row(rig: FiguresRig, store: Store, db: Connection) -> None:
    source = await rig.source(u(0), u(1))
    assert (await poll(source, store, NOW, retries=ONCE)).changed == 8
    assert (await poll(source, store, LATER, retries=ONCE)).changed == 0
    rig.rows[0]["visits"] = 130
    assert (await poll(source, store, LATER, retries=ONCE)).changed == 1
    assert await kept(db) == [("U00", TODAY, 100.0), ("U01", TODAY, 101.0), ("U00", TODAY, 130.0)]


async def test_another_process_goes_on_where_the_last_one_ended(rig: FiguresRig, store: Store, db: Connection) -> None:
    await poll(await rig.source(u(0)), store, NOW, retries=ONCE)
    store.cursors.clear()
    report = await poll(rig.entry(await rig.start()), store, LATER, retries=ONCE)
    assert (report.ok, report.read, report.changed) == (True, 0, 0)
    assert await kept(db) == [("U00", TODAY, 100.0)]


async def test_an_unknown_unit_is_put_aside_and_settled_when_it_comes_well(rig: FiguresRig, store: Store, db: Connection) -> None:
    source = await rig.source(u(0), centre(7))
    report = await poll(source, store, NOW, retries=ONCE)
    assert (report.ok, report.changed, report.quarantined) == (True, 4, 4)
    listed = await quarantine.listing(db, "sut")
    assert {row["code"] for row in listed} == {f"{name}/TT7/{TODAY}" for name in ("visits", "served", "queue_waiting", "wait_p90")}
    assert {row["fault"] for row in listed} == {"unit"}
    await db.execute("update units set alt_codes = '{TT7}' where code = 'U07'")
    rig.rows[1]["visits"] = 108
    store.unit_ids.clear()  # as a restart does
    store.unit_codes.clear()
    assert (await poll(source, store, LATER, retries=ONCE)).quarantined == 0
    assert await quarantine.listing(db, "sut") == []
    assert ("U07", TODAY, 108.0) in await kept(db)


async def test_a_malformed_number_is_settled_when_it_comes_well_and_waits_alone_until_then(
    rig: FiguresRig, store: Store, db: Connection
) -> None:
    source = await rig.source(u(0, visits="nhiều"))
    await poll(source, store, NOW, retries=ONCE)
    rig.rows[0]["served"] = 95  # another number of the same record: the bad one still waits
    await poll(source, store, NOW, retries=ONCE)
    (waiting,) = await quarantine.listing(db, "sut")
    assert (waiting["code"], waiting["times"]) == (f"visits/U00/{TODAY}", 2)
    rig.rows[0]["visits"] = "gần 100"  # the same number, wrong in another way
    await poll(source, store, NOW, retries=ONCE)
    (waiting,) = await quarantine.listing(db, "sut")
    assert (waiting["times"], "gần 100" in waiting["reason"]) == (1, True)
    rig.rows[0]["visits"] = 99
    await poll(source, store, LATER, retries=ONCE)
    assert await quarantine.listing(db, "sut") == []
    assert await kept(db) == [("U00", TODAY, 99.0)]


async def test_what_was_put_aside_is_read_again_with_a_mended_mapping(rig: FiguresRig, store: Store, db: Connection) -> None:
    source = await rig.source(u(0, visits="1.234"))
    await poll(source, store, NOW, retries=ONCE)
    (waiting,) = await quarantine.waiting(db, "sut")
    text = (MAPPINGS / "centre.toml").read_text(encoding="utf-8")
    (rig.folder / "mended.toml").write_text(text.replace("[figures]\n", '[figures]\ndecimal = ","\n'), encoding="utf-8")
    mended = rig.entry(await rig.start(), mapping=str(rig.folder / "mended.toml"))
    read = mended.mapping.read_all([waiting.record], LATER)
    await store.apply("sut", Batch(position=None, figures=read.figures), LATER)
    assert await kept(db) == [("U00", TODAY, 1234.0)]
    assert await quarantine.listing(db, "sut") == []


async def test_an_old_stretch_is_kept_beside_what_is_known(rig: FiguresRig, store: Store, db: Connection) -> None:
    source = await rig.source(u(0))
    await poll(source, store, NOW, retries=ONCE)
    before = await store.cursor("sut")
    assert isinstance(source, Rewinding)
    async for batch in source.fetch_between(NOW - timedelta(days=2), NOW, None, NOW):
        await store.apply("sut", Batch(position=None, figures=batch.figures), LATER)
    assert await kept(db) == [("U00", day, 100.0) for day in (TODAY, "2026-09-13", "2026-09-14")]
    assert await store.cursor("sut") == before
