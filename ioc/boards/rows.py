"""From counts by unit to the rows of a board, checked and sorted. Pure; called by board.py."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ioc.boards.columns import COLUMNS, KEYS, Column
from ioc.indicators import unclosed_sums, with_rates
from ioc.offices import Office, in_alphabet

Counts = Mapping[int, Mapping[str, int]]  # key of a unit -> its own counts, by indicator


class BoardError(ValueError):
    """A board that cannot be drawn as asked; the message names what of it and what there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`values` by column; a rate of nothing is None. `checks`: the sums that do not close, with their figures."""

    office: Office
    values: Mapping[str, float | None]
    checks: Sequence[str]


def row(office: Office, counts: Counts, names: Iterable[str]) -> Row:
    mine = [counts[key] for key in office.keys if key in counts]
    sums = {name: sum(one[name] for one in mine) for name in names}
    full = with_rates(sums)
    return Row(office=office, values={column.key: _value(column, full) for column in COLUMNS}, checks=unclosed_sums(sums))


def _value(column: Column, full: Mapping[str, float | None]) -> float | None:
    if column.rate:
        return full[column.indicators[0]]
    return sum(full[name] or 0 for name in column.indicators)


def unlike(total: Row, rows: Sequence[Row]) -> list[str]:
    """The columns whose total is not the sum of the rows; each line shows its figures."""
    found = []
    for column in COLUMNS:
        if not column.rate and total.values[column.key] != (added := sum(one.values[column.key] or 0 for one in rows)):
            found.append(f"total = sum of the rows, {column.key}: {total.values[column.key]:g} is not {added:g}")
    return found


def in_order(rows: Sequence[Row], by: str) -> list[Row]:
    """Sorted by a column, by "name", or ("") as given; "-late" is largest first. What has no value comes last. Raises BoardError."""
    key = by.removeprefix("-")
    if key not in ("", "name", *KEYS):
        raise BoardError(f"there is no column {key[:40]!r} to sort by; there are name, {', '.join(KEYS)}")
    if not key:
        return list(rows)
    if key == "name":
        return sorted(rows, key=lambda one: in_alphabet(one.office.name), reverse=by.startswith("-"))
    known = [one for one in rows if one.values[key] is not None]
    known.sort(key=lambda one: one.values[key] or 0, reverse=by.startswith("-"))
    return [*known, *(one for one in rows if one.values[key] is None)]
