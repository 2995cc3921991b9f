"""One office through time: a unit keeps its code, and each stretch of days with one name, level and parent is one `Unit`. Pure.

The words of units.py, which makes the tree of them; what can be wrong with one office by itself is found here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise


class UnitError(ValueError):
    """The units do not form a tree, or a code is not among them; the message names the code and the remedy."""


class Level(StrEnum):
    PROVINCE = "province"
    DEPARTMENT = "department"
    DISTRICT = "district"  # until 30/06/2025
    COMMUNE = "commune"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One office during one stretch, in force on [valid_from, valid_to); None: since ever, for ever.

    `short` fits a tile of the map (7 letters), which stands at `row`, `col`. `alt_codes` are what other systems call it. These, and the
    `successors` who hold its business once it has ended, belong to the unit: its newest stretch has them. `line`: of the file it is from.
    """

    code: str
    name: str
    level: Level
    parent: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()
    short: str = ""
    row: int | None = None
    col: int | None = None
    alt_codes: tuple[str, ...] = ()
    line: int = field(default=0, compare=False, repr=False)

    @property
    def begins(self) -> date:
        return self.valid_from or date.min

    @property
    def ends(self) -> date:
        return self.valid_to or date.max

    def in_force(self, day: date) -> bool:
        return self.begins <= day and (self.valid_to is None or day < self.valid_to)


def unknown(code: str) -> UnitError:
    return UnitError(f"unit code {code[:64]!r} is not known; add the unit, or the code to the alt_codes of the unit it means")


def named(unit: Unit) -> str:
    """A unit as a message calls it."""
    return f"line {unit.line}: unit {unit.code!r}" if unit.line else f"unit {unit.code!r}"


def span(first: Unit, last: Unit) -> str:
    """When something is in force, for a message."""
    since = f"from {first.valid_from} on" if first.valid_from else "since ever"
    return f"{since} until {last.valid_to - timedelta(days=1)}" if last.valid_to else since


def lives(units: Iterable[Unit]) -> dict[str, tuple[Unit, ...]]:
    """Each unit's stretches in order, checked to follow each other; what belongs to the unit as a whole is on the newest."""
    listed: dict[str, list[Unit]] = {}
    for unit in units:
        if unit.begins >= unit.ends:
            raise UnitError(f"{named(unit)} ends on {unit.valid_to} before it begins on {unit.valid_from}; correct one of the days")
        listed.setdefault(unit.code, []).append(unit)
    return {code: _life(sorted(stretches, key=lambda unit: unit.begins)) for code, stretches in listed.items()}


def _life(stretches: Sequence[Unit]) -> tuple[Unit, ...]:
    for before, after in pairwise(stretches):
        if before.ends != after.begins:
            wrong = "overlap" if before.ends > after.begins else "leave a gap"
            raise UnitError(
                f"{named(after)} begins on {after.valid_from or 'no day'}, the stretch before it ends on {before.valid_to or 'no day'}:"
                f" they {wrong}; let each stretch begin on the day the one before it ends"
            )
        if before.successors:
            raise UnitError(f"{named(before)} names a successor but goes on; name successors on its last line only")
    codes = tuple(dict.fromkeys(code for unit in stretches for code in unit.alt_codes))
    *earlier, newest = stretches
    heirs = tuple(sorted(set(newest.successors)))
    if (codes, heirs) != (newest.alt_codes, newest.successors):
        newest = replace(newest, alt_codes=codes, successors=heirs)
    return (*(replace(unit, alt_codes=(), row=None, col=None) for unit in earlier), newest)
