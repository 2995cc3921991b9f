"""A count split by any dimension: the parts sum to it, each is as long as its list; the pictures W3 and W6 are made of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ioc import answers
from ioc.answers import Question
from ioc.breakdown import DIMENSIONS, DimensionError, dimension, documents, listed, split, tasks, told
from ioc.breakdown.documents import funnel
from ioc.calendar import WorkCalendar
from ioc.db import Connection
from ioc.indicators import BY_NAME, IndicatorError
from ioc.model import Item, Kind, State, Term, TermUnit, Urgency
from ioc.store import Store
from ioc.unit_book import apply
from tests.factories import item
from tests.integration.test_boards import OFFICES, keep
from tests.world import World

VN = ZoneInfo("Asia/Ho_Chi_Minh")
CALENDAR = WorkCalendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VN).astimezone(UTC)


NOW = at("2026-11-20T14:05")  # a Friday


@pytest.fixture
async def lived(store: Store, db: Connection) -> datetime:
    """Three weeks of a random province whose items have fields and steps; returns when it is now."""
    await apply(db, OFFICES, NOW)
    world, now = World(7), NOW - timedelta(days=21)
    for step in range(21):
        changed = [world.change(now, "by_date") for _ in range(20)]
        facts = [{"field": f"Lĩnh vực {n % 7}", "step": ("", "Thụ lý", "Đang xử lý")[n % 3]} for n in range(len(changed))]
        named = [replace(one, **more) if isinstance(one, Item) else one for one, more in zip(changed, facts, strict=True)]
        await keep(store, named, now, position=str(step))
        now += timedelta(days=1)
    return now


async def test_the_parts_of_every_dimension_sum_to_the_number(db: Connection, lived: datetime) -> None:
    asked, past = Question(period="month"), Question(period="month", unit="U00", as_of=lived - timedelta(days=4), compare="instant")
    for question in (asked, past):
        numbers = (await answers.indicators(db, question, lived))["indicators"]
        for by in DIMENSIONS.values():
            for name in ("dossiers_received", "dossiers_overdue", "dossiers_waiting", "tasks_in_progress", "documents_in"):
                for top in (None, 1, 3):
                    made = await split(db, name, by, question, lived, top=top)
                    assert made.total == sum(part.value for part in made.shown) + made.others[1] == numbers[name]["value"], (by.name, name)
                    assert len(made.shown) <= (top or 10**6)
    assert numbers["documents_in"]["value"] > 0


async def test_each_part_is_as_long_as_its_list(db: Connection, lived: datetime) -> None:
    question, checked = Question(period="month"), 0
    for by in DIMENSIONS.values():
        for name in ("dossiers_overdue", "documents_in", "tasks_in_progress"):
            made = await split(db, name, by, question, lived)
            for part in made.shown[:5]:
                if by.name == "unit":
                    found = await answers.items(db, name, replace(question, unit=part.key, only=part.only), lived)
                else:
                    found = await listed(db, name, by, part.key, question, lived)
                assert len(found["items"]) == part.value, (by.name, name, part.key)
                checked += 1
    assert checked > 60


async def test_what_has_no_parts_that_add_up_is_refused_with_what_does(db: Connection, store: Store) -> None:
    for name, words in (("kept_rate", "dossiers_kept, dossiers_judged"), ("handling_p90", "dossiers_resolved")):
        with pytest.raises(DimensionError, match=words):
            await split(db, name, dimension("unit"), Question(), NOW)
    with pytest.raises(DimensionError, match=r"'colour'.*unit, field"):
        dimension("colour")
    with pytest.raises(IndicatorError, match="dossiers"):
        await split(db, "dossiers", dimension("unit"), Question(), NOW)


async def test_parts_are_told_in_words_the_largest_or_the_most_urgent_first(db: Connection, store: Store) -> None:
    await apply(db, OFFICES, NOW)
    papers = [
        item(f"V{n}", kind=Kind.DOCUMENT, urgency=urgency, unit=f"U0{n % 2}", received_at=NOW - timedelta(hours=n + 1))
        for n, urgency in enumerate([Urgency.NORMAL] * 5 + [Urgency.EXPRESS] * 2)
    ]
    await keep(store, papers, NOW)
    urgency = told(await split(db, "documents_open", dimension("urgency"), Question(), NOW))
    assert [(part["part"], part["vi"], part["value"]) for part in urgency["parts"]] == [("express", "Hỏa tốc", 2), ("normal", "Thường", 5)]
    units = told(await split(db, "documents_open", dimension("unit"), Question(), NOW, top=1))
    assert [(part["part"], part["vi"], part["value"]) for part in units["parts"]] == [("U00", "Sở 00", 4)]
    assert (units["others"], units["value"], units["measured_in"]) == ({"parts": 1, "value": 3}, 7, "văn bản")
    steps = told(await split(db, "documents_open", dimension("step"), Question(), NOW))
    assert steps["parts"] == [{"part": None, "only": "", "vi": "Không ghi", "en": "Not stated", "value": 7}]


def handled(code: str, unit: str, hours: float, **facts: Any) -> Item:
    received = at("2026-11-02T07:30")
    closed = CALENDAR.due(received, Term(amount=hours, unit=TermUnit.WORKING_HOURS))
    return item(
        code, kind=Kind.DOCUMENT, unit=unit, received_at=received, state=State.DONE, closed_at=closed, happened_at=closed,
        step="Hoàn thành", **facts,
    )  # fmt: skip


async def test_documents_flow_through_a_funnel_and_the_units_that_hold_them_longest_are_ranked(db: Connection, store: Store) -> None:
    await apply(db, OFFICES, NOW)
    spread = {"U01": (1, 2, 3, 4, 40), "U02": (8, 9, 10, 11, 12, 13), "U03": (90, 90, 90, 90)}
    done = [handled(f"{unit}-{n}", unit, hours) for unit, all_hours in spread.items() for n, hours in enumerate(all_hours)]
    steps = ("Đã đến", "Chờ xử lý", "", "Phân công xử lý", "Phân công xử lý", "Đang xử lý")
    open_ = [
        item(f"P{n}", kind=Kind.DOCUMENT, step=step, received_at=NOW - timedelta(minutes=40 + n), due_at=NOW + timedelta(days=n - 2))
        for n, step in enumerate(steps)
    ]
    out = [
        item(f"R{n}", kind=Kind.DOCUMENT, unit="U04", outgoing=True, signed=n > 0, state=State.DONE, received_at=NOW - timedelta(hours=1))
        for n in range(4)
    ]
    open_[1] = replace(open_[1], urgency=Urgency.EXPRESS)
    await keep(store, [*done, *open_, *out], NOW)
    shown = await documents(db, Question(period="month"), NOW, CALENDAR)
    assert [(stage["stage"], stage["value"], stage["standing"]) for stage in shown["funnel"]] == [
        ("arrived", 21, 3), ("assigned", 18, 2), ("handling", 16, 1), ("done", 15, 15),
    ]  # fmt: skip
    assert shown["funnel"][0]["value"] == shown["numbers"]["documents_in"]["value"]
    assert shown["numbers"]["documents_signed_rate"]["value"] == 75.0
    holders = [(one["unit"], one["rank"], one["small"], one["median"], one["p90"]) for one in shown["holders"] if one["unit"] != "U04"]
    assert holders == [("U02", 1, False, 10.0, 13.0), ("U01", 2, False, 3.0, 40.0), ("U03", None, True, 90.0, 90.0)]
    assert next(one for one in shown["holders"] if one["unit"] == "U01")["documents_open"] == 6
    express = shown["urgency"][0]
    assert (express["urgency"], express["documents_open"], express["oldest"]) == ("express", 1, (NOW - timedelta(minutes=41)).isoformat())
    assert sum(one["documents_open"] for one in shown["urgency"]) == shown["numbers"]["documents_open"]["value"] == 6
    hours = {one["hour"]: one for one in shown["hours"]}
    assert (hours[13]["in"], hours[13]["out"], hours[7]["in"]) == (6, 4, 0)
    assert hours[7]["in_usual"] == 0.8  # 15 on one of the 20 working days before
    assert sum(part["value"] for part in shown["steps"]["parts"]) == 6


def test_a_funnel_never_widens_whatever_stands_where() -> None:
    for standing in ({}, {"done": 3}, {"arrived": 1, "handling": 5}, {"assigned": 2, None: 9}):
        values = [stage["value"] for stage in funnel(standing)]
        assert values == sorted(values, reverse=True)
        assert values[0] == sum(count for stage, count in standing.items() if stage)


async def test_tasks_by_assigner_their_calendar_of_four_weeks_and_the_ones_late_the_longest(db: Connection, store: Store) -> None:
    await apply(db, OFFICES, NOW)
    monday = date(2026, 11, 16)
    due = {
        "T1": "2026-11-10",
        "T2": "2026-11-13",
        "T3": "2026-11-20",
        "T4": "2026-11-24",
        "T5": "2026-12-13",
        "T6": "2026-12-14",
        "T7": None,
    }
    open_ = [
        item(
            code,
            kind=Kind.TASK,
            assigner="UBND tỉnh" if n % 2 else "Chính phủ",
            progress=10 * n,
            due_at=at(f"{day}T17:00") if day else None,
        )
        for n, (code, day) in enumerate(due.items())
    ]
    done = [
        item(
            f"D{n}",
            kind=Kind.TASK,
            state=State.DONE,
            assigner="Chính phủ",
            due_at=at("2026-11-18T17:00"),
            closed_at=closed,
            happened_at=closed,
        )
        for n, closed in enumerate([at("2026-11-18T20:00"), at("2026-11-19T00:01"), at("2026-11-18T10:00")])
    ]
    await keep(store, [*open_, *done], NOW)
    shown = await tasks(db, Question(period="month"), NOW, CALENDAR)
    assert shown["numbers"]["tasks_on_time_rate"]["value"] == 66.67
    central = shown["assigners"][0]
    assert (central["assigner"], central["tasks_in_progress"], central["tasks_done"], central["tasks_on_time_rate"]) == (
        "Chính phủ",
        4,
        3,
        66.67,
    )
    cells = shown["due"]["days"]
    assert (len(cells), cells[0]["day"], cells[-1]["day"]) == (28, monday.isoformat(), (monday + timedelta(days=27)).isoformat())
    filled = {cell["day"]: cell["tasks_in_progress"] for cell in cells if cell["tasks_in_progress"]}
    assert filled == {"2026-11-20": 1, "2026-11-24": 1, "2026-12-13": 1}
    assert [cell["day"] for cell in cells if cell["today"]] == ["2026-11-20"]
    assert not next(cell for cell in cells if cell["day"] == "2026-11-22")["working"]
    rest = shown["due"]
    assert [rest[key]["tasks_in_progress"] for key in ("before", "after", "undated")] == [2, 1, 1]
    assert sum(filled.values()) + 4 == shown["numbers"]["tasks_in_progress"]["value"]
    assert [(task["code"], task["unit"], task["progress"]) for task in shown["overdue"]] == [("T1", "U01", 0), ("T2", "U01", 10)]
    assert [task["working_days_late"] for task in shown["overdue"]] == [7.6, 4.6]  # since the 11th and the 14th at midnight
    day = await listed(db, "tasks_in_progress", dimension("due"), "2026-11-24", Question(period="month"), NOW)
    assert [task["code"] for task in day["items"]] == ["T4"]
    assert set(BY_NAME) >= {"tasks_in_progress", "tasks_due_soon", "tasks_overdue"}
