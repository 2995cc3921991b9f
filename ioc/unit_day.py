"""The tree of one day, and the place at which every unit there ever was counts on it. Made by UnitTree.at(day); pure.

Both readings of history are this one rule with another day: "now" asks today's tree, "then" the tree of the day asked about. A unit counts
    in force that day       at itself
    ended before            at whoever holds its business that day, through any chain; without a successor at who was above it
    begun only after        at what it came out of; if it came out of nothing at who will be above it
Where that is more than one (a split unit's heirs: its items cannot be divided) it counts at the nearest office above all of them and
nowhere below. So the parts are disjoint and together everything: a unit's number is its own plus those of its children.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property

from ioc.unit_stretches import Unit, unknown


class DayTree:
    """The units in force on `day`, a tree below each of its `roots`. `top` is the one that speaks for everything: the root where there is
    only one; before a merger of provinces the one they will be, which is not in force but stands above them, so that no sum is lost."""

    def __init__(
        self,
        day: date,
        lives: Mapping[str, tuple[Unit, ...]],
        codes: Mapping[str, str],
        origins: Callable[[str], tuple[str, ...]],
        root: str,
    ) -> None:
        self._day, self._lives, self._codes, self._origins = day, lives, codes, origins
        self._units = {unit.code: unit for life in lives.values() for unit in life if unit.in_force(day)}
        self._below: dict[str, list[Unit]] = {code: [] for code in self._units}
        for unit in self._units.values():
            if unit.parent is not None:
                self._below[unit.parent].append(unit)
        self.roots = tuple(unit for unit in self._units.values() if unit.parent is None)
        self.top = self.roots[0].code if len(self.roots) == 1 else root
        if self.top not in self._units:
            self._below[self.top] = list(self.roots)

    def __iter__(self) -> Iterator[Unit]:
        return iter(self._units.values())

    def __len__(self) -> int:
        return len(self._units)

    def __contains__(self, code: str) -> bool:
        """Whether the unit of this code is in force."""
        return self._codes.get(code) in self._units

    def children(self, code: str) -> tuple[Unit, ...]:
        """Directly below."""
        return tuple(self._below.get(self._own(code), ()))

    def subtree(self, code: str) -> frozenset[str]:
        """The unit itself and all in force below it; nothing for one that is not in force, unless it is `top`."""
        found: list[str] = []
        waiting = [own] if (own := self._own(code)) in self._below else []
        while waiting:
            found.append(waiting.pop())
            waiting += [unit.code for unit in self._below[found[-1]]]
        return frozenset(found)

    def path(self, code: str) -> tuple[str, ...]:
        """From its root down to the unit itself; empty if it is not in force."""
        path: list[str] = []
        at = self._units.get(self._own(code))
        while at is not None:
            path.append(at.code)
            at = None if at.parent is None else self._units[at.parent]
        return tuple(reversed(path))

    @cached_property
    def homes(self) -> Mapping[str, str]:
        """Every unit there ever was -> where it counts. That is in force, or it is `top`."""
        return {code: self._meeting(self._holders[code]) for code in self._lives}

    def counted(self, code: str) -> frozenset[str]:
        """The units whose items make up a unit's number. One that is not in force answers for itself alone."""
        own = self._own(code)
        below = self.subtree(own) or {own}
        return frozenset(one for one, home in self.homes.items() if home in below or one == own)

    def undivided(self, code: str) -> frozenset[str]:
        """The units whose items belong to several offices and cannot be divided, as far as that concerns this unit: what it holds in part
        and is counted above it, and what is counted at it but not in any part of it."""
        own = self._own(code)
        within, above = self.subtree(own), {*self.path(own), self.top}
        shared = {one: holders for one, holders in self._holders.items() if len(holders) > 1}
        return frozenset(one for one, holders in shared.items() if (home := self.homes[one]) == own or (home in above and holders & within))

    def roll_up(self, values: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
        """Each unit's numbers, by column: those of all units that count at it, and of all below it. Units without any are left out.

        All rows have the same length. Raises UnitError for an unknown code, so nothing is lost from a total in silence.
        """
        sums: dict[str, list[int]] = {}
        for code, row in values.items():
            _add_to(sums, self.homes[self._own(code)], row)
        for code, parent in self._upwards:
            if parent is not None and code in sums:
                _add_to(sums, parent, sums[code])
        return sums

    @cached_property
    def _upwards(self) -> list[tuple[str, str | None]]:
        """(unit, parent), deepest first: one pass over this order carries every sum to the roots."""
        above = None if self.top in self._units else self.top
        return [(code, self._units[code].parent or above) for code in sorted(self._units, key=lambda code: -len(self.path(code)))]

    @cached_property
    def _holders(self) -> Mapping[str, frozenset[str]]:
        return {code: self._holders_of(code) for code in self._lives}

    def _holders_of(self, code: str) -> frozenset[str]:
        """The units in force that hold a unit's business, or a part of it. Every step leads nearer to the day, or one level up."""
        found, seen, waiting = set(), set(), [code]
        while waiting:
            one = waiting.pop()
            if one in self._units:
                found.add(one)
            elif one not in seen:
                seen.add(one)
                waiting += self._towards(one)
        return frozenset(found)

    def _towards(self, code: str) -> Sequence[str]:
        """From a unit that is not in force, where to look next."""
        first, last = self._lives[code][0], self._lives[code][-1]
        nearer, end = (last.successors, last) if last.ends <= self._day else (self._origins(code), first)
        return nearer or ((end.parent,) if end.parent else ())

    def _meeting(self, codes: frozenset[str]) -> str:
        """The nearest office above all of them, a unit being above itself."""
        met = self.top
        for level in zip(*(self.path(code) for code in codes), strict=False):
            if len(set(level)) > 1:
                break
            met = level[0]
        return met

    def _own(self, code: str) -> str:
        """Raises UnitError for a code nobody knows."""
        if code not in self._codes:
            raise unknown(code)
        return self._codes[code]


def _add_to(sums: dict[str, list[int]], code: str, row: Sequence[int]) -> None:
    total = sums.get(code)
    sums[code] = list(row) if total is None else [a + b for a, b in zip(total, row, strict=True)]
