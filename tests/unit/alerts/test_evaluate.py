"""The life of an alert, decided from what holds and what was open: once per subject, dated when it became true, frozen on silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from alerts.evaluate import Change, evaluate
from alerts.model import Alert, AlertState, Fact, Rule, Severity, When

NOBODY = frozenset[str]()
MINUTE = timedelta(minutes=1)
RULE = Rule(name="late", title="Quá hạn", title_en="Overdue", when=When.OVERDUE, severity=Severity.P2, todo="Gọi", owner="Trực ban")


def fact(now: datetime, count: int = 3, since: timedelta = 10 * MINUTE) -> Fact:
    return Fact(subject="U01", count=count, since=now - since, oldest_from=now - since, sources=frozenset({"onestop"}))


def last(changes: list[Change]) -> Alert:
    return replace(changes[-1].alert, id=1)


def test_what_holds_fires_once_and_is_dated_when_it_became_true(now: datetime) -> None:
    changes = evaluate(RULE, [fact(now)], {}, NOBODY, now)
    assert [c.what for c in changes] == ["opened", "fired"]
    alert = last(changes)
    assert (alert.state, alert.started_at, alert.fired_at, alert.count) == (AlertState.FIRING, now - 10 * MINUTE, now, 3)
    again = evaluate(RULE, [fact(now, 3, 11 * MINUTE)], {"U01": alert}, NOBODY, now + MINUTE)
    assert [c.what for c in again] == ["checked"]
    assert again[0].alert.started_at == alert.started_at


def test_it_waits_as_long_as_its_rule_says(now: datetime) -> None:
    patient = replace(RULE, hold=timedelta(minutes=15))
    opened = evaluate(patient, [fact(now)], {}, NOBODY, now)
    assert last(opened).state is AlertState.PENDING
    later = evaluate(patient, [fact(now)], {"U01": last(opened)}, NOBODY, now + 5 * MINUTE)
    assert later[-1].what == "fired"
    gone = evaluate(patient, [], {"U01": last(opened)}, NOBODY, now + MINUTE)
    assert gone[-1].what == "resolved", "what never fired ends without ceremony"


def test_one_good_look_is_not_recovery_two_are(now: datetime) -> None:
    alert = last(evaluate(RULE, [fact(now)], {}, NOBODY, now))
    once = evaluate(RULE, [], {"U01": alert}, NOBODY, now + MINUTE)
    assert (once[-1].what, once[-1].alert.state) == ("checked", AlertState.FIRING)
    back = evaluate(RULE, [fact(now)], {"U01": last(once)}, NOBODY, now + 2 * MINUTE)
    assert last(back).good == 0
    twice = evaluate(RULE, [], {"U01": last(once)}, NOBODY, now + 2 * MINUTE)
    assert (twice[-1].what, twice[-1].alert.resolved_at) == ("resolved", now + 2 * MINUTE)


def test_a_silent_source_freezes_its_alerts_and_never_resolves_them(now: datetime) -> None:
    silent = frozenset({"onestop"})
    alert = last(evaluate(RULE, [fact(now)], {}, NOBODY, now))
    for n in range(1, 6):
        changes = evaluate(RULE, [], {"U01": alert}, silent, now + n * MINUTE)
        alert = last(changes)
        assert (alert.state, alert.frozen) == (AlertState.FIRING, True)
        assert changes[-1].what == ("frozen" if n == 1 else "checked")
    thawed = evaluate(RULE, [fact(now)], {"U01": alert}, NOBODY, now + 6 * MINUTE)
    assert (thawed[-1].what, last(thawed).frozen) == ("thawed", False)


def test_a_changed_count_is_told_and_the_alert_stays_the_same_one(now: datetime) -> None:
    alert = last(evaluate(RULE, [fact(now, 3)], {}, NOBODY, now))
    changes = evaluate(RULE, [fact(now, 9)], {"U01": alert}, NOBODY, now + MINUTE)
    assert [(c.what, c.alert.count, c.alert.id) for c in changes] == [("count", 9, 1)]


def test_evaluating_twice_at_one_instant_changes_nothing_more(now: datetime) -> None:
    alert = last(evaluate(RULE, [fact(now)], {}, NOBODY, now))
    assert last(evaluate(RULE, [fact(now)], {"U01": alert}, NOBODY, now)) == alert
