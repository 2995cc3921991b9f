"""One way of reporting numbers: what a question is about, and how a row of numbers is written. Pure; called by statistics.py.

The ways there are stand in statistics_dialects.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
Given = Mapping[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a caller wants to know: a `period` as in ioc.periods ("2026-11-20", "2026-11", "2026"), of one unit or of all ("").

    `now` is what the system takes for the present: nothing later is known to it.
    """

    period: str
    now: datetime
    unit: str = ""


def _plain(value: Any) -> Any:
    return value


def _undated(_: str) -> Mapping[str, Any]:
    return {}


def _wide(shape: Shape, row: Row, about: dict[str, Any]) -> list[dict[str, Any]]:
    """One record with all numbers of the row; a dotted name makes an object inside it."""
    record = dict(about)
    for name, theirs in shape.names.items():
        if name in row:
            *outer, last = theirs.split(".")
            place = record
            for each in outer:
                place = place.setdefault(each, {})
            place[last] = shape.number(row[name])
    return [record]


def _long(shape: Shape, row: Row, about: dict[str, Any]) -> list[dict[str, Any]]:
    """One record for each number of the row."""
    return [
        {**about, shape.kind: theirs, shape.value: shape.number(row[name])} for name, theirs in shape.names.items() if name in row
    ]  # fmt: skip


def _data(records: list[Any]) -> Any:
    return {"error_code": "0", "data": records}


def _failed(code: str, message: str) -> Mapping[str, Any]:
    return {"error_code": code, "message": message}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One way of reporting. `names`: figure -> their field (long shapes: their word, with `kind` and `value` as the two fields).

    `period` reads what was asked for, `dates` writes it into a record: {their field: text}. `of`: the parameter that names one unit,
    "" where there is none. `at`: their field for when it was reported, `at_written` strftime's form of that.
    """

    name: str
    path: str
    names: Mapping[str, str]
    unit: str
    period: Callable[[Given, datetime], str]
    dates: Callable[[str], Mapping[str, Any]] = _undated
    method: str = "GET"
    of: str = ""
    at: str = ""
    at_written: str = "%d/%m/%Y %H:%M:%S"
    kind: str = ""
    value: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    number: Callable[[Any], Any] = _plain
    envelope: Callable[[list[Any]], Any] = _data
    failed: Callable[[str, str], Any] = _failed

    def asked(self, given: Given, now: datetime) -> Asked:
        """What a question is about. Raises ValueError for one that cannot be understood."""
        return Asked(period=self.period(given, now), unit=str(given.get(self.of, "")) if self.of else "", now=now)

    def written(self, row: Row, asked: Asked, now: datetime) -> list[dict[str, Any]]:
        """A row of numbers as this system writes it, stamped with `now` by its own clock unless the row says when it was reported."""
        about: dict[str, Any] = {self.unit: row.get("unit"), **self.extra, **self.dates(str(row.get("period", asked.period)))}
        if self.at:
            about[self.at] = row.get("reported_at", now).astimezone(VIETNAM).strftime(self.at_written)
        return (_long if self.kind else _wide)(self, row, about)
