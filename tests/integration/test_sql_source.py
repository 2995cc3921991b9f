"""The source `sql` against a real PostgreSQL: a view, a role that may read it, and what departments do to both."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.departments.cabinet import Cabinet, cabinet
from collectors.poll import PollReport, Retries, poll
from collectors.source import Refused, SettingsError
from collectors.sources import build
from collectors.sources.sql import SqlSource
from ioc.config import SourceEntry
from ioc.model import State
from tests.contract.rigs.base import MAPPINGS, NOW, ONCE, Recorder

COLUMNS = {
    "ma_ho_so": "text",
    "ma_don_vi": "text",
    "trang_thai": "text",
    "ngay_nhan": "timestamp",  # without a zone, as most of these systems keep it
    "ngay_hen": "date",
    "ngay_cap": "timestamptz",
    "cap_nhat": "timestamptz",
    "kenh": "int",
    "linh_vuc": "text",
    "ten_thu_tuc": "text",
    "ho_ten": "text",  # a citizen, whom the mapping does not name
}
OWN = MAPPINGS / "sql.toml"


def licence(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "ma_ho_so": f"GD-{number:05}",
        "ma_don_vi": "H99.09",
        "trang_thai": "DANG_XU_LY",
        "ngay_nhan": datetime(2026, 9, 1, 8, 30),
        "ngay_hen": datetime(2026, 9, 20).date(),
        "cap_nhat": NOW - timedelta(days=5) + timedelta(seconds=number),
        "kenh": 2,
        "ten_thu_tuc": "Cấp phép dạy thêm",
        "ho_ten": "Nguyễn Văn Thử",
        **changes,
    }


class Office:
    """A department's cabinet and a source that reads it."""

    def __init__(self, opened: Cabinet, folder: Path) -> None:
        self.cabinet = opened
        self.folder = folder
        (folder / "url").write_text(opened.url, encoding="utf-8")

    def source(self, **options: Any) -> SqlSource:
        values = {
            "name": "sut", "type": "sql", "mapping": str(OWN), "url_file": "url", "view": f"{self.cabinet.schema}.v_ho_so",
            "key": "ma_ho_so", "watermark": "cap_nhat", "size": 5, "overlap": 1,
        }  # fmt: skip
        made = build(SourceEntry.model_validate({**values, **options}), self.folder)
        assert isinstance(made, SqlSource)
        return made

    async def put(self, records: Iterable[dict[str, Any]]) -> None:
        await self.cabinet.put(list(records))

    async def execute(self, statement: str) -> None:
        await self.cabinet.db.execute(statement.encode())


@asynccontextmanager
async def office(services: dict[str, str], folder: Path, **options: Any) -> AsyncIterator[Office]:
    name = f"so_{uuid.uuid4().hex[:10]}"
    given = {"key": "ma_ho_so", "changed": "cap_nhat", "columns": COLUMNS, **options}
    async with cabinet(services["IOC_DATABASE_URL"], password="doc", schema=name, role=name, **given) as opened:
        yield Office(opened, folder)


@pytest.fixture
async def desk(services: dict[str, str], tmp_path: Path) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(office(services, tmp_path))


async def once(source: SqlSource, keep: Recorder, now: datetime = NOW) -> PollReport:
    return await poll(source, keep, now, retries=ONCE)


async def test_a_row_becomes_an_item_and_the_citizen_in_it_never_leaves_the_database(desk: Office) -> None:
    await desk.put([licence(0), licence(1, trang_thai="DA_CAP", ngay_cap=datetime(2026, 9, 10, 2, 0, tzinfo=UTC))])
    batches = [batch async for batch in desk.source().fetch(None, NOW)]
    first, second = (item for batch in batches for item in batch.items)
    assert (first.unit, first.state, first.channel, first.procedure) == ("H99.09", State.WORKING, "online", "Cấp phép dạy thêm")
    assert first.received_at == datetime(2026, 9, 1, 1, 30, tzinfo=UTC)
    assert first.due_at == datetime(2026, 9, 19, 17, 0, tzinfo=UTC)
    assert second.closed_at == datetime(2026, 9, 10, 2, 0, tzinfo=UTC)
    assert "ho_ten" in batches[0].fields
    assert "Thử" not in repr(batches)


