"""Quarantine one can work with: a number misses a record, the mapping is mended, it is tried again, and the number has it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.again import MASKED, reread
from collectors.mapping import load
from collectors.poll import poll
from collectors.readers import compile as reader_of
from collectors.sources import build
from ioc import quarantine
from ioc.__main__ import main
from ioc.config import SourceEntry
from ioc.db import Connection, connect, pool
from ioc.model import BadRow, Batch, Fault, Figure, Item
from ioc.quarantine import Kept
from ioc.store import Profile, Store, create_units
from tests.conftest import CALENDAR, ROOT
from tests.contract.rigs.base import dossier
from tests.factories import item

pytestmark = pytest.mark.services

NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)
CONFIG = """[[source]]
name = "mot-cua"
title = "Một cửa"
type = "files"
path = "ho-so.json"
mapping = "onestop.toml"
"""


# --- the whole story, by the command line -----------------------------------------------------------------------------------------


class Office:
    """A folder with a configuration, a mapping and a file of records; `ioc` runs the command line on a database."""

    def __init__(self, folder: Path, database_url: str, screen: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.folder, self.url, self.screen, self.patch = folder, database_url, screen, patch
        patch.setenv("IOC_DATABASE_URL", database_url)
        (folder / "ioc.toml").write_text(CONFIG, encoding="utf-8")
        self.mapping = folder / "onestop.toml"
        self.mapping.write_text((ROOT / "examples" / "mappings" / "onestop.toml").read_text(encoding="utf-8"), encoding="utf-8")

    def ioc(self, *words: str, status: int = 0) -> str:
        self.patch.setattr(sys, "argv", ["ioc", *words])
        with pytest.raises(SystemExit) as end:
            main()
        said = "".join(self.screen.readouterr())
        assert (end.value.code or 0) == status, said
        return said

    def on_paper(self, *words: str) -> str:
        """As on a wide terminal, where no cell is wrapped."""
        environment = {**os.environ, "COLUMNS": "300"}
        done = subprocess.run([sys.executable, "-m", "ioc", *words], env=environment, capture_output=True, text=True, timeout=60, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def told(self, *words: str) -> Any:
        return json.loads(self.ioc(*words, "--json"))

    def retry(self, *hashes: str) -> Any:
        return self.told("quarantine", "retry", "mot-cua", "--config", str(self.folder / "ioc.toml"), *hashes)

    def received(self) -> int:
        return int(self.told("indicators", "--as-of", "2026-09-15T10:00:00")["indicators"]["dossiers_received"]["value"])

    def collect(self, *records: Any) -> None:
        (self.folder / "ho-so.json").write_text(json.dumps(records), encoding="utf-8")
        asyncio.run(self._collect())

    async def _collect(self) -> None:
        entry = SourceEntry.model_validate({"name": "mot-cua", "type": "files", "path": "ho-so.json", "mapping": "onestop.toml"})
        async with pool(self.url, size=2) as connections:
            store = Store(connections)
            await store.declare(Profile(name="mot-cua", title="Một cửa", calendar=CALENDAR))
            report = await poll(build(entry, self.folder), store, NOW)
        assert report.ok

    def unit(self, code: str) -> None:
        async def create() -> None:
            async with await connect(self.url) as db:
                await create_units(db, [code])

        asyncio.run(create())


@pytest.fixture
def office(tmp_path: Path, database_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office(tmp_path, database_url, capsys, monkeypatch)


def test_from_a_number_that_misses_a_record_to_one_that_has_it(office: Office) -> None:
    office.unit("SXD")
    office.collect(dossier(0), dossier(1, TrangThaiHoSo="11"), dossier(2, DonViXuLy="UBND xã Mới"), "no record at all")
    assert office.received() == 1
    listed = office.told("quarantine", "list", "mot-cua")
    assert sorted(row["fault"] for row in listed) == ["code", "shape", "unit"]
    assert office.retry() == {"tried": 2, "kept": 0, "still_bad": 2, "lacking": 1}
    assert [row["times"] for row in office.told("quarantine", "list")] == [1, 1, 1], "trying again is not seeing again"

    office.mapping.write_text(
        office.mapping.read_text(encoding="utf-8").replace("[values.state]", '[values.state]\n11 = "working"', 1), "utf-8"
    )
    assert office.retry() == {"tried": 2, "kept": 1, "still_bad": 1, "lacking": 1}
    assert office.received() == 2
    office.unit("UBND xã Mới")
    (waiting,) = [row["raw_hash"] for row in office.told("quarantine", "list") if row["fault"] == "unit"]
    assert office.retry(waiting[:8]) == {"tried": 1, "kept": 1, "still_bad": 0, "lacking": 0}
    assert office.received() == 3
    left = office.told("quarantine", "list", "--all")
    assert sorted(row["resolved"] or "" for row in left) == ["", "retried", "retried"]
    office.collect(dossier(0), dossier(1, TrangThaiHoSo="11"), dossier(2, DonViXuLy="UBND xã Mới"))
    assert office.received() == 3


def test_people_see_local_times_and_reasons_and_what_was_kept_but_no_citizen(office: Office) -> None:
    office.unit("SXD")
    office.collect(dossier(1, TrangThaiHoSo="11"))
    table = office.on_paper("quarantine", "list")
    assert "15/09/2026 10:00" in table
    assert "unknown code '11' for state" in table
    (row,) = office.told("quarantine", "list")
    assert re.fullmatch("[0-9a-f]{64}", row["raw_hash"])
    assert row["raw_hash"][:10] in table
    shown = office.on_paper("quarantine", "show", row["raw_hash"][:6])
    assert "H99.14-260915-0001" in shown
    assert "TrangThaiHoSo" in shown
    assert "mã lạ" in shown
    assert "Thử" not in table + shown
    assert "0900000000" not in table + shown
    done = office.ioc("quarantine", "drop", row["raw_hash"][:6], "--reason", "hồ sơ thử của Nguyễn Văn Thử")
    assert "Đã bỏ 1 bản ghi" in done
    (gone,) = office.told("quarantine", "list", "--all")
    assert (gone["resolved"], gone["dropped_why"]) == ("dropped", "hồ sơ thử của •••")
    assert office.told("quarantine", "list") == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "ffff"), "no record's hash begins so"),
        (("drop", "ffff", "--reason", "x"), "no record's hash begins so"),
        (("retry", "mot-cau", "--config", "{config}"), "'mot-cau': no source is called so; known: mot-cua"),
        (("retry", "mot-cua", "--config", "nowhere.toml"), "nowhere.toml: cannot be read"),
    ],
)
def test_what_a_person_mistypes_ends_with_status_2_and_one_line(office: Office, words: tuple[str, ...], said: str) -> None:
    told = office.ioc("quarantine", *(word.format(config=office.folder / "ioc.toml") for word in words), status=2)
    assert said in told
    assert "Traceback" not in told


# --- in the store -----------------------------------------------------------------------------------------------------------------


def bad(raw_hash: str, code: str | None = "HS-1", reason: str = "unknown code '11'", **more: Any) -> BadRow:
    return BadRow(raw_hash=raw_hash, code=code, reason=reason, **{"fault": Fault.CODE, "record": {"code": code}, **more})


async def put(store: Store, *rows: BadRow, items: tuple[Item, ...] = (), at: datetime = NOW) -> None:
    await store.apply("alpha", Batch(position=None, items=items, bad=rows), at)


async def rows(db: Connection) -> list[tuple[Any, ...]]:
    query = "select raw_hash, times, resolved, last_at from quarantine order by first_at, raw_hash"
    return await (await db.execute(query)).fetchall()


@pytest.fixture
def alpha(store: Store) -> Store:
    """A store whose first source is called alpha here."""
    first = next(iter(store.profiles))
    store.profiles["alpha"] = replace(store.profiles[first], name=first)
    return store


async def test_the_same_bad_record_again_only_counts(alpha: Store, db: Connection) -> None:
    await put(alpha, bad("a"))
    await put(alpha, bad("a"), at=NOW + timedelta(hours=1))
    assert await rows(db) == [("a", 2, None, NOW + timedelta(hours=1))]


async def test_a_newer_bad_version_of_one_code_takes_the_place_of_the_older(alpha: Store, db: Connection) -> None:
    await put(alpha, bad("a"))
    await put(alpha, bad("b"), at=NOW + timedelta(hours=1))
    assert [(each, how) for each, _, how, _ in await rows(db)] == [("a", "replaced"), ("b", None)]


async def test_a_dropped_record_stays_dropped_and_a_repaired_one_leaves(alpha: Store, db: Connection) -> None:
    source = next(iter(alpha.profiles))
    await put(alpha, bad("a"), bad("b", code="HS-2"))
    assert await quarantine.drop(db, source, ["a"], "thử", NOW) == 1
    await put(alpha, bad("a"), items=(item("HS-2"),), at=NOW + timedelta(hours=1))
    assert [(each, times, how) for each, times, how, _ in await rows(db)] == [("a", 2, "dropped"), ("b", 1, "came well")]
    assert await quarantine.drop(db, source, ["a", "b"], "nochmals", NOW) == 0


async def test_what_was_tried_again_says_so_also_when_storing_settled_its_code(alpha: Store, db: Connection) -> None:
    source = next(iter(alpha.profiles))
    await put(alpha, bad("a"), bad("b", code="HS-2"), bad("c", code="HS-3"))
    await quarantine.drop(db, source, ["c"], "", NOW)
    await put(alpha, items=(item("HS-1"),))
    assert await quarantine.retried(db, source, ["a", "b", "c"], NOW) == 2
    assert [how for _, _, how, _ in await rows(db)] == ["retried", "retried", "dropped"]


async def test_a_new_reason_is_told_without_counting(alpha: Store, db: Connection) -> None:
    source = next(iter(alpha.profiles))
    await put(alpha, bad("a"), bad("b", code=None, record=None))
    await quarantine.explain(db, source, {"a": ("impossible date '32/13/2026'", Fault.VALUE)})
    first = (await quarantine.show(db, "a"))[0]
    assert (first["reason"], first["fault"], first["times"], first["last_at"]) == ("impossible date '32/13/2026'", "value", 1, NOW)
    assert await quarantine.lacking(db, source) == 1
    assert [kept.raw_hash for kept in await quarantine.waiting(db, source)] == ["a"]


# --- reading again ----------------------------------------------------------------------------------------------------------------

ONESTOP = load(ROOT / "examples" / "mappings" / "onestop.toml")


def kept(number: int, **changes: Any) -> Kept:
    record = {name: value for name, value in dossier(number, **changes).items() if name in ONESTOP.declared}
    return Kept(raw_hash=f"hash-{number}", code=record["MaHoSo"], record=record)


def test_what_reads_well_now_is_good_and_the_others_keep_a_reason() -> None:
    again = reread([kept(0), kept(1, TrangThaiHoSo="11"), kept(2, DonViXuLy="SYT")], ONESTOP, {"SXD"}, {}, NOW)
    assert again.good == {"hash-0"}
    assert [one.code for one in again.items] == ["H99.14-260915-0000"]
    assert again.still["hash-1"][1] is Fault.CODE
    assert again.still["hash-2"] == ("unknown unit 'SYT'; add it to the unit catalogue, or let the mapping create units", Fault.UNIT)


def test_a_record_whose_code_or_unit_was_masked_is_never_guessed() -> None:
    again = reread([kept(0, MaHoSo="•••"), kept(1, DonViXuLy="của •••")], ONESTOP, None, {}, NOW)
    assert (again.good, again.items) == (set(), [])
    assert [reason for reason, _ in again.still.values()] == [MASKED, MASKED]


def test_a_record_older_than_what_is_known_by_now_leaves_without_changing_anything() -> None:
    (one,) = ONESTOP.read_all([kept(0).record], NOW).items
    assert isinstance(one, Item)
    later = one.happened_at + timedelta(seconds=1)
    assert reread([kept(0)], ONESTOP, None, {one.code: later}, NOW).items == []
    assert reread([kept(0)], ONESTOP, None, {one.code: later}, NOW).good == {"hash-0"}
    assert len(reread([kept(0)], ONESTOP, None, {one.code: one.happened_at}, NOW).items) == 1


def test_what_only_lacked_its_unit_comes_back_as_it_was() -> None:
    votes = Figure(unit="U7", period="2026-09-14", name="votes_satisfied", value=12.0)
    row = quarantine.refused(votes, "unknown unit 'U7'", Fault.UNIT)
    assert row.record is not None
    waiting = [Kept(raw_hash=row.raw_hash, code=row.code, record=dict(row.record))]
    reader = reader_of({"name": "a", "figures": {"unit": "x", "period": {"from": "y", "shape": "day"}, "values": {"visits": "z"}}})
    assert reread(waiting, reader, {"U7"}, {}, NOW).figures == [votes]
    assert reread(waiting, reader, {"U1"}, {}, NOW).figures == []
