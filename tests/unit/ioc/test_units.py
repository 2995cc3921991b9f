"""The tree of offices: its days, who counts where on each of them, and what cannot be a tree."""

from __future__ import annotations

from datetime import date

import pytest

from ioc.units import Level, Unit, UnitError, UnitTree

REFORM = date(2025, 7, 1)  # districts end, communes merge
BEFORE, AFTER = date(2025, 6, 30), REFORM


def unit(code: str, parent: str | None, level: Level = Level.COMMUNE, **more: object) -> Unit:
    return Unit(code=code, name=f"Đơn vị {code}", level=level, parent=parent, **more)  # type: ignore[arg-type]


UNITS = [
    unit("c1", "d1", valid_to=REFORM, successors=("c",)),
    unit("c2", "d1", valid_to=REFORM, successors=("c",)),
    unit("d1", "p", Level.DISTRICT, valid_to=REFORM),
    unit("p", None, Level.PROVINCE),
    unit("s", "p", Level.DEPARTMENT, alt_codes=("000.00.07.H99", "H99.07")),
    unit("c", "p", valid_from=REFORM, alt_codes=("26001",)),
]
TREE = UnitTree(UNITS)

MERGER = UnitTree([  # two provinces become one; one commune is divided, one is renamed and then moved
    unit("a", None, Level.PROVINCE, valid_to=REFORM, successors=("n",)),
    unit("b", None, Level.PROVINCE, valid_to=REFORM, successors=("n",)),
    unit("a1", "a", Level.DISTRICT, valid_to=REFORM),
    unit("a2", "a", Level.DISTRICT, valid_to=REFORM),
    unit("x", "a1", valid_to=date(2020, 1, 1)),
    Unit(code="x", name="Tên mới", level=Level.COMMUNE, parent="a1", valid_from=date(2020, 1, 1), valid_to=date(2022, 1, 1)),
    Unit(code="x", name="Tên mới", level=Level.COMMUNE, parent="a2", valid_from=date(2022, 1, 1), valid_to=REFORM, successors=("m",)),
    unit("y", "a1", valid_to=REFORM, successors=("m", "o")),
    unit("z", "b", valid_to=REFORM, successors=("o",)),
    unit("n", None, Level.PROVINCE, valid_from=REFORM),
    unit("m", "n", valid_from=REFORM),
    unit("o", "n", valid_from=REFORM),
])  # fmt: skip


def test_before_the_reform_there_were_districts_and_after_it_none() -> None:
    assert {u.code for u in TREE.at(BEFORE)} == {"p", "s", "d1", "c1", "c2"}
    assert {u.code for u in TREE.at(AFTER)} == {"p", "s", "c"}
    assert len(TREE.at(BEFORE)) == 5
    assert "26001" in TREE.at(AFTER)
    assert "c" not in TREE.at(BEFORE)


def test_a_subtree_holds_the_unit_and_all_below_it_on_that_day() -> None:
    assert TREE.at(BEFORE).subtree("p") == {"p", "s", "d1", "c1", "c2"}
    assert TREE.at(BEFORE).subtree("d1") == {"d1", "c1", "c2"}
    assert TREE.at(AFTER).subtree("H99.07") == {"s"}
    assert TREE.at(AFTER).subtree("p") == {"p", "s", "c"}
    assert TREE.at(AFTER).subtree("d1") == frozenset()


def test_paths_and_children_follow_the_parents_of_the_day() -> None:
    assert TREE.root == "p"
    assert TREE.at(BEFORE).path("c1") == ("p", "d1", "c1")
    assert TREE.at(AFTER).path("26001") == ("p", "c")
    assert TREE.at(AFTER).path("c1") == ()
    assert [u.code for u in TREE.at(BEFORE).children("p")] == ["d1", "s"]
    assert [u.code for u in TREE.at(AFTER).children("p")] == ["s", "c"]
    assert TREE.at(AFTER).children("c") == ()


def test_what_a_merged_unit_had_counts_at_its_heir_and_still_by_itself() -> None:
    assert TREE.current("c1", BEFORE) == "c1"
    assert TREE.current("c1", AFTER) == "c"
    assert TREE.at(AFTER).counted("c") == {"c", "c1", "c2"}
    assert TREE.at(AFTER).counted("c1") == {"c1"}
    assert TREE.at(BEFORE).counted("c1") == {"c1"}
    assert TREE.predecessors("c") == {"c1", "c2"}
    assert TREE.predecessors("c1") == frozenset()