async def test_ten_thousand_rows_are_read_in_pages_and_again_at_no_cost(desk: Office) -> None:
    await desk.put(licence(n) for n in range(10_000))
    source, keep = desk.source(size=2000), Recorder()
    report = await once(source, keep)
    assert (report.ok, report.batches, len(keep.items)) == (True, 6, 10_000)
    again = await once(source, keep)
    assert (again.read, again.changed) == (2, 0)


async def test_rows_of_one_instant_are_all_read_however_small_a_page(desk: Office) -> None:
    await desk.put(licence(n, cap_nhat=NOW - timedelta(hours=1)) for n in range(23))
    for size in (2, 5):
        keep = Recorder()
        assert (await once(desk.source(size=size), keep)).ok
        assert len(keep.items) == 23


async def test_rows_changed_during_a_walk_hide_no_other(desk: Office) -> None:
    await desk.put(licence(n) for n in range(23))
    keep, now = Recorder(), NOW
    async for batch in desk.source().fetch(None, NOW):
        await keep.apply("sut", batch, NOW)
        if len(keep.positions) < 6:
            await desk.put([licence(len(keep.positions) - 1, kenh=1, cap_nhat=now - timedelta(minutes=9 - len(keep.positions)))])
    assert len(keep.items) == 23
    assert keep.items["GD-00000"].channel == "counter"


async def test_a_transaction_that_commits_late_is_read_within_the_overlap(desk: Office) -> None:
    await desk.put(licence(n) for n in range(20))
    source, keep = desk.source(overlap=30), Recorder()
    await once(source, keep)
    await desk.put([licence(99, cap_nhat=licence(7)["cap_nhat"])])  # twelve seconds before the mark
    await once(source, keep)
    assert "GD-00099" in keep.items


async def test_a_row_stamped_ahead_is_read_and_does_not_carry_the_mark_away(desk: Office) -> None:
    ahead = (licence(90 + n, cap_nhat=NOW + timedelta(hours=1, minutes=n)) for n in range(12))
    await desk.put([*(licence(n) for n in range(7)), *ahead])
    source, keep = desk.source(), Recorder()
    assert (await once(source, keep)).ok
    assert len(keep.items) == 19
    assert json.loads(keep.position or "")["mark"][1].startswith("2026-09-10T")
    await desk.put([licence(50, cap_nhat=NOW)])
    await once(source, keep, NOW + timedelta(minutes=1))
    assert "GD-00050" in keep.items


@pytest.mark.parametrize(
    ("kind", "sort"), [("timestamp", "local"), ("date", "date"), ("bigint", "whole"), ("numeric", "decimal"), ("text", "text")]
)
async def test_any_column_that_rises_is_a_watermark(services: dict[str, str], tmp_path: Path, kind: str, sort: str) -> None:
    def mark(number: int) -> Any:
        at = datetime(2026, 9, 1) + timedelta(days=number % 7)
        return {"timestamp": at, "date": at.date(), "text": f"{number:05}"}.get(kind, number)

    async with office(services, tmp_path, columns={**COLUMNS, "dau": kind}, changed="dau") as desk:
        await desk.put(licence(n, dau=mark(n)) for n in range(23))
        source, keep = desk.source(watermark="dau"), Recorder()
        assert (await once(source, keep)).ok
        assert len(keep.items) == 23
        assert json.loads(keep.position or "")["mark"][0] == sort
        await desk.put([licence(3, dau=mark(27), trang_thai="DA_CAP", ngay_cap=NOW)])
        assert (await once(source, keep)).changed == 1


async def test_without_a_watermark_the_whole_view_is_read_each_time(desk: Office) -> None:
    await desk.put(licence(n) for n in range(23))
    source, keep = desk.source(watermark=""), Recorder()
    assert (await once(source, keep)).read == 23
    assert (keep.position, len(keep.positions)) == ("{}", 5)
    report = await once(source, keep)
    assert (report.read, report.changed) == (23, 0)
    keep = Recorder(position=keep.positions[1])
    assert (await once(source, keep)).read == 13


