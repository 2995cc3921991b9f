"""What a source of figures asks: which periods, and what its words become in an address, a form and a body."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collectors.questions import Question, between, filled, present, slots_of

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)  # the 2nd of March in Vietnam


def question(step: str) -> Question:
    (made,) = present(step, 0, (), NOW, VIETNAM)
    return made


@pytest.mark.parametrize(
    ("step", "back", "periods"),
    [
        ("day", 2, ["2026-02-28", "2026-03-01", "2026-03-02"]),
        ("month", 3, ["2025-12", "2026-01", "2026-02", "2026-03"]),
        ("quarter", 1, ["2025-Q4", "2026-Q1"]),
        ("half", 1, ["2025-H2", "2026-H1"]),
        ("year", 0, ["2026"]),
    ],
)
def test_the_present_and_the_periods_before_it_are_asked_for_the_oldest_first(step: str, back: int, periods: list[str]) -> None:
    assert [each.key for each in present(step, back, (), NOW, VIETNAM)] == periods


def test_every_period_that_touches_a_stretch_is_asked_for_once_a_unit() -> None:
    asked = between("month", ("A", "B"), datetime(2025, 12, 31, 18, 0, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC), VIETNAM)
    assert [each.key for each in asked] == ["2026-01/A", "2026-01/B", "2026-02/A", "2026-02/B"]
    assert list(between("day", (), NOW, NOW, VIETNAM)) == []


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("{day} {from}-{to}", "01/01/2026 01/01/2026-31/03/2026"),
        ("{year}/{quarter}/{half} {month:02} {period}", "2026/1/1 01 2026-Q1"),
        ('{"service":"x","p_nam":"{year}"}', '{"service":"x","p_nam":"2026"}'),
        ({"a": ["{year}", 3, None], "b": {"c": "{quarter}"}}, {"a": ["2026", 3, None], "b": {"c": "1"}}),
    ],
)
def test_slots_are_filled_wherever_they_stand(declared: Any, expected: Any) -> None:
    assert filled(declared, question("quarter").words("%d/%m/%Y")) == expected


def test_in_a_body_a_lone_number_is_a_number_and_in_an_address_everything_is_quoted() -> None:
    words = Question(period="2026", first=question("year").first, last=question("year").last, unit="a/b?c").words("%Y/%m/%d")
    assert filled(["{year}", "{month:02}", "n{year}", "{unit}"], words, numbers=True) == [2026, "01", "n2026", "a/b?c"]
    assert filled("http://x/{unit}/{day}", words, quoted=True) == "http://x/a%2Fb%3Fc/2026%2F01%2F01"


def test_the_words_used_are_found_anywhere() -> None:
    assert slots_of(["http://x/{unit}", {"a": '{"b":"{year}"}'}, None, {"c": ["{month:02}"]}]) == {"unit", "year", "month"}
