"""What the forecast learns from: only what was known then, only what is decided, never while a clock stood still."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ioc.forecast.estimate import REMAINING
from ioc.forecast.lives import asks
from ioc.model import State
from tests.unit.ioc.forecast_lives import CLOCK, DUE, at, life, version

BY = at("01/12 00:00")


def test_the_question_is_put_when_so_much_working_time_was_left() -> None:
    found = {ask.remaining: ask.at for ask in asks(life(version()), REMAINING, CLOCK, by=BY)}
    assert found[1.0] == at("20/11 07:30")
    assert found[0.5] == at("20/11 13:00")
    assert found[5.0] == at("16/11 07:30"), "a weekend holds no working time"
    assert max(found) == 10.0, "no question before it was received"


def test_closed_before_the_deadline_it_was_not_late_and_is_asked_about_only_while_open() -> None:
    closed = version(known_from=at("18/11 10:00"), state=State.DONE, closed_at=at("18/11 10:00"), step="")
    found = list(asks(life(version(), closed), REMAINING, CLOCK, by=BY))
    assert {ask.late for ask in found} == {False}
    assert min(ask.remaining for ask in found) == 3.0


def test_closed_after_the_deadline_or_still_open_it_was_late() -> None:
    closed = version(known_from=at("25/11 10:00"), state=State.DONE, closed_at=at("25/11 10:00"))
    assert all(ask.late for ask in asks(life(version(), closed), REMAINING, CLOCK, by=BY))
    assert all(ask.late for ask in asks(life(version()), REMAINING, CLOCK, by=BY))


def test_nothing_is_learned_before_the_deadline_has_passed_even_of_what_is_closed_already() -> None:
    """Else of the dossiers of the last days only those done early would count."""
    closed = version(known_from=at("18/11 10:00"), state=State.DONE, closed_at=at("18/11 10:00"))
    assert list(asks(life(version(), closed), REMAINING, CLOCK, by=DUE - (BY - DUE))) == []


def test_a_correction_learned_later_does_not_leak_into_what_was_learned_before() -> None:
    corrected = version(known_from=at("30/11 10:00"), state=State.DONE, closed_at=at("18/11 10:00"))
    before, after = (list(asks(life(version(), corrected), REMAINING, CLOCK, by=by)) for by in (at("25/11 00:00"), BY))
    assert {ask.late for ask in before} == {True}, "nobody knew on the 25th that it had been closed in time"
    assert {ask.late for ask in after} == {False}


def test_the_groups_are_those_known_at_the_instant_of_the_question() -> None:
    moved = version(known_from=at("17/11 08:00"), unit=2, step="T")
    found = {ask.remaining: ask.ladder[-1] for ask in asks(life(version(), moved), REMAINING, CLOCK, by=BY)}
    assert (found[5.0], found[1.0]) == (("P", 1, "S"), ("P", 2, "T"))


def test_history_read_in_later_is_taken_at_its_dates_but_its_last_step_is_not() -> None:
    imported = version(known_from=at("28/11 00:00"), state=State.DONE, closed_at=at("18/11 10:00"), step="Trả kết quả")
    found = list(asks(life(imported), REMAINING, CLOCK, by=BY))
    assert {(ask.known, ask.ladder[-1], ask.late) for ask in found} == {(False, ("P", 1), False)}


def test_while_the_clock_stands_still_nothing_is_asked_and_the_pause_is_no_remaining_time() -> None:
    pause = (at("16/11 07:30"), at("18/11 07:30"))
    found = {ask.remaining: ask.at for ask in asks(life(version(pauses=(pause,))), REMAINING, CLOCK, by=BY)}
    assert found[3.0] == at("18/11 07:30")
    assert found[4.0] == at("13/11 07:30"), "two working days of the pause do not count as left"
    assert not any(pause[0] <= asked < pause[1] for asked in found.values())


def test_waiting_over_the_deadline_decides_nothing() -> None:
    waiting = version(known_from=at("19/11 09:00"), state=State.WAITING, pauses=((at("19/11 09:00"), None),))
    assert list(asks(life(version(), waiting), REMAINING, CLOCK, by=BY)) == []


def test_without_a_deadline_or_never_received_there_is_no_question() -> None:
    for facts in ({"late_from": None}, {"state": State.SUBMITTED}, {"state": State.REFUSED, "closed_at": at("05/11 09:00")}):
        assert list(asks(life(version(**facts)), REMAINING, CLOCK, by=BY)) == []


def test_of_a_deadline_that_was_moved_each_question_uses_the_one_known_then() -> None:
    moved = version(known_from=at("19/11 09:00"), late_from=at("28/11 00:00"))
    found = {ask.remaining: ask.at for ask in asks(life(version(), moved), (0.5, 3.0), CLOCK, by=BY)}
    assert found == {0.5: at("27/11 13:00"), 3.0: at("18/11 07:30")}


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 40), st.integers(0, 60))
def test_no_question_lies_after_what_it_was_learned_by_and_each_remaining_time_is_asked_once(
    came: int, learnt: int, took: int, by: int
) -> None:
    start, day = at("02/11 09:00"), at("03/11 09:00") - at("02/11 09:00")
    received = start + came * day
    closed = version(known_from=received + took * day, state=State.DONE, received_at=received, closed_at=received + took * day)
    one = life(version(known_from=min(received + learnt * day / 4, received + took * day), received_at=received), closed)
    found = list(asks(one, REMAINING, CLOCK, by=start + by * day))
    assert len({ask.remaining for ask in found}) == len(found)
    for ask in found:
        assert received <= ask.at < DUE <= start + by * day
        assert CLOCK.left(ask.at, DUE) == ask.remaining
        assert ask.late == (closed.closed_at >= DUE if closed.known_from <= start + by * day else True)  # type: ignore[operator]
