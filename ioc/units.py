"""The offices of a province as a tree that changes over time. Pure but for `units_from_csv`.

Units are never renamed or deleted: a merged commune ends on a day and names its successor, so figures from before keep the unit
they were counted for, and "now" views follow the successors. The server rolls indicators up it; collectors resolve codes in it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path


class UnitError(ValueError):
    """The units do not form a tree, or a code is not among them; the message names the code and the remedy."""


class Level(StrEnum):
    PROVINCE = "province"
    DEPARTMENT = "department"
    DISTRICT = "district"  # until 30/06/2025
    COMMUNE = "commune"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One office, in force on [valid_from, valid_to); None: since ever, for ever.

    `short` fits a tile of the map (7 letters), which stands at `row`, `col`. `alt_codes` are what other systems call it.
    """

    code: str
    name: str
    level: Level
    parent: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str | None = None
    short: str = ""
    row: int | None = None
    col: int | None = None
    alt_codes: tuple[str, ...] = ()

    def in_force(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day < self.valid_to)


class UnitTree:
    """Units below one root. Raises UnitError for two roots, an unknown parent or successor, a cycle, or a code used twice."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units: dict[str, Unit] = {}
        self._codes: dict[str, str] = {}
        for unit in units:
            self._add(unit)
        self._below: dict[str, list[Unit]] = {code: [] for code in self._units}
        self.root = self._check_root()
        for unit in self._units.values():
            self._check_links(unit)
            if unit.parent is not None:
                self._below[unit.parent].append(unit)
        self._paths = {code: self._climb(code) for code in self._units}
        for unit in self._units.values():
            self._heirs(unit)
        # Deepest first: one pass over this order carries every sum to the root.
        self._upwards = [(code, self._units[code].parent) for code in sorted(self._units, key=lambda code: -len(self._paths[code]))]

    def __iter__(self) -> Iterator[Unit]:
        return iter(self._units.values())

    def __len__(self) -> int:
        return len(self._units)

    def __contains__(self, code: str) -> bool:
        return code in self._codes

    def __getitem__(self, code: str) -> Unit:
        return self._units[self.resolve(code)]

    def resolve(self, code: str) -> str:
        """The unit's own code, given it or one of its alternative codes. Raises UnitError for an unknown one."""
        try:
            return self._codes[code]
        except KeyError:
            raise UnitError(f"unit code {code!r} is not known; add the unit, or the code to the alt_codes of the unit it means") from None

    def at(self, day: date) -> tuple[Unit, ...]:
        """The units in force on `day`."""
        return tuple(unit for unit in self._units.values() if unit.in_force(day))

    def children(self, code: str, day: date | None = None) -> tuple[Unit, ...]:
        """Directly below; on `day`, or ever."""
        return tuple(unit for unit in self._below[self.resolve(code)] if day is None or unit.in_force(day))

    def subtree(self, code: str, day: date | None = None) -> frozenset[str]:
        """The unit itself and all below it; those in force on `day`, or all that ever were."""
        root = self.resolve(code)
        depth = len(self._paths[root]) - 1
        return frozenset(
            code
            for code, path in self._paths.items()
            if len(path) > depth and path[depth] == root and (day is None or self._units[code].in_force(day))
        )

    def path(self, code: str) -> tuple[str, ...]:
        """From the root down to the unit itself."""
        return self._paths[self.resolve(code)]

    def current(self, code: str, day: date) -> str:
        """Who holds the unit's business on `day`: itself while in force, else the successor in force (or the last one named)."""
        *_, last = (unit for unit in self._heirs(self[code], day))
        return last.code

    def predecessors(self, code: str) -> frozenset[str]:
        """The units that went into this one: their history plus its own is its "now" view."""
        heir = self.resolve(code)
        return frozenset(unit.code for unit in self._units.values() if unit.code != heir and self._units[heir] in self._heirs(unit))

    def roll_up(self, values: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
        """Each unit's own numbers plus those of all below it, by column; units with nothing below or of their own are left out.

        All rows have the same length. Raises UnitError for an unknown code, so nothing is lost from a total in silence.
        """
        sums: dict[str, list[int]] = {}
        for code, row in values.items():
            _add_to(sums, self.resolve(code), row)
        for code, parent in self._upwards:
            if parent is not None and code in sums:
                _add_to(sums, parent, sums[code])
        return sums

    def _add(self, unit: Unit) -> None:
        for code in (unit.code, *unit.alt_codes):
            if self._codes.setdefault(code, unit.code) != unit.code or unit.code in self._units:
                raise UnitError(f"code {code!r} stands for both {self._codes[code]!r} and {unit.code!r}; a code names one unit")
        self._units[unit.code] = unit

    def _check_root(self) -> str:
        roots = [unit.code for unit in self._units.values() if unit.parent is None]
        if len(roots) != 1:
            raise UnitError(f"a tree has one root, found {len(roots)}: {', '.join(roots) or 'none'}; give every other unit its parent")
        return roots[0]

    def _check_links(self, unit: Unit) -> None:
        for role, code in (("parent", unit.parent), ("successor", unit.successor)):
            if code is not None and code not in self._units:
                raise UnitError(f"unit {unit.code!r} has the {role} {code!r}, which is not among the units; add it or correct it")

    def _climb(self, code: str) -> tuple[str, ...]:
        path: list[str] = []
        at: str | None = code
        while at is not None:
            if at in path:
                raise UnitError(f"units {' > '.join([*path, at])} are each other's parents; correct the parent of {at!r}")
            path.append(at)
            at = self._units[at].parent
        return tuple(reversed(path))

    def _heirs(self, unit: Unit, day: date | None = None) -> list[Unit]:
        """The unit and its successors in turn; no further than the first one in force on `day`."""
        chain = [unit]
        while chain[-1].successor is not None and not (day and chain[-1].in_force(day)):
            heir = self._units[chain[-1].successor]
            if heir in chain:
                raise UnitError(f"unit {heir.code!r} comes back as its own successor; correct one of {[u.code for u in chain]}")
            chain.append(heir)
        return chain


def _add_to(sums: dict[str, list[int]], code: str, row: Sequence[int]) -> None:
    total = sums.get(code)
    if total is None:
        sums[code] = list(row)
    else:
        sums[code] = [a + b for a, b in zip(total, row, strict=True)]


def units_from_csv(path: Path) -> list[Unit]:
    """Units from a UTF-8 file with a header: code, name, level and, where they apply, parent, valid_from, valid_to (ISO dates),
    successor, short, row, col, alt_codes (separated by spaces). Raises UnitError naming the line."""
    units = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line in (reader := csv.DictReader(file)):
            try:
                units.append(_unit({key: value.strip() for key, value in line.items()}))
            except (AttributeError, KeyError, ValueError) as e:
                raise UnitError(f"{path.name} line {reader.line_num}: {e!r} in {line!r}; correct the line or the header") from e
    return units


def _unit(cells: Mapping[str, str]) -> Unit:
    def day(key: str) -> date | None:
        return date.fromisoformat(cells[key]) if cells.get(key) else None

    def number(key: str) -> int | None:
        return int(cells[key]) if cells.get(key) else None

    if not cells["code"]:
        raise ValueError("a unit needs a code")
    return Unit(
        code=cells["code"],
        name=cells["name"],
        level=Level(cells["level"]),
        parent=cells.get("parent") or None,
        valid_from=day("valid_from"),
        valid_to=day("valid_to"),
        successor=cells.get("successor") or None,
        short=cells.get("short", ""),
        row=number("row"),
        col=number("col"),
        alt_codes=tuple(cells.get("alt_codes", "").split()),
    )
