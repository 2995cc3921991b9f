"""What one catalogue changes about another, in a word for each unit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from ioc.unit_changes import Change, changes
from ioc.units import Level, Unit

DAY = date(2025, 7, 1)


def unit(code: str, parent: str | None = "p", level: Level = Level.COMMUNE, **more: Any) -> Unit:
    return Unit(code=code, name=f"X. {code}", level=level, parent=parent, **more)


P, D = unit("p", None, Level.PROVINCE), unit("d", "p", Level.DISTRICT)
OLD = [P, D, unit("a"), unit("b"), unit("c")]


def told(new: list[Unit], old: list[Unit] | None = None) -> list[tuple[str, str, date | None, str, str]]:
    """(what, code, day, before, after) of each change from `OLD`, where units left out stay."""
    codes = {one.code for one in new}
    before = OLD if old is None else old
    after = [*new, *(one for one in before if one.code not in codes)]
    found = changes(before, after, frozenset(one.code for one in after))
    return [(change.what, change.code, change.day, change.before, change.after) for change in found]


def test_the_same_catalogue_changes_nothing() -> None:
    assert told(list(reversed(OLD))) == []
    assert told([replace(P, line=9)]) == []


def test_into_an_empty_database_all_are_added() -> None:
    assert told([P, unit("a", valid_from=DAY)], []) == [("added", "a", DAY, "", "p"), ("added", "p", None, "", "")]


def test_another_name_from_a_day_on_is_a_new_stretch() -> None:
    new = [unit("a", valid_to=DAY), replace(unit("a", valid_from=DAY), name="P. Mới")]
    assert told(new) == [("renamed", "a", DAY, "X. a", "P. Mới")]
    assert told([replace(unit("a"), name="P. Mới")]) == [("renamed", "a", None, "X. a", "P. Mới")], "it was always called so"


def test_another_parent_and_level_are_told_each() -> None:
    new = [unit("a", valid_to=DAY), unit("a", "d", Level.DISTRICT, valid_from=DAY)]
    assert told(new) == [("moved", "a", DAY, "p", "d"), ("level", "a", DAY, "commune", "district")]


def test_what_ends_says_to_whom_it_goes() -> None:
    gone: dict[str, Any] = {"valid_to": DAY}
    assert told([unit("a", **gone)]) == [("ended", "a", DAY, "", "")]
    assert told([unit("a", successors=("c",), **gone), unit("b", successors=("c",), **gone)]) == [
        ("merged", "a", DAY, "", "c"),
        ("merged", "b", DAY, "", "c"),
    ]
    assert told([unit("a", successors=("b", "c"), **gone)]) == [("split", "a", DAY, "", "b c")]


def test_one_new_unit_in_the_place_of_one_old_is_another_code() -> None:
    new = [unit("a", valid_to=DAY, successors=("n",)), unit("n", valid_from=DAY)]
    assert told(new) == [("recoded", "a", DAY, "", "n"), ("added", "n", DAY, "", "p")]
    both = [*new, unit("b", valid_to=DAY, successors=("n",))]
    assert [what for what, *_ in told(both)] == ["merged", "merged", "added"]


def test_an_end_taken_back_and_a_detail_are_told_too() -> None:
    ended = [P, unit("c"), unit("a", valid_to=DAY, successors=("c",))]
    assert told([unit("a")], ended) == [("reopened", "a", None, "c", "")]
    assert told([unit("a", short="A", alt_codes=("1",))]) == [("corrected", "a", None, "", "short, alt_codes")]
    assert told([unit("a", valid_from=DAY)]) == [("corrected", "a", None, "", "valid_from")]


def test_a_unit_without_a_line_is_told_as_forgotten() -> None:
    assert changes(OLD, OLD, frozenset(one.code for one in OLD) - {"b"}) == (Change(what="forgotten", code="b", name="X. b"),)
