"""Which deadlines a rule looks at, when it became true, and what it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alerts.conditions import became_true, phrase, window
from alerts.model import Rule, Severity, When
from ioc.calendar import WorkCalendar
from ioc.model import Kind, Term, TermUnit

CALENDAR = WorkCalendar()
FRIDAY = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)  # 14:00 in Vietnam
TWO_DAYS = Term(amount=2, unit=TermUnit.WORKING_DAYS)


def rule(when: When, term: Term | None = None, kind: Kind = Kind.DOSSIER) -> Rule:
    return Rule(name="r", title="t", title_en="t", when=when, severity=Severity.P3, todo="x", owner="y", term=term, kind=kind)


def test_overdue_looks_at_everything_late_by_now_or_by_working_days() -> None:
    assert window(rule(When.OVERDUE), FRIDAY, CALENDAR) == (None, FRIDAY)
    assert window(rule(When.OVERDUE, TWO_DAYS), FRIDAY, CALENDAR) == (None, FRIDAY - timedelta(days=2))


def test_due_within_looks_ahead_in_working_time_over_the_weekend() -> None:
    after, until = window(rule(When.DUE_WITHIN, TWO_DAYS), FRIDAY, CALENDAR)
    assert (after, until) == (FRIDAY, datetime(2026, 11, 24, 7, 0, tzinfo=UTC))


def test_a_rule_became_true_when_the_deciding_item_crossed_not_when_we_looked() -> None:
    crossed = FRIDAY - timedelta(days=3)
    assert became_true(rule(When.OVERDUE), crossed, FRIDAY, CALENDAR) == crossed
    assert became_true(rule(When.OVERDUE, TWO_DAYS), crossed, FRIDAY, CALENDAR) == crossed + timedelta(days=2)
    monday = FRIDAY + timedelta(days=3)
    assert became_true(rule(When.DUE_WITHIN, TWO_DAYS), monday, FRIDAY, CALENDAR) == FRIDAY - timedelta(days=1)


def test_what_is_said_holds_numbers_in_both_languages() -> None:
    assert phrase(rule(When.OVERDUE), 1234, 23.6) == (
        "1.234 hồ sơ quá hạn, cũ nhất 23 ngày làm việc",
        "1,234 dossiers overdue, oldest 23 working days",
    )
    assert phrase(rule(When.OVERDUE, TWO_DAYS), 5, 4.0)[0] == "5 hồ sơ quá hạn trên 2 ngày làm việc, cũ nhất 4 ngày làm việc"
    assert phrase(rule(When.OVERDUE), 1, 0.2)[1] == "1 dossiers overdue, oldest 1 working day"
    assert phrase(rule(When.SILENT), 1, None, timedelta(minutes=12, seconds=59)) == ("im lặng 12 phút", "silent for 12 min")
    assert phrase(rule(When.SILENT), 1, None, timedelta(hours=47, minutes=59))[0] == "im lặng 47 giờ"
    assert phrase(rule(When.SILENT), 1, None, timedelta(days=3))[0] == "im lặng 3 ngày"
    assert phrase(rule(When.DRIFT), 1, None)[0].startswith("có mã lạ")
    assert phrase(rule(When.DUE_WITHIN, TWO_DAYS, Kind.TASK), 4, None) == ("4 nhiệm vụ sắp đến hạn", "4 tasks due soon")
