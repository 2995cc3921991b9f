"""What the kind `rest` promises beyond every source: ways of asking, versions of lists, expressions, old stretches, and its pace."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.departments.dialects import COMMUNE, DOCUMENTS, ONESTOP, Dialect
from collectors.http import connections_kept
from collectors.poll import PollReport, poll
from collectors.source import Rewinding, SettingsError, Source
from collectors.sources.rest import RestSource
from ioc.model import Item, Reason, State
from tests.contract.rigs.archive import Archive
from tests.contract.rigs.base import NOW, ONCE, Clock, Killed, Recorder, dossier
from tests.contract.rigs.rest import RestRig
from tests.contract.test_sources import codes, in_dialect

MANY = [dossier(n) for n in range(23)]
RANGE = {
    "paging": "offset", "offset_param": "offset", "size_param": "limit", "since_param": "tuNgay", "until_param": "denNgay",
    "since_format": "%Y-%m-%d", "ordered": False,
}  # fmt: skip
SEARCH = {
    "method": "POST", "body": {"donVi": "SXD", "loc": {"tuNgay": ""}}, "since_param": "loc.tuNgay", "page_param": "trang.so",
    "size_param": "trang.co", "records": "=ketQua.nhom[].hoSo[]",
}  # fmt: skip
ADDRESS = {"size_param": "", "page_param": "", "since_param": "", "first_since": "20200101000000"}
ONWARD = {"paging": "url", "next": "links.next", "size_param": ""}
WAYS = {
    "/theo-khoang": RANGE,
    "/tim-kiem": SEARCH,
    "/tu/{since}/trang/{page}/{size}": ADDRESS,
    "/tiep": ONWARD,
}


class ArchiveRig(RestRig):
    """The same kind of source before an Archive."""

    async def archive(self, records: list[dict[str, Any]], way: str, **options: Any) -> RestSource:
        self.clock = Clock()
        self.department = self.shelf = Archive(records, clock=self.clock)
        first = await self.stack.enter_async_context(self.shelf.serving())
        url = first.replace("/theo-khoang", way)
        source = self.entry(**{"url": url, "updated": "CapNhat", "size": 5, **WAYS[way], **options})
        assert isinstance(source, RestSource)
        return source


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[ArchiveRig]:
    async with AsyncExitStack() as stack:
        yield ArchiveRig(tmp_path, stack)


async def once(source: Source, keep: Recorder) -> PollReport:
    return await poll(source, keep, NOW, retries=ONCE)


# --- ways of asking ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_of_asking_is_walked_to_its_end_and_then_read_on_from_its_mark(rig: ArchiveRig, way: str) -> None:
    source, keep = await rig.archive(MANY, way), Recorder()
    assert (await once(source, keep)).error == ""
    assert set(keep.items) == codes(23)
    rig.shelf.records["new"] = dossier(30, MaHoSo="new")
    report = await once(source, keep)
    assert (report.ok, report.changed) == (True, 1)
    assert set(keep.items) == codes(23) | {"new"}


@pytest.mark.parametrize("way", WAYS)
async def test_a_stop_after_any_page_resumes_and_nothing_is_missing(rig: ArchiveRig, way: str) -> None:
    source, whole = await rig.archive(MANY, way, max_size=5), Recorder()
    await once(source, whole)
    for stop in range(len(whole.positions)):
        keep = Recorder(stop_after=stop)
        with pytest.raises(Killed):
            await once(source, keep)
        keep.stop_after = 1_000_000
        assert (await once(source, keep)).ok
        assert keep.items == whole.items


async def test_records_counted_by_offset_are_all_read_although_the_server_gives_fewer_than_asked_for(rig: ArchiveRig) -> None:
    source, keep = await rig.archive(MANY, "/theo-khoang", size=10), Recorder()
    rig.shelf.most = 4
    assert (await once(source, keep)).ok
    assert set(keep.items) == codes(23)
    assert [asked["offset"] for asked in rig.shelf.asked] == ["0", "4", "8", "12", "16", "20"]


async def test_a_time_is_written_as_the_system_wants_it_and_a_range_is_closed(rig: ArchiveRig) -> None:
    source, keep = await rig.archive(MANY, "/theo-khoang"), Recorder()
    await once(source, keep)
    rig.shelf.asked.clear()
    await once(source, keep)
    assert rig.shelf.asked[0] == {"tuNgay": "2026-09-10", "denNgay": "2026-09-16", "offset": "0", "limit": "5"}


async def test_a_search_holds_what_is_declared_and_numbers_as_numbers(rig: ArchiveRig) -> None:
    source, keep = await rig.archive(MANY, "/tim-kiem"), Recorder()
    await once(source, keep)
    assert rig.shelf.asked[0] == {"donVi": "SXD", "loc": {"tuNgay": ""}, "trang": {"so": 1, "co": 5}}
    assert rig.shelf.asked[1]["loc"] == {"tuNgay": dossier(4)["CapNhat"]}


async def test_the_next_page_is_never_followed_to_another_host(rig: ArchiveRig) -> None:
    source, keep = await rig.archive(MANY, "/tiep"), Recorder()
    rig.shelf.elsewhere = "http://other.example.invalid"
    report = await once(source, keep)
    assert (report.refused, len(keep.items), rig.shelf.requests) == (True, 5, 1)
    assert "'other.example.invalid', another host than '127.0.0.1:" in report.error


async def test_an_address_that_no_longer_holds_begins_the_walk_anew(rig: ArchiveRig) -> None:
    source = await rig.archive(MANY, "/tiep")
    keep = Recorder(position=json.dumps({"page": 3, "size": 5, "token": "/gone"}))
    assert (await once(source, keep)).ok
    assert set(keep.items) == codes(23)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"body": {"a": 1}}, r"source\.sut\.body: a GET sends none"),
        ({"method": "POST", "body": {"page": 1}, "page_param": "page.no"}, r"source\.sut\.body: no JSON, or no room in it"),
        ({"url": "http://a.example.invalid/{form}"}, r"source\.sut\.url: \{form\} is nothing we could put there"),
        ({"url": "http://a.example.invalid/{since}", "updated": "x"}, r"source\.sut\.first_since: missing"),
        ({"until_param": "den"}, r"source\.sut\.since_format: missing"),
        ({"since_format": "yyyyMMdd"}, r"source\.sut\.since_format: 'yyyyMMdd' names no part of a date"),
        ({"records": "=data.["}, r"source\.sut\.records: '=data\.\[': no JMESPath"),
        ({"rate": -1.0}, r"source\.sut: rate must be at least 0"),
        ({"paging": "pages"}, r"source\.sut"),
    ],
)
def test_an_entry_that_cannot_work_is_refused_before_anything_is_asked(rig: ArchiveRig, options: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        rig.entry(**{"url": "http://a.example.invalid/", **options})


# --- versions ---------------------------------------------------------------------------------------------------------------------


async def test_a_list_that_has_not_changed_is_a_good_poll_without_content(rig: ArchiveRig) -> None:
    source, keep = await rig.archive(MANY, "/theo-khoang", updated="", paging="none", size=100), Recorder()
    rig.shelf.most = 100
    assert (await once(source, keep)).read == 23
    report = await once(source, keep)
    assert (report.ok, report.read, rig.shelf.unchanged) == (True, 0, 1)
    rig.shelf.records["new"] = dossier(30, MaHoSo="new")
    assert ((await once(source, keep)).read, rig.shelf.unchanged) == (24, 1)


@pytest.mark.parametrize("paging", ["none", "offset", "next"])
async def test_an_answer_that_could_not_be_stored_is_not_taken_for_known(rig: ArchiveRig, paging: str) -> None:
    source, keep = await rig.archive(MANY, "/theo-khoang", updated="", paging=paging, size=100), Recorder(stop_after=0)
    rig.shelf.most = 100
    with pytest.raises(Killed):
        await once(source, keep)
    keep.stop_after = 1
    assert (await once(source, keep)).read == 23
    assert ((await once(source, keep)).read, rig.shelf.unchanged) == (0, 1)


async def test_the_first_page_of_a_longer_list_says_nothing_of_the_others(rig: ArchiveRig) -> None:
    source, keep = await rig.archive(MANY, "/theo-khoang", updated="", until_param=""), Recorder()
    await once(source, keep)
    rig.shelf.records["H99.14-260915-0022"] = dossier(22, TrangThaiHoSo="7", NgayKetThucXuLy="20260914090000")
    assert ((await once(source, keep)).changed, rig.shelf.unchanged) == (1, 0)


# --- expressions ------------------------------------------------------------------------------------------------------------------

DEEP = """
name = "deep"
[fields]
code = "MaHoSo"
unit = "=thongTin.nguoiNhan[0].donVi"
state = { const = "working" }
received_at = { from = ["=moc[?loai=='nhan'].luc | [0]", "NgayTiepNhan"] }
happened_at = "CapNhat"
step = { from = "=join(' / ', buoc[].ten)", longer = "cut" }
[pauses]
from = "=lichSu.dung[]"
since = "=tu.luc"
until = "den"
reason = "other"
"""


def deep(number: int, **changes: Any) -> dict[str, Any]:
    """A record with everything at the end of a path, and citizens beside it."""
    return {
        **dossier(number),
        "thongTin": {"nguoiNhan": [{"donVi": "SXD", "hoTen": "Nguyễn Văn Thử"}]},
        "moc": [{"loai": "nhan", "luc": "01/09/2026 08:30", "ai": "Nguyễn Văn Thử"}],
        "buoc": [{"ten": "Thụ lý", "ai": "Nguyễn Văn Thử"}, {"ten": "Trình ký"}],
        "lichSu": {"dung": [{"tu": {"luc": "02/09/2026"}, "den": "03/09/2026", "ai": "Nguyễn Văn Thử"}]},
        **changes,
    }


async def test_fields_are_found_by_expressions_and_nothing_else_is_kept(rig: ArchiveRig) -> None:
    mapping = rig.folder / "deep.toml"
    mapping.write_text(DEEP, encoding="utf-8")
    bad = deep(1, moc=[{"loai": "nhan", "luc": "32/13/2026", "ai": "Nguyễn Văn Thử"}])
    worse = deep(2, buoc="Nguyễn Văn Thử")
    source, keep = await rig.source([deep(0), bad, worse], mapping=str(mapping)), Recorder()
    assert (await once(source, keep)).ok
    (item,) = keep.items.values()
    assert (item.unit, item.step, len(item.pauses)) == ("SXD", "Thụ lý / Trình ký", 1)
    wrong = {row.code: row for row in keep.bad.values()}
    assert "'32/13/2026' for received_at (field =moc" in wrong[bad["MaHoSo"]].reason
    assert "the expression cannot be applied" in wrong[worse["MaHoSo"]].reason
    record = wrong[bad["MaHoSo"]].record
    assert record is not None
    assert (record["thongTin"], record["moc"]) == ({"nguoiNhan": [{"donVi": "SXD"}]}, [{"loai": "nhan", "luc": "32/13/2026"}])
    assert "Thử" not in repr(keep)


# --- old stretches ----------------------------------------------------------------------------------------------------------------


async def between(source: Source, since: datetime, until: datetime, cursor: str | None = None) -> tuple[list[str], list[str | None]]:
    assert isinstance(source, Rewinding)
    batches = [batch async for batch in source.fetch_between(since, until, cursor, NOW)]
    return [item.code for batch in batches for item in batch.items], [batch.position for batch in batches]


BEGIN = NOW - timedelta(days=5)  # when the first of MANY changed


@pytest.mark.parametrize("dialect", [COMMUNE, DOCUMENTS, ONESTOP], ids=lambda d: d.name)
async def test_an_old_stretch_is_read_alone_in_every_dialect(rig: ArchiveRig, dialect: Dialect) -> None:
    records, options = in_dialect(dialect, 100)  # one a minute
    source = await rig.source(records, dialect=dialect, **{**options, "max_size": 5})
    found, positions = await between(source, BEGIN + timedelta(minutes=40), BEGIN + timedelta(minutes=60))
    names = [str(record[dialect.code]) for record in records]
    assert set(names[40:60]) <= set(found)
    assert not set(found) & {*names[:40], *names[66:]}
    assert positions[-1] is not None
    assert await between(source, BEGIN, BEGIN + timedelta(minutes=60), positions[-1]) == ([], [])


async def test_an_old_stretch_ends_where_the_system_was_asked_to_end_it(rig: ArchiveRig) -> None:
    source = await rig.archive(MANY, "/theo-khoang", since_format="%Y-%m-%dT%H:%M:%S")
    found, _ = await between(source, BEGIN + timedelta(seconds=5), BEGIN + timedelta(seconds=9))
    assert set(found) == codes(9) - codes(5)


async def test_a_system_that_cannot_be_asked_since_is_read_whole_for_any_stretch(rig: ArchiveRig) -> None:
    source = await rig.source(MANY, updated="")
    found, _ = await between(source, BEGIN, BEGIN + timedelta(seconds=1))
    assert set(found) == codes(23)


async def test_a_list_out_of_order_is_not_left_before_its_end(rig: ArchiveRig) -> None:
    records = [dossier(n, Sua=dossier((n * 7) % 23)["CapNhat"]) for n in range(23)]
    source = await rig.source(records, updated="Sua")
    found, positions = await between(source, BEGIN, BEGIN + timedelta(seconds=3))
    assert set(found) == codes(23)
    for position in positions[:-1]:
        rest, _ = await between(source, BEGIN, BEGIN + timedelta(seconds=3), position)
        at = positions.index(position)
        assert set(found[5 * (at + 1) :]) <= set(rest)


@pytest.mark.parametrize("way", WAYS)
async def test_a_stretch_goes_on_after_any_of_its_pages(rig: ArchiveRig, way: str) -> None:
    source = await rig.archive(MANY, way, max_size=5)
    since, until = BEGIN + timedelta(seconds=3), BEGIN + timedelta(days=1)
    found, positions = await between(source, since, until)
    assert set(found) >= codes(23) - codes(3)
    for at, position in enumerate(positions):
        rest, _ = await between(source, since, until, position)
        assert set(found[5 * (at + 1) :]) <= set(rest)


# --- pace and connections ---------------------------------------------------------------------------------------------------------


async def test_requests_keep_the_declared_pace_from_poll_to_poll(rig: ArchiveRig) -> None:
    source, waits = await rig.archive(MANY, "/tiep", rate=2.0, burst=2), []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    source.pace.sleep, source.pace.clock = sleep, lambda: 1000.0
    await once(source, Recorder())
    assert waits == [0.5, 1.0, 1.5]
    await once(source, Recorder(position='{"mark": "20260914000000"}'))
    assert waits[3:] == [2.0]


async def test_within_connections_kept_polls_share_them_and_secrets_stay_apart(rig: ArchiveRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUT_TOKEN", "t")
    with_token = await rig.source(MANY, token="t", token_env="SUT_TOKEN")
    without = rig.entry(url=with_token.settings.url, updated="CapNhat")  # type: ignore[attr-defined]
    async with connections_kept():
        assert (await once(with_token, Recorder())).ok
        assert (await once(without, Recorder())).refused
        assert (await once(with_token, Recorder())).ok
    assert (await once(with_token, Recorder())).ok


# --- what a record says ------------------------------------------------------------------------------------------------------------


async def test_the_clocks_beside_the_deadline_come_over_the_wire(rig: ArchiveRig) -> None:
    records = [
        dossier(1, NgayNopHoSo="20260831200000", NgayXinLoi="20260910083000"),
        dossier(2, TrangThaiHoSo="6", NgayNopHoSo="20260901070000"),
        dossier(3, TrangThaiHoSo="1", NgayTiepNhan="", NgayNopHoSo="20260901070000"),
    ]
    keep = Recorder()
    await once(await rig.archive(records, "/theo-khoang"), keep)
    late, waiting, sent = (keep.items[each["MaHoSo"]] for each in records)
    assert isinstance(late, Item)
    assert isinstance(waiting, Item)
    assert isinstance(sent, Item)
    assert late.submitted_at == datetime(2026, 8, 31, 13, tzinfo=UTC)
    assert late.apology_at == datetime(2026, 9, 10, 1, 30, tzinfo=UTC)
    assert (waiting.state, waiting.waits_for) == (State.WAITING, Reason.FEE)
    assert (sent.state, sent.submitted_at) == (State.SUBMITTED, sent.received_at)
