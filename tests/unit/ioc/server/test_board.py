"""What is shown of the sources: judged when something was heard or a flip is due, told once, at little cost however many there are."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from collectors.drift import Refused
from collectors.poll import PollReport
from ioc.calendar import WorkCalendar
from ioc.config import SourceEntry
from ioc.hearing import Heard
from ioc.server.board import Board
from ioc.server.feed import Feed, how_of, recalled, rule_of
from ioc.server.lead import spread

NINE = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CALENDAR = WorkCalendar()


@dataclass(frozen=True, slots=True)
class Words:
    """As much of a mapping as a feed asks for."""

    declared: frozenset[str] = frozenset({"code", "due"})


@dataclass(frozen=True, slots=True)
class Stand:
    """As much of a source as a feed asks for."""

    name: str
    mapping: Any = field(default_factory=Words)


def entry(name: str = "onestop", **more: Any) -> SourceEntry:
    return SourceEntry(**({"name": name, "type": "rest", "every": 10} | more))


def feed(name: str = "onestop", **more: Any) -> Feed:
    given = entry(name, **more)
    made = Feed(entry=given, source=Stand(name), rule=rule_of(given, CALENDAR), how=how_of(given))  # type: ignore[arg-type]
    made.heard = Heard(started=NINE, resumed=NINE)
    return made


def good(at: datetime, name: str = "onestop", **more: Any) -> PollReport:
    return replace(PollReport(source=name, started=at, ended=at, ok=True), **more)


def seen(board: Board, after: float, **counts: Any) -> dict[str, Any]:
    return board.look(NINE + after * SECOND, counts.get("bad", {}), counts.get("items", {}), counts.get("figures", {}))


def test_it_is_told_when_it_flips_and_not_before() -> None:
    board = Board(feeds={"onestop": feed()})
    board.touch(["onestop"])
    assert seen(board, 0)["src.onestop"]["st"] == "never"
    board.feeds["onestop"].hear(good(NINE + SECOND))
    board.touch(["onestop"])
    assert seen(board, 1)["src.onestop"]["st"] == "fresh"
    assert seen(board, 20.9) == {}, "nothing was heard and nothing is due"
    assert seen(board, 21.5)["src.onestop"]["st"] == "late"
    assert seen(board, 50.9) == {}
    assert seen(board, 51.5)["src.onestop"]["st"] == "stale"
    assert board.silent == {"onestop"}
    assert [(f.state, (f.at - NINE).total_seconds()) for f in board.flips] == [("never", 0), ("fresh", 1), ("late", 21), ("stale", 51)]
    board.feeds["onestop"].hear(good(NINE + 60 * SECOND))
    board.touch(["onestop"])
    assert seen(board, 60)["src.onestop"]["st"] == "fresh"
    assert board.silent == frozenset()


def test_counts_that_change_are_shown_although_nothing_was_heard() -> None:
    board = Board(feeds={"onestop": feed(), "other": feed("other")})
    board.touch(["onestop", "other"])
    seen(board, 0)
    (state,) = seen(board, 1, bad={"onestop": 3}).values()
    assert (state["name"], state["bad"]) == ("onestop", 3)
    assert [s["bad"] for s in seen(board, 2, bad={}).values()] == [0]


def test_drift_and_its_end_are_flips_with_their_own_times() -> None:
    one = feed()
    board = Board(feeds={"onestop": one})
    one.hear(good(NINE, read=30, fields=frozenset({"code", "due"})))
    board.touch(["onestop"])
    seen(board, 0)
    one.hear(good(NINE + SECOND, read=30, fields=frozenset({"code", "new"})))
    one.codes = (Refused(reason="unknown code '11' for state (field S); add it", records=2, since=NINE + 2 * SECOND),)
    board.touch(["onestop"])
    shown = seen(board, 3)["src.onestop"]
    assert [(d["what"], d["name"], d["n"]) for d in shown["drift"]] == [
        ("unknown_code", "S: '11'", 2),
        ("missing_field", "due", 30),
        ("new_field", "new", 0),
    ]
    assert set(one.unsaved) == {"code", "due", "new"}
    one.codes, one.known = (), {}
    board.touch(["onestop"])
    assert seen(board, 9)["src.onestop"]["drift"] == []
    assert [(bool(f.drift), (f.at - NINE).total_seconds()) for f in board.flips] == [(False, 0), (True, 1), (False, 9)]


def test_after_a_restart_the_same_state_is_no_flip() -> None:
    board = Board(feeds={"onestop": feed()})
    board.feeds["onestop"].hear(good(NINE))
    board.touch(["onestop"])
    seen(board, 0)
    (told,) = board.flips
    again = feed()
    again.heard, again.told, again.health = board.feeds["onestop"].heard, told, recalled(told)
    other = Board(feeds={"onestop": again})
    other.touch(["onestop"])
    assert seen(other, 15)["src.onestop"]["since"] == round(NINE.timestamp() * 1000)
    assert other.flips == []


def test_a_failing_source_says_when_it_is_asked_again() -> None:
    one = feed()
    for n in range(3):
        one.hear(PollReport(source="onestop", started=NINE, ended=NINE + n * SECOND, ok=False, error="status 500"))
    board = Board(feeds={"onestop": one})
    board.touch(["onestop"])
    shown = seen(board, 3)["src.onestop"]
    assert (shown["next"], shown["why"]) == (round((NINE + 22 * SECOND).timestamp() * 1000), "status 500")
    one.hear(good(NINE + 22 * SECOND))
    board.touch(["onestop"])
    assert seen(board, 22)["src.onestop"]["next"] is None


def test_how_numbers_come_and_what_they_are_judged_by() -> None:
    kinds = [entry(), entry(type="push"), entry(every=43200), entry(type="files", every=86400), entry(type="files")]
    assert [how_of(one) for one in kinds] == ["poll", "push", "daily", "manual", "poll"]
    rule = rule_of(entry(), CALENDAR)
    assert (rule.period, rule.grace, rule.stuck_after) == (20 * SECOND, 30 * SECOND, 8)
    given = rule_of(entry(period=5, grace=0, stuck_after=2), CALENDAR)
    assert (given.period, given.grace, given.stuck_after) == (5 * SECOND, 0 * SECOND, 2)
    assert rule_of(entry(every=86400), CALENDAR).stuck_after == 0, "what is read once a day stands still in between"
    assert rule_of(entry(every=86400, stuck_after=40), CALENDAR).stuck_after == 40


def test_thousands_of_sources_cost_what_changed_not_what_there_is() -> None:
    feeds = {f"s{n}": feed(f"s{n}", every=60) for n in range(3400)}
    board = Board(feeds=feeds)
    board.touch(feeds)
    assert len(seen(board, 0)) == 3400
    for n in range(57):  # a second's worth, were each polled once a minute
        feeds[f"s{n}"].hear(good(NINE + SECOND, f"s{n}"))
    board.touch([f"s{n}" for n in range(57)])
    began = time.process_time()
    assert len(seen(board, 1)) == 57
    busy = time.process_time() - began
    assert busy < 0.05, f"{busy:.3f} s of each second"


def test_first_polls_are_spread_over_the_interval() -> None:
    few, many = spread([feed() for _ in range(3)]), spread([feed(every=60) for _ in range(3400)])
    assert [round(wait, 1) for wait in few] == [0.1, 0.4, 0.7]
    assert max(many) < 60.1
    assert max(b - a for a, b in pairwise(many)) < 0.02
