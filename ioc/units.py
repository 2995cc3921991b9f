"""The offices of a province as a tree that changes over time. Pure: unit_files.py reads it from a file, catalogue.py from the database.

A unit is known by its code and never deleted. Its name, level and parent change by date, one `Unit` for each stretch; it ends on a day
and may name who took over. `UnitTree.at(day)` is the tree of one day (unit_day.py), with the place at which every unit there ever was
counts on that day, so that no item is lost or counted twice in any reading of history.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from ioc.unit_day import DayTree
from ioc.unit_stretches import Level, Unit, UnitError, lives, named, span, unknown

__all__ = ["DayTree", "Level", "Unit", "UnitError", "UnitTree"]

DEEPEST = 12  # levels; a province has three


class UnitTree:
    """Every unit there ever was, each with its stretches. Raises UnitError for stretches that overlap or leave a gap, a parent or successor
    that is not there when it is needed, units that are each other's parents, a code used twice, and anything but one root in the end.

    `root` is the unit everything ends up below. Before a merger there may be several roots: see DayTree.roots.
    """

    def __init__(self, units: Iterable[Unit]) -> None:
        self._lives = lives(units)
        self._codes = _codes(self._lives)
        for unit in (unit for life in self._lives.values() for unit in life):
            self._check_parent(unit)
        for unit in (unit for life in self._lives.values() for unit in life):
            self._climb(unit)
        self._origins = self._check_successors()
        self.root = self._check_root()
        self._turns = sorted({day for life in self._lives.values() for unit in life for day in (unit.begins, unit.ends)} - {date.max})
        self._days: dict[int, DayTree] = {}

    def __iter__(self) -> Iterator[Unit]:
        """The newest stretch of every unit."""
        return (life[-1] for life in self._lives.values())

    def __len__(self) -> int:
        return len(self._lives)

    def __contains__(self, code: str) -> bool:
        return code in self._codes

    def __getitem__(self, code: str) -> Unit:
        """A unit as it is in its newest stretch."""
        return self._lives[self.resolve(code)][-1]

    def resolve(self, code: str) -> str:
        """The unit's own code, given it or one of its alternative codes. Raises UnitError for an unknown one."""
        if code not in self._codes:
            raise unknown(code)
        return self._codes[code]

    def stretches(self, code: str) -> tuple[Unit, ...]:
        """A unit through time, oldest first."""
        return self._lives[self.resolve(code)]

    def on(self, code: str, day: date) -> Unit | None:
        """A unit as it was on a day; None: it was not in force."""
        return next((unit for unit in self.stretches(code) if unit.in_force(day)), None)

    def at(self, day: date) -> DayTree:
        """The tree of a day: made once for each time between two changes."""
        era = bisect_right(self._turns, day)
        if era not in self._days:
            self._days[era] = DayTree(day, self._lives, self._codes, self.origins, self.root)
        return self._days[era]

    def current(self, code: str, day: date) -> str:
        """Where a unit counts on a day: itself while in force, else as DayTree.homes says."""
        return self.at(day).homes[self.resolve(code)]

    def origins(self, code: str) -> tuple[str, ...]:
        """The units that ended the day this one began and named it: what it came out of."""
        return tuple(one for one in self._origins.get(code, ()) if self._lives[one][-1].ends == self._lives[code][0].begins)

    def predecessors(self, code: str) -> frozenset[str]:
        """All units whose business, or a part of it, came to this one, through any chain."""
        found: set[str] = set()
        waiting = [self.resolve(code)]
        while waiting:
            new = set(self._origins.get(waiting.pop(), ())) - found
            found |= new
            waiting += new
        return frozenset(found)

    def _check_parent(self, unit: Unit) -> None:
        if unit.parent is None:
            return
        if unit.parent not in self._lives:
            raise UnitError(f"{named(unit)} has the parent {unit.parent!r}, which is not among the units; add it or correct it")
        above = self._lives[unit.parent]
        if above[0].begins > unit.begins or above[-1].ends < unit.ends:
            raise UnitError(
                f"{named(unit)} has the parent {unit.parent!r}, which is in force {span(above[0], above[-1])} only, while the unit is"
                f" {span(unit, unit)}; end the unit, or give it another parent, on that day"
            )

    def _climb(self, unit: Unit) -> None:
        """Parents can come to stand in a circle only on the day a stretch begins, so looking up from there finds every circle."""
        path, above = [unit.code], unit
        while above.parent is not None:
            if above.parent in path:
                raise UnitError(f"units {' > '.join([*path, above.parent])} are each other's parents; correct the parent of {named(above)}")
            if len(path) == DEEPEST:
                raise UnitError(f"{named(unit)} lies more than {DEEPEST} levels deep; correct its parent {unit.parent!r}")
            path.append(above.parent)
            above = next(one for one in self._lives[above.parent] if one.in_force(unit.begins))

    def _check_successors(self) -> dict[str, list[str]]:
        """Who went into whom. A successor is there on the day its predecessor ends: so chains lead forward in time and never round."""
        origins: dict[str, list[str]] = {}
        for unit in self:
            for heir in unit.successors:
                if heir not in self._lives:
                    raise UnitError(f"{named(unit)} has the successor {heir!r}, which is not among the units; add it or correct it")
                if unit.valid_to is None:
                    raise UnitError(f"{named(unit)} has the successor {heir!r} but no end; give it valid_to, or take the successor out")
                if heir == unit.code or not any(one.in_force(unit.valid_to) for one in self._lives[heir]):
                    raise UnitError(
                        f"{named(unit)} ends on {unit.valid_to} with the successor {heir!r}, which is not in force that day;"
                        " name a unit that is, or correct the days"
                    )
                origins.setdefault(heir, []).append(unit.code)
        return origins

    def _check_root(self) -> str:
        roots = [unit.code for unit in self if unit.parent is None and not unit.successors]
        if len(roots) != 1:
            raise UnitError(
                f"a tree has one root, found {len(roots)}: {', '.join(roots[:5]) or 'none'};"
                " give every other unit its parent, or where it has ended its successor"
            )
        return roots[0]


def _codes(lives: Mapping[str, tuple[Unit, ...]]) -> dict[str, str]:
    """Every code there is -> the unit it means."""
    codes = {code: code for code in lives}
    for code, life in lives.items():
        for other in life[-1].alt_codes:
            if codes.setdefault(other, code) != code:
                raise UnitError(f"{named(life[-1])}: code {other!r} stands for both {codes[other]!r} and {code!r}; a code names one unit")
    return codes
