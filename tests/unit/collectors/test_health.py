"""The health of a source over a timeline with a frozen clock: what it is, since when exactly, and when that changes by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.health import Health, Rule, after, health, reading, resumed
from collectors.poll import PollReport
from ioc.calendar import WorkCalendar
from ioc.hearing import Heard

NINE = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)  # Tuesday 09:00 in Vietnam
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
RULE = Rule(period=2 * MINUTE, grace=3 * MINUTE, stuck_after=0, calendar=WorkCalendar())
NEW = Heard(started=NINE, resumed=NINE)


def at(minutes: float) -> datetime:
    return NINE + minutes * MINUTE


def report(minute: float, *, ok: bool = True, **changes: Any) -> PollReport:
    base = PollReport(source="onestop", started=at(minute), ended=at(minute), ok=ok, error="" if ok else "status 500")
    return replace(base, **changes)


def heard(*reports: PollReport, first: Heard = NEW) -> Heard:
    for each in reports:
        first = after(first, each, ZONE)
    return first


def seen(known: Heard, minutes: float, before: Health | None = None, rule: Rule = RULE) -> Health:
    return health(known, at(minutes), rule, before)


def test_it_flips_exactly_after_its_period_and_after_its_grace() -> None:
    known = heard(report(0))
    instants = [at(0), at(2), at(2) + timedelta(microseconds=1), at(5), at(5) + timedelta(microseconds=1)]
    states = [health(known, instant, RULE) for instant in instants]
    assert [s.state.value for s in states] == ["fresh", "fresh", "late", "late", "stale"]
    assert [s.since for s in states] == [at(0), at(0), at(2), at(2), at(5)]


def test_whoever_looks_late_is_told_the_same_beginning() -> None:
    known = heard(report(0))
    assert seen(known, 500).since == at(5)
    assert seen(heard(report(0), report(1, ok=False)), 500).since == at(5)


def test_it_says_when_to_look_again() -> None:
    known, instants = heard(report(0)), []
    now: datetime | None = at(0)
    while now is not None:
        state = health(known, now, RULE)
        instants.append((state.state.value, now))
        now = state.until
    assert [name for name, _ in instants] == ["fresh", "late", "stale"]
    assert [round((when - NINE).total_seconds(), 2) for _, when in instants] == [0, 120, 300]


def test_beyond_its_grace_it_is_stale_while_it_answers_and_down_while_it_does_not() -> None:
    yesterday = at(-60 * 24)
    stale = seen(heard(report(0), report(6, as_of=yesterday)), 6)
    assert (stale.state.value, stale.since, stale.why) == ("stale", at(6), "its data are of 2026-09-14 02:00:00 UTC; 2 min old is allowed")
    down = seen(heard(report(0), report(4, ok=False)), 6)
    assert (down.state.value, down.since, down.why) == ("down", at(5), "status 500")
    later = seen(heard(report(0), report(7, ok=False)), 7)
    assert (later.state.value, later.since) == ("down", at(7)), "it answered until then"
    again = seen(heard(report(0), report(7, ok=False), report(9, as_of=at(0))), 9, later)
    assert (again.state.value, again.since) == ("stale", at(9)), "it answers again, with what it said before"


def test_failing_within_its_grace_is_late_and_its_numbers_stand() -> None:
    states = [seen(heard(report(0), report(m, ok=False)), m) for m in (1, 3)]
    assert [s.state.value for s in states] == ["fresh", "late"]
    assert states[0].why == "status 500", "what went wrong is said at once"


def test_what_needs_a_person_is_down_at_once_and_back_with_the_first_good_answer() -> None:
    refused = heard(report(0), report(1, ok=False, refused=True, error="status 403"))
    down = seen(refused, 1)
    assert (down.state.value, down.since, down.why) == ("down", at(1), "status 403")
    still = seen(heard(report(1.5, ok=False, refused=True), first=refused), 1.5, down)
    assert still.since == at(1)
    back = seen(heard(report(2), first=refused), 2, down)
    assert (back.state.value, back.since, back.why) == ("fresh", at(2), "")


def test_a_source_never_read_is_never_and_down_once_it_should_have_been() -> None:
    failing = heard(report(0, ok=False), report(3, ok=False))
    assert [seen(failing, m).state.value for m in (3, 5, 5.1)] == ["never", "never", "down"]
    assert seen(failing, 9).since == at(5)
    assert seen(NEW, 1).since == NINE
    assert seen(NEW, 9).state.value == "down", "even when nobody could ask it"


def test_a_first_read_that_goes_on_for_long_is_not_silence() -> None:
    going = reading(reading(NEW, at(4)), at(8))
    assert seen(going, 12.9).state == "never"
    assert seen(going, 13.1).state == "down"
    assert reading(heard(report(0)), at(8)) == heard(report(0))


def test_an_answer_without_an_instant_is_true_for_when_it_was_asked() -> None:
    known = heard(report(0, as_of=at(-1)), report(4, ended=at(4.5)))
    assert (known.as_of, known.read_at) == (at(4), at(4.5))


@pytest.mark.parametrize(("ahead", "skew"), [(4.9, 0), (5.1, 5), (3600, 3600), (-3600, 0)])
def test_a_clock_ahead_of_ours_is_told_and_counts_as_now(ahead: float, skew: int) -> None:
    known = heard(report(0, as_of=NINE + ahead * SECOND))
    assert (known.skew, known.as_of) == (skew, min(NINE, NINE + ahead * SECOND))


def test_time_in_which_nobody_listened_is_not_charged_to_it() -> None:
    known = heard(report(0))
    away = resumed(known, alive_at=at(1), now=at(61))
    assert seen(away, 61).state.value == "fresh", "as it was a minute after its answer"
    assert [seen(away, m).state.value for m in (62, 62.1, 65, 65.1)] == ["fresh", "late", "late", "stale"]
    twice = resumed(away, alive_at=at(61.5), now=at(161.5))
    assert seen(twice, 161.9).state.value == "fresh"
    assert seen(resumed(known, alive_at=at(30), now=at(40)), 40).state.value == "stale", "what was stale before stays so"
    assert seen(heard(report(62), first=away), 64.1).state.value == "late", "an answer begins anew"
    assert seen(resumed(NEW, alive_at=at(1), now=at(61)), 62).state.value == "never"


def test_a_state_that_goes_on_keeps_its_beginning() -> None:
    first = seen(heard(report(0)), 0)
    second = seen(heard(report(0), report(1), report(2)), 2, first)
    assert (second.state.value, second.since) == ("fresh", NINE)


STUCK = replace(RULE, period=10 * HOUR, grace=100 * 24 * HOUR, stuck_after=8)


def polls(start: datetime, until: datetime, changed_at: datetime) -> Heard:
    """Good polls every half hour, of which only the one at `changed_at` changed anything."""
    known, now = NEW, start
    while now <= until:
        known = after(known, replace(report(0), started=now, ended=now, as_of=now, changed=int(now == changed_at)), ZONE)
        now += 30 * MINUTE
    return known


def local(day: int, hour: int, minute: int = 0, month: int = 9) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def test_unchanged_through_eight_working_hours_it_is_stuck_from_that_instant_on() -> None:
    known = polls(local(15, 9), local(16, 14), changed_at=local(15, 10))
    due = local(16, 10)
    early = polls(local(15, 9), local(16, 9, 30), changed_at=local(15, 10))
    assert health(early, local(16, 9, 59), STUCK).stuck is None
    assert health(early, local(16, 9, 59), STUCK).until == due
    assert health(early, due, STUCK).stuck == due
    stuck = health(known, local(16, 14), STUCK)
    assert (stuck.stuck, stuck.state.value, stuck.silent) == (due, "fresh", True)


def test_nights_weekends_and_holidays_do_not_make_it_stuck() -> None:
    friday = polls(local(28, 14, month=8), local(2, 20), changed_at=local(28, 15, 30, month=8))  # until after 2 September, two days off
    assert health(friday, local(2, 20), STUCK).stuck is None, "Saturday, Sunday, Monday made free, Tuesday and Wednesday holidays"


def test_a_change_ends_it_and_one_failing_poll_does_not() -> None:
    known = polls(local(15, 9), local(16, 14), changed_at=local(15, 10))
    failing = after(known, replace(report(0, ok=False), started=local(16, 15), ended=local(16, 15)), ZONE)
    assert health(failing, local(16, 15), STUCK).stuck == local(16, 10)
    moved = after(known, replace(report(0), started=local(16, 15), ended=local(16, 15), changed=1), ZONE)
    assert health(moved, local(16, 15), STUCK).stuck is None


def test_who_was_away_cannot_say_that_nothing_changed() -> None:
    known = polls(local(15, 9), local(15, 16), changed_at=local(15, 10))
    back = resumed(known, alive_at=local(15, 16), now=local(18, 9))
    assert health(back, local(18, 9), STUCK).stuck is None
    asked = after(back, replace(report(0), started=local(18, 9), ended=local(18, 9), as_of=local(18, 9)), ZONE)
    assert health(asked, local(18, 9), STUCK).stuck == local(16, 10)


def test_zero_hours_mean_it_may_rest_for_ever() -> None:
    known = polls(local(15, 9), local(16, 14), changed_at=local(15, 10))
    assert health(known, local(16, 14), replace(STUCK, stuck_after=0)).stuck is None


LIFE = st.lists(st.tuples(st.floats(0.01, 5), st.booleans(), st.booleans(), st.floats(-10, 10)), min_size=1, max_size=20)


@given(LIFE)
def test_whatever_happens_a_state_begins_in_the_past_and_changes_only_when_told(life: list[tuple[float, bool, bool, float]]) -> None:
    known, now, before = NEW, 0.0, None
    for wait, ok, refused, said in life:
        expected = before.until if before else None
        now += wait
        looked = seen(known, now, before)
        if before is not None and (expected is None or at(now) < expected):
            assert looked.state is before.state, "nothing was heard and no limit passed"
        known = after(known, report(now, ok=ok, refused=refused and not ok, as_of=at(now + said)), ZONE)
        before = seen(known, now, looked)
        assert before.since <= at(now)
        assert known.as_of is None or known.as_of <= at(now)
        assert before.until is None or before.until > at(now)
