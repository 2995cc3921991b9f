"""Another calendar: what it would move is told first, exactly that is moved, and nobody hears of it anew."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from alerts.engine import Watch, tick
from alerts.model import Rule, Severity, When
from ioc import calendar_versions, calendars, ledger, watchbook
from ioc.calendar import Office, RestDay, WorkCalendar
from ioc.calendar_versions import first_difference, rebuilt, rules_of
from ioc.commands import calendar as commands
from ioc.db import Connection, connect
from ioc.meter import Meter
from ioc.model import Batch, Item, Pause, Reason, State, Term, TermUnit
from ioc.store import Store, prepare
from tests.acceptance.test_journey import province, record, utcnow, written
from tests.factories import item
from tests.program import MAPPINGS, screen
from tests.world import COMPARE, World

OLD = WorkCalendar()
STRANGE = date(2026, 11, 25)  # a Wednesday like any other, until somebody makes it a rest day
NEW = replace(OLD, rows=(*OLD.rows, RestDay(day=STRANGE, kind="rest", note="Nghỉ đột xuất")))
NOW = datetime(2026, 11, 20, 7, 5, 32, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CLOCKS = ", ".join(calendars.CLOCKS)


def working(days: float) -> Term:
    return Term(amount=days, unit=TermUnit.WORKING_DAYS)


def dossiers() -> list[Item]:
    """One of each kind that matters: over the strange day and before it, computed and stated, open, waiting, closed, only sent in."""
    plain: dict[str, Any] = {"received_at": NOW - DAY, "due_at": None}
    return [
        item("A-over", **plain, term=working(5)),
        item("B-before", **plain, term=working(2)),
        item("C-stated", received_at=NOW - DAY, due_at=datetime(2026, 11, 26, 2, tzinfo=UTC)),
        item("D-waiting", **plain, term=working(5), state=State.WAITING, happened_at=NOW - HOUR, waits_for=Reason.FEE),
        item("E-late", received_at=NOW - 9 * DAY, due_at=NOW - 2 * DAY),
        item("F-done", **plain, term=working(9), state=State.DONE, closed_at=NOW, happened_at=NOW),
        item("G-sent", **plain, state=State.SUBMITTED, submitted_at=NOW - DAY),
        item("H-sent", received_at=datetime(2026, 11, 24, 9, tzinfo=UTC), due_at=None, state=State.SUBMITTED),
        item("I-supplied", **plain, term=working(4), pauses=(Pause(since=NOW - 3 * HOUR, until=NOW - HOUR),)),
        item("J-nothing", **plain),
    ]


async def stored(db: Connection) -> dict[str, tuple[Any, ...]]:
    rows = await (await db.execute(f"select code, state, happened_at, {CLOCKS} from items".encode())).fetchall()
    return {row[0]: row[1:] for row in rows}


async def number(db: Connection, query: str, *values: Any) -> Any:
    row = await (await db.execute(query.encode(), values)).fetchone()
    return row[0] if row else None


async def filled(store: Store, db: Connection) -> None:
    await calendar_versions.begin(db, OLD, NOW - DAY)
    await store.apply("by_date", Batch(position="1", items=dossiers()), NOW)


def test_a_calendar_is_rebuilt_from_its_rules_to_the_same_version() -> None:
    odd = replace(NEW, hours=((time(8), time(12, 30)),), weekly_rest=frozenset({6}), country=None)
    half = ((time(7, 30), time(11, 30)),)
    own = replace(NEW, offices=(Office(units=("U01", "U02"), hours=(*half, (time(13, 30), time(16))), saturday=half),), cut_off=time(15))
    for calendar in (OLD, NEW, odd, own):
        again = rebuilt(rules_of(calendar))
        assert (again, again.version) == (calendar, calendar.version)


def test_two_calendars_that_differ_in_days_only_say_the_same_before_the_first_of_them() -> None:
    assert first_difference(rules_of(OLD), rules_of(NEW)) == STRANGE
    assert first_difference(rules_of(OLD), rules_of(replace(NEW, hours=((time(8), time(16)),)))) is None
    assert first_difference(rules_of(OLD), rules_of(OLD)) is None


async def test_the_preview_lists_what_moves_and_writes_nothing_and_applying_moves_exactly_that(store: Store, db: Connection) -> None:
    await filled(store, db)
    before = await stored(db)
    told = await calendars.preview(db, NEW)
    assert await stored(db) == before
    assert await calendar_versions.newest(db) == OLD.version
    moves = {move.code: move.clocks for move in told.listed}
    assert set(moves) == {"A-over", "C-stated", "D-waiting", "F-done", "H-sent", "I-supplied"}
    assert moves["A-over"]["due"] == (NOW - DAY + 7 * DAY, NOW - DAY + 8 * DAY)  # over a weekend and one day more
    assert "due" not in moves["C-stated"]  # what its source states stays
    assert moves["C-stated"]["soon"] == (datetime(2026, 11, 25, 2, tzinfo=UTC), datetime(2026, 11, 24, 2, tzinfo=UTC))
    assert set(moves["H-sent"]) == {"reception"}
    assert (told.items, told.clocks["due"], told.clocks["reception"]) == (6, 4, 1)

    done = await calendars.apply(db, NEW, LATER, note="bão số 9")
    assert (done.items, done.clocks, done.before, done.version) == (told.items, told.clocks, OLD.version, NEW.version)
    after = await stored(db)
    assert {code for code in before if before[code] != after[code]} == set(moves)
    for code, clocks in moves.items():
        assert after[code][:2] == before[code][:2]  # neither the state nor since when
        for name, (was, becomes) in clocks.items():
            at = 2 + calendars.SHOWN[name]
            assert (before[code][at], after[code][at]) == (was, becomes)
    versions = dict(await (await db.execute("select code, calendar from items")).fetchall())
    assert versions == {code: (NEW if code in moves else OLD).version for code in before}


async def test_a_verdict_of_before_can_still_be_asked_for_and_applying_twice_changes_nothing(store: Store, db: Connection) -> None:
    await filled(store, db)
    old = await stored(db)
    await calendars.apply(db, NEW, LATER, note="bão số 9")
    new = await stored(db)
    rows = await (await db.execute(f"select code, state, happened_at, {CLOCKS} from items_known_at(%s)".encode(), [NOW])).fetchall()
    assert {row[0]: row[1:] for row in rows} == old
    assert await number(db, "select count(*) from transitions where refolded and to_state = was_state") == 6
    again = await calendars.apply(db, NEW, LATER + HOUR)
    assert (again.items, await stored(db)) == (0, new)
    assert await number(db, "select count(*) from calendar_changes") == 2
    found = await calendar_versions.in_force(db)
    assert found is not None
    assert (found.version, found.since, found.note, found.moved) == (NEW.version, LATER, "bão số 9", 6)
    assert (await calendars.apply(db, OLD, LATER + 2 * HOUR)).items == 6
    assert await stored(db) == old


async def test_the_same_calendar_moves_nothing_of_whatever_a_province_holds(store: Store, db: Connection) -> None:
    world = World(7)
    for round_ in range(6):
        at = NOW + round_ * HOUR
        for source in COMPARE:
            changes = [world.change(at, source) for _ in range(40)]
            varied = [
                replace(one, due_at=None, term=world.random.choice([working(3.5), Term(amount=2, unit=TermUnit.MONTHS), None]))
                if isinstance(one, Item) and world.random.random() < 0.5
                else one
                for one in changes
            ]
            await store.apply(source, Batch(position=str(round_), items=varied), at)
    found = await calendars.preview(db, OLD)
    assert found.listed == []
    assert found.items == 0
    assert await number(db, "select count(*) from items where term is not null and pauses is not null") > 0


async def test_a_supplement_restarts_the_term_by_the_rule_in_force_and_the_rule_can_change(store: Store, db: Connection) -> None:
    await filled(store, db)
    restart = replace(OLD, after_supplement="restart")
    told = await calendars.preview(db, restart)
    (move,) = told.listed  # only the one whose papers were missing
    assert move.code == "I-supplied"
    assert move.clocks["counted_from"] == (None, NOW - HOUR)
    await calendars.apply(db, restart, LATER)
    assert (await calendars.preview(db, restart)).items == 0
    assert (await calendars.apply(db, OLD, LATER + HOUR)).items == 1


async def test_no_alert_and_no_number_but_the_moved_ones_notices(store: Store, db: Connection, reader: Connection) -> None:
    await filled(store, db)
    rule = Rule(name="late", when=When.OVERDUE, severity=Severity.P2, todo="x", owner="y", title="Quá hạn", title_en="Overdue")
    watch = Watch(rules=[rule], calendar=OLD)
    meter = Meter(reader)
    (firing,) = await tick(db, watch, frozenset(), LATER)
    await meter.tick(LATER)
    totals = {unit: list(counts) for unit, counts in meter.totals.items()}
    log = await (await db.execute("select * from alert_log")).fetchall()
    await calendars.apply(db, NEW, LATER)
    (still,) = await tick(db, replace(watch, calendar=NEW), frozenset(), LATER + timedelta(seconds=15))
    assert (still.id, still.count, still.started_at, still.fired_at) == (firing.id, firing.count, firing.started_at, firing.fired_at)
    assert await (await db.execute("select * from alert_log")).fetchall() == log
    await meter.tick(LATER + timedelta(seconds=1))
    assert meter.totals == totals
    assert await meter.recount(LATER + timedelta(seconds=1)) == set()


async def test_a_calendar_is_no_delivery_of_a_unit_and_no_sign_of_life_of_a_source(store: Store, db: Connection) -> None:
    await filled(store, db)
    units = [key for (key,) in await (await db.execute("select id from units")).fetchall()]
    asked = {"source": "by_date", "after": NOW - DAY, "until": LATER + DAY, "units": units}
    delivered = await (await db.execute(ledger.CHANGES, asked)).fetchall()
    alive = await watchbook.last_moves(db, ["by_date"], NOW - DAY)
    assert (await calendars.apply(db, NEW, LATER)).items == 6
    assert await (await db.execute(ledger.CHANGES, asked)).fetchall() == delivered
    assert await watchbook.last_moves(db, ["by_date"], NOW - DAY) == alive == {"by_date": NOW}


async def test_what_is_stored_while_a_calendar_is_applied_is_folded_by_it_too(store: Store, db: Connection, database_url: str) -> None:
    await filled(store, db)
    under_way, next_one, changed = (item(code, received_at=NOW - DAY, due_at=None, term=working(5)) for code in ("X", "Y", "A-over"))
    async with await connect(database_url) as other:
        await prepare(other)
        async with other.transaction():  # a batch stored but not committed: applying cannot see it yet, and must wait for it
            batch = Batch(position="2", items=[under_way, replace(changed, term=working(4))])
            await store._apply(other, store.profiles["by_date"], batch, NOW, None)
            applying = asyncio.create_task(calendars.apply(db, NEW, LATER))
            await asyncio.sleep(0.3)
            polling = asyncio.create_task(store.apply("by_date", Batch(position="3", items=[next_one]), LATER))
            done, _ = await asyncio.wait((applying, polling), timeout=0.2)
            assert not done
    applied, _ = await asyncio.gather(applying, polling)
    assert (await calendars.preview(db, NEW)).items == 0
    clocks = await stored(db)
    assert (clocks["X"][2], clocks["Y"][2], clocks["A-over"][2]) == (NOW + 7 * DAY, NOW + 7 * DAY, NOW + 6 * DAY)
    assert applied.items == 7


async def test_a_store_that_knows_another_calendar_goes_by_the_one_in_force(store: Store, db: Connection) -> None:
    await calendar_versions.begin(db, NEW, NOW)
    await store.apply("by_date", Batch(position="1", items=dossiers()), NOW)
    assert {version for (version,) in await (await db.execute("select distinct calendar from items")).fetchall()} == {NEW.version}
    assert (await calendars.preview(db, NEW)).items == 0


async def test_a_running_server_previews_takes_up_what_a_person_applies_and_tells_no_news(tmp_path: Any, database_url: str) -> None:
    today = utcnow().date()
    idle = tuple(RestDay(day=today - timedelta(days=n), kind="rest", note="Đóng cửa") for n in range(-1, 20))
    configured = WorkCalendar()
    async with await connect(database_url) as db:
        await calendar_versions.begin(db, replace(configured, rows=(*configured.rows, *idle)), NOW)
    (tmp_path / "ioc.toml").write_text(f'[database]\nurl = "{database_url}"\n', encoding="utf-8")
    mapping = (MAPPINGS / "onestop.toml").read_text(encoding="utf-8").replace("step = {", 'term = "SoNgay"\nstep = {')
    (tmp_path / "terms.toml").write_text(mapping, encoding="utf-8")
    begun = record("A", due=None, NgayTiepNhan=written(utcnow() - timedelta(days=20)), SoNgay="3")
    async with (
        province(tmp_path, database_url, [begun, record("B")], source={"mapping": "terms.toml"}) as (server, _),
        screen(server.port) as wall,
    ):
        await wall.until(lambda w: w.kpi("dossiers_in_progress") == 2 and w.kpi("dossiers_overdue") == 0)
        said = await server.get("/api/v1/calendar")
        assert said["configured"] == {"version": configured.version, "in_force": False}
        assert said["rules"]["hours"] == [["07:30", "11:30"], ["13:00", "17:00"]]
        assert {"day": today.isoformat(), "kind": "rest", "hours": [], "why": "Đóng cửa"} in said["days"]
        told = await server.get("/api/v1/calendar/preview")
        assert [(one["code"], "due" in one["clocks"]) for one in told["listed"]][:1] == [("A", True)]

        await asyncio.to_thread(commands.apply, tmp_path / "ioc.toml", "mở cửa lại", 10, as_json=True)
        await wall.until(lambda w: w.kpi("dossiers_overdue") == 1, within=5)
        assert server.center.calendar == configured
        assert [line for line in server.center.ticks if line["what"] == "overdue"] == []
        said = await server.get("/api/v1/calendar")
        assert (said["version"], said["note"], said["configured"]["in_force"]) == (configured.version, "mở cửa lại", True)
        assert (await server.get("/api/v1/calendar/preview", limit=5))["items"] == 0
