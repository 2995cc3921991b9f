"""The unit catalogue on a real database: taken up whole or not at all, and every number and list by the offices of now and of then."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.departments.province_former import DIVIDED, former
from collectors.departments.province_names import units as today_units
from ioc import db as database
from ioc.__main__ import main
from ioc.answers import Question, indicators, items
from ioc.calendar import WorkCalendar
from ioc.catalogue import Catalogue, load, undivided
from ioc.db import Connection, migrate, pool
from ioc.model import Batch, Figure, State
from ioc.reported import numbers, read
from ioc.store import Profile, Store, create_units
from ioc.unit_book import Revision, apply, apply_once, compare
from ioc.unit_files import parsed, written
from ioc.units import UnitError
from tests.factories import item

NOW = datetime(2026, 11, 20, 7, 5, 32, tzinfo=UTC)
TODAY = date(2026, 11, 20)
HEADER = "code,name,level,parent,valid_from,valid_to,successor,alt_codes\n"
OLD = """p,Tỉnh,province,,,,,
d,H. Cũ,district,p,,,,
a,X. A,commune,d,,,,a1
b,X. B,commune,d,,,,
e,X. E,commune,d,,,,
"""
NEW = """p,Tỉnh,province,,,,,
d,H. Cũ,district,p,,2025-07-01,,
a,X. A,commune,d,,2020-01-01,,
a,X. A Mới,commune,d,2020-01-01,2025-07-01,m,a1
b,X. B,commune,d,,2025-07-01,m,
e,X. E,commune,d,,2025-07-01,m n,
m,X. M,commune,p,2025-07-01,,,
n,X. N,commune,p,2025-07-01,,,
"""
LONG_AGO, SINCE = datetime(2024, 3, 4, 2, tzinfo=UTC), datetime(2025, 9, 1, 2, tzinfo=UTC)


def listed(lines: str) -> list[Any]:
    return parsed((HEADER + lines).encode(), "units.csv")


@pytest.fixture
async def empty(database_url: str) -> AsyncIterator[Store]:
    """A store with one source and no unit."""
    connections = pool(database_url, size=2)
    await connections.open()
    made = Store(connections)
    await made.declare(Profile(name="onestop", title="Một cửa", calendar=WorkCalendar()))
    yield made
    await connections.close()


async def held(db: Connection) -> Catalogue:
    found = await load(db, TODAY)
    assert found is not None
    return found


def words(revision: Revision) -> list[tuple[str, str]]:
    return [(change.what, change.code) for change in revision.changes]


async def receive(store: Store, at: datetime, *units: str, **facts: Any) -> None:
    """A dossier at each of some units."""
    new = [item(f"{unit}-{at:%y%m%d}", unit=unit, received_at=at, due_at=at + timedelta(days=9), **facts) for unit in units]
    await store.apply("onestop", Batch(position=at.isoformat(), items=new), at)


async def test_a_catalogue_is_taken_up_whole_comes_back_as_it_was_and_again_changes_nothing(db: Connection) -> None:
    assert len(words(await apply(db, listed(OLD), NOW))) == 5
    again = await apply(db, listed(OLD), NOW)
    assert again.changes == ()
    changed = await apply(db, listed(NEW), NOW, note="NQ 202/2025/QH15")
    assert words(changed) == [
        ("merged", "a"), ("renamed", "a"), ("merged", "b"), ("ended", "d"), ("split", "e"), ("added", "m"), ("added", "n"),
    ]  # fmt: skip
    tree = (await held(db)).tree
    assert [s.name for s in tree.stretches("a1")] == ["X. A", "X. A Mới"]
    assert tree["e"].successors == ("m", "n")
    lines = written(s for one in tree for s in tree.stretches(one.code)).splitlines()
    assert sorted(lines) == sorted(written(listed(NEW)).splitlines())
    assert (await apply(db, listed(NEW), NOW)).changes == ()
    rows = await (await db.execute("select note, jsonb_array_length(changes) from unit_changes order by at")).fetchall()
    assert rows == [("", 5), ("NQ 202/2025/QH15", 7)]
    assert await apply_once(db, listed(OLD), NOW) is None, "what came later stands"
    assert "m" in (await held(db)).tree


async def test_a_unit_with_items_cannot_be_forgotten_and_one_without_stays(empty: Store, db: Connection) -> None:
    await apply(db, listed(OLD), NOW)
    await receive(empty, LONG_AGO, "b")
    without = "\n".join(line for line in OLD.splitlines() if line[:2] not in ("b,", "e,"))
    told = await compare(db, listed(without))
    assert words(told) == [("forgotten", "b"), ("forgotten", "e")]
    assert (told.standing["b"].items, told.standing["b"].open, told.refused) == (1, 1, ("b",))
    with pytest.raises(UnitError, match=r"no line for 1 units that have items: b; give 'b' its line.*1 items"):
        await apply(db, listed(without + "\nz,X. Z,commune,p,,,,"), NOW)
    assert "z" not in (await held(db)).tree
    await apply(db, listed(without + "\nb,X. B,commune,d,,2025-07-01,a,"), NOW)
    tree = (await held(db)).tree
    assert "e" in tree
    assert tree.current("b", TODAY) == "a"
    with pytest.raises(UnitError, match="'e' has the parent 'd'"):  # it stays, so it must still have a place
        await apply(db, listed("p,Tỉnh,province,,,,,\nd,H,district,p,,2025-07-01,,\na,X,commune,p,,,,\nb,X. B,commune,p,,,,"), NOW)


async def test_units_that_a_mapping_brought_are_not_missed(empty: Store, db: Connection) -> None:
    await apply(db, listed("p,Tỉnh,province,,2025-07-01,,,\n"), NOW)
    await create_units(db, ["s1"])
    await receive(empty, SINCE, "s1")
    assert (await apply(db, listed("p,Tỉnh mới,province,,2025-07-01,,,\n"), NOW)).refused == ()
    brought = (await held(db)).tree["s1"]
    assert (brought.parent, brought.valid_from) == ("p", date(2025, 7, 1)), "as long in force as what is above it"
    assert words(await apply(db, listed("p,Tỉnh mới,province,,2025-07-01,,,\ns1,Sở Một,department,p,2025-07-01,,,"), NOW)) == [
        ("renamed", "s1")
    ]
    with pytest.raises(UnitError, match="no line for 1 units that have items: s1"):
        await apply(db, listed("p,Tỉnh mới,province,,2025-07-01,,,\n"), NOW)


@pytest.fixture
async def merged(empty: Store, db: Connection) -> Store:
    """Dossiers of before and after a merger, in three of which nobody knows to whom they belong now."""
    await apply(db, listed(OLD), NOW)
    await receive(empty, LONG_AGO, "a", "b", "d", "e", state=State.DONE, closed_at=LONG_AGO + timedelta(days=3))
    await receive(empty, LONG_AGO + timedelta(days=30), "a", "e")
    await apply(db, listed(NEW), NOW)
    await receive(empty, SINCE, "m", "n", "p")
    return empty


async def counted(db: Connection, unit: str | None, reading: str, as_of: datetime | None = None, name: str = "dossiers_received") -> int:
    """A number, after its list was seen to be as long."""
    asked = Question(unit=unit, reading=reading, as_of=as_of)  # type: ignore[arg-type]
    number = (await indicators(db, asked, NOW))["indicators"][name]["value"]
    assert len((await items(db, name, asked, NOW))["items"]) == number
    return int(number)


THEN = datetime(2025, 6, 30, 16, 59, tzinfo=UTC)  # the last minute of the old offices, in Vietnam


async def test_a_number_and_its_list_follow_the_offices_of_today_or_of_then(merged: Store, db: Connection) -> None:
    assert [await counted(db, unit, "now") for unit in "pmnabed"] == [9, 4, 1, 2, 1, 2, 1]
    assert [await counted(db, unit, "now", THEN) for unit in "pmn"] == [6, 3, 0], "the same offices, at an earlier hour"
    assert [await counted(db, unit, "then", THEN) for unit in "pdabemn"] == [6, 6, 2, 1, 2, 0, 0]
    assert await counted(db, "p", "then") == await counted(db, None, "now") == 9
    assert [await counted(db, unit, "then", THEN + timedelta(minutes=2)) for unit in "pm"] == [6, 3], "from midnight on by the new ones"
    before = {unit: await counted(db, unit, "then", THEN) for unit in "ab"}
    assert await counted(db, "m", "now", THEN) == sum(before.values()), "the merged one's past is that of those it was merged of"
    answer = await indicators(db, Question(unit="m"), NOW)
    assert (answer["reading"], answer["undivided"]) == ("now", ["e"])
    assert (await items(db, "dossiers_received", Question(unit="d", reading="then", as_of=THEN), NOW))["undivided"] == []


async def test_every_unit_is_its_own_and_its_childrens_and_the_root_is_everything(merged: Store, db: Connection) -> None:
    catalogue = await held(db)
    cases = [(reading, as_of, name) for reading in ("now", "then") for as_of in (THEN, NOW)
             for name in ("dossiers_received", "dossiers_in_progress")]  # fmt: skip
    for reading, as_of, name in cases:
        offices = catalogue.offices(reading, as_of.astimezone(WorkCalendar().zone).date())  # type: ignore[arg-type]
        number = {unit.code: await counted(db, unit.code, reading, as_of, name) for unit in offices}
        alone = {}
        for unit in catalogue.tree:
            rows = (await items(db, name, Question(as_of=as_of), NOW))["items"]
            alone[unit.code] = sum(1 for row in rows if row["unit"] == unit.code)
        for unit in offices:
            own = sum(n for code, n in alone.items() if offices.homes[code] == unit.code)
            assert number[unit.code] == own + sum(number[child.code] for child in offices.children(unit.code))
        assert number["p"] == await counted(db, None, reading, as_of, name) == sum(alone.values())


async def test_the_demo_province_holds_all_of_the_three_it_was_merged_of(empty: Store, db: Connection) -> None:
    await apply(db, [*former(), *today_units()], NOW)
    catalogue = await held(db)
    tree = catalogue.tree
    assert [root.code for root in tree.at(date(2025, 6, 30)).roots] == ["H96", "H97", "H98"]
    assert [root.code for root in tree.at(TODAY).roots] == ["H99"]
    assert catalogue.keys("H99") == set(catalogue.codes)
    before = [catalogue.keys(code, "then", date(2024, 12, 31)) for code in ("H96", "H97", "H98")]
    assert sum(map(len, before)) == len(frozenset().union(*before))
    assert catalogue.keys("H99", "then", date(2024, 12, 31)) == set(catalogue.codes)
    divided = next(unit for unit in tree if unit.name == DIVIDED[0])
    await receive(empty, LONG_AGO, "H96", "H96.31", "H97.31.01", divided.code)
    heir = tree[divided.code].successors[0]
    assert await undivided(db, catalogue, heir, "now", TODAY, NOW) == [divided.code]
    assert await counted(db, "H99", "now") == 4
    assert [await counted(db, code, "then", THEN) for code in ("H96", "H97", "H98", "H99")] == [2, 2, 0, 4]
    kept = Figure(unit="H96", period="2024", name="par_index", value=85.5, measured_in="%", reported_at=NOW)
    await empty.apply("onestop", Batch(position=None, figures=[kept]), NOW)
    told = await read(db, NOW, catalogue.ids["H96"], sorted(catalogue.keys("H96")))
    assert numbers(told, NOW, "newest")["par_index"].value == 85.5, "a year's figure of a province that is no more stays readable"


async def test_a_database_of_the_version_before_keeps_its_successors(
    database_url: str, db: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await db.execute("drop schema public cascade")
    await db.execute("drop extension if exists timescaledb cascade")
    await db.execute("create schema public")
    for path in sorted(database.MIGRATIONS.glob("*.sql"))[:6]:
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    with monkeypatch.context() as older:
        older.setattr(database, "MIGRATIONS", tmp_path)
        await migrate(database_url)
    await db.execute("insert into units (code, name, level) values ('p', 'Tỉnh', 'province')")
    await db.execute(
        "insert into units (code, name, level, parent, valid_to, successor) values ('a', 'X. A', 'commune', 1, '2025-07-01', 1)"
    )
    await db.execute("insert into units (code, name, level, parent) values ('s', 's', 'department', 1)")
    await migrate(database_url)
    catalogue = await held(db)
    assert catalogue.tree["a"].successors == ("p",)
    assert catalogue.brought == {"s"}, "called by its code: a mapping made it"


@pytest.fixture
def ioc(database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs a command; its status, what it said, and its errors."""
    monkeypatch.setenv("IOC_DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ioc", *words])
        with pytest.raises(SystemExit) as end:
            main()
        return int(end.value.code or 0), *capsys.readouterr()

    return run