def test_what_has_no_heir_counts_at_who_was_above_it() -> None:
    assert TREE.current("d1", AFTER) == "p"
    assert TREE.at(AFTER).counted("p") == {u.code for u in UNITS}


def test_what_was_not_there_yet_counts_at_what_it_came_out_of() -> None:
    """A source that re-codes its old dossiers says the new office of days on which there was none."""
    assert TREE.current("c", BEFORE) == "d1", "nearest above both of those it was merged of"
    assert TREE.at(BEFORE).counted("d1") == {"d1", "c1", "c2", "c"}
    assert TREE.at(BEFORE).undivided("d1") == {"c"}
    alone = UnitTree([unit("p", None), unit("old", "p", valid_to=REFORM, successors=("new",)), unit("new", "p", valid_from=REFORM)])
    assert (alone.current("new", BEFORE), alone.current("old", AFTER)) == ("old", "new")
    assert UnitTree([unit("p", None), unit("new", "p", valid_from=REFORM)]).current("new", BEFORE) == "p"


def test_a_chain_of_mergers_is_followed_to_the_one_in_force() -> None:
    chain = UnitTree([
        unit("p", None), unit("a", "p", successors=("b",), valid_to=date(2020, 1, 1)),
        unit("b", "p", successors=("c",), valid_from=date(2020, 1, 1), valid_to=REFORM), unit("c", "p", valid_from=REFORM),
    ])  # fmt: skip
    assert [chain.current("a", day) for day in (date(2019, 1, 1), date(2022, 1, 1), AFTER)] == ["a", "b", "c"]
    assert chain.at(AFTER).counted("c") == {"a", "b", "c"}
    assert chain.predecessors("c") == {"a", "b"}
    assert chain.origins("c") == ("b",)


def test_a_unit_keeps_its_code_through_other_names_and_parents() -> None:
    assert [(s.name, s.parent) for s in MERGER.stretches("x")] == [("Đơn vị x", "a1"), ("Tên mới", "a1"), ("Tên mới", "a2")]
    assert MERGER["x"].parent == "a2"
    days = {date(2019, 12, 31): ("Đơn vị x", "a1"), date(2020, 1, 1): ("Tên mới", "a1"), date(2022, 1, 1): ("Tên mới", "a2")}
    for day, (name, parent) in days.items():
        assert MERGER.at(day).path("x") == ("a", parent, "x")
        assert [u.name for u in MERGER.at(day) if u.code == "x"] == [name]
    assert MERGER.at(REFORM).path("x") == ()


def test_before_a_merger_of_provinces_there_are_several_roots_and_after_it_one_holds_all() -> None:
    assert [u.code for u in MERGER.at(BEFORE).roots] == ["a", "b"]
    assert [u.code for u in MERGER.at(AFTER).roots] == ["n"]
    assert MERGER.at(AFTER).counted("n") == {u.code for u in MERGER}
    assert MERGER.at(BEFORE).counted("a") == {"a", "a1", "a2", "x", "y", "m"}, "m was merged of units below it"
    assert MERGER.at(BEFORE).counted("b") == {"b", "z"}
    assert MERGER.at(BEFORE).top == "n"
    assert [u.code for u in MERGER.at(BEFORE).children("n")] == ["a", "b"], "it stands above those it will be merged of"
    assert MERGER.at(BEFORE).counted("n") == {u.code for u in MERGER}
    assert {code for code, home in MERGER.at(BEFORE).homes.items() if home == "n"} == {"n", "o"}, "what can be given to neither of the two"
    assert MERGER.at(BEFORE).roll_up({"x": [1], "z": [2], "o": [4]})["n"] == [7]
    assert "n" not in MERGER.at(BEFORE)


def test_a_divided_unit_counts_at_the_nearest_office_above_its_heirs_and_nowhere_below() -> None:
    after = MERGER.at(AFTER)
    assert after.homes["y"] == "n"
    assert after.counted("m") == {"m", "x"}
    assert after.counted("o") == {"o", "z"}
    assert [after.undivided(code) for code in ("n", "m", "o")] == [{"y"}, {"y"}, {"y"}]
    assert MERGER.at(BEFORE).undivided("a") == {"m", "n", "o"}
    assert MERGER.at(BEFORE).undivided("a2") == {"m"}
    assert TREE.at(AFTER).undivided("p") == frozenset()


def test_sums_climb_to_the_root_whatever_the_order() -> None:
    values = {"c1": [1, 10], "s": [5, 0], "c2": [2, 20], "d1": [100, 0]}
    assert TREE.at(BEFORE).roll_up(values) == {"c1": [1, 10], "c2": [2, 20], "s": [5, 0], "d1": [103, 30], "p": [108, 30]}
    assert TREE.at(AFTER).roll_up(values) == {"c": [3, 30], "s": [5, 0], "p": [108, 30]}


