"""Values of a database as a REST answer would give them, and those of them a cursor keeps. Pure; called by pages.py and stand.py."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Date, DateTime, Numeric, String, Uuid
from sqlalchemy.types import TypeEngine

from collectors.source import Refused, shown

DEEPEST = 8  # lists and objects inside a value
LARGEST = 10**15  # a whole number up to here is written without a point

Key = datetime | date | int | Decimal | str | UUID


class NoValue(Exception):  # noqa: N818  a column holds what no mapping can read; the message says of which kind
    """Raised by `plain`; the caller knows the column."""


def plain(value: object, zone: ZoneInfo, depth: int = 0) -> Any:
    """A value as JSON would hold it: instants as ISO with an offset (`zone` where there is none), decimals as numbers or texts.

    Raises NoValue for bytes and whatever else is no plain value.
    """
    if value is None or isinstance(value, str | int):  # bool is an int
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value == value.to_integral_value() and abs(value) < LARGEST else str(value)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=zone)).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, UUID | timedelta):
        return str(value)
    if isinstance(value, list | tuple) and depth < DEEPEST:
        return [plain(each, zone, depth + 1) for each in value]
    if isinstance(value, Mapping) and depth < DEEPEST:
        return {str(name): plain(each, zone, depth + 1) for name, each in value.items()}
    raise NoValue(type(value).__name__)


def weight(value: object) -> int:
    """About how many bytes a value takes."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, Mapping):
        return sum(weight(each) + 16 for each in value.values())
    return sum(weight(each) + 8 for each in value) if isinstance(value, list | tuple) else 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sort:
    """One sort of value that a view can be ordered by: how a cursor writes and reads it, and as what it is bound."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Key]
    bound: TypeEngine[Any]


_SORTS: Mapping[str, _Sort] = {
    "instant": _Sort(write=datetime.isoformat, read=datetime.fromisoformat, bound=DateTime(timezone=True)),
    "local": _Sort(write=datetime.isoformat, read=datetime.fromisoformat, bound=DateTime()),
    "date": _Sort(write=date.isoformat, read=date.fromisoformat, bound=Date()),
    "whole": _Sort(write=int, read=int, bound=BigInteger()),
    "decimal": _Sort(write=str, read=Decimal, bound=Numeric()),
    "text": _Sort(write=str, read=str, bound=String()),
    "uuid": _Sort(write=str, read=UUID, bound=Uuid()),
}


def sort_of(value: object) -> str:
    """The sort of a value; "" when nothing can be ordered by it."""
    if isinstance(value, datetime):
        return "instant" if value.tzinfo else "local"
    kinds = {date: "date", bool: "", int: "whole", Decimal: "decimal", str: "text", UUID: "uuid"}
    return next((name for kind, name in kinds.items() if isinstance(value, kind)), "")


def type_of(value: Key) -> TypeEngine[Any]:
    """As what a value is given to the database."""
    return _SORTS[sort_of(value)].bound


def packed(value: Key) -> list[Any]:
    """A value as a cursor keeps it: its sort and its text or number."""
    sort = sort_of(value)
    if not sort:
        raise Refused(f"{shown(value)} in the watermark or the key; a view is ordered by times, numbers or texts, so name such columns")
    return [sort, _SORTS[sort].write(value)]


def unpacked(value: object) -> Key | None:
    """What a cursor kept; None when that cannot be read."""
    if not (isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and value[0] in _SORTS):
        return None
    try:
        found = _SORTS[value[0]].read(value[1])
    except (TypeError, ValueError, InvalidOperation, OverflowError, AttributeError):
        return None
    return found if sort_of(found) == value[0] else None


def instant_of(value: Key, zone: ZoneInfo) -> datetime | None:
    """When a watermark was, in UTC; a date is its midnight; None for what is no time."""
    try:
        if isinstance(value, datetime):
            return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
        return datetime.combine(value, time(), zone).astimezone(UTC) if isinstance(value, date) else None
    except OverflowError:  # before the year 1
        return None


def as_sort(instant: datetime, sort: str, zone: ZoneInfo) -> Key | None:
    """An instant as a value of the sort a column has; None for a column that holds no times."""
    local = instant.astimezone(zone)
    return {"instant": instant, "local": local.replace(tzinfo=None), "date": local.date()}.get(sort)


def earlier(value: Key, seconds: float) -> Key:
    """A watermark some seconds before; a day before for dates, the same for numbers and texts."""
    if isinstance(value, datetime):
        return value - timedelta(seconds=seconds)
    if isinstance(value, date):
        return value - timedelta(days=1 if seconds else 0)
    return value
