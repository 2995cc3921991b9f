"""The feeder ledger on a real database: a month with holidays and a make-up Saturday, judged from history."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ioc import ledger, watchbook
from ioc.calendar import WorkCalendar
from ioc.catalogue import load
from ioc.config import FeederConfig, FeedersConfig
from ioc.db import Connection
from ioc.feeders import Feeder, span, verdict
from ioc.hearing import Flip, Heard
from ioc.ledger import Ledger
from ioc.model import Batch, Figure
from ioc.server.source_routes import rows, table
from ioc.store import Store
from tests.factories import item

CALENDAR = WorkCalendar()
SOURCE = "by_date"


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of May 2024 in Vietnam: 1 May is a holiday, Saturday the 4th is worked."""
    return (datetime(2024, 5, day, hour, minute, tzinfo=UTC) - timedelta(hours=7)).astimezone(UTC)


def ledger_of(**given: Any) -> Ledger:
    config = FeederConfig(source=SOURCE, units=("U01", "U02"), since="2024-05-01", **given)  # type: ignore[arg-type]
    return Ledger(feeders=[Feeder(given=config, title="Một cửa", slack=timedelta(minutes=2))], calendar=CALENDAR)


async def listening(db: Connection, *stretches: tuple[datetime, datetime]) -> None:
    for since, until in stretches:
        await db.execute("insert into listening values (%s, %s)", [since, until])


async def change(store: Store, unit: str, at: datetime, *, happened: datetime | None = None) -> None:
    code = f"{unit}-{at:%d%H%M}"
    new = item(code, unit=unit, received_at=happened or at, due_at=at + timedelta(days=9))
    await store.apply(SOURCE, Batch(position=code, items=[new]), at)


async def judged(db: Connection, kept: Ledger, now: datetime) -> list[Any]:
    catalogue = await load(db)
    assert catalogue is not None
    await kept.judge(db, catalogue, now)
    return await ledger.listed(db, *span(2024, 5, CALENDAR))


def missed(deliveries: list[Any], unit: str = "U01") -> list[datetime]:
    return [one.due_at for one in deliveries if one.unit == unit and verdict(one) == "missed"]


MISSED = (3, 4, 8)  # a Friday, the Saturday worked instead of a Monday, a Wednesday
DELIVERED = (2, 6, 7, 9, 10)


@pytest.fixture
async def month(store: Store, db: Connection) -> Store:
    """U01 delivers on all working days until the 10th but three; U02 on every one. A server listened all the time."""
    await listening(db, (local(1, 0), local(31, 0)))
    for day in sorted((*MISSED, *DELIVERED)):
        await change(store, "U02", local(day, 16, 30))
        if day in DELIVERED:
            await change(store, "U01", local(day, 15))
    return store


@pytest.mark.parametrize("looks", [[local(10, 18)], [local(day, hour) for day in range(2, 11) for hour in (12, 18)]], ids=["once", "often"])
async def test_three_missed_cut_offs_are_three_rows_with_their_instants(month: Store, db: Connection, looks: list[datetime]) -> None:
    kept, found = ledger_of(), []
    for now in looks:
        found = await judged(db, kept, now)
    assert missed(found) == [local(day, 17) for day in MISSED]
    assert missed(found, "U02") == []
    assert len(found) == 2 * len((*MISSED, *DELIVERED)), "nothing was due on the holiday and on Sunday"
    again = await judged(db, ledger_of(), looks[-1])
    assert again == found, "a restart judges nothing twice"


async def test_what_came_after_the_cut_off_is_late_and_what_was_read_just_after_it_is_not(store: Store, db: Connection) -> None:
    await listening(db, (local(1, 0), local(31, 0)))
    kept = ledger_of()
    await change(store, "U02", local(2, 17, 1), happened=local(2, 16, 59))
    first = await judged(db, kept, local(2, 17, 5))
    assert [(one.unit, verdict(one)) for one in first] == [("U01", "missed"), ("U02", "met")]
    await change(store, "U01", local(2, 19))
    second = await judged(db, kept, local(2, 19, 30))
    assert [(verdict(one), one.came_at) for one in second if one.unit == "U01"] == [("late", local(2, 19))]
    third = await judged(db, kept, local(3, 18))
    assert [(one.due_at.day, verdict(one)) for one in third if one.unit == "U02"] == [(2, "met"), (3, "missed")], "it counted already"


async def test_while_our_own_server_was_down_nobody_is_to_blame(store: Store, db: Connection) -> None:
    await listening(db, (local(1, 0), local(2, 16)), (local(2, 18), local(31, 0)))
    await change(store, "U02", local(2, 15))
    found = await judged(db, ledger_of(), local(3, 18))
    assert [(one.unit, one.due_at.day, verdict(one)) for one in found] == [
        ("U01", 2, "excused"),
        ("U01", 3, "missed"),
        ("U02", 2, "met"),
        ("U02", 3, "missed"),
    ]
    assert "máy chủ IOC" in found[0].excused


