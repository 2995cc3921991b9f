"""What a rule's condition means in SQL, and when it became true. Range scans on the partial index over items being worked on, or the
newest flip of each source's health.

Called by the engine. A condition is asked of the store as it is now; `since` is computed from the deadlines, not from when we looked.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.model import Fact, Rule, When
from ioc.calendar import WorkCalendar
from ioc.db import Connection
from ioc.model import Term

# The moment the rule became true is when the `at_least`-th item crossed: items cross in the order of late_from.
HOLDING = """
select u.code, count(*)::int, (array_agg(i.late_from order by i.late_from))[%(at_least)s::int], min(i.late_from),
       array_agg(distinct i.source)
from items i join units u on u.id = i.unit
where i.state = 'working' and i.kind = %(kind)s::text::item_kind and i.late_from > %(after)s and i.late_from <= %(until)s
  and (%(units)s::text[] is null or u.code = any(%(units)s))
group by u.code having count(*) >= %(at_least)s"""

# A source is the subject; what it stopped saying hides nothing of that, so no source freezes it.
SILENT = """
select s.name, least(case when h.state in ('stale', 'down') then coalesce(h.since, h.at) end,
                     case when h.stuck then coalesce(h.stuck_since, h.at) end)
from sources s, lateral (select * from source_health h where h.source = s.name order by h.at desc limit 1) h
where h.state in ('stale', 'down') or h.stuck"""
DRIFTING = """
select s.name, coalesce(h.drift_since, h.at)
from sources s, lateral (select * from source_health h where h.source = s.name order by h.at desc limit 1) h where h.drift"""


def window(rule: Rule, now: datetime, calendar: WorkCalendar) -> tuple[datetime | None, datetime]:
    """(after, until] in which `late_from` of the items lies for which the rule holds; after None: no lower bound."""
    if rule.when is When.DUE_WITHIN:
        assert rule.term is not None  # refused by rules() otherwise
        return now, calendar.due(now, rule.term)
    return None, calendar.before(now, rule.term) if rule.term else now


def became_true(rule: Rule, crossed: datetime, now: datetime, calendar: WorkCalendar) -> datetime:
    """When an item with this late_from began to count, never later than now."""
    if rule.when is When.DUE_WITHIN:
        assert rule.term is not None
        return min(now, calendar.before(crossed, rule.term))
    return min(now, calendar.due(crossed, rule.term) if rule.term else crossed)


async def holding(db: Connection, rule: Rule, units: frozenset[str] | None, now: datetime, calendar: WorkCalendar) -> list[Fact]:
    """The units or sources a rule holds for at `now`. `units` limits it to these codes (None: all)."""
    if rule.when.of_sources:
        found = await (await db.execute(SILENT if rule.when is When.SILENT else DRIFTING)).fetchall()
        return [Fact(subject=name, count=1, since=since, oldest_from=since, sources=frozenset()) for name, since in found]
    after, until = window(rule, now, calendar)
    values = {
        "at_least": rule.at_least, "kind": rule.kind.value, "until": until, "units": None if units is None else sorted(units),
        "after": after or until - timedelta(days=36500),
    }  # fmt: skip
    rows = await (await db.execute(HOLDING, values)).fetchall()
    return [
        Fact(subject=code, count=count, since=became_true(rule, nth, now, calendar), oldest_from=oldest, sources=frozenset(sources))
        for code, count, nth, oldest, sources in rows
    ]


def phrase(rule: Rule, count: int, oldest_days: float | None, age: timedelta = timedelta(0)) -> tuple[str, str]:
    """What the alert says, (Vietnamese, English): numbers only, nobody named. `age`: how long it has been true, for silence."""
    if rule.when is When.SILENT:
        vi, en = lasting(age)
        return f"im lặng {vi}", f"silent for {en}"
    if rule.when is When.DRIFT:
        return "có mã lạ hoặc thiếu trường, đang giữ giá trị cuối", "unknown codes or missing fields; the last good values are held"
    nouns = {"dossier": ("hồ sơ", "dossiers"), "document": ("văn bản", "documents"), "task": ("nhiệm vụ", "tasks")}
    vi, en = nouns[rule.kind.value]
    number = f"{count:,}"
    if rule.when is When.DUE_WITHIN:
        return f"{number.replace(',', '.')} {vi} sắp đến hạn", f"{number} {en} due soon"
    days = max(1, int(oldest_days or 0))
    beyond_vi, beyond_en = _beyond(rule.term)
    plural = "day" if days == 1 else "days"
    return (
        f"{number.replace(',', '.')} {vi} quá hạn{beyond_vi}, cũ nhất {days} ngày làm việc",
        f"{number} {en} overdue{beyond_en}, oldest {days} working {plural}",
    )


def lasting(age: timedelta) -> tuple[str, str]:
    """A length of time in its greatest unit, (Vietnamese, English)."""
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 120:
        return f"{minutes} phút", f"{minutes} min"
    hours = minutes // 60
    return (f"{hours} giờ", f"{hours} h") if hours < 48 else (f"{hours // 24} ngày", f"{hours // 24} days")


TERMS = {
    "working_days": ("ngày làm việc", "working days"),
    "working_hours": ("giờ làm việc", "working hours"),
    "calendar_days": ("ngày", "days"),
}


def _beyond(term: Term | None) -> tuple[str, str]:
    """What makes a long delay: " trên 15 ngày làm việc"; nothing where any delay counts."""
    if term is None:
        return "", ""
    vi, en = TERMS[term.unit.value]
    return f" trên {term.amount:g} {vi}".replace(".", ","), f" by more than {term.amount:g} {en}"
