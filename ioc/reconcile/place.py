"""Which of our units a published figure is of: found by its code or its name, at its level, by both readings of history. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from ioc.catalogue import Catalogue
from ioc.reconcile.published import Published
from ioc.units import Level

PREFIXES = ("tỉnh ", "thành phố ", "tp. ", "tp ")
LEVELS = {
    "province": (Level.PROVINCE, Level.DEPARTMENT),  # what "cấp tỉnh" means in reports: the departments' desks
    "department": (Level.DEPARTMENT,),
    "district": (Level.DISTRICT,),
    "commune": (Level.COMMUNE,),
}
TODAY = ("theo cây đơn vị hiện nay", "by today's offices")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A unit found: its code and key, the keys that count for it by the offices there were then, and by other readings with their words."""

    code: str
    key: int
    keys: tuple[int, ...]
    trees: tuple[tuple[str, str, tuple[int, ...]], ...] = ()


def find(catalogue: Catalogue, one: Published, day: date) -> Place | None:
    """None for a unit the catalogue does not hold, or that could be several. `day`: the local one its publisher counted on."""
    tree = catalogue.tree
    if one.unit in tree:
        code = tree.resolve(one.unit)
    else:
        names = {unit.code: (tree.on(unit.code, day) or unit).name for unit in tree}
        named = [code for code, name in names.items() if name.casefold() == one.unit.casefold()]
        named = named or [code for code, name in names.items() if _folded(name) == _folded(one.unit)]
        if len(named) != 1:
            return None
        code = named[0]
    keys = _of_level(catalogue, catalogue.keys(code, "then", day), one.level, day)
    today = _of_level(catalogue, catalogue.keys(code), one.level, day)
    return Place(code=code, key=catalogue.ids[code], keys=keys, trees=((*TODAY, today),) if today != keys else ())


def _of_level(catalogue: Catalogue, keys: Collection[int], level: str, day: date) -> tuple[int, ...]:
    wanted = LEVELS.get(level)
    return tuple(sorted(key for key in keys if wanted is None or _level(catalogue, key, day) in wanted))


def _level(catalogue: Catalogue, key: int, day: date) -> Level:
    code = catalogue.codes[key]
    return (catalogue.tree.on(code, day) or catalogue.tree[code]).level


def _folded(name: str) -> str:
    folded = " ".join(name.casefold().split())
    return next((folded.removeprefix(prefix) for prefix in PREFIXES if folded.startswith(prefix)), folded)
