"""The calendars that ever set a clock: kept with their rules so that they can be read and rebuilt, and which one is in force.

The store asks which one is in force whenever it has a source's lock, so that no process folds by a calendar another one has replaced.
ioc/calendars.py brings another one in force; nothing else does. Rules are kept as plain JSON: hours as "07:30", days as "2026-11-24".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, time
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from psycopg.types.json import Jsonb

from ioc.calendar import CalendarError, WorkCalendar
from ioc.db import Connection

NEWEST = "select version from calendar_changes order by at desc limit 1"
IN_FORCE = """
select n.version, n.at, n.note, n.moved, c.rules from calendar_changes n join calendars c using (version) order by n.at desc limit 1"""
KEEP = "insert into calendars (version, rules, made_at) values (%s, %s, %s) on conflict do nothing"
CHANGE = """
insert into calendar_changes (at, version, note, moved)
select greatest(%(at)s, max(at) + interval '1 microsecond'), %(version)s, %(note)s, %(moved)s from calendar_changes"""


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The calendar in force, since when and why; `moved`: how many items' clocks its coming moved."""

    version: str
    since: datetime
    note: str
    moved: int
    rules: Mapping[str, Any]


async def newest(db: Connection) -> str | None:
    """The version in force; None while there is none yet. One look into an index."""
    row = await (await db.execute(NEWEST)).fetchone()
    return row[0] if row else None


async def in_force(db: Connection) -> InForce | None:
    """The calendar in force; rebuilt() makes one of its rules."""
    row = await (await db.execute(IN_FORCE)).fetchone()
    if row is None:
        return None
    version, since, note, moved, rules = row
    return InForce(version=version, since=since, note=note, moved=moved, rules=rules)


async def begin(db: Connection, calendar: WorkCalendar, now: datetime) -> InForce:
    """What is in force; where nothing is yet, `calendar` from now on."""
    async with db.transaction():
        await db.execute("lock table calendar_changes in share row exclusive mode")
        if await newest(db) is None:
            await bring(db, calendar, now, note="", moved=0)
    found = await in_force(db)
    assert found is not None
    return found


async def bring(db: Connection, calendar: WorkCalendar, now: datetime, *, note: str, moved: int) -> None:
    """Note that a calendar is in force from now on. The caller has moved the items' clocks in this transaction."""
    await db.execute(KEEP, [calendar.version, Jsonb(rules_of(calendar)), now])
    await db.execute(CHANGE, {"at": now, "version": calendar.version, "note": note, "moved": moved})


# --- rules as JSON: every field a calendar is made with, the others follow from them --------------------------------------------


def rules_of(calendar: WorkCalendar) -> dict[str, Any]:
    """Everything the calendar is made of, readable, and enough for rebuilt()."""
    written: dict[str, Any] = _written(calendar)
    return written


def rebuilt(rules: Mapping[str, Any]) -> WorkCalendar:
    """The calendar of stored rules. Raises CalendarError naming what cannot be read."""
    try:
        made: WorkCalendar = _read(WorkCalendar, dict(rules), "calendar")
    except (TypeError, ValueError, KeyError) as error:
        if isinstance(error, CalendarError):
            raise
        raise CalendarError(f"the stored calendar cannot be read ({error}); apply the configured one: ioc calendar apply") from error
    return made


def first_difference(a: Mapping[str, Any], b: Mapping[str, Any]) -> date | None:
    """The first day on which two calendars can differ, where only rows of rest days do; None where their rules differ otherwise."""
    (rules_a, rows_a), (rules_b, rows_b) = _apart(dict(a)), _apart(dict(b))
    others = rows_a ^ rows_b
    if rules_a != rules_b or not others:
        return None
    return min(date.fromisoformat(json.loads(row)["day"]) for row in others)


def _apart(rules: Any) -> tuple[Any, set[str]]:
    """Rules without their rest days, and these, each as one text."""
    if not isinstance(rules, dict):
        return rules, set()
    kept, rows = {}, set()
    for name, value in rules.items():
        if name == "rows":
            rows |= {json.dumps(row, sort_keys=True) for row in value}
        else:
            kept[name], inner = _apart(value)
            rows |= inner
    return kept, rows


def _written(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _written(getattr(value, one.name)) for one in fields(value) if one.init}  # defaults too: they may change one day
    if isinstance(value, time):
        return value.isoformat("auto" if value.second or value.microsecond else "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, ZoneInfo):
        return value.key
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return {str(key): _written(held) for key, held in value.items()}
    return [_written(one) for one in value] if isinstance(value, list | tuple) else value


def _read(hint: Any, value: Any, place: str) -> Any:
    """A value of JSON as what a field's type says."""
    kind, inside = get_origin(hint), get_args(hint)
    if kind in (Union, UnionType):
        if value is None and NoneType in inside:
            return None
        return _read(next(one for one in inside if one is not NoneType), value, place)
    if kind is Literal or hint in (str, int, float, bool):
        return value
    if kind is tuple:
        each = [inside[0]] * len(value) if len(inside) == 2 and inside[1] is Ellipsis else inside
        return tuple(_read(one, held, place) for one, held in zip(each, value, strict=True))
    if kind is frozenset:
        return frozenset(_read(inside[0], held, place) for held in value)
    if isinstance(kind, type) and issubclass(kind, Mapping):
        return {key: _read(inside[1], held, place) for key, held in value.items()}
    if hint in (time, date):
        return hint.fromisoformat(value)
    if hint is ZoneInfo:
        return ZoneInfo(value)
    if is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint)
        return hint(**{name: _read(hints[name], held, f"{place}.{name}") for name, held in value.items()})
    raise TypeError(f"{place}: {hint!r} is no type of a rule")
