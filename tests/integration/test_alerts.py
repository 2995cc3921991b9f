"""Rules against a real store: fired, kept through a restart, frozen, resolved, with a log of it all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alerts.engine import Watch, tick
from alerts.model import AlertState, Rule, Severity, When
from alerts.store import open_alerts
from ioc.calendar import WorkCalendar
from ioc.db import Connection
from ioc.hearing import Flip
from ioc.model import Batch, State, Term, TermUnit
from ioc.store import Store
from ioc.watchbook import write_flips
from tests.factories import item

DUE = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # Friday 09:00 in Vietnam
NOBODY = frozenset[str]()
CALENDAR = WorkCalendar()


def rule(name: str = "late", **more: object) -> Rule:
    facts = {"when": When.OVERDUE, "severity": Severity.P2, "todo": "x", "owner": "y", "title": "Quá hạn", "title_en": "Overdue"} | more
    return Rule(name=name, **facts)  # type: ignore[arg-type]


async def feed(store: Store, *codes: str, position: str = "1", state: State = State.WORKING, at: datetime = DUE, **more: object) -> None:
    items = [item(code, due_at=DUE, state=state, **more) for code in codes]
    await store.apply("by_instant", Batch(position=position, items=items), at)


async def test_one_alert_a_unit_counts_its_items_and_is_dated_by_the_deciding_one(store: Store, db: Connection) -> None:
    await feed(store, "A", "B", at=DUE - timedelta(hours=1))
    watch = Watch(rules=[rule(at_least=2)], calendar=CALENDAR)
    assert await tick(db, watch, NOBODY, DUE) == []
    (alert,) = await tick(db, watch, NOBODY, DUE + timedelta(minutes=3))
    assert (alert.subject, alert.count, alert.sources) == ("U01", 2, frozenset({"by_instant"}))
    assert alert.started_at == DUE + timedelta(microseconds=1)
    (again,) = await tick(db, watch, NOBODY, DUE + timedelta(minutes=4))
    assert again.id == alert.id
    log = await (await db.execute("select what from alert_log where alert = %s order by at, what desc", [alert.id])).fetchall()
    assert [what for (what,) in log] == ["opened", "fired"]


async def test_closing_the_dossiers_resolves_it_after_two_good_looks(store: Store, db: Connection) -> None:
    await feed(store, "A")
    watch, now = Watch(rules=[rule()], calendar=CALENDAR), DUE + timedelta(minutes=1)
    assert len(await tick(db, watch, NOBODY, now)) == 1
    await feed(store, "A", position="2", state=State.DONE, closed_at=now, at=now)
    assert len(await tick(db, watch, NOBODY, now + timedelta(seconds=15))) == 1
    assert await tick(db, watch, NOBODY, now + timedelta(seconds=30)) == []
    assert await open_alerts(db) == []


async def test_while_its_source_is_silent_it_stays_and_says_so(store: Store, db: Connection) -> None:
    await feed(store, "A")
    watch, now = Watch(rules=[rule()], calendar=CALENDAR), DUE + timedelta(minutes=1)
    await tick(db, watch, NOBODY, now)
    await feed(store, "A", position="2", state=State.DONE, closed_at=now, at=now)
    for n in range(1, 5):
        (alert,) = await tick(db, watch, frozenset({"by_instant"}), now + timedelta(seconds=15 * n))
        assert alert.frozen


async def test_due_within_counts_in_working_time(store: Store, db: Connection) -> None:
    await feed(store, "A", at=DUE - timedelta(days=2))
    watch = Watch(rules=[rule(when=When.DUE_WITHIN, term=Term(amount=1, unit=TermUnit.WORKING_DAYS))], calendar=CALENDAR)
    assert await tick(db, watch, NOBODY, DUE - timedelta(days=1, minutes=1)) == []
    (alert,) = await tick(db, watch, NOBODY, DUE - timedelta(days=1) + timedelta(minutes=5))
    assert alert.started_at == DUE - timedelta(days=1) + timedelta(microseconds=1)


async def test_what_waits_for_the_applicant_is_never_late(store: Store, db: Connection) -> None:
    await feed(store, "A", state=State.WAITING)
    assert await tick(db, Watch(rules=[rule()], calendar=CALENDAR), NOBODY, DUE + timedelta(days=9)) == []


async def test_the_worst_comes_first_and_a_rule_taken_out_ends_its_alerts(store: Store, db: Connection) -> None:
    await feed(store, "A")
    await feed(store, "B", position="2", unit="U02")
    both = [rule("calm", severity=Severity.P3), rule("grave", severity=Severity.P1, units=frozenset({"U02"}))]
    now = DUE + timedelta(minutes=1)
    firing = await tick(db, Watch(rules=both, calendar=CALENDAR), NOBODY, now)
    assert [(a.rule, a.subject) for a in firing] == [("grave", "U02"), ("calm", "U01"), ("calm", "U02")]
    left = await tick(db, Watch(rules=both[:1], calendar=CALENDAR), NOBODY, now + timedelta(seconds=15))
    assert {a.rule for a in left} == {"calm"}


async def test_state_lives_in_the_database_alone(store: Store, db: Connection, reader: Connection) -> None:
    await feed(store, "A")
    watch = Watch(rules=[rule(hold=timedelta(minutes=10))], calendar=CALENDAR)
    await tick(db, watch, NOBODY, DUE + timedelta(minutes=1))
    (pending,) = await open_alerts(reader)
    assert pending.state is AlertState.PENDING
    (fired,) = await tick(reader, watch, NOBODY, DUE + timedelta(minutes=11))
    assert fired.id == pending.id


async def flip(db: Connection, at: datetime, state: str, since: datetime | None = None, **more: datetime) -> None:
    await write_flips(db, [Flip(source="by_instant", at=at, state=state, since=since or at, **more)])


async def test_a_silent_source_is_an_alert_dated_by_its_silence_and_ends_with_it(store: Store, db: Connection) -> None:
    watch, minute = Watch(rules=[rule("quiet", when=When.SILENT, hold=timedelta(minutes=1))], calendar=CALENDAR), timedelta(minutes=1)
    for n, state in enumerate(("never", "fresh", "late")):
        await flip(db, DUE - (9 - n) * minute, state)
    assert await tick(db, watch, NOBODY, DUE) == []
    await flip(db, DUE, "stale")
    assert await tick(db, watch, frozenset({"by_instant"}), DUE + timedelta(seconds=30)) == [], "not yet for a minute"
    await flip(db, DUE + minute, "down")
    (alert,) = await tick(db, watch, frozenset({"by_instant"}), DUE + 2 * minute)
    assert (alert.subject, alert.started_at, alert.count, alert.frozen) == ("by_instant", DUE, 1, False)
    await flip(db, DUE + 3 * minute, "fresh")
    assert len(await tick(db, watch, NOBODY, DUE + 3 * minute)) == 1, "one lucky look is not recovery"
    assert await tick(db, watch, NOBODY, DUE + 4 * minute) == []


async def test_a_stuck_source_is_silent_too_and_drift_is_an_alert_of_its_own(store: Store, db: Connection) -> None:
    rules = [rule("quiet", when=When.SILENT), rule("changed", when=When.DRIFT)]
    watch, hour = Watch(rules=rules, calendar=CALENDAR), timedelta(hours=1)
    await flip(db, DUE, "fresh", DUE - hour, stuck=DUE, drift=DUE - timedelta(minutes=5))
    firing = await tick(db, watch, NOBODY, DUE + hour)
    assert {(a.rule, a.subject, a.started_at) for a in firing} == {
        ("quiet", "by_instant", DUE),
        ("changed", "by_instant", DUE - timedelta(minutes=5)),
    }
    await flip(db, DUE + 2 * hour, "fresh", DUE - hour)
    assert len(await tick(db, watch, NOBODY, DUE + 2 * hour)) == 2
    assert await tick(db, watch, NOBODY, DUE + 3 * hour) == []
