"""What a new catalogue changes about an old one, unit by unit: the words of `ioc units diff`. Pure; catalogue.py asks before it writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ioc.units import Unit, UnitTree

What = Literal["added", "renamed", "moved", "level", "ended", "merged", "split", "recoded", "reopened", "corrected", "forgotten"]
LEAVING = frozenset[What]({"ended", "merged", "split", "recoded", "forgotten"})  # what stands at such a unit deserves a look
DETAILS = ("short", "row", "col", "alt_codes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of one unit: from what to what, and since which day (None: it was always so)."""

    what: What
    code: str
    name: str
    day: date | None = None
    before: str = ""
    after: str = ""


def changes(before: Iterable[Unit], after: Iterable[Unit], listed: frozenset[str]) -> tuple[Change, ...]:
    """All of them, by unit. `before` and `after`: every stretch of two catalogues; `listed`: the units the new one has lines for. Those it
    has none for stay as they are, and are told as forgotten where they are in `before`. Raises UnitError for what is no tree."""
    old, new = _lives(before), UnitTree(after)
    found: list[Change] = []
    for unit in new:
        life = new.stretches(unit.code)
        if unit.code not in listed:
            found.append(Change(what="forgotten", code=unit.code, name=unit.name))
        elif unit.code not in old:
            found.append(Change(what="added", code=unit.code, name=unit.name, day=life[0].valid_from, after=unit.parent or ""))
        elif life != old[unit.code]:
            found += _of_one(old[unit.code], life, new, old)
    return tuple(sorted(found, key=lambda change: change.code))


def _lives(units: Iterable[Unit]) -> Mapping[str, Sequence[Unit]]:
    listed = list(units)
    if not listed:
        return {}
    tree = UnitTree(listed)
    return {unit.code: tree.stretches(unit.code) for unit in tree}


def _of_one(old: Sequence[Unit], new: Sequence[Unit], tree: UnitTree, known: Mapping[str, Sequence[Unit]]) -> Iterator[Change]:
    """What became of one unit. What differs in stretches both catalogues have is a correction of what was always so."""
    last, now = old[-1], new[-1]
    told = False
    if (last.valid_to, last.successors) != (now.valid_to, now.successors):
        told = True
        yield _end(last, now, tree, known)
    for was, stretch, day in _turns(old, new):
        for what, a, b in (
            ("renamed", was.name, stretch.name), ("moved", was.parent or "", stretch.parent or ""), ("level", was.level, stretch.level)
        ):  # fmt: skip
            if a != b:
                told = True
                yield Change(what=what, code=now.code, name=now.name, day=day, before=a, after=b)  # type: ignore[arg-type]
    differing = [name for name in DETAILS if getattr(last, name) != getattr(now, name)]
    if differing or not told:
        yield Change(what="corrected", code=now.code, name=now.name, after=", ".join(differing) or "valid_from")


def _turns(old: Sequence[Unit], new: Sequence[Unit]) -> Iterator[tuple[Unit, Unit, date | None]]:
    """(as it was known, as it is said to be, since when) for each stretch of the new catalogue, held against the same days in the old."""
    for stretch in new:
        was = next((one for one in old if one.in_force(stretch.begins)), old[-1] if stretch.begins >= old[-1].ends else old[0])
        yield was, stretch, stretch.valid_from


def _end(was: Unit, now: Unit, tree: UnitTree, known: Mapping[str, Sequence[Unit]]) -> Change:
    what: What = "ended"
    if now.valid_to is None:
        what = "reopened"
    elif len(now.successors) > 1:
        what = "split"
    elif now.successors:
        heir = now.successors[0]
        alone = tree.origins(heir) == (now.code,) and heir not in known and tree.stretches(heir)[0].level == now.level
        what = "recoded" if alone else "merged"
    return Change(
        what=what, code=now.code, name=now.name, day=now.valid_to, before=" ".join(was.successors), after=" ".join(now.successors)
    )