def test_a_catalogue_is_compared_and_applied_from_the_command_line(ioc: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    old, new, bad = (tmp_path / name for name in ("old.csv", "new.csv", "bad.csv"))
    old.write_text(HEADER + OLD, encoding="utf-8")
    new.write_text(HEADER + NEW, encoding="utf-8")
    bad.write_text(HEADER + OLD + "z,X. Z,commune,q,,,,\n", encoding="utf-8")
    status, out, err = ioc("units", "apply", str(old), "--json")
    assert (status, len(json.loads(out)["changes"]), json.loads(out)["applied"]) == (0, 5, True), err
    status, out, _ = ioc("units", "diff", str(new), "--json")
    told = json.loads(out)
    assert (told["applied"], told["refused"]) == (False, [])
    assert told["changes"][0] == {
        "what": "merged", "code": "a", "name": "X. A Mới", "day": "2025-07-01", "before": "", "after": "m", "items": 0, "open": 0,
        "figures": 0,
    }  # fmt: skip
    text = ioc("units", "diff", str(new))[1]
    for word in ("sáp nhập / merged", "chia tách / split", "đổi tên / renamed", "kết thúc / ended", "thêm / added", "01/07/2025"):
        assert word in text
    assert "kết thúc" in ioc("units", "apply", str(new), "--note", "sắp xếp")[1]
    assert ioc("units", "diff", str(new))[1].strip() == "Không có gì thay đổi / Nothing changes"
    said = json.loads(ioc("indicators", "--unit", "b", "--reading", "then", "--as-of", "2024-01-01", "--json")[1])
    assert (said["reading"], said["unit"], said["undivided"]) == ("then", "b", [])
    assert ioc("indicators", "--reading", "later")[0] == 2
    status, out, err = ioc("units", "apply", str(bad))
    assert (status, out) == (2, "")
    assert "line 7: unit 'z' has the parent 'q'" in err
    assert ioc("units", "diff", str(tmp_path / "none.csv"))[0] == 2
