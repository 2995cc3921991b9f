"""Real dossiers: 1,434 environmental permits, from the file and over HTTP with the collector killed again and again.

Every figure of receipt.expected.json, computed from the file independently of this program, is met by the number and by its list.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.departments.data import last_rows, read_records
from collectors.departments.dialects import RECEIPT
from collectors.departments.onestop import Department
from ioc import answers
from ioc.answers import Question
from ioc.db import Connection
from ioc.periods import VIETNAM
from tests.conftest import ROOT

DATA = ROOT / "tests" / "data"
EXPECTED = json.loads((DATA / "receipt.expected.json").read_text(encoding="utf-8"))
CLASSES = ("received", "resolved", "early", "on_time", "late", "in_progress", "within_time", "overdue")
NOW = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)


def ioc(database_url: str, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    import os

    environment = {**os.environ, "IOC_DATABASE_URL": database_url}
    return subprocess.run(
        [sys.executable, "-m", "ioc", *words], env=environment, check=check, capture_output=True, text=True, timeout=60, cwd=ROOT
    )


def import_receipt(database_url: str) -> dict[str, int]:
    mapping = str(ROOT / "examples" / "mappings" / "receipt.toml")
    answer: dict[str, int] = json.loads(ioc(database_url, "import", str(DATA / "receipt.csv"), "--mapping", mapping, "--json").stdout)
    return answer


async def meets(db: Connection, row: dict[str, Any]) -> None:
    asked = Question(as_of=datetime.fromisoformat(row["as_of"]), compare=row["deadline_compared_by"])
    answer = await answers.indicators(db, asked, NOW)
    assert answer["checks"] == []
    for name in CLASSES:
        assert answer["indicators"][f"dossiers_{name}"]["value"] == row[name], (row["as_of"], row["deadline_compared_by"], name)
        listed = await answers.items(db, f"dossiers_{name}", asked, NOW)
        assert len(listed["items"]) == row[name]
        assert len({item["code"] for item in listed["items"]}) == row[name]


async def test_imported_from_the_file_every_published_figure_is_met(database_url: str, db: Connection) -> None:
    first = import_receipt(database_url)
    assert first == {
        "read": EXPECTED["rows"],
        "items": EXPECTED["dossiers"],
        "quarantined": 0,
        "suspect": 2,
        "transitions": EXPECTED["dossiers"],
    }
    assert import_receipt(database_url)["transitions"] == 0
    for row in EXPECTED["expected"]:
        await meets(db, row)
    units = await (await db.execute("select u.code, count(*) from items i join units u on u.id = i.unit group by 1")).fetchall()
    assert dict(units) == EXPECTED["departments"]


def test_the_command_line_says_the_same_in_json(database_url: str) -> None:
    import_receipt(database_url)
    row = EXPECTED["expected"][3]
    words = ("--as-of", row["as_of"], "--compare", row["deadline_compared_by"], "--json")
    answer = json.loads(ioc(database_url, "indicators", *words).stdout)
    assert {name: answer["indicators"][f"dossiers_{name}"]["value"] for name in CLASSES} == {name: row[name] for name in CLASSES}
    assert answer["indicators"]["early_rate"]["value"] == 74.1
    one = json.loads(ioc(database_url, "indicators", "--unit", "Experts", *words).stdout)
    assert 0 < one["indicators"]["dossiers_received"]["value"] < 15
    listed = json.loads(ioc(database_url, "items", "--indicator", "dossiers_overdue", *words).stdout)
    assert len(listed["items"]) == row["overdue"]


@pytest.mark.parametrize("seed", [1, 2])
async def test_polled_page_by_page_and_killed_at_random_nothing_is_lost_or_doubled(database_url: str, db: Connection, seed: int) -> None:
    rnd = random.Random(seed)
    rows = last_rows(read_records(DATA / "receipt.csv"), RECEIPT)
    department = Department(rows, RECEIPT, clock=lambda: datetime.now(UTC), page_size=50)
    kills = 0
    async with department.serving() as url:
        for _ in range(60):
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.acceptance.collector_alone", database_url, url, "50",
                cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            reading = asyncio.create_task(child.communicate())
            if kills < 6:
                reached = department.requests + rnd.randint(1, 4)  # in the middle of its work, not while Python starts
                while department.requests < reached and child.returncode is None:  # noqa: ASYNC110
                    await asyncio.sleep(0.001)
                await asyncio.sleep(rnd.random() * 0.02)
                if child.returncode is None:
                    child.kill()
                    kills += 1
            said, _ = await reading
            if b"complete" in said:
                break
            assert child.returncode == -9, said.decode()
        else:
            pytest.fail("it never came to the end")
    assert kills >= 3
    counted = await (
        await db.execute("select count(*), count(distinct code), count(*) filter (where to_state is null) from transitions")
    ).fetchone()
    assert counted == (EXPECTED["dossiers"], EXPECTED["dossiers"], 0)
    assert await (await db.execute("select count(*) from items where suspect is not null")).fetchone() == (2,)
    for row in EXPECTED["expected"]:
        await meets(db, row)


def test_bad_files_and_mappings_end_with_status_2_and_change_nothing(database_url: str, tmp_path: Path) -> None:
    mapping = ROOT / "examples" / "mappings" / "receipt.toml"
    typo = tmp_path / "typo.toml"
    typo.write_text(mapping.read_text(encoding="utf-8").replace("received_at =", "recieved_at ="), encoding="utf-8")
    empty, cut = tmp_path / "empty.csv", tmp_path / "cut.json"
    empty.write_bytes(b"")
    cut.write_text('[{"a": 1}, {"a":', encoding="utf-8")
    for file, rules, words in (
        (DATA / "receipt.csv", typo, ("recieved_at", "received_at")),
        (empty, mapping, ("empty file",)),
        (cut, mapping, ("cut.json",)),
        (tmp_path / "absent.csv", mapping, ("absent.csv", "cannot be read")),
        (DATA / "receipt.csv", tmp_path / "absent.toml", ("absent.toml",)),
    ):
        done = ioc(database_url, "import", str(file), "--mapping", str(rules), "--json", check=False)
        assert done.returncode == 2, done.stderr
        assert "Traceback" not in done.stderr
        for word in words:
            assert word in done.stderr
    answer = json.loads(ioc(database_url, "indicators", "--json").stdout)
    assert answer["indicators"]["dossiers_received"]["value"] == 0


def test_rows_the_store_cannot_keep_are_warned_about_with_their_reason_and_times_are_local(database_url: str, tmp_path: Path) -> None:
    mapping = ROOT / "examples" / "mappings" / "receipt.toml"
    strict = tmp_path / "strict.toml"
    strict.write_text(mapping.read_text(encoding="utf-8").replace("create = true", "create = false"), encoding="utf-8")
    done = ioc(database_url, "import", str(DATA / "receipt.csv"), "--mapping", str(strict), "--json")
    assert json.loads(done.stdout)["quarantined"] == EXPECTED["dossiers"]
    assert "unknown unit 'General'" in done.stderr
    import_receipt(database_url)
    shown = ioc(database_url, "items", "--indicator", "dossiers_overdue", "--limit", "1").stdout
    listed = json.loads(ioc(database_url, "items", "--indicator", "dossiers_overdue", "--limit", "1", "--json").stdout)["items"][0]
    received = datetime.fromisoformat(listed["received_at"])
    for part in (f"{received.astimezone(VIETNAM):%d/%m/%Y}", f"{received.astimezone(VIETNAM):%H:%M}"):  # a narrow table wraps its cells
        assert part in shown
