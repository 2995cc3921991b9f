"""The province's dossiers held against the portal's: each kind of difference, the grace, the units, and many compared in one pass."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from ioc.db import Connection
from ioc.mirrors import GRACE, DifferenceKind, counts, differences
from ioc.model import Batch, Item, Kind, State
from ioc.store import Store
from tests.factories import MORNING, item

OURS, PORTAL = "by_date", "by_instant"
DAY = timedelta(days=1)


async def hold(store: Store, now: datetime, ours: list[Item], theirs: list[Item]) -> None:
    await store.apply(OURS, Batch(position="1", items=ours), now)
    await store.apply(PORTAL, Batch(position="1", items=theirs), now)


def mirror(code: str, **facts: Any) -> Item:
    return item(code, kind=Kind.MIRROR, **facts)


def done(code: str, **facts: Any) -> dict[str, Any]:
    closed = MORNING + timedelta(hours=3)
    return {"code": code, "state": State.DONE, "closed_at": closed, "happened_at": closed, **facts}


async def told(db: Connection, now: datetime, **asked: Any) -> list[tuple[str, str]]:
    return [(d.kind.value, d.code) for d in await differences(db, now, **asked)]


async def test_what_is_the_same_on_both_sides_is_no_difference(store: Store, db: Connection, now: datetime) -> None:
    await hold(store, now, [item("A"), item(**done("B"))], [mirror("A"), mirror(**done("B"))])
    assert await told(db, now) == []
    (tally,) = (await counts(db, now)).values()
    assert (tally.expected, tally.found, tally.same) == (2, 2, 2)


async def test_each_kind_of_difference_is_told_with_both_sides(store: Store, db: Connection, now: datetime) -> None:
    due = MORNING + 2 * DAY
    await hold(
        store,
        now,
        [
            item("A-gone"),
            item("B-trap", state=State.WAITING),
            item(**done("C-state")),
            item("D-due"),
            item("E-undated"),
            item("F-near"),
            item(**done("G-both")),
        ],
        [
            mirror(**done("B-trap")),
            mirror("C-state"),
            mirror("D-due", due_at=due + DAY),
            mirror("E-undated", due_at=None),
            mirror("F-near", due_at=due + timedelta(hours=23)),
            mirror("G-both", due_at=due - 3 * DAY),
            mirror("H-unknown"),
        ],
    )
    assert await told(db, now) == [
        ("missing_there", "A-gone"),
        ("trap", "B-trap"),
        ("other_state", "C-state"),
        ("other_due", "D-due"),
        ("other_due", "E-undated"),
        ("other_due", "G-both"),
        ("other_state", "G-both"),
        ("missing_here", "H-unknown"),
    ]
    trap = next(d for d in await differences(db, now, kind=DifferenceKind.TRAP))
    assert (trap.unit, trap.source, trap.state, trap.mirror_source, trap.mirror_state) == ("U01", OURS, State.WAITING, PORTAL, State.DONE)
    (tally,) = (await counts(db, now)).values()
    assert (tally.expected, tally.found, tally.same) == (7, 6, 1)


async def test_the_counts_are_the_lists_counted_for_each_unit(store: Store, db: Connection, now: datetime) -> None:
    ours = [item(f"A{n}", unit=f"U0{n % 3}", state=(State.WORKING, State.WAITING)[n % 2]) for n in range(40)]
    theirs = [mirror(f"A{n}", unit=f"U0{n % 3}", due_at=MORNING + n * DAY) for n in range(0, 60, 3)]
    theirs += [mirror(**done(f"A{n}", unit=f"U0{n % 3}")) for n in range(1, 60, 3)]
    await hold(store, now, ours, theirs)
    found = await counts(db, now)
    assert len(found) == 3
    for unit, tally in found.items():
        for kind in DifferenceKind:
            listed = await differences(db, now, units=[unit], kind=kind)
            assert getattr(tally, kind.value) == len(listed)
    assert sum(tally.missing_there for tally in found.values()) == 13
    assert sum(tally.trap for tally in found.values()) == 7


async def test_what_is_younger_than_the_grace_may_still_be_on_its_way(store: Store, db: Connection, now: datetime) -> None:
    young, settled = now - GRACE + timedelta(minutes=1), now - GRACE - timedelta(minutes=1)
    await hold(
        store,
        now,
        [item("A", received_at=young, due_at=None), item("B", received_at=settled, due_at=None), item(**done("C", closed_at=young))],
        [mirror("C"), mirror("D", received_at=young, due_at=None), mirror("E", received_at=settled, due_at=None)],
    )
    async with store.pool.connection() as other:
        await other.execute(b"update items set happened_at = closed_at where code = 'C' and closed_at is not null")
    assert await told(db, now) == [("missing_there", "B"), ("missing_here", "E")]
    later = now + timedelta(hours=1)
    assert await told(db, later) == [
        ("other_state", "C"),
        ("missing_there", "B"),
        ("missing_here", "E"),
        ("missing_there", "A"),
        ("missing_here", "D"),
    ]


async def test_a_dossier_that_was_never_received_is_missed_on_neither_side(store: Store, db: Connection, now: datetime) -> None:
    refused = {"state": State.REFUSED, "closed_at": MORNING, "happened_at": MORNING}
    await hold(
        store,
        now,
        [item("A", state=State.SUBMITTED), item("B", **refused), item("E")],
        [mirror("C", state=State.SUBMITTED), mirror("D", **refused), mirror("E")],
    )
    assert await told(db, now) == []


async def test_without_a_mirror_nothing_is_compared(store: Store, db: Connection, now: datetime) -> None:
    await store.apply(OURS, Batch(position="1", items=[item("A")]), now)
    assert (await told(db, now), await counts(db, now)) == ([], {})


async def test_what_was_received_before_a_day_is_not_compared(store: Store, db: Connection, now: datetime) -> None:
    old = {"received_at": MORNING - 9 * DAY, "due_at": None}
    await hold(store, now, [item("A", **old), item("B")], [mirror("C", **old), mirror("D")])
    assert await told(db, now, since=MORNING - DAY) == [("missing_there", "B"), ("missing_here", "D")]


async def test_documents_and_tasks_are_held_against_nothing(store: Store, db: Connection, now: datetime) -> None:
    await hold(store, now, [item("A", kind=Kind.DOCUMENT), item("B", kind=Kind.TASK), item("C")], [mirror("C")])
    assert await told(db, now) == []


async def test_a_list_may_be_cut_and_begins_with_the_oldest(store: Store, db: Connection, now: datetime) -> None:
    await hold(store, now, [item(f"A{n}", received_at=MORNING - n * DAY, due_at=None) for n in range(5)], [mirror("Z")])
    assert await told(db, now, limit=2) == [("missing_there", "A4"), ("missing_there", "A3")]


FILL = """
insert into items (source, code, kind, unit, field, procedure, step, channel, state, outgoing, signed, received_at, appointed_at,
                   happened_at, learned_at)
