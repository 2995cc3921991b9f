"""Why a number moved, on a real store that changes at random: parts sum to the change, and entered less left is it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from ioc import answers
from ioc.answers import Question
from ioc.db import Connection
from ioc.indicators import INDICATORS, RATES
from ioc.model import Batch, Gone, Item, State, Way
from ioc.store import Store
from ioc.why import Why, asked, in_words, plain, why
from ioc.why.asked import BY
from tests.factories import MORNING, item
from tests.world import COMPARE, World

HOUR = timedelta(hours=1)
OVERDUE = "dossiers_overdue"


async def take(store: Store, items: list[Item | Gone], at: datetime) -> None:
    await store.apply("by_date", Batch(position=f"{at}", items=items), at)


async def changed(db: Connection, name: str, since: datetime, until: datetime, by: str = "unit", **facts: Any) -> Why:
    known = facts.pop("known", "now")
    return await why(db, asked(name, since.isoformat(), until.isoformat(), by, Question(**facts), known), until + HOUR)


async def test_over_a_changing_province_parts_and_movements_are_the_change_exactly(store: Store, db: Connection) -> None:
    world, pick, now = World(7), random.Random(7), MORNING
    moments = []
    for _ in range(6):
        for source in COMPARE:
            await store.apply(source, Batch(position=f"{now}", items=[world.change(now, source) for _ in range(60)]), now)
        moments.append(now + timedelta(minutes=7))
        now += timedelta(hours=9)
    names = [i.name for i in INDICATORS] + [r.name for r in RATES]
    moved = 0
    for name, by in pick.sample(list(product(names, BY)), 30):
        since, until = sorted(pick.sample(moments, 2))
        known = pick.choice(("now", "then"))
        facts = {"period": pick.choice(("all", "today", "month")), "unit": pick.choice((None, "root", "U03")), "known": known}
        one = await changed(db, name, since, until, by, **facts)
        place = (name, by, since, until, facts)
        if one.change is None:
            assert one.parts == [], place
            continue
        assert sum(part.change for part in one.parts) == one.change, place
        for moment, value in zip((since, until), (one.before, one.after), strict=True):
            so = Question(unit=facts["unit"], period=facts["period"], as_of=moment, known_at=moment if known == "then" else None)
            told = await answers.indicators(db, so, until + HOUR)
            there = told["indicators"][name]["value"]
            assert Fraction(str(there)) == (Fraction(value or 0, 100) if one.asked.is_rate else value), place
        if not one.asked.is_rate:
            assert one.movement.change == one.change, place
            moved += bool(one.movement.named)
    assert moved > 5, "a test in which nothing moves proves nothing"


async def test_what_happened_to_each_dossier_is_told(store: Store, db: Connection) -> None:
    due = MORNING + timedelta(days=2)
    await take(
        store,
        [item("A-clock"), item("B-done", due_at=MORNING), item("C-waits", due_at=MORNING), item("D-moved", due_at=MORNING, unit="U02"),
         item("E-later", due_at=MORNING), item("F-gone", due_at=MORNING), item("G-stays", due_at=MORNING)],
        MORNING,
    )  # fmt: skip
    since, at = MORNING + timedelta(days=1), MORNING + timedelta(days=1, hours=1)
    done = {"state": State.DONE, "closed_at": at, "happened_at": at}
    await take(
        store,
        [item("B-done", due_at=MORNING, **done), item("C-waits", due_at=MORNING, state=State.WAITING, happened_at=at),
         item("D-moved", due_at=MORNING, unit="U01"), item("E-later", due_at=due + 9 * HOUR * 24), Gone(code="F-gone", happened_at=at),
         item("H-new", received_at=at, due_at=at - 30 * HOUR)],
        at,
    )  # fmt: skip
    until = MORNING + timedelta(days=3)
    one = await changed(db, OVERDUE, since, until, unit="U01", known="then")
    assert (one.before, one.after, one.change) == (5, 4, -1)
    happened = {entry.code: (entry.entered, entry.what) for entry in one.movement.named}
    assert happened == {
        "A-clock": (True, "overdue"), "D-moved": (True, "moved"), "H-new": (True, "received"),
        "B-done": (False, "resolved"), "C-waits": (False, "waits"), "E-later": (False, "rescheduled"), "F-gone": (False, "gone"),
    }  # fmt: skip
    now = await changed(db, OVERDUE, since, until, unit="U01")
    assert {entry.code for entry in now.movement.named} == {"A-clock", "B-done", "C-waits", "H-new"}, "by what is known now"


async def test_the_words_name_the_largest_parts_first(store: Store, db: Connection) -> None:
    late = [item(f"A-{n}", unit="U01") for n in range(5)] + [item(f"B-{n}", unit="U02") for n in range(3)] + [item("C", unit="U03")]
    await take(store, [*late, item("D", unit="U04", due_at=MORNING)], MORNING)
    closed = MORNING + timedelta(days=2)
    await take(store, [item("D", unit="U04", due_at=MORNING, state=State.DONE, closed_at=closed)], closed)
    one = await changed(db, OVERDUE, MORNING + timedelta(days=1, hours=1), MORNING + timedelta(days=5))
    vi, en = in_words(one)
    assert vi == "Hồ sơ quá hạn +8 (1 → 9): U01 +5, U02 +3, U03 +1, 1 phần khác −1"
    assert en == "Overdue dossiers +8 (1 → 9): U01 +5, U02 +3, U03 +1, 1 others −1"
    told = plain(one, top=2)
    assert sum(part["change"] for part in told["parts"]) + told["others"]["change"] == told["change"] == 8
    assert told["parts"][0]["list_after"].startswith("/api/v1/items?indicator=dossiers_overdue&unit=U01&period=all&as_of=2026-11-23T")
    assert {entry["what"]: entry["items"] for entry in told["movement"]["entered_by"]} == {"overdue": 9}


async def test_a_rate_is_split_into_mix_and_rate_that_print_to_its_change(store: Store, db: Connection) -> None:
    def done(code: str, field: str, closed: datetime, **facts: Any) -> Item:
        return item(code, field=field, state=State.DONE, closed_at=closed, happened_at=closed, channel=Way.ONLINE, **facts)

    october, november = datetime.fromisoformat("2026-10-06T02:00+00:00"), datetime.fromisoformat("2026-11-03T02:00+00:00")
    day = timedelta(days=1)
    made = [done(f"O{n}", "Đất đai", october + day, received_at=october, due_at=october + (n % 3) * day) for n in range(9)]
    made += [done(f"P{n}", "Hộ tịch", october + day, received_at=october, due_at=october + 3 * day) for n in range(4)]
    made += [done(f"Q{n}", "Đất đai", november + day, received_at=november, due_at=november + (n % 7) * day) for n in range(11)]
    made += [done(f"R{n}", "Thuế", november + day, received_at=november, due_at=november) for n in range(2)]
    await take(store, [*made], november + 9 * day)
    change = asked("early_rate", "2026-10", "2026-11", "field", Question())
    one = await why(db, change, november + 10 * day)
    assert (one.before, one.after) == (round(7 / 13 * 10_000), round(7 / 13 * 10_000)) == (5385, 5385)
    assert one.change == sum(part.change for part in one.parts) == 0
    effects = {part.key: (part.mix, part.rate) for part in one.parts}
    assert effects["Hộ tịch"][1] == 0 > effects["Hộ tịch"][0], "it has gone"
    assert effects["Thuế"][0] == 0 > effects["Thuế"][1], "it came"
    told = plain(one)
    assert told["measured_in"] == "%"
    assert sum(round(100 * part["mix"]) + round(100 * part["rate"]) for part in told["parts"]) == 0
    assert in_words(one)[0].startswith("Tỷ lệ trước hạn ±0,00 điểm % (53,85 % → 53,85 %)")


@pytest.mark.parametrize("by", BY)
async def test_a_rate_over_nothing_is_not_determined(store: Store, db: Connection, by: str) -> None:
    await take(store, [item("A")], MORNING)
    one = await changed(db, "early_rate", MORNING - HOUR, MORNING + HOUR, by)
    assert (one.before, one.change, one.parts) == (None, None, [])
    assert in_words(one)[0].endswith("chưa xác định, không có hồ sơ để chia")
