"""`ioc sample`: a source asked once, against a real department; and the stretch of time that the words of `ioc backfill` mean."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collectors.sample import sample
from collectors.source import SourceError
from ioc.commands import sources
from ioc.config import ConfigError
from tests.contract.rigs import RIGS
from tests.contract.rigs.base import MAPPINGS, NOW, Rig, WiredRig, dossier
from tests.contract.rigs.rest import RestRig
from tests.contract.test_sources import made

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
RECORDS = [dossier(0), dossier(1, TrangThaiHoSo="11"), dossier(2, DonViXuLy="Lạ"), dossier(3, NgayHenTra=""), "Nguyễn Văn Thử"]


@pytest.fixture(params=sorted(RIGS))
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    async with AsyncExitStack() as stack:
        yield made(request, tmp_path, stack)


@pytest.fixture
async def rest(tmp_path: Path) -> AsyncIterator[RestRig]:
    async with AsyncExitStack() as stack:
        yield RestRig(tmp_path, stack)


async def test_a_sample_of_any_kind_says_what_its_answer_would_become_and_names_no_citizen(rig: Rig) -> None:
    found = await sample(await rig.source(RECORDS), NOW, lambda unit: unit == "SXD")
    assert [reason.split(";")[0] for reason, _ in found.unknown_codes] == [
        f"unknown code '11' for state (field {rig.named('TrangThaiHoSo')})"
    ]
    assert found.unknown_units == (("Lạ", 1),)
    assert {each.name for each in found.fields if each.declared} >= {rig.named("TrangThaiHoSo")}
    assert "Thử" not in repr(found)
    assert "0900000000" not in repr(found)


async def configuration(rest: RestRig, **options: Any) -> Path:
    source = await rest.source(RECORDS, **options)
    (rest.folder / "units.csv").write_text("code,name,level\nH,Tỉnh,province\n", encoding="utf-8")
    path = rest.folder / "ioc.toml"
    path.write_text(
        f'units = "units.csv"\n[[source]]\nname = "sut"\ntype = "rest"\nmapping = "{MAPPINGS / "onestop.toml"}"\n'
        f'url = "{source.settings.url}"\nupdated = "CapNhat"\n',  # type: ignore[attr-defined]
        encoding="utf-8",
    )
    return path


async def test_the_command_shows_fields_with_how_often_they_came_and_examples_of_declared_ones_only(
    rest: RestRig, capsys: pytest.CaptureFixture[str]
) -> None:
    config = await configuration(rest)
    await asyncio.to_thread(sources.sample, "sut", config, records=2, as_json=True)
    said = json.loads(capsys.readouterr().out)
    fields = {each["name"]: each for each in said["fields"]}
    assert fields["MaHoSo"] == {"name": "MaHoSo", "times": 4, "declared": True, "example": "H99.14-260915-0000"}
    assert fields["NgayHenTra"]["times"] == 3
    assert fields["ChuHoSo"] == {"name": "ChuHoSo", "times": 4, "declared": False, "example": ""}
    assert {"name": "NgayTuChoi", "near": ""} in said["missing"]
    assert (said["records"], said["became"], len(said["items"]), len(said["bad"])) == (5, {"items": 3, "figures": 0, "bad": 2}, 2, 2)
    assert {row["unit"]: row["times"] for row in said["unknown_units"]} == {"SXD": 2, "Lạ": 1}
    assert rest.department.requests == 1


async def test_the_command_draws_tables_for_people(rest: RestRig, capsys: pytest.CaptureFixture[str]) -> None:
    config = await configuration(rest)
    await asyncio.to_thread(sources.sample, "sut", config, records=5, as_json=False)
    said = capsys.readouterr().out
    assert "3 items, 0 figures, 2 bad records" in said
    assert "1 x unknown code '11'" in said
    assert "01/09/2026" in said
    assert "Thử" not in said


async def test_a_field_that_is_declared_and_never_came_is_told_with_the_one_it_may_be(rest: RestRig) -> None:
    renamed = [{("MaHoSoMoi" if name == "MaHoSo" else name): value for name, value in dossier(n).items()} for n in range(3)]
    found = await sample(await rest.source(renamed), NOW, lambda _: True)
    assert {each.name: each.near for each in found.missing}["MaHoSo"] == "MaHoSoMoi"


async def test_what_is_wrong_with_the_source_leaves_the_command_as_its_own_error(rest: RestRig) -> None:
    config = await configuration(rest)
    with pytest.raises(ConfigError, match="no source is called 'other'; known: sut"):
        sources.sample("other", config, records=5, as_json=True)
    assert isinstance(rest, WiredRig)
    await rest.empty_content()
    with pytest.raises(SourceError, match="not JSON"):
        await asyncio.to_thread(sources.sample, "sut", config, records=5, as_json=True)


@pytest.mark.parametrize(
    ("since", "until", "begin", "end"),
    [
        ("2026-01-01", "2026-06-30", datetime(2025, 12, 31, 17, tzinfo=UTC), datetime(2026, 6, 30, 17, tzinfo=UTC)),
        ("01/01/2026", "01/01/2026", datetime(2025, 12, 31, 17, tzinfo=UTC), datetime(2026, 1, 1, 17, tzinfo=UTC)),
        ("2026-01-01T10:00", "2026-01-01 11:30", datetime(2026, 1, 1, 3, tzinfo=UTC), datetime(2026, 1, 1, 4, 30, tzinfo=UTC)),
        ("2026-09-01", "2027-01-01", datetime(2026, 8, 31, 17, tzinfo=UTC), NOW),
    ],
)
def test_days_are_whole_days_and_nothing_lies_in_the_future(since: str, until: str, begin: datetime, end: datetime) -> None:
    stretch = sources.span(since, until, VIETNAM, NOW)
    assert (stretch.since, stretch.until) == (begin, end)


@pytest.mark.parametrize(("since", "until"), [("2026-06-30", "2026-06-29"), ("2027-01-01", "2027-02-01"), ("hôm nay", "2026-01-01")])
def test_a_stretch_that_is_none_is_refused_with_its_words(since: str, until: str) -> None:
    with pytest.raises(ConfigError, match="--from"):
        sources.span(since, until, VIETNAM, NOW)