async def test_rows_without_a_watermark_are_read_each_time_until_they_are_too_many(desk: Office) -> None:
    await desk.put([*(licence(n) for n in range(7)), licence(80, cap_nhat=None)])
    source, keep = desk.source(), Recorder()
    assert (await once(source, keep)).ok
    assert set(keep.items) == {licence(n)["ma_ho_so"] for n in (*range(7), 80)}
    assert (await once(source, keep)).changed == 0
    await desk.put(licence(81 + n, cap_nhat=None) for n in range(5))
    report = await once(source, keep)
    assert report.refused
    assert "5 rows or more have no 'cap_nhat'" in report.error


async def test_rows_the_driver_cannot_hand_over_cost_themselves_alone(desk: Office) -> None:
    await desk.put(licence(n) for n in range(23))
    await desk.execute(f"update {desk.cabinet.schema}.bang_v_ho_so set ngay_nhan = 'infinity' where ma_ho_so in ('GD-00003', 'GD-00017')")
    source, keep = desk.source(size=10), Recorder()
    report = await once(source, keep)
    assert (report.ok, len(keep.items), report.quarantined) == (True, 21, 2)
    assert "the row whose ma_ho_so is 'GD-00003' cannot be read" in "".join(row.reason for row in keep.bad.values())


async def test_a_view_that_fails_for_a_row_is_read_around_it(desk: Office) -> None:
    await desk.put([*(licence(n) for n in range(8)), licence(8, linh_vuc="không phải số")])
    names = ", ".join(name for name in COLUMNS if name != "kenh")
    await desk.cabinet.show(
        f"select {names}, case when linh_vuc is null then 1 else linh_vuc::int end kenh from {desk.cabinet.schema}.bang_v_ho_so"
    )
    source, keep = desk.source(), Recorder()
    report = await once(source, keep)
    assert (report.ok, len(keep.items), report.quarantined) == (True, 8, 1)
    assert "không phải số" not in repr(keep.bad)


async def test_what_the_mapping_or_the_settings_need_must_be_there(desk: Office) -> None:
    await desk.put([licence(0)])
    for options, words in (
        ({"key": "ma_hs"}, "has no column 'ma_hs'; did you mean 'ma_ho_so'"),
        ({"watermark": "capnhat"}, "has no column 'capnhat'; did you mean 'cap_nhat'"),
        ({"view": f"{desk.cabinet.schema}.v_hoso"}, "42P01"),
        ({"view": "nowhere.v"}, "42P01"),
    ):
        report = await once(desk.source(**options), Recorder())
        assert report.refused
        assert words in report.error
    await desk.cabinet.turn({"dropped": ["ngay_hen"]}, NOW)
    report = await once(desk.source(), Recorder())
    assert report.refused
    assert "has no column 'ngay_hen' for due_at" in report.error


async def test_rights_taken_away_need_a_person_and_given_back_are_enough(desk: Office) -> None:
    await desk.put(licence(n) for n in range(3))
    source, keep = desk.source(), Recorder()
    await desk.cabinet.revoke()
    report = await once(source, keep)
    assert (report.refused, report.tries) == (True, 1)
    assert "permission denied for view" in report.error
    assert "42501" in report.error
    await desk.cabinet.show()
    assert (await once(source, keep)).ok


async def test_nothing_can_be_written_through_the_view(desk: Office) -> None:
    schema = desk.cabinet.schema
    await desk.put([licence(0)])
    await desk.execute(f"create table {schema}.seen (at timestamptz)")
    await desk.execute(f"grant insert on {schema}.seen to {schema}")
    body = f"begin insert into {schema}.seen values (now()); return 1; end"
    await desk.execute(f"create function {schema}.note() returns int language plpgsql as $$ {body} $$")
    await desk.cabinet.show(f"select t.*, {schema}.note() as x from {schema}.bang_v_ho_so t")
    report = await once(desk.source(mapping=str(_with_x(desk.folder))), Recorder())
    assert report.refused
    assert "25006" in report.error


def _with_x(folder: Path) -> Path:
    """The mapping, reading the column `x` too."""
    path = folder / "x.toml"
    path.write_text(OWN.read_text(encoding="utf-8").replace("[values.state]", 'step = "x"\n[values.state]'), encoding="utf-8")
    return path


