"""`ioc sources list|accept` and `ioc feeders`, asked as a person would, of what a server wrote down."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.source import SettingsError
from ioc import watchbook
from ioc.commands import health
from ioc.db import Connection
from ioc.hearing import Flip, Heard, KnownField
from ioc.model import BadRow, Batch, Fault
from ioc.periods import PeriodError
from ioc.store import Store

NINE = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
CODE = "unknown code '11' for state (field TrangThaiHoSo); add it to [values.state]"


@pytest.fixture
def config(tmp_path: Path, database_url: str) -> Path:
    path = tmp_path / "ioc.toml"
    sources = "".join(f'[[source]]\nname = "{name}"\ntitle = "Một cửa"\ntype = "rest"\n' for name in ("by_date", "by_instant"))
    path.write_text(f'[database]\nurl = "{database_url}"\n{sources}', encoding="utf-8")
    return path


@pytest.fixture
async def written(store: Store, db: Connection) -> Store:
    """A source that went stale, with a new field, a missing one and a code nobody declared."""
    heard = Heard(started=NINE, resumed=NINE, read_at=NINE, as_of=NINE, failures=2, error="status 500")
    await watchbook.keep(db, {"by_date": heard}, NINE)
    await watchbook.listen(db, NINE)
    await watchbook.write_flips(db, [Flip(source="by_date", at=NINE, state="fresh", since=NINE)])
    await watchbook.write_flips(db, [Flip(source="by_date", at=NINE, state="stale", since=NINE, why="status 500")])
    known = KnownField(first_at=NINE, last_at=NINE, accepted=True)
    missing = replace(known, missing=30, missing_since=NINE)
    fields = {"code": known, "due": missing, "seldom": replace(missing, missing=5), "new": replace(known, accepted=False)}
    await watchbook.keep_fields(db, "by_date", fields)
    bad = [BadRow(reason=CODE, raw_hash=f"h{n}", code=f"C{n}", fault=Fault.CODE) for n in range(3)]
    await store.apply("by_date", Batch(position="1", bad=bad), NINE)
    return store


def run(capsys: pytest.CaptureFixture[str], command: object, *words: object, **options: object) -> str:
    command(*words, **options)  # type: ignore[operator]
    return capsys.readouterr().out


def test_the_list_says_how_each_source_is_and_what_is_different(written: Store, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = json.loads(run(capsys, health.listing, config, as_json=True))
    one, other = said["sources"]
    assert (one["state"], one["failures"], one["quarantine"], one["why"]) == ("stale", 2, 3, "status 500")
    assert [(d["what"], d["name"], d["records"]) for d in one["drift"]] == [
        ("unknown_code", "TrangThaiHoSo: '11'", 3),
        ("missing_field", "due", 30),
        ("new_field", "new", 0),
    ]
    assert (other["state"], other["read_at"], other["drift"]) == ("never", None, [])
    assert datetime.fromisoformat(said["listened"]) == NINE
    text = run(capsys, health.listing, config, as_json=False)
    for words in ("by_date", "20/11/2026", "09:00", "thiếu trường due (30)", "2 lần lỗi liền / failures in a row: status 500"):
        assert words in text


def test_what_is_accepted_is_no_drift_any_more_and_the_rest_stays(written: Store, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(run(capsys, health.accept, config, "by_date", as_json=True)) == {
        "source": "by_date",
        "accepted": ["new"],
        "forgotten": ["due"],
    }
    said = json.loads(run(capsys, health.listing, config, as_json=True))
    assert [d["what"] for d in said["sources"][0]["drift"]] == ["unknown_code"], "a code is mended in the mapping, not accepted"
    assert "—" in run(capsys, health.accept, config, "by_date", as_json=False)
    with pytest.raises(SettingsError, match="did you mean 'by_date'"):
        health.accept(config, "by_dat", as_json=False)


def test_the_ledger_of_a_month_as_a_table_for_people_machines_and_spreadsheets(
    written: Store, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import psycopg

    url = config.read_text(encoding="utf-8").split('url = "')[1].split('"')[0]
    with psycopg.connect(url) as db:
        for day, came in ((18, NINE - timedelta(days=2)), (19, None)):
            due = datetime(2026, 11, day, 10, tzinfo=UTC)
            db.execute("insert into deliveries select 'by_date', id, %s, %s from units where code = 'U01'", [due, came])
    asked = {"source": None, "unit": None}
    (row,) = json.loads(run(capsys, health.feeders, config, "2026-11", as_csv=False, as_json=True, **asked))["feeders"]
    assert (row["unit"], row["month"]["due"], row["month"]["missed"], row["flag"]) == ("U01", 2, 1, "")
    text = run(capsys, health.feeders, config, "2026", as_csv=True, as_json=False, **asked)
    (line,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert (line["Nguồn"], line["Phải nộp"], line["Không nộp"], line["Các lần thiếu"]) == ("Một cửa", "2", "1", "19/11/2026 17:00 (thiếu)")
    assert "11/2026" in run(capsys, health.feeders, config, "2026-11", as_csv=False, as_json=False, **asked)
    with pytest.raises(PeriodError, match="2026-13"):
        health.feeders(config, "2026-13", as_csv=False, as_json=False, **asked)


async def test_two_flips_of_one_instant_stand_in_their_order(written: Store, db: Connection) -> None:
    past = await watchbook.history(db, "by_date", NINE, 10)
    assert [flip.state for flip in past][-1] == "stale"
    assert (await watchbook.standing(db))["by_date"].why == "status 500"


async def test_a_break_in_listening_is_seen_and_a_takeover_is_none(store: Store, db: Connection) -> None:
    minute = timedelta(minutes=1)
    for at in (NINE, NINE + timedelta(seconds=10), NINE + timedelta(seconds=35), NINE + 10 * minute, NINE + 10.2 * minute):
        await watchbook.listen(db, at)
    heard = [await watchbook.listened(db, NINE + n * minute) for n in (-1, 0, 0.5, 5, 10, 10.1, 11)]
    assert heard == [False, True, True, False, True, True, False]


async def test_what_another_process_heard_later_is_not_overwritten(store: Store, db: Connection) -> None:
    early = Heard(started=NINE, resumed=NINE, read_at=NINE, as_of=NINE)
    late = replace(early, read_at=NINE + timedelta(seconds=9), as_of=NINE + timedelta(seconds=9))
    await watchbook.keep(db, {"by_date": late}, NINE + timedelta(seconds=9))
    await watchbook.keep(db, {"by_date": early}, NINE + timedelta(seconds=60))
    at, known = (await watchbook.recall(db, ["by_date"]))["by_date"]
    assert (at, known.read_at) == (NINE + timedelta(seconds=9), late.read_at)