async def test_while_the_source_was_down_nobody_is_to_blame(store: Store, db: Connection) -> None:
    await listening(db, (local(1, 0), local(31, 0)))
    for at, state in ((local(1, 0), "fresh"), (local(2, 16), "down"), (local(2, 18), "fresh")):
        await watchbook.write_flips(db, [Flip(source=SOURCE, at=at, state=state, since=at)])
    found = await judged(db, ledger_of(), local(3, 18))
    assert [(one.due_at.day, verdict(one), one.excused) for one in found if one.unit == "U01"] == [
        (2, "excused", "mất kết nối tới Một cửa lúc chốt số liệu"),
        (3, "missed", ""),
    ]


async def test_a_figure_counts_for_its_own_day_whenever_it_is_read(store: Store, db: Connection) -> None:
    await listening(db, (local(1, 0), local(31, 0)))

    async def report(unit: str, day: int, at: datetime, reported: datetime | None = None) -> None:
        figure = Figure(unit=unit, period=f"2024-05-{day:02}", name="visits", value=day, reported_at=reported)
        await store.apply(SOURCE, Batch(position=f"{unit}{at}", figures=[figure]), at)

    kept = ledger_of(expects="figures")
    await report("U01", 2, local(2, 16))
    await report("U02", 2, local(2, 20))
    await judged(db, kept, local(2, 18))
    await report("U01", 3, local(6, 9))
    await report("U02", 3, local(6, 9), reported=local(3, 16))
    found = await judged(db, kept, local(6, 10))
    assert [(one.unit, one.due_at.day, verdict(one)) for one in found if one.due_at < local(4, 0)] == [
        ("U01", 2, "met"),
        ("U01", 3, "late"),
        ("U02", 2, "late"),
        ("U02", 3, "met"),
    ]


async def test_a_source_that_must_answer_has_answered_for_the_day_or_not(store: Store, db: Connection) -> None:
    await listening(db, (local(1, 0), local(31, 0)))
    config = FeederConfig(source=SOURCE, units=("U01",), since="2024-05-02", expects="answer")  # type: ignore[arg-type]
    kept = Ledger(feeders=[Feeder(given=config, title="Một cửa", slack=timedelta(minutes=2))], calendar=CALENDAR)
    said = Heard(started=local(1, 0), resumed=local(1, 0), read_at=local(2, 9), as_of=local(2, 9), day_at=local(2, 9))
    await watchbook.keep(db, {SOURCE: said}, local(2, 9))
    await judged(db, kept, local(2, 18))
    found = await judged(db, kept, local(3, 18))
    assert [(one.due_at.day, verdict(one), one.came_at) for one in found] == [(2, "met", local(2, 9)), (3, "missed", None)]


async def test_the_first_day_is_the_one_the_source_was_first_read_on(store: Store, db: Connection) -> None:
    await listening(db, (local(1, 0), local(31, 0)))
    config = FeederConfig(source=SOURCE, units=("U01",))
    kept = Ledger(feeders=[Feeder(given=config, title="Một cửa", slack=timedelta(minutes=2))], calendar=CALENDAR)
    assert await judged(db, kept, local(7, 18)) == [], "never read: nothing is due"
    first = Heard(started=local(6, 9), resumed=local(6, 9), first_at=local(6, 9), read_at=local(6, 9), as_of=local(6, 9))
    await watchbook.keep(db, {SOURCE: first}, local(6, 9))
    assert [one.due_at.day for one in await judged(db, kept, local(7, 18))] == [6, 7]


async def test_people_get_a_table_they_can_open(month: Store, db: Connection) -> None:
    await db.execute("update units set name = '=Phường Một' where code = 'U01'")
    found = await judged(db, ledger_of(), local(10, 18))
    await db.execute("update deliveries set reminders = 1 where came_at is null")
    found = await ledger.listed(db, *span(2024, None, CALENDAR))
    answer = rows(found, span(2024, 5, CALENDAR), {SOURCE: "Một cửa"}, {"U01": "=Phường Một", "U02": "Xã Hai"}, FeedersConfig())
    one, two = answer
    assert one["month"] == {"due": 8, "met": 5, "late": 0, "missed": 3, "excused": 0, "reminders": 3} == one["year"]
    assert (one["flag"], two["flag"], two["misses"]) == ("review", "", [])
    text = table({"feeders": answer})
    assert text.startswith("\ufeffNguồn,Mã đơn vị,Đơn vị,Phải nộp")
    first = next(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert (first["Đơn vị"], first["Không nộp"], first["Số lần nhắc"], first["Xem xét"]) == ("'=Phường Một", "3", "3", "Kiểm điểm")
    assert first["Các lần thiếu"] == "03/05/2024 17:00 (thiếu); 04/05/2024 17:00 (thiếu); 08/05/2024 17:00 (thiếu)"