def test_a_sum_leaves_the_given_rows_alone_and_names_no_empty_unit() -> None:
    rows = {"s": [1, 2]}
    assert TREE.at(AFTER).roll_up(rows) == {"s": [1, 2], "p": [1, 2]}
    assert rows == {"s": [1, 2]}
    assert TREE.at(AFTER).roll_up({}) == {}


def test_a_sum_loses_no_unit_in_silence() -> None:
    with pytest.raises(UnitError, match="'x9'"):
        TREE.at(AFTER).roll_up({"x9": [1]})
    with pytest.raises(ValueError, match="argument"):
        TREE.at(AFTER).roll_up({"s": [1, 2], "c": [1]})


def test_other_systems_codes_mean_the_same_unit() -> None:
    assert TREE.resolve("000.00.07.H99") == TREE.resolve("H99.07") == TREE.resolve("s") == "s"
    assert TREE["26001"].code == "c"
    assert "26001" in TREE
    assert "26002" not in TREE
    assert TREE.at(AFTER).roll_up({"H99.07": [1], "s": [2]}) == {"s": [3], "p": [3]}
    for ask in (TREE.resolve, TREE.at(AFTER).counted):
        with pytest.raises(UnitError, match="'26002' is not known"):
            ask("26002")


P = unit("p", None)
LATER = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("units", "complaint"),
    [
        ([], "found 0"),
        ([P, unit("q", None)], "found 2: p, q"),
        ([P, unit("q", None, valid_to=REFORM)], "found 2: p, q.*its successor"),
        ([P, unit("a", "x")], "'a' has the parent 'x'"),
        ([P, unit("a", "p", successors=("x",), valid_to=REFORM)], "'a' has the successor 'x'"),
        ([P, unit("a", "p", successors=("b",)), unit("b", "p")], "'a' has the successor 'b' but no end"),
        ([P, unit("a", "b"), unit("b", "a")], "each other's parents"),
        ([P, unit("a", "a")], "each other's parents"),
        ([P, unit("a", "p", valid_to=REFORM), unit("a", "b", valid_from=REFORM), unit("b", "a", valid_from=REFORM)], "each other's"),
        ([P, unit("a", "p", successors=("b",), valid_to=REFORM), unit("b", "p", valid_from=LATER)], "'b', which is not in force that day"),
        ([P, unit("a", "p", successors=("a",), valid_to=REFORM)], "'a', which is not in force that day"),
        (
            [P, unit("a", "p", successors=("b",), valid_to=REFORM), unit("b", "p", successors=("a",), valid_to=REFORM)],
            "'b', which is not in force that day",
        ),
        ([P, unit("a", "p"), unit("a", "p")], "'a' begins on no day.*overlap"),
        ([P, unit("a", "p", valid_to=LATER), unit("a", "p", valid_from=REFORM)], "'a' begins on 2025-07-01.*overlap"),
        ([P, unit("a", "p", valid_to=REFORM), unit("a", "p", valid_from=LATER)], "'a' begins on 2026-01-01.*leave a gap"),
        ([P, unit("a", "p", valid_from=LATER, valid_to=REFORM)], "'a' ends on 2025-07-01 before it begins on 2026-01-01"),
        (
            [P, unit("a", "p", valid_to=REFORM, successors=("p",)), unit("a", "p", valid_from=REFORM)],
            "'a' names a successor but goes on",
        ),
        ([P, unit("d", "p", valid_to=REFORM), unit("a", "d")], "the parent 'd', which is in force since ever until 2025-06-30 only"),
        ([P, unit("d", "p", valid_from=REFORM), unit("a", "d")], "the parent 'd', which is in force from 2025-07-01 on only"),
        ([P, unit("a", "p", alt_codes=("1",)), unit("b", "p", alt_codes=("1",))], "'1' stands for both 'a' and 'b'"),
        ([P, unit("a", "p", alt_codes=("b",)), unit("b", "p")], "'b' stands for both 'b' and 'a'"),
        ([P, *(unit(f"u{n}", f"u{n - 1}" if n else "p") for n in range(20))], "more than 12 levels"),
        ([P, unit("a", "x", line=7)], "line 7: unit 'a'"),
    ],
)
def test_what_is_no_tree_is_refused_by_name(units: list[Unit], complaint: str) -> None:
    with pytest.raises(UnitError, match=complaint):
        UnitTree(units)
