"""The catalogue's file: what is in a line, what is refused by its number, and that nothing but UnitError leaves it."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.unit_files import COLUMNS, MOST, digest, parsed, units_from_csv, written
from ioc.units import Level, Unit, UnitError, UnitTree

REFORM = date(2025, 7, 1)
HEADER = ",".join(COLUMNS)


def test_units_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    file.write_text(
        f"{HEADER}\n"
        "p,Tỉnh Minh Giang,province,,,,,Tỉnh,,,\n"
        'c,"X. Bình Lợi, mới",commune,p,2025-07-01,,,Bình L.,3,12,26001 000.00.01.H99\n'
        "e,X. Hòa,commune,p,2025-07-01,,,,,,\n"
        "c1,X. Bình,commune,p,,2025-07-01,c,,,,\n"
        "c2,X. Cũ,commune,p,,2020-01-01,,,,,\n"
        "c2,X. Hòa Bình,commune,p,2020-01-01,2025-07-01,e c,,,,26002\n",
        "utf-8-sig",
    )
    tree = UnitTree(units_from_csv(file))
    assert len(tree) == len(list(tree)) == 5
    assert tree["26001"] == Unit(
        code="c", name="X. Bình Lợi, mới", level=Level.COMMUNE, parent="p", valid_from=REFORM, short="Bình L.", row=3, col=12,
        alt_codes=("26001", "000.00.01.H99"),
    )  # fmt: skip
    assert tree["p"].row is None
    assert tree.current("c1", REFORM) == "c"
    assert [stretch.name for stretch in tree.stretches("26002")] == ["X. Cũ", "X. Hòa Bình"]
    assert tree["c2"].successors == ("c", "e")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("c,X,village,p,,,,,,,", "unknown level 'village'; use province"),
        ("c,X,commune,p,01/07/2025,,,,,,", "valid_from '01/07/2025' is not a day"),
        ("c,X,commune,p,,,,,one,,", "row 'one' is not a place"),
        ("c,X,commune,p,,,,,٣,,", "row '٣' is not a place"),
        ("c,X,commune,p,,,,,99999,,", "row '99999' is not a place"),
        (",X,commune,p,,,,,,,", "a code has 1 to 64 letters"),
        (f"{'c' * 65},X,commune,p,,,,,,,", "a code has 1 to 64 letters"),
        ("c,X,commune,p,,,,,,,a " + "b" * 65, "a code has 1 to 64 letters"),
        ("c d,X,commune,p,,,,,,,", "a code has 1 to 64 letters and no space"),
        ("c,,commune,p,,,,,,,", "a name has 1 to 200 letters"),
        ("c,a\x00b,commune,p,,,,,,,", "name has a control character"),
        ("c", "more or fewer cells"),
        ("c,X,commune,p,,,,,,,,b", "more or fewer cells"),
    ],
)
def test_a_wrong_line_is_refused_by_number(line: str, complaint: str) -> None:
    with pytest.raises(UnitError, match=f"units.csv line 3: .*{complaint}"):
        parsed(f"{HEADER}\np,T,province,,,,,,,,\n{line}\n".encode(), "units.csv")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "no column code, name, level"),
        (b"code,name\np,T\n", "no column level"),
        (b"code,name,level,boss\np,T,province,\n", "unknown column 'boss'"),
        ("code,name,level\np,Tỉnh,province\n".encode("utf-16"), "is not UTF-8"),
        (b"code,name,level\n" + b"p,T,province\n" * (MOST + 1), f"more than {MOST} lines"),
        (b"x" * ((16 << 20) + 1), "larger than 16 MB"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused_as_a_whole(content: bytes, complaint: str) -> None:
    with pytest.raises(UnitError, match=complaint):
        parsed(content, "units.csv")


CELL = st.text(max_size=12) | st.sampled_from(["p", "c", "commune", "2025-07-01", "0001-01-01", "9999-12-31", "3", ""])


@given(st.binary(max_size=300) | st.lists(st.lists(CELL, min_size=9, max_size=12).map(",".join), max_size=6).map(
    lambda lines: "\n".join([HEADER, *lines]).encode()
))  # fmt: skip
def test_only_its_own_error_leaves_the_reading_of_a_file(content: bytes) -> None:
    with suppress(UnitError):
        UnitTree(parsed(content, "units.csv"))


def test_the_same_units_in_another_file_are_the_same_catalogue() -> None:
    units = parsed(f"{HEADER}\np,Tỉnh,province,,,,,,,,\n".encode(), "units.csv")
    again = parsed(b"name,level,code\n" + "Tỉnh , province,p\r\n".encode(), "units.csv")
    assert digest(units) == digest(again) != digest([*units, *units])
    assert written(again).splitlines()[1] == "p,Tỉnh,province,,,,,,,,"
