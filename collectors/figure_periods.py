"""Which day, month, quarter, half or year a record is about, as its system says it. Pure; called by figure_mapping.py.

What comes out is a period as ioc/periods.py reads it: "2026-11-20", "2026-11", "2026-Q4", "2026-H2", "2026".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from collectors.dates import FIRST_YEAR, LAST_YEAR, read_instant
from collectors.fields import Field, Record, composed
from collectors.source import BadItem, shown

SHAPES = ("day", "month", "quarter", "half", "year")
PRESENT = {"today": "day", "this_month": "month", "this_quarter": "quarter", "this_half": "half", "this_year": "year"}
ON = "@on"  # where a record kept in quarantine says of which period it was when it came
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}

_YEAR, _OF = r"(?P<year>\d{4})", r"(?: ?[/-] ?| năm )"
_WRITTEN: Mapping[str, tuple[re.Pattern[str], ...]] = {
    shape: tuple(re.compile(pattern, re.ASCII) for pattern in patterns)
    for shape, patterns in {
        "day": (),
        "month": (rf"(?:tháng |t)?(?P<n>\d{{1,2}}){_OF}{_YEAR}", rf"{_YEAR}[/-]?(?P<n>\d{{2}})"),
        "quarter": (rf"(?:quý |q)?(?P<n>[1-4]|i{{1,3}}|iv){_OF}{_YEAR}", rf"{_YEAR}-?q(?P<n>[1-4])"),
        "half": (rf"h(?P<n>[12]){_OF}{_YEAR}", rf"{_YEAR}-?h(?P<n>[12])", rf"6 tháng (?P<n>đầu|cuối)(?: năm)? {_YEAR}"),
        "year": (rf"(?:năm )?{_YEAR}",),
    }.items()
}
_OURS = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})|-Q(?P<quarter>\d)|-H(?P<half>\d))?", re.ASCII)
_COUNT = {"month": 12, "quarter": 4, "half": 2}


class When(Protocol):
    """How the period of a record is found. `relative`: it is that of the poll, whatever the record says."""

    @property
    def fields(self) -> tuple[Field, ...]: ...
    @property
    def relative(self) -> bool: ...

    def period(self, record: Record, zone: ZoneInfo, now: datetime | None, /) -> str:
        """Raises BadItem. Without `now` a relative period stays the word it was declared as."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Always:
    """The same for every record: one of PRESENT as seen from the poll, or a fixed period."""

    period_or_word: str
    fields: tuple[Field, ...] = ()

    @property
    def relative(self) -> bool:
        return self.period_or_word in PRESENT

    def period(self, record: Record, zone: ZoneInfo, now: datetime | None, /) -> str:
        kept = record.get(ON)
        if isinstance(kept, str) and len(kept) <= 10:
            return kept
        if now is None or not self.relative:
            return self.period_or_word
        return named(PRESENT[self.period_or_word], now.astimezone(zone).date())


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One field says it. `shape` "": written as ours are, which show by themselves whether they are a day, a month or a year."""

    field: Field
    shape: str = ""

    @property
    def fields(self) -> tuple[Field, ...]:
        return (self.field,)

    @property
    def relative(self) -> bool:
        return False

    def period(self, record: Record, zone: ZoneInfo, _now: datetime | None, /) -> str:
        text = self.field.required(record)
        try:
            return read_period(text, self.shape, zone)
        except (ValueError, OverflowError) as error:
            raise BadItem(f"impossible period {shown(text)} for {self.field.place}: {error}; correct it at the source") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A field each for the year and what is finer. A part that is missing or 0 is not meant: month 0 is the whole year."""

    parts: Mapping[str, Field]

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(self.parts.values())

    @property
    def relative(self) -> bool:
        return False

    def period(self, record: Record, _zone: ZoneInfo, _now: datetime | None, /) -> str:
        year = self._number("year", record)
        if not year:
            raise self.parts["year"].missing()
        found = {shape: number for shape in self.parts if (number := self._number(shape, record))}
        try:
            return numbered(found)
        except ValueError as error:
            said = ", ".join(f"{shape} {number}" for shape, number in found.items())
            raise BadItem(f"impossible period {said}: {error}; correct it at the source") from None

    def _number(self, shape: str, record: Record) -> int:
        text = self.parts[shape].text(record)
        if text is None:
            return 0
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            raise BadItem(f"{shown(text)} is no number for {self.parts[shape].place}; correct the mapping or the source")
        return int(text)


def read_period(text: str, shape: str, zone: ZoneInfo) -> str:
    """The period a text means. A whole date is read as the day, month, ... it lies in. Raises ValueError (the text is not repeated)."""
    folded = composed(text).casefold()
    if not shape and (ours := _OURS.fullmatch(text)):
        return numbered({name: int(number) for name, number in ours.groupdict().items() if number})
    for pattern in _WRITTEN[shape] if shape else ():
        if found := pattern.fullmatch(folded):
            return numbered({"year": int(found["year"])} | ({} if shape == "year" else {shape: _ordinal(found["n"])}))
    if re.fullmatch(r"\d{8}", folded, re.ASCII):
        folded = f"{folded[:4]}-{folded[4:6]}-{folded[6:]}"
    instant = read_instant(folded.upper(), zone)
    return named(shape or "day", instant.astimezone(zone).date())


def named(shape: str, day: date) -> str:
    """The period of a shape that a day lies in."""
    match shape:
        case "day":
            return day.isoformat()
        case "month":
            return f"{day:%Y-%m}"
        case "quarter":
            return f"{day:%Y}-Q{(day.month + 2) // 3}"
        case "half":
            return f"{day:%Y}-H{(day.month + 5) // 6}"
    return f"{day:%Y}"


def numbered(parts: Mapping[str, int]) -> str:
    """The finest period some numbers name: {"year": 2026, "month": 11}. Raises ValueError."""
    year = parts["year"]
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"the year is not between {FIRST_YEAR} and {LAST_YEAR}")
    if "day" in parts:
        return date(year, parts.get("month", 0), parts["day"]).isoformat()
    shape = next((each for each in _COUNT if each in parts), "year")
    if shape == "year":
        return f"{year}"
    if not 1 <= parts[shape] <= _COUNT[shape]:
        raise ValueError(f"there is no {shape} {parts[shape]}")
    return f"{year}-{parts[shape]:02}" if shape == "month" else f"{year}-{shape[0].upper()}{parts[shape]}"


def _ordinal(text: str) -> int:
    return {"đầu": 1, "cuối": 2, **_ROMAN}.get(text) or int(text)
