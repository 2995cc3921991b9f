"""The deadlines of golden_deadlines.csv, each worked out by hand from the rules it names: law, decisions on rest days, ioc/calendar.py."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ioc.calendar import RestDay, WorkCalendar, rest_days
from ioc.deadline import fold
from ioc.model import Item, Pause, Reason, State, Term, TermUnit

VN = ZoneInfo("Asia/Ho_Chi_Minh")
MORNING = ((time(7, 30), time(11, 30)),)
ROWS = rest_days()
RULES = {
    "": WorkCalendar(),
    "tet 2027": WorkCalendar(rows=(*ROWS, RestDay(day=date(2027, 2, 4), kind="work"), RestDay(day=date(2027, 2, 11), kind="rest"))),
    "no swap 2025": WorkCalendar(rows=(*ROWS, RestDay(day=date(2025, 4, 26), kind="rest"), RestDay(day=date(2025, 5, 2), kind="work"))),
    "cut-off": WorkCalendar(cut_off=time(15)),
    "halves": WorkCalendar(
        rows=(*ROWS, RestDay(day=date(2026, 11, 20), kind="morning"), RestDay(day=date(2026, 11, 24), kind="afternoon"))
    ),
    "saturdays": WorkCalendar(saturday=MORNING),
    "restart": WorkCalendar(after_supplement="restart"),
    "restart and cut-off": WorkCalendar(after_supplement="restart", cut_off=time(15)),
}
CASES = list(csv.DictReader((Path(__file__).parent / "golden_deadlines.csv").read_text("utf-8").splitlines()))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VN).astimezone(UTC)


def pause(text: str) -> Pause:
    """As "2026-11-17 09:00/2026-11-18 09:00 fee"."""
    stretch, _, reason = text.strip().rpartition(" ")
    since, _, until = stretch.partition("/")
    return Pause(since=at(since), until=at(until), reason=Reason(reason))


@pytest.mark.parametrize("case", CASES, ids=[f"{c['about']}: {c['received']} + {c['term']} {c['rules']}: {c['why']}" for c in CASES])
def test_it_is_due(case: dict[str, str]) -> None:
    amount, unit = case["term"].split()
    item = Item(
        code="1",
        unit="U",
        state=State.WORKING,
        received_at=at(case["received"]),
        happened_at=at(case["received"]),
        term=Term(amount=float(amount), unit=TermUnit(unit)),
        pauses=tuple(pause(text) for text in case["pauses"].split(";") if text),
    )
    found = fold(item, RULES[case["rules"]], "date", VN)
    assert found.due_at == at(case["due"])
    assert found.counted_from == (at(case["counted_from"]) if case["counted_from"] else None)


def test_the_table_holds_what_it_promises() -> None:
    assert len(CASES) >= 80
    assert len({tuple(case.values())[1:5] for case in CASES}) == len(CASES), "a case stands twice"
    for about in ("Tết 2024", "Tết 2025", "Tết 2026", "Tết 2027", "30/4-1/5", "Hùng Kings", "2/9", "late when paused", "zero", "months"):
        assert any(case["about"] == about for case in CASES)
    assert {case["rules"] for case in CASES} == RULES.keys()
