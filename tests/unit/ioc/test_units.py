"""The tree of offices: its days, its sums, its successors, and what cannot be a tree."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ioc.units import Level, Unit, UnitError, UnitTree, units_from_csv

REFORM = date(2025, 7, 1)  # districts end, communes merge
BEFORE, AFTER = date(2025, 6, 30), REFORM


def unit(code: str, parent: str | None, level: Level = Level.COMMUNE, **more: object) -> Unit:
    return Unit(code=code, name=f"Đơn vị {code}", level=level, parent=parent, **more)  # type: ignore[arg-type]


UNITS = [
    unit("c1", "d1", valid_to=REFORM, successor="c"),
    unit("c2", "d1", valid_to=REFORM, successor="c"),
    unit("d1", "p", Level.DISTRICT, valid_to=REFORM),
    unit("p", None, Level.PROVINCE),
    unit("s", "p", Level.DEPARTMENT, alt_codes=("000.00.07.H99", "H99.07")),
    unit("c", "p", valid_from=REFORM, alt_codes=("26001",)),
]
TREE = UnitTree(UNITS)


def test_before_the_reform_there_were_districts_and_after_it_none() -> None:
    assert {u.code for u in TREE.at(BEFORE)} == {"p", "s", "d1", "c1", "c2"}
    assert {u.code for u in TREE.at(AFTER)} == {"p", "s", "c"}


def test_a_subtree_holds_the_unit_and_all_below_it() -> None:
    assert TREE.subtree("p") == {"p", "s", "d1", "c1", "c2", "c"}
    assert TREE.subtree("d1") == {"d1", "c1", "c2"}
    assert TREE.subtree("s") == {"s"}
    assert TREE.subtree("p", AFTER) == {"p", "s", "c"}
    assert TREE.subtree("d1", AFTER) == frozenset()


def test_paths_and_children_follow_the_parents() -> None:
    assert TREE.root == "p"
    assert TREE.path("c1") == ("p", "d1", "c1")
    assert TREE.path("p") == ("p",)
    assert [u.code for u in TREE.children("p")] == ["d1", "s", "c"]
    assert [u.code for u in TREE.children("p", AFTER)] == ["s", "c"]
    assert TREE.children("c") == ()


def test_sums_climb_to_the_root_whatever_the_order() -> None:
    assert TREE.roll_up({"c1": [1, 10], "s": [5, 0], "c2": [2, 20], "d1": [100, 0]}) == {
        "c1": [1, 10],
        "c2": [2, 20],
        "s": [5, 0],
        "d1": [103, 30],
        "p": [108, 30],
    }


def test_a_sum_leaves_the_given_rows_alone_and_names_no_empty_unit() -> None:
    rows = {"s": [1, 2]}
    assert TREE.roll_up(rows) == {"s": [1, 2], "p": [1, 2]}
    assert rows == {"s": [1, 2]}
    assert TREE.roll_up({}) == {}


def test_a_sum_loses_no_unit_in_silence() -> None:
    with pytest.raises(UnitError, match="'x9'"):
        TREE.roll_up({"x9": [1]})
    with pytest.raises(ValueError, match="argument"):
        TREE.roll_up({"s": [1, 2], "c": [1]})


def test_other_systems_codes_mean_the_same_unit() -> None:
    assert TREE.resolve("000.00.07.H99") == TREE.resolve("H99.07") == TREE.resolve("s") == "s"
    assert TREE["26001"].code == "c"
    assert "26001" in TREE
    assert "26002" not in TREE
    assert TREE.roll_up({"H99.07": [1], "s": [2]}) == {"s": [3], "p": [3]}
    with pytest.raises(UnitError, match="'26002' is not known"):
        TREE.resolve("26002")


def test_a_merged_unit_is_found_through_its_successor() -> None:
    assert TREE.current("c1", BEFORE) == "c1"
    assert TREE.current("c1", AFTER) == "c"
    assert TREE.current("s", AFTER) == "s"
    assert TREE.predecessors("c") == {"c1", "c2"}
    assert TREE.predecessors("c1") == frozenset()


def test_a_chain_of_mergers_is_followed_to_its_end() -> None:
    chain = UnitTree([
        unit("p", None), unit("a", "p", successor="b", valid_to=date(2020, 1, 1)),
        unit("b", "p", successor="c", valid_from=date(2020, 1, 1), valid_to=REFORM), unit("c", "p", valid_from=REFORM),
    ])  # fmt: skip
    assert [chain.current("a", day) for day in (date(2019, 1, 1), date(2022, 1, 1), AFTER)] == ["a", "b", "c"]
    assert chain.predecessors("c") == {"a", "b"}
    assert chain.predecessors("b") == {"a"}


@pytest.mark.parametrize(
    ("units", "complaint"),
    [
        ([], "found 0"),
        ([unit("p", None), unit("q", None)], "found 2: p, q"),
        ([unit("p", None), unit("a", "x")], "'a' has the parent 'x'"),
        ([unit("p", None), unit("a", "p", successor="x")], "'a' has the successor 'x'"),
        ([unit("p", None), unit("a", "b"), unit("b", "a")], "each other's parents"),
        ([unit("p", None), unit("a", "a")], "each other's parents"),
        ([unit("p", None), unit("a", "p", successor="b"), unit("b", "p", successor="a")], "its own successor"),
        ([unit("p", None), unit("a", "p"), unit("a", "p")], "'a' stands for both"),
        ([unit("p", None), unit("a", "p", alt_codes=("1",)), unit("b", "p", alt_codes=("1",))], "'1' stands for both 'a' and 'b'"),
        ([unit("p", None), unit("a", "p", alt_codes=("b",)), unit("b", "p")], "'b' stands for both 'a' and 'b'"),
    ],
)
def test_what_is_no_tree_is_refused_by_name(units: list[Unit], complaint: str) -> None:
    with pytest.raises(UnitError, match=complaint):
        UnitTree(units)


def test_units_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    file.write_text(
        "code,name,level,parent,valid_from,valid_to,successor,short,row,col,alt_codes\n"
        "p,Tỉnh Minh Giang,province,,,,,Tỉnh,,,\n"
        'c,"X. Bình Lợi, mới",commune,p,2025-07-01,,,Bình L.,3,12,26001 000.00.01.H99\n'
        "c1,X. Bình,commune,p,,2025-07-01,c,,,,\n",
        "utf-8-sig",
    )
    tree = UnitTree(units_from_csv(file))
    assert len(tree) == len(list(tree)) == 3
    assert tree["26001"] == Unit(
        code="c", name="X. Bình Lợi, mới", level=Level.COMMUNE, parent="p", valid_from=REFORM, short="Bình L.", row=3, col=12,
        alt_codes=("26001", "000.00.01.H99"),
    )  # fmt: skip
    assert tree["p"].row is None
    assert tree.current("c1", AFTER) == "c"


@pytest.mark.parametrize(
    "line",
    [
        "c,X,village,p,,,,,,",
        "c,X,commune,p,01/07/2025,,,,,",
        "c,X,commune,p,,,,,one,",
        ",X,commune,p,,,,,,",
        "c",
        "c,X,commune,p,,,,,,,a,b",
    ],
)
def test_a_wrong_line_is_refused_by_number(tmp_path: Path, line: str) -> None:
    file = tmp_path / "units.csv"
    file.write_text(f"code,name,level,parent,valid_from,valid_to,successor,short,row,col\np,T,province,,,,,,,\n{line}\n", "utf-8")
    with pytest.raises(UnitError, match=r"units\.csv line 3"):
        units_from_csv(file)
