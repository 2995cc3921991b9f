"""The board of a province over real rows: it closes at every instant, every cell is its list, the ratios are what a hand would count."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ioc import answers
from ioc.answers import Question
from ioc.boards import COLUMNS, Board, BoardError, board, compare, file_name, sheet, told
from ioc.boards.compared import difference
from ioc.calendar import WorkCalendar
from ioc.db import Connection
from ioc.indicators import IndicatorError
from ioc.meter import ages
from ioc.model import Batch, Item, Pause, State, Term, TermUnit
from ioc.periods import PeriodError
from ioc.store import Store
from ioc.unit_book import apply
from ioc.units import Level, Unit
from tests.factories import item
from tests.world import World

VN = ZoneInfo("Asia/Ho_Chi_Minh")
MERGED = date(2026, 11, 10)
OFFICES = [
    Unit(code="root", name="Tỉnh Thử", level=Level.PROVINCE),
    *(Unit(code=f"U{n:02}", name=f"Sở {n:02}", level=Level.DEPARTMENT, parent="root") for n in range(3)),
    *(Unit(code=f"U{n:02}", name=f"Xã {n:02}", level=Level.COMMUNE, parent="root") for n in range(3, 9)),
    Unit(code="U09", name="-Xã cũ", level=Level.COMMUNE, parent="root", valid_to=MERGED, successors=("U08",)),
    Unit(code="U10", name="Chi nhánh", level=Level.DEPARTMENT, parent="U00"),
    Unit(code="U11", name="Tổ", level=Level.DEPARTMENT, parent="U10"),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VN).astimezone(UTC)


NOW = at("2026-11-20T14:05")


async def keep(store: Store, items: Sequence[Any], now: datetime, source: str = "by_date", position: str = "1") -> None:
    store.unit_ids.clear()
    store.unit_codes.clear()
    done = await store.apply(source, Batch(position=position, items=items), now)
    assert done.quarantined == 0


@pytest.fixture
async def lived(store: Store, db: Connection) -> datetime:
    """Forty days of a random province with a commune merged in between; returns when it is now."""
    await apply(db, OFFICES, NOW)
    world, now = World(4), NOW - timedelta(days=40)
    for step in range(40):
        source = ("by_date", "by_instant")[step % 2]
        await keep(store, [world.change(now, source) for _ in range(16)], now, source, str(step))
        now += timedelta(hours=24, minutes=step % 7)
    return now


def closes(made: Board) -> None:
    assert made.checks == []
    for row in (*made.rows, made.total):
        v = row.values
        assert row.checks == []
        assert v["received"] == (v["carried_over"] or 0) + (v["received_in_period"] or 0)
        assert v["received"] == sum(v[key] or 0 for key in ("resolved", "in_progress", "waiting", "returned")), row.office.name
    for column in COLUMNS:
        if not column.rate:
            assert made.total.values[column.key] == sum(row.values[column.key] or 0 for row in made.rows)


async def test_every_row_closes_and_the_total_is_the_sum_however_it_is_asked(db: Connection, lived: datetime) -> None:
    seen = 0
    for period in ("today", "month", "2026-10", "2026-W46", "2026-11-05/2026-11-12", "all"):
        for days in (0, 3, 12):
            as_of = lived - timedelta(days=days, hours=days)
            for more in ({}, {"compare": "date"}, {"compare": "instant", "reading": "then"}, {"known_at": as_of + timedelta(hours=30)}):
                asked = Question(period=period, as_of=as_of, **more)
                made = await board(db, asked, lived, level=Level.COMMUNE if days == 3 else None)
                closes(made)
                seen += int(made.total.values["received"] or 0)
    assert seen > 2000


async def test_every_cell_is_as_long_as_its_list(db: Connection, lived: datetime) -> None:
    for asked, level in ((Question(period="month"), None), (Question(period="2026-10", reading="then"), Level.COMMUNE)):
        made = told(await board(db, asked, lived, level=level))
        rows = [row for row in (*made["rows"], made["total"]) if row["unit"] in ("root", "U00", "U08")]
        assert len(rows) >= 2
        for row in rows:
            about = replace(asked, unit=row["unit"], only=row["only"], period=made["period"], as_of=datetime.fromisoformat(made["as_of"]))
            for column in made["columns"]:
                if column["measured_in"] == "%":
                    continue
                listed = [(await answers.items(db, name, about, lived))["items"] for name in column["indicators"]]
                codes = {(one["source"], one["code"]) for part in listed for one in part}
                assert len(codes) == sum(map(len, listed)) == row["values"][column["key"]], (row["name"], column["key"])


async def test_a_merged_office_is_a_row_of_its_own_only_where_the_past_is_read_as_it_was(db: Connection, lived: datetime) -> None:
    october = Question(period="2026-10")
    now = {row.office.unit: row.values for row in (await board(db, october, lived)).rows}
    then = {row.office.unit: row.values for row in (await board(db, replace(october, reading="then"), lived)).rows}
    assert "U09" not in now
    assert then["U09"]["received"]
    assert now["U08"]["received"] == (then["U08"]["received"] or 0) + then["U09"]["received"]


def dossier(code: str, received: str, due: str | None = "2026-12-31T17:00", closed: str | None = None, **more: Any) -> Item:
    done = {"state": State.DONE, "closed_at": at(closed), "happened_at": at(closed)} if closed else {}
    return item(code, received_at=at(received), due_at=at(due) if due else None, **{**done, **more})


DECEMBER = at("2026-12-05T09:00")
COUNTED = [
    # carried over from October: one closed early, one on time, one late, one still open and overdue, one waiting since November
    dossier("C1", "2026-10-05T08:00", "2026-11-10T17:00", "2026-11-09T23:59"),
    dossier("C2", "2026-10-06T08:00", "2026-11-10T17:00", "2026-11-10T23:59"),
    dossier("C3", "2026-10-07T08:00", "2026-11-10T17:00", "2026-11-11T00:01"),
    dossier("C4", "2026-10-08T08:00", "2026-11-12T17:00"),
    dossier("C5", "2026-10-09T08:00", "2026-11-12T17:00", state=State.WAITING, happened_at=at("2026-11-11T08:00"),
            pauses=(Pause(since=at("2026-11-11T08:00")),)),
    # closed before November began: in no number of it
    dossier("X1", "2026-10-05T08:00", "2026-10-20T17:00", "2026-10-31T23:59"),
    # received in November: two on time, one late, one in time, one overdue, one returned, one waiting
    dossier("N1", "2026-11-01T00:01", "2026-11-05T17:00", "2026-11-05T10:00"),
    dossier("N2", "2026-11-02T08:00", None, "2026-11-20T10:00"),
    dossier("N3", "2026-11-03T08:00", "2026-11-06T17:00", "2026-11-09T10:00"),
    dossier("N4", "2026-11-30T23:59"),
    dossier("N5", "2026-11-04T08:00", "2026-11-20T17:00"),
    dossier("N6", "2026-11-05T08:00", state=State.WITHDRAWN, closed_at=at("2026-11-06T09:00"), happened_at=at("2026-11-06T09:00")),
    dossier("N7", "2026-11-06T08:00", "2026-11-09T17:00", state=State.WAITING, happened_at=at("2026-11-08T08:00"),
            pauses=(Pause(since=at("2026-11-08T08:00")),)),
    # finished in December: in progress at the end of November
    dossier("N8", "2026-11-10T08:00", "2026-12-03T17:00", "2026-12-02T09:00"),
    # December's own, and one never received
    dossier("D1", "2026-12-01T00:01"),
    dossier("R1", "2026-11-10T08:00", state=State.REFUSED, happened_at=at("2026-11-10T08:00")),
]  # fmt: skip
NOVEMBER = {
    "carried_over": 5, "received_in_period": 8, "received": 13, "resolved": 6, "early": 1, "on_time": 3, "late": 2,
    "early_and_on_time_rate": 66.67,  # 4 of the 6 resolved
    "in_progress": 4, "within_time": 2, "overdue": 2, "waiting": 2, "returned": 1,
    "kept_rate": 71.43,  # of 7 received and not returned: N1, N2 done in time, N4, N8 in time, N7 waits; N3 was late, N5 is
}  # fmt: skip


async def test_a_month_counted_by_hand_both_on_time_ratios_and_judged_at_its_end(store: Store, db: Connection) -> None:
    await apply(db, OFFICES, NOW)
    await keep(store, COUNTED, DECEMBER)
    asked = Question(period="2026-11", unit="U01")
    made = await board(db, asked, DECEMBER)
    assert made.total.values == NOVEMBER
    assert made.at == at("2026-12-01T00:00") - timedelta(microseconds=1)
    later = await board(db, replace(asked, as_of=DECEMBER), DECEMBER)
    assert later.total.values == NOVEMBER, "what is asked later changes nothing about a month that has passed"
    rates = (await answers.indicators(db, asked, DECEMBER))["indicators"]
    assert (rates["early_and_on_time_rate"]["value"], rates["kept_rate"]["value"]) == (66.67, 71.43)
    assert rates["kept_rate"]["measured_in"] == "%"
    closes(made)


async def test_a_board_is_sorted_by_any_column_and_what_has_no_value_comes_last(store: Store, db: Connection) -> None:
    await apply(db, OFFICES, NOW)
    await keep(store, [*COUNTED, replace(COUNTED[0], code="Z", unit="U05"), replace(COUNTED[8], code="Y", unit="U05")], DECEMBER)
    order = {}
    for sort in ("-received", "early_and_on_time_rate", "name", "-name"):
        order[sort] = [row.office.unit for row in (await board(db, Question(period="2026-11"), DECEMBER, sort=sort)).rows]
    assert order["-received"][:2] == ["U01", "U05"]
    assert order["early_and_on_time_rate"][:2] == ["U05", "U01"]
    assert order["-name"] == order["name"][::-1] != order["-received"]
    with pytest.raises(BoardError, match=r"'speed'.*received"):
        await board(db, Question(), DECEMBER, sort="-speed")


async def test_the_file_is_what_a_vietnamese_excel_opens(store: Store, db: Connection) -> None:
    await apply(db, OFFICES, NOW)
    await keep(store, [*COUNTED, replace(COUNTED[0], code="Z", unit="U09")], DECEMBER)
    made = await board(db, Question(period="2026-11", reading="then", as_of=at("2026-11-09T23:59:30")), DECEMBER)
    text = sheet(made)
    assert text.startswith("\ufeffĐơn vị;Mã;Tiếp nhận: Tổng số;")
    lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";"))
    assert {len(line) for line in lines} == {len(COLUMNS) + 2}
    assert lines[-1][0] == "Tổng cộng"
    names = {line[1]: line for line in lines[1:-1]}
    assert names["U09"][0] == "'-Xã cũ", "a name that Excel would calculate is a text"
    heading = lines[0].index("Đã giải quyết: Tỷ lệ trước và đúng hạn (%)")
    assert names["U01"][heading] == "66,67"
    assert names["U02"][heading] == ""
    assert file_name(made, VN) == "bang-tong-hop_root_2026-11_20261109-2359.csv"


async def test_a_number_is_compared_at_the_same_hour(store: Store, db: Connection) -> None:
    arrivals = {"2026-11-19": (8, 13, 15), "2026-11-20": (9, 14), "2026-11-13": (8, 9, 14), "2025-11-20": (8,), "2026-10-20": (8, 14, 16)}
    items = [dossier(f"{day}-{hour}", f"{day}T{hour:02}:00") for day, hours in arrivals.items() for hour in hours]
    await keep(store, items, NOW)
    received: dict[str, Any] = {}
    for how in ("before", "week", "year"):
        received[how] = await compare(db, "dossiers_received", Question(period="today"), NOW, how)
    assert [(one["value"], one["then"]["value"], one["difference"], one["per_cent"]) for one in received.values()] == [
        (2, 2, 0, 0.0), (2, 3, -1, -33.33), (2, 1, 1, 100.0),
    ]  # fmt: skip
    assert received["before"]["then"]["as_of"] == at("2026-11-19T14:05").isoformat()
    month = await compare(db, "dossiers_received", Question(period="month"), NOW)
    assert (month["value"], month["then"]["value"], month["then"]["period"]) == (8, 2, "2026-10")
    whole = await compare(db, "dossiers_received", Question(period="2026-11-19"), NOW, "year")
    assert (whole["value"], whole["then"]["value"], whole["difference"], whole["per_cent"]) == (3, 0, 3, None)
    share = await compare(db, "online_rate", Question(period="today"), NOW)
    assert (share["difference"], share["difference_in"], share["per_cent"]) == (0, "points", None)
    with pytest.raises(IndicatorError, match="dossiers"):
        await compare(db, "dossiers", Question(period="today"), NOW)
    with pytest.raises(PeriodError, match="all"):
        await compare(db, "dossiers_received", Question(), NOW)


def test_a_difference_is_rounded_half_up_and_none_of_it_is_invented() -> None:
    assert difference(98.77, 97.4, in_points=True) == {"difference": 1.37, "difference_in": "points", "per_cent": None}
    assert difference(3, 8, in_points=False)["per_cent"] == -62.5
    assert difference(5, 1600, in_points=False)["per_cent"] == -99.69
    assert difference(None, 8, in_points=False)["difference"] is None
    assert difference(8, 0, in_points=False) == {"difference": 8, "difference_in": "units", "per_cent": None}


async def test_ageing_buckets_sum_to_what_is_overdue_and_are_the_working_days_a_calendar_counts(store: Store, db: Connection) -> None:
    """Deadlines at, just before and just after every border, on a working afternoon, a Sunday and under other hours."""
    instant = timedelta(microseconds=1)
    calendars = [WorkCalendar(), WorkCalendar(weekly_rest=frozenset({6}))]
    moments = [NOW, at("2026-11-22T11:00"), at("2026-11-23T07:30")]
    borders = {edge for moment in moments for days in calendars for edge in ages(moment, days).values()}
    dues = sorted(
        {edge + n * instant - instant for edge in borders for n in (-1, 0, 1)} | {NOW - timedelta(hours=7 * n) for n in range(90)}
    )
    items = [item(f"A{n}", received_at=due - timedelta(days=9), due_at=due) for n, due in enumerate(dues)]
    await keep(store, items, max(moments), "by_instant")
    for moment in moments:
        for days in calendars:
            told = (await answers.indicators(db, Question(as_of=moment), moment, days))["indicators"]
            late = [due + instant for due in dues if due + instant <= moment]
            worked = [int(days.elapsed_days(since, moment)) for since in late]
            wanted = {
                "0_1": sum(n < 2 for n in worked), "2_3": sum(2 <= n < 4 for n in worked), "4_7": sum(4 <= n < 8 for n in worked),
                "8_15": sum(8 <= n < 16 for n in worked), "16": sum(n >= 16 for n in worked),
            }  # fmt: skip
            assert {key: told[f"dossiers_overdue_{key}"]["value"] for key in wanted} == wanted, (moment, days.weekly_rest)
            assert sum(wanted.values()) == told["dossiers_overdue"]["value"] == len(late)
            assert all(wanted.values())


async def test_handling_times_are_those_of_real_dossiers(store: Store, db: Connection) -> None:
    hours = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89)
    calendar = WorkCalendar()
    received = at("2026-10-05T07:30")
    closed = [calendar.due(received, Term(amount=n, unit=TermUnit.WORKING_HOURS)) for n in hours]
    items = [
        replace(item(f"A{n}", received_at=received), state=State.DONE, closed_at=when, happened_at=when) for n, when in enumerate(closed)
    ]
    await keep(store, items, NOW)
    told = (await answers.indicators(db, Question(period="year"), NOW))["indicators"]
    assert (told["handling_median"]["value"], told["handling_p90"]["value"], told["handling_median"]["n"]) == (8.0, 55.0, 10)
    assert (told["handling_p90"]["unit_of_measure"], told["handling_p90"]["measured_in"]) == ("hours", "giờ làm việc")
    assert told["documents_handling_median"]["value"] is None
    listed = await answers.items(db, "handling_median", Question(period="year"), NOW)
    assert len(listed["items"]) == told["dossiers_resolved"]["value"] == 10
    nothing = (await answers.indicators(db, Question(period="2020"), NOW))["indicators"]["handling_p90"]
    assert (nothing["value"], nothing["n"]) == (None, 0)