async def test_a_slow_view_ends_at_the_time_limit_and_is_tried_again(desk: Office) -> None:
    await desk.put([licence(0)])
    await desk.cabinet.turn({"silent": True}, NOW)
    report = await once(desk.source(timeout=0.2), Recorder())
    assert (report.ok, report.refused) == (False, False)
    assert "57014" in report.error
    await desk.cabinet.turn({"silent": False}, NOW)
    assert (await once(desk.source(timeout=0.2), Recorder())).ok


async def test_a_server_that_is_gone_or_silent_is_unavailable_and_the_same_source_comes_back(desk: Office) -> None:
    await desk.put(licence(n) for n in range(12))
    way = Way(desk.cabinet.url)
    (desk.folder / "url").write_text(await way.open(), encoding="utf-8")
    source, keep = desk.source(timeout=0.3, connect_timeout=0.2), Recorder()
    walk = source.fetch(None, NOW)
    await anext(aiter(walk))
    way.frozen.clear()
    with pytest.raises(Exception, match=r"the database gave no answer in 1\.5 s"):
        await anext(aiter(walk))
    await walk.aclose()  # type: ignore[attr-defined]
    way.frozen.set()
    assert (await once(source, keep)).ok
    await way.close()
    report = await once(source, keep)
    assert (report.ok, report.refused) == (False, False)
    (desk.folder / "url").write_text(desk.cabinet.url, encoding="utf-8")
    assert (await once(source, keep)).ok
    assert len(keep.items) == 12


