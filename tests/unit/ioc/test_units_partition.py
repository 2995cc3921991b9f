"""Whatever becomes of the offices, on every day every item counts once: a unit's number is its own plus its children's, the roots' all."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ioc.unit_files import parsed, written
from ioc.units import Level, Unit, UnitTree

BEGIN = date(2020, 1, 1)
STEPS = 10


class Offices:
    """Offices changed at random, a day at a time: merged, split, moved, renamed, founded, closed; at last two provinces become one."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.past: list[Unit] = []
        self.now = {code: self._unit(code, None, Level.PROVINCE, None) for code in ("P", "Q")}
        self.n = 0
        for _ in range(12):
            self._found(None)
        for step in range(1, STEPS):
            day = BEGIN + timedelta(days=step)
            self.random.choice((self._merge, self._merge, self._split, self._move, self._rename, self._found, self._close))(day)
        self._unite(BEGIN + timedelta(days=STEPS))

    def tree(self) -> UnitTree:
        units = [*self.past, *self.now.values()]
        self.random.shuffle(units)
        return UnitTree(units)

    def _unit(self, code: str, parent: str | None, level: Level, day: date | None) -> Unit:
        return Unit(code=code, name=code, level=level, parent=parent, valid_from=day)

    def _found(self, day: date | None, parent: str | None = None) -> str:
        self.n += 1
        parent = parent or self.random.choice([u.code for u in self.now.values() if u.level in (Level.PROVINCE, Level.DISTRICT)])
        level = Level.COMMUNE if self.now[parent].level is Level.DISTRICT else self.random.choice((Level.COMMUNE, Level.DISTRICT))
        code = f"U{self.n}"
        self.now[code] = self._unit(code, parent, level, day)
        return code

    def _leaves(self, day: date) -> list[str]:
        """Offices nobody is below, that did not begin today."""
        above = {unit.parent for unit in self.now.values()}
        return sorted(c for c, u in self.now.items() if c not in above and u.parent is not None and u.valid_from != day)

    def _end(self, code: str, day: date, *heirs: str) -> None:
        self.past.append(replace(self.now.pop(code), valid_to=day, successors=heirs))

    def _merge(self, day: date) -> None:
        if len(leaves := self._leaves(day)) >= 2:
            into = self.random.choice((self._found(day, "P"), self.random.choice([c for c in self.now if c not in leaves[:2]])))
            for code in leaves[:2]:
                self._end(code, day, into)

    def _split(self, day: date) -> None:
        if leaves := self._leaves(day):
            code = self.random.choice(leaves)
            self._end(code, day, *(self._found(day, self.random.choice(("P", "Q"))) for _ in range(self.random.choice((2, 3)))))

    def _move(self, day: date) -> None:
        if leaves := self._leaves(day):
            code = self.random.choice(leaves)
            self.past.append(replace(self.now[code], valid_to=day))
            self.now[code] = replace(self.now[code], parent=self.random.choice(("P", "Q")), valid_from=day)

    def _rename(self, day: date) -> None:
        code = self.random.choice(sorted(self.now))
        if self.now[code].valid_from != day:
            self.past.append(replace(self.now[code], valid_to=day))
            self.now[code] = replace(self.now[code], name=f"{code} mới", valid_from=day)

    def _close(self, day: date) -> None:
        if leaves := self._leaves(day):
            self._end(self.random.choice(leaves), day)

    def _unite(self, day: date) -> None:
        """Q and P end in N; what was below them moves there."""
        for code, unit in list(self.now.items()):
            if unit.parent in ("P", "Q"):
                self.past.append(replace(unit, valid_to=day))
                self.now[code] = replace(unit, parent="N", valid_from=day)
        self._end("P", day, "N")
        self._end("Q", day, "N")
        self.now["N"] = self._unit("N", None, Level.PROVINCE, day)


DAYS = [BEGIN + timedelta(days=n) for n in range(-1, STEPS + 2)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_the_parts_of_every_unit_are_disjoint_and_together_the_whole_on_every_day(seed: int) -> None:
    tree = Offices(seed).tree()
    everyone = {unit.code for unit in tree}
    for day in DAYS:
        offices = tree.at(day)
        for unit in {unit.code for unit in offices} | {offices.top}:
            parts = [offices.counted(child.code) for child in offices.children(unit)]
            own = {code for code, home in offices.homes.items() if home == unit}
            assert Counter(offices.counted(unit)) == Counter([*own, *(code for part in parts for code in part)]), "none lost, none twice"
            assert unit in own
        assert offices.counted(offices.top) == everyone


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_sums_say_the_same_as_what_is_counted(seed: int) -> None:
    tree = Offices(seed).tree()
    rows = {unit.code: [n, n * n] for n, unit in enumerate(tree, 1)}
    for day in DAYS:
        offices = tree.at(day)
        sums = offices.roll_up(rows)
        assert sums.keys() == {unit.code for unit in offices} | {offices.top}
        for code, total in sums.items():
            assert total == [sum(column) for column in zip(*(rows[one] for one in offices.counted(code)), strict=True)]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_what_cannot_be_divided_is_told_wherever_it_is_missed(seed: int) -> None:
    tree = Offices(seed).tree()
    for day in DAYS:
        offices = tree.at(day)
        for unit in offices:
            for code in offices.undivided(unit.code):
                home = offices.homes[code]
                assert home == unit.code or home not in offices.subtree(unit.code)
                assert all(code not in offices.counted(child.code) for child in offices.children(home))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9))
def test_a_catalogue_written_to_a_file_is_the_same_when_read(seed: int) -> None:
    tree = Offices(seed).tree()
    units = [stretch for unit in tree for stretch in tree.stretches(unit.code)]
    assert parsed(written(units).encode(), "units.csv") == units
