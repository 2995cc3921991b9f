"""The offices that a question's number is made of, as parts that are disjoint and together everything: the rows of a board, the bars of a
breakdown. Pure; called by ioc/boards and ioc/breakdown.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from ioc.answers import Only, Question, keys_of, local_day, offices_below
from ioc.catalogue import Catalogue
from ioc.units import Level

ITSELF = " (trực tiếp)"


def in_alphabet(name: str) -> str:
    """What to sort a Vietnamese name by: đ stands after d, a letter with marks after the plain one."""
    return unicodedata.normalize("NFD", name.casefold()).replace("đ", "d\uffff")


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A part by units. `unit` and `only` ask for its lists (ioc/answers.py Question); `keys`: the units whose items it counts."""

    unit: str
    name: str
    level: str
    keys: frozenset[int]
    only: Only = ""


def offices(catalogue: Catalogue, asked: Question, at: datetime, level: Level | None = None) -> tuple[list[Office], Office]:
    """The parts of a unit (None: of everything) and the whole: its direct offices with what it holds itself, or all offices of `level`.

    Raises UnitError for an unknown unit.
    """
    day = local_day(at)
    code = catalogue.tree.resolve(asked.unit) if asked.unit else catalogue.offices(asked.reading, day).top
    then = day if asked.reading == "then" else catalogue.today or day
    about = catalogue.tree.on(code, then) or catalogue.tree[code]

    def office(unit: str, name: str, its_level: Level, only: Only = "") -> Office:
        keys = keys_of(catalogue, replace(asked, unit=unit, only=only), at) or frozenset()
        return Office(unit=unit, name=name, level=its_level.value, only=only, keys=keys)

    parts = [office(unit.code, unit.name, unit.level) for unit in offices_below(catalogue, code, asked.reading, day, level)]
    if level is None:
        parts.append(office(code, about.name + ITSELF, about.level, "own"))
    return parts, office(code, about.name, about.level, cast(Only, level.value) if level else "")
