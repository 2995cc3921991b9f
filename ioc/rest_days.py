"""The editable table of rest days, half days and make-up working days. Read by `WorkCalendar`; the arithmetic is in ioc/calendar.py.

Swaps ("off on Monday, worked on Saturday") are decided year by year and cannot be computed, so they are rows: ours in
rest_days.toml, the province's own in a file of the same format whose rows win. A row that cannot be true is an error that names it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any, Literal, get_args

DayKind = Literal["rest", "work", "morning", "afternoon"]
HALVES = ("morning", "afternoon")
SWAPS = {("rest", "work"), ("work", "rest"), *product(HALVES, HALVES)}  # what may stand against what in a swap
SHIPPED = Path(__file__).with_name("rest_days.toml")


class CalendarError(ValueError):
    """The calendar cannot answer or cannot be built.

    CalendarError
    └── TableError    a row of a rest-day table must be corrected
    """


class TableError(CalendarError):
    """A row of a rest-day table must be corrected; the message names the file, the row and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestDay:
    """One row: `day` is a day of rest, a make-up day that is worked, or one of which only that half is worked, whatever its weekday.

    Disabled: what its weekday says.
    """

    day: date
    kind: DayKind
    swapped_with: date | None = None
    note: str = ""
    source: str = ""
    enabled: bool = True
    yearly: bool = False  # the same day of every year from `day` on

    def on(self, year: int) -> date | None:
        """The day of `year` this row speaks about."""
        if year == self.day.year:
            return self.day
        if not self.yearly or year < self.day.year:
            return None
        try:
            return self.day.replace(year=year)
        except ValueError:  # 29 February
            return None


@lru_cache(maxsize=1)
def shipped() -> tuple[RestDay, ...]:
    """The decisions that come with the program."""
    return read(SHIPPED)


def rest_days(own: Path | None = None) -> tuple[RestDay, ...]:
    """The shipped rows, then the province's own; of two rows for a day the later wins, so order is the rule."""
    return shipped() if own is None else (*shipped(), *read(own))


def read(path: Path) -> tuple[RestDay, ...]:
    """The rows of one table file. Raises TableError."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as e:
        raise TableError(f"the rest-day table {path} cannot be read ({e.strerror}); give the path of a readable file") from e
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise TableError(f"{path} is not TOML: {e}; compare it with the shipped {SHIPPED.name}") from e
    raw_rows = content.pop("day", [])
    if content or not isinstance(raw_rows, list) or not all(isinstance(raw, dict) for raw in raw_rows):
        wrong = ", ".join(sorted(content)) or "day"
        raise TableError(f"{path}: {wrong} is not a list of [[day]] rows, and a table holds nothing else")
    rows = tuple(_row(path, number, raw) for number, raw in enumerate(raw_rows, 1))
    _check_swaps(path, rows)
    return rows


def _row(path: Path, number: int, raw: Mapping[str, Any]) -> RestDay:
    where = f"{path}: row {number}"
    types: dict[str, type] = {
        "date": date, "kind": str, "swapped_with": date, "note": str, "source": str, "enabled": bool, "yearly": bool,
    }  # fmt: skip
    for key, value in raw.items():
        if key not in types:
            raise TableError(f"{where}: unknown key {key!r}; known are {', '.join(types)}")
        if type(value) is not types[key]:
            raise TableError(f"{where}: {key} = {value!r} must be a {types[key].__name__}")
    if "date" not in raw or raw.get("kind") not in get_args(DayKind):
        raise TableError(f"{where}: a row needs a date and kind = 'rest', 'work', 'morning' or 'afternoon', got {dict(raw)!r}")
    return RestDay(day=raw["date"], **{key: value for key, value in raw.items() if key != "date"})


def _check_swaps(path: Path, rows: Iterable[RestDay]) -> None:
    """Half a swap gives or takes a working day from every deadline around it, so it is refused. Half days are swapped for half days."""
    by_date: dict[date, RestDay] = {}
    for row in rows:
        if by_date.setdefault(row.day, row) is not row:
            raise TableError(f"{path}: two rows for {row.day:%d/%m/%Y}; keep one")
    for row in by_date.values():
        if row.swapped_with is None:
            continue
        other = by_date.get(row.swapped_with)
        if other is None or (row.kind, other.kind) not in SWAPS or other.swapped_with != row.day or other.enabled != row.enabled:
            raise TableError(
                f"{path}: {row.day:%d/%m/%Y} ({row.kind}) is swapped with {row.swapped_with:%d/%m/%Y}, which has no row of the"
                " other kind pointing back and enabled alike; write both halves of the swap"
            )
