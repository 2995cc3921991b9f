"""Numbers over time: kept by the minute, read in any step, counted again as known now or at one instant, dropped when they are old."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ioc import samples
from ioc.curves import STEPS, WIDTHS, HistoryError, buckets, step_for
from ioc.db import Connection, connect, migrate, migrations
from ioc.history import Series, answer
from ioc.indicators import RATE_BY_NAME, IndicatorError, with_rates
from ioc.meter import NAMES, Meter
from ioc.model import Batch, State, Way
from ioc.samples import ALL, Sampler
from ioc.store import Store
from tests.factories import item
from tests.world import COMPARE, MINUTE, World

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
EVENING = datetime(2026, 11, 19, 22, 40, 5, tzinfo=LOCAL).astimezone(UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL).astimezone(UTC)


async def curve(db: Connection, indicator: str, since: datetime, until: datetime, **more: Any) -> list[float | None]:
    now = more.pop("now", until)
    asked = Series(indicator=indicator, since=since, until=until, **more)
    return [point["value"] for point in (await answer(db, asked, now))["points"]]


async def an_evening(store: Store, meter: Meter) -> dict[datetime, dict[int, list[int]]]:
    """A changing province measured every half minute, through midnight; returns the totals as they stood at every full minute."""
    world, r, sampler, now, stood = World(5), random.Random(5), Sampler(), EVENING, {}
    await meter.tick(now)
    while now < EVENING + 2 * HOUR:
        if r.random() < 0.1:
            source = r.choice(list(COMPARE))
            rows = [world.change(now, source) for _ in range(r.choice((1, 3, 10)))]
            await store.apply(source, Batch(position=now.isoformat(), items=rows), now)
        now += timedelta(seconds=30)
        await sampler.pass_borders(meter, now)
        if meter.at == samples.border(now, MINUTE):
            stood[meter.at] = {unit: list(totals) for unit, totals in meter.totals.items()}
        await meter.tick(now)
    return stood


async def test_every_minute_reads_as_it_stood_and_longer_steps_as_their_last(store: Store, reader: Connection, db: Connection) -> None:
    stood = await an_evening(store, Meter(reader))
    first, until = min(stood), max(stood) + MINUTE
    rows = await (await db.execute("select count(*) filter (where whole), count(*) filter (where not whole) from samples")).fetchone()
    assert rows is not None
    assert 0 < rows[1] < 12 * len(stood) / 2, "a unit that stands still costs nothing by the minute"
    for name in ("dossiers_in_progress", "dossiers_received.today", "dossiers_overdue", "documents_out.month"):
        for unit in (None, "U03", "U07"):
            expected = [number(totals, name, store.unit_ids.get(unit or "")) for totals in stood.values()]
            assert await curve(db, name, first, until, unit=unit, step="minute") == expected, (name, unit)
            by_hour = {at.replace(minute=0): value for at, value in zip(stood, expected, strict=True)}
            assert await curve(db, name, first, until, unit=unit, step="hour") == list(by_hour.values())
            assert len(set(expected)) > 3 or unit or name != "dossiers_in_progress", "it moves, or nothing is shown"
    await a_rate_is_computed_from_its_parts(db, stood)
    await a_day_has_its_closing_numbers(db, stood)


def number(totals: dict[int, list[int]], name: str, unit: int | None) -> int:
    return sum(numbers[NAMES.index(name)] for key, numbers in totals.items() if unit in (None, key))


async def a_rate_is_computed_from_its_parts(db: Connection, stood: dict[datetime, dict[int, list[int]]]) -> None:
    names = {name.removesuffix(".month"): name for name in NAMES if name.endswith(".month") or "." not in name}
    rates = [with_rates({bare: number(totals, name, None) for bare, name in names.items()}) for totals in stood.values()]
    for name in ("online_rate", "early_and_on_time_rate", "dossiers_digitised_rate", "documents_signed_rate"):
        assert await curve(db, f"{name}.month", min(stood), max(stood) + MINUTE, step="minute") == [one[name] for one in rates]
    assert len({tuple(one[name] for name in RATE_BY_NAME) for one in rates}) > 3


async def a_day_has_its_closing_numbers(db: Connection, stood: dict[datetime, dict[int, list[int]]]) -> None:
    first, last = min(stood), max(stood)
    ((day, closing),) = await (await db.execute("select day, numbers from daily_samples where unit = 0")).fetchall()
    today = number(stood[last], "dossiers_received.today", None)
    assert day == date(2026, 11, 19)
    days = await curve(db, "dossiers_received.today", first - DAY, last + MINUTE, step="day")
    assert days == [None, closing["dossiers_received.today"], today]
    assert await curve(db, "dossiers_received.today", first, last + MINUTE, step="month") == [today], "the last of it that there is"


async def test_where_nobody_measured_there_is_no_number_and_never_a_zero(store: Store, reader: Connection, db: Connection) -> None:
    begin = local("2026-11-19 09:00")
    await store.apply("by_date", Batch(position="1", items=[item("A", unit="U01")]), begin)
    meter, sampler = Meter(reader), Sampler()
    for minutes in (0, 5, 60, 65):  # an outage of most of an hour between
        await meter.tick(begin + minutes * MINUTE)
        await sampler.pass_borders(meter, begin + minutes * MINUTE + timedelta(seconds=70))
    half_hours = await curve(db, "dossiers_in_progress", begin - HOUR, begin + 2 * HOUR, step="half_hour")
    assert half_hours == [None, None, 1, None, 1, None]
    span = {"since": begin - HOUR, "until": begin + 2 * HOUR, "step": "half_hour"}
    assert await curve(db, "dossiers_in_progress", **span, unit="U02") == [
        None,
        None,
        0,
        None,
        0,
        None,
    ]
    minutes = await curve(db, "dossiers_in_progress", begin, begin + HOUR, step="minute")
    assert minutes[0] is None
    assert minutes[1:30] == [1] * 29, "what stood still goes on"
    assert minutes[40:] == [None] * 20, "but not for ever"


async def test_missing_half_hours_and_days_are_counted_from_history_and_say_so(store: Store, db: Connection) -> None:
    received = local("2026-11-17 09:00")
    await store.apply("by_date", Batch(position="1", items=[item("A", unit="U01", received_at=received)]), received)
    now = local("2026-11-20 10:00")
    half_hours = samples.wanted(now, days=2)
    assert (half_hours[0], half_hours[-1], len(half_hours)) == (now, local("2026-11-19 00:00"), 69)
    assert await samples.fill(db, half_hours[:3], now) == 3
    assert await samples.fill(db, half_hours[:3], now) == 0
    days = await samples.missing_days(db, now)
    assert days == [date(2026, 11, n) for n in (19, 18, 17)]
    assert await samples.fill_days(db, days, now) == 3
    assert await samples.missing_days(db, now) == []
    asked = Series(indicator="dossiers_received.today", since=local("2026-11-16 00:00"), until=now + MINUTE, step="day")
    points = (await answer(db, asked, now + MINUTE))["points"]
    assert [(point["value"], point["counted"]) for point in points] == [(None, False), (1, True), (0, True), (0, True), (0, True)]


async def test_old_samples_go_by_whole_chunks_and_days_and_transitions_stay(store: Store, db: Connection, now: datetime) -> None:
    old = now - timedelta(days=430)
    await store.apply("by_date", Batch(position="1", items=[item("A", unit="U01", received_at=old)]), old)
    totals = {store.unit_ids["U01"]: [1] * len(NAMES)}
    for at in (old, now - timedelta(days=380), now):
        await samples.write(db, at, samples.whole(totals))
    for at in (old, now - timedelta(days=380)):
        await samples.write_day(db, at.astimezone(LOCAL).date(), totals)
    assert await samples.forget(db, now, months=13) == 1
    assert await samples.forget(db, now, months=13) == 0
    left = await (await db.execute("select count(distinct at) from samples")).fetchone()
    kept = await (await db.execute("select (select count(distinct day) from daily_samples), (select count(*) from transitions)")).fetchone()
    assert (left, kept) == ((2,), (2, 1))
    by_day = await curve(db, "dossiers_overdue", old, now + DAY, now=now + MINUTE, step="day")
    assert (by_day[0], by_day[1], by_day[-1], len(by_day)) == (1, None, 1, 431), "what the minutes lost, the days still have"


async def corrected(store: Store) -> tuple[datetime, datetime]:
    """Three dossiers, two of them online. One of these is closed in time; days later it turns out: closed late, and at the counter."""
    closed, heard = local("2026-11-17 09:00"), local("2026-11-20 09:00")
    received, due = local("2026-11-10 09:00"), local("2026-11-16 17:00")
    on_time = local("2026-11-16 10:00")
    dossiers = [item(code, received_at=received, due_at=due, channel=way, unit="U01")
                for code, way in (("A", Way.ONLINE), ("B", Way.ONLINE), ("C", Way.COUNTER))]  # fmt: skip
    await store.apply("by_date", Batch(position="1", items=dossiers), received)
    done = replace(dossiers[0], state=State.DONE, happened_at=on_time, closed_at=on_time)
    await store.apply("by_date", Batch(position="2", items=[done]), on_time)
    wrong = replace(done, happened_at=closed, closed_at=closed, channel=Way.COUNTER)
    await store.apply("by_date", Batch(position="3", items=[wrong]), heard)
    return on_time, heard


async def test_before_a_late_correction_the_old_number_is_told_and_after_it_the_new_one(store: Store, db: Connection) -> None:
    _, heard = await corrected(store)
    span = {"since": local("2026-11-15 00:00"), "until": local("2026-11-19 00:00"), "step": "day", "now": heard + DAY, "unit": "U01"}
    old = {"on_time_rate.month": [None, 100.0, 100.0, 100.0], "online_rate.month": [66.67] * 4, "dossiers_overdue": [0, 0, 2, 2]}
    new = {"on_time_rate.month": [None, None, 0.0, 0.0], "online_rate.month": [33.33] * 4, "dossiers_overdue": [0, 0, 2, 2]}
    new["dossiers_late.month"], old["dossiers_late.month"] = [0, 0, 1, 1], [0, 0, 0, 0]
    new["dossiers_in_progress"], old["dossiers_in_progress"] = [3, 3, 2, 2], [3, 2, 2, 2]
    for name in old:
        assert await curve(db, name, **span, known_at=heard - MINUTE) == old[name], name
        assert await curve(db, name, **span, known_at=heard + MINUTE) == new[name], name
        assert await curve(db, name, **span, known="now") == new[name], name


async def test_what_was_measured_stays_as_it_was_whatever_is_learned_later(store: Store, reader: Connection, db: Connection) -> None:
    on_time, heard = await corrected(store)
    meter, sampler = Meter(reader), Sampler()
    await meter.tick(heard + MINUTE)
    await sampler.pass_borders(meter, heard + 2 * MINUTE)
    before = await curve(db, "dossiers_late.month", heard, heard + HOUR, now=heard + HOUR, step="hour")
    again = item("A", unit="U01", received_at=on_time - DAY, state=State.DONE, due_at=None, closed_at=on_time, happened_at=on_time)
    await store.apply("by_date", Batch(position="4", items=[again]), heard + HOUR)
    span = {"since": heard, "until": heard + HOUR, "now": heard + 2 * HOUR, "step": "hour"}
    assert (before, await curve(db, "dossiers_late.month", **span)) == ([1], [1])
    assert await curve(db, "dossiers_late.month", **span, known="now") == [0]


async def test_a_merged_office_has_its_own_and_its_predecessors_past_and_then_only_its_own(
    store: Store, reader: Connection, db: Connection
) -> None:
    merged = date(2026, 11, 18)
    await db.execute("update units set valid_to = %s where code in ('U01', 'U02')", [merged])
    await db.execute(
        "insert into unit_successors select o.id, h.id from units o, units h where o.code in ('U01', 'U02') and h.code = 'U03'"
    )
    early = local("2026-11-17 09:00")
    await store.apply(
        "by_date", Batch(position="1", items=[item(f"A{n}", unit=f"U0{n % 3 + 1}", received_at=early) for n in range(8)]), early
    )
    meter, sampler = Meter(reader), Sampler()
    for day in (17, 18):
        await meter.tick(local(f"2026-11-{day} 09:59"))
        await sampler.pass_borders(meter, local(f"2026-11-{day} 10:00"))
        await store.apply("by_date", Batch(position="2", items=[item("B", unit="U03", received_at=early + DAY)]), early + DAY)
    span = {"since": local("2026-11-17 00:00"), "until": local("2026-11-19 00:00"), "step": "day"}
    both = [await curve(db, "dossiers_in_progress", **span, unit=unit, reading="then") for unit in ("U01", "U02", "U03")]
    assert both == [[3, 3], [3, 3], [2, 9]], "one that is no more still answers for itself"
    assert await curve(db, "dossiers_in_progress", **span, unit="U03") == [8, 9], "its own, and those of which it is the heir"
    whole = await curve(db, "dossiers_in_progress", **span)
    assert whole == await curve(db, "dossiers_in_progress", **span, unit="root") == [8, 9]


async def test_a_curve_that_cannot_be_drawn_says_how_to_ask(db: Connection, store: Store, now: datetime) -> None:
    for name in ("dossiers_received", "dossiers_overdue.today", "nonsense", "online_rate", "dossiers_received.week"):
        with pytest.raises(IndicatorError, match="nearest"):
            await curve(db, name, now - DAY, now)
    with pytest.raises(HistoryError, match=r"more than 2000 points.*longer step"):
        await curve(db, "dossiers_overdue", now - 30 * DAY, now, step="minute")
    with pytest.raises(HistoryError, match=r"more than 60 points.*counted again"):
        await curve(db, "dossiers_overdue", now - 30 * DAY, now, step="hour", known="now")
    assert await curve(db, "dossiers_received.week", now - 30 * DAY, now, known="now") == [0] * 31, "counted again, any period will do"


@pytest.mark.parametrize(("days", "step"), [(0.2, "minute"), (2, "half_hour"), (10, "hour"), (300, "day"), (1500, "week"), (5000, "month")])
async def test_without_a_step_as_many_points_come_as_a_screen_can_draw(days: float, step: str) -> None:
    until = local("2026-11-20 14:05")
    since = until - timedelta(days=days)
    assert step_for(since, until) == step
    laid = buckets(since, until, step, LOCAL)  # type: ignore[arg-type]
    assert 90 < len(laid) <= 400
    assert laid[0].since <= since < laid[0].until
    assert all(a.until == b.since for a, b in pairwise(laid))
    assert laid[-1].until == until


async def test_buckets_are_laid_as_the_database_lays_them(db: Connection) -> None:
    for step in STEPS:
        for bucket in buckets(local("2025-12-30 10:10"), local("2025-12-30 10:10") + (DAY if step == "minute" else 30 * DAY), step, LOCAL):
            row = await (
                await db.execute("select time_bucket(%s::interval, %s, %s)", [WIDTHS[step], bucket.until - samples.INSTANT, LOCAL.key])
            ).fetchone()
            assert row == (bucket.since,), (step, bucket)


async def test_both_pasts_are_read_by_the_same_words(db: Connection) -> None:
    rows = await (await db.execute("select prosrc from pg_proc where proname = 'items_true_at' order by pronargs")).fetchall()
    now, known = (" ".join(text.split()) for (text,) in rows)
    assert known.replace("items_known_at(known)", "items") == now


async def test_samples_rolled_up_by_the_tree_become_each_units_own(services: dict[str, str], database_url: str) -> None:
    async with await connect(database_url) as db:
        await db.execute("drop schema public cascade; create schema public")
    async with await connect(database_url) as db:
        await db.execute("drop extension if exists timescaledb cascade")
    async with await connect(database_url) as db:
        await db.execute("create table migrations (number int primary key, name text not null, at timestamptz not null default now())")
        for number, name, sql in migrations()[:6]:
            await db.execute(sql.encode())
            await db.execute("insert into migrations (number, name) values (%s, %s)", [number, name])
        await db.execute("insert into units (code, name, level, parent) values ('P', 'P', 'province', null), ('A', 'A', 'commune', 1),"
                         " ('B', 'B', 'commune', 1)")  # fmt: skip
        await db.execute("""insert into samples values ('2026-11-20Z', 1, '{"x": 9, "y": 1}'), ('2026-11-20Z', 2, '{"x": 4}'),
                            ('2026-11-20Z', 3, '{"x": 5}')""")
    await migrate(database_url)
    async with await connect(database_url) as db:
        rows = await (await db.execute("select unit, numbers, whole from samples order by unit")).fetchall()
    assert rows == [(ALL, {"x": 9, "y": 1}, True), (1, {"y": 1}, True), (2, {"x": 4}, True), (3, {"x": 5}, True)]