class Way:
    """A wire to the server that can be frozen, so that nothing passes and nothing is closed, and cut."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.frozen = asyncio.Event()
        self.frozen.set()
        self.tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> str:
        self.server = await asyncio.start_server(self._pass, "127.0.0.1", 0)
        port = self.server.sockets[0].getsockname()[1]
        begin, self.target = self.url.split("port=")
        return f"{begin.replace(begin.split('host=')[1].split('&')[0], '127.0.0.1')}port={port}"

    async def close(self) -> None:
        self.server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", int(self.target))
        for source, target in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._pipe(source, target))
            self.tasks.add(task)

    async def _pipe(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while piece := await source.read(1 << 16):
                await self.frozen.wait()
                target.write(piece)
                await target.drain()
        except ConnectionError:
            pass
        finally:
            target.close()


async def test_no_connection_is_left_behind(desk: Office) -> None:
    await desk.put(licence(n) for n in range(12))
    await once(desk.source(), Recorder())
    asked = "select count(*) from pg_stat_activity where usename = %s"
    async with asyncio.timeout(5):  # the server takes a moment to notice that its client has gone
        while await (await desk.cabinet.db.execute(asked, [desk.cabinet.role])).fetchone() != (0,):  # noqa: ASYNC110  it is the server that notices
            await asyncio.sleep(0.02)


async def test_an_old_stretch_is_read_again_without_the_rest(desk: Office) -> None:
    await desk.put(licence(n) for n in range(60))
    begin = licence(0)["cap_nhat"]
    since, until = begin + timedelta(seconds=20), begin + timedelta(seconds=33)
    source = desk.source()
    batches = [batch async for batch in source.fetch_between(since, until, None, NOW)]
    codes = [item.code for batch in batches for item in batch.items]
    assert codes == [licence(n)["ma_ho_so"] for n in range(20, 33)]
    resumed = [batch async for batch in source.fetch_between(since, until, batches[0].position, NOW)]
    assert [item.code for batch in resumed for item in batch.items] == codes[5:]
    with pytest.raises(Refused, match="holds no times"):
        await anext(aiter(desk.source(watermark="ma_ho_so").fetch_between(since, until, None, NOW)))


async def test_the_knobs_of_a_cabinet_turn_its_view(desk: Office) -> None:
    await desk.put(licence(n) for n in range(5))
    await desk.cabinet.turn({"renamed": {"trang_thai": {"DANG_XU_LY": "XU_LY"}}, "added": {"moi": "1"}, "delay": 0.01}, NOW)
    keep = Recorder()
    report = await once(desk.source(), keep)
    assert (report.ok, report.quarantined) == (True, 5)
    assert "moi" in report.fields
    await desk.cabinet.turn({"renamed": {}, "added": {}, "delay": 0, "yesterday": True}, NOW)
    await desk.put([licence(9, cap_nhat=NOW + timedelta(seconds=5))])
    keep = Recorder()
    await once(desk.source(), keep, NOW + timedelta(hours=1))
    assert set(keep.items) == {licence(n)["ma_ho_so"] for n in range(5)}


async def test_columns_may_be_called_anything(desk: Office) -> None:
    key, mark = 'Mã "hồ" sơ %s', "Cập nhật; --"
    names = ", ".join(name for name in COLUMNS if name not in ("ma_ho_so", "cap_nhat"))
    quoted = key.replace('"', '""')
    await desk.put(licence(n) for n in range(7))
    await desk.cabinet.show(f'select ma_ho_so "{quoted}", cap_nhat "{mark}", {names} from {desk.cabinet.schema}.bang_v_ho_so')
    mapping = OWN.read_text(encoding="utf-8").replace('code = "ma_ho_so"', f"code = '{key}'").replace('"cap_nhat"', f'"{mark}"')
    (desk.folder / "odd.toml").write_text(mapping, encoding="utf-8")
    keep = Recorder()
    report = await once(desk.source(key=key, watermark=mark, mapping="odd.toml"), keep)
    assert (report.ok, len(keep.items)) == (True, 7)


async def test_a_key_that_is_empty_or_no_order_at_all_needs_a_person(services: dict[str, str], tmp_path: Path) -> None:
    async with office(services, tmp_path, columns={**COLUMNS, "so": "float8", "anh": "bytea"}) as desk:
        await desk.put([licence(0), licence(1, ma_ho_so=None, so=1.5)])
        assert "holds nothing in a row" in (await once(desk.source(), Recorder())).error
        await desk.execute(f"delete from {desk.cabinet.schema}.bang_v_ho_so where ma_ho_so is null")
        await desk.put([licence(0, so=1.5, anh=b"x")])
        assert "holds a float in a row" in (await once(desk.source(key="so"), Recorder())).error
        path = tmp_path / "x.toml"
        path.write_text(OWN.read_text(encoding="utf-8").replace("[values.state]", 'step = "anh"\n[values.state]'), encoding="utf-8")
        report = await once(desk.source(mapping=str(path)), Recorder())
        assert report.refused
        assert "column 'anh' holds bytes" in report.error


async def test_a_driver_that_is_not_installed_is_named(desk: Office) -> None:
    (desk.folder / "url").write_text("mssql+pyodbc://reader:very-secret@127.0.0.1/x?driver=y", encoding="utf-8")
    report = await once(desk.source(), Recorder())
    assert report.refused
    assert "needs the Python package pyodbc; install it" in report.error
    assert "very-secret" not in report.error


async def test_a_database_that_is_not_there_is_refused_and_nobody_listening_is_unavailable(desk: Office) -> None:
    (desk.folder / "url").write_text(desk.cabinet.url.replace("/postgres?", "/nowhere?"), encoding="utf-8")
    report = await once(desk.source(), Recorder())
    assert report.refused, report.error
    (desk.folder / "url").write_text("postgresql://u:very-secret@127.0.0.1:1/x", encoding="utf-8")
    report = await poll(desk.source(), Recorder(), NOW, retries=Retries(tries=1))
    assert (report.ok, report.refused) == (False, False)
    assert "very-secret" not in report.error


@pytest.mark.parametrize(
    ("options", "words"),
    [({"view": "a.b.c"}, "view: 'a.b.c' is no name"), ({"key": ""}, "key: '' is no name"), ({"size": 1}, "size: 1 is not from 2"),
     ({"timeout": 0}, "timeouts and max_megabytes"), ({"url_env": "X"}, "exactly one of url_env and url_file"),
     ({"watermark": "a\nb"}, "watermark: ")],
)  # fmt: skip
async def test_what_cannot_work_is_named_at_once(desk: Office, options: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        desk.source(**options)