select %(source)s, 'H99-' || n, %(kind)s::item_kind, (select min(id) from units) + n %% 12, 'Đất đai', 'Cấp đổi Giấy chứng nhận',
       'Thẩm định', 'online', case when n %% 50 = 0 and %(kind)s = 'mirror' then 'waiting' else 'working' end::item_state, false, false,
       %(at)s - n * interval '1 minute', %(at)s, %(at)s - n * interval '1 minute', %(at)s
from generate_series(%(first)s, %(last)s) n"""


async def test_many_are_compared_in_one_pass(store: Store, db: Connection, now: datetime) -> None:
    """40 000 on each side; a plan that looks each one up anew would take minutes. 300 000 take about half a second."""
    for source, kind, first in ((OURS, "dossier", 1), (PORTAL, "mirror", 501)):
        await db.execute(FILL.encode(), {"source": source, "kind": kind, "at": MORNING, "first": first, "last": first + 39_999})
    await db.execute(b"analyze items")
    began = time.perf_counter()
    found = await counts(db, now)
    listed = await differences(db, now, kind=DifferenceKind.MISSING_THERE, limit=100)
    assert time.perf_counter() - began < 5
    assert sum(tally.missing_there for tally in found.values()) == sum(tally.missing_here for tally in found.values()) == 500
    assert sum(tally.other_state for tally in found.values()) == 790
    assert len(listed) == 100
