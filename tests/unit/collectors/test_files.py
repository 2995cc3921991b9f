"""Files as sources: CSV in all its forms, all or nothing, the drop folder, and what `ioc import` uses."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from collectors.formats import Layout, decoded
from collectors.mapping import load
from collectors.pieces import BATCH, Mark, batches
from collectors.reading import Mapping
from collectors.source import Refused, SettingsError, Source
from collectors.sources import build
from collectors.sources.files import FilesSource
from ioc.config import SourceEntry
from ioc.model import BadRow, Batch, Item

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)
SIMPLE = load(ROOT / "examples" / "mappings" / "simple.toml")
RECEIPT = load(ROOT / "examples" / "mappings" / "receipt.toml")

HEADER = ["Mã hồ sơ", "Đơn vị", "Trạng thái", "Ngày nhận", "Ngày hẹn trả", "Ngày trả", "Thủ tục", "Họ tên"]


def row(number: int, state: str = "Đang giải quyết") -> list[str]:
    return [f"HS-{number}", "UBND xã A", state, "01/09/2026 08:30", "20/09/2026", "", "Đăng ký khai sinh", "Nguyễn Văn Thử"]


def sheet(rows: list[list[str]], separator: str = ",") -> str:
    return "\r\n".join(separator.join(cells) for cells in [HEADER, *rows]) + "\r\n"


def items(found: list[Batch]) -> list[Item]:
    return [item for batch in found for item in batch.items if isinstance(item, Item)]


def bad(found: list[Batch]) -> list[BadRow]:
    return [each for batch in found for each in batch.bad]


def read(path: Path, mapping: Mapping = SIMPLE, mark: Mark | None = None) -> list[Batch]:
    return list(batches(decoded(path, mapping), mapping, NOW, mark=mark or Mark()))


def whole(path: Path) -> list[Batch]:
    return read(path)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_spreadsheet_is_read_with_any_separator_and_with_a_byte_order_mark(tmp_path: Path, separator: str, mark: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(mark + sheet([row(1), row(2)], separator), encoding="utf-8")
    assert [item.code for item in items(whole(path))] == ["HS-1", "HS-2"]


def test_headings_in_decomposed_letters_and_other_case_are_found(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    text = sheet([row(1)]).replace("Mã hồ sơ", "MA\u0303 HO\u0302\u0300 SO\u031b")
    path.write_text(text, encoding="utf-8")
    assert [item.code for item in items(whole(path))] == ["HS-1"]


def test_quoted_cells_may_hold_separators_and_line_ends(tmp_path: Path) -> None:
    cells = row(1)
    cells[6] = '"Cấp đổi, cấp lại\nthẻ ""đỏ"""'
    path = tmp_path / "a.csv"
    path.write_text(sheet([cells]), encoding="utf-8")
    (item,) = items(whole(path))
    assert item.procedure == 'Cấp đổi, cấp lại\nthẻ "đỏ"'


def test_bad_rows_are_bad_rows_and_hide_what_they_hold(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(sheet([row(1), row(2)[:5], [*row(3), "Nguyễn Văn Thử"], row(4, "Lạ"), [""] * 8, row(5)]), encoding="utf-8")
    found = whole(path)
    assert [item.code for item in items(found)] == ["HS-1", "HS-5"]
    reasons = [each.reason for each in bad(found)]
    assert reasons == [
        "a row with 5 cells under a header with 8; correct it at the source",
        "a row with 9 cells under a header with 8; correct it at the source",
        "unknown code 'Lạ' for state (field Trạng thái); add it to [values.state]",
    ]
    assert len({each.raw_hash for each in bad(found)}) == 3
    assert "Thử" not in repr(found)


@pytest.mark.parametrize("write", [
    lambda rows: json.dumps(rows),
    lambda rows: json.dumps({"data": rows}),
    lambda rows: "\ufeff" + json.dumps({"items": rows, "total": 2}, indent=1),
    lambda rows: "\n".join(json.dumps(each) for each in rows) + "\n\n",
])  # fmt: skip
def test_json_is_read_as_array_envelope_or_lines(tmp_path: Path, write: Callable[[list[dict[str, str]]], str]) -> None:
    path = tmp_path / "a.json"
    path.write_text(write([dict(zip(HEADER, row(n), strict=True)) for n in (1, 2)]), encoding="utf-8")
    assert [item.code for item in items(whole(path))] == ["HS-1", "HS-2"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a.csv: empty file; export it again"),
        (b"\xef\xbb\xbf \r\n", "a.csv: empty file; export it again"),
        (sheet([row(1)]).encode("utf-16-le"), "a.csv: byte 2 is not UTF-8; save it as UTF-8"),
        (sheet([row(1)]).encode("utf-16")[:-1], "is not UTF-16; save it as UTF-8"),
        (sheet([row(1)]).encode()[:-20] + b"\xff", "is not UTF-8"),
        (sheet([row(1), ['"HS-2', *row(2)[1:]]]).encode(), "is no CSV (unexpected end of data)"),
        (sheet([]).replace("Trạng thái", "Trang thai").encode(), "no column 'Trạng thái' for state; did you mean 'Trang thai'?"),
        (sheet([]).replace("Ngày trả", "Ngày nhận").encode(), "column 'Ngày nhận' stands twice; name each column once"),
        (b'[{"a": 1}, {"a"', "broken JSON at character"),
        (b'{"a": 1}\n{"a": \n', "line 2 is broken JSON"),
    ],
)
def test_a_file_that_is_no_whole_is_an_error_before_the_first_batch(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(Refused) as error:
        decoded(path, SIMPLE)
    assert message in str(error.value)


def test_a_header_alone_is_a_file_without_items(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(sheet([]), encoding="utf-8")
    (batch,) = whole(path)
    assert (batch.items, batch.bad, Mark.of(batch.position).done) == ([], [], True)


def test_the_real_file_arrives_as_one_batch_of_1434_dossiers() -> None:
    found = read(ROOT / "tests" / "data" / "receipt.csv", RECEIPT)
    assert [(len(b.items), len(b.bad)) for b in found] == [(1434, 0)]
    assert sum(bool(item.suspect) for item in items(found)) == 2
    mark = Mark.of(found[0].position)
    assert (mark.at, mark.done) == (1434, True)
    assert mark.sha256 == "8d00a7d15e02796ae262336d304a7265a158956e8914aeb8ee2242f37d778854"


def test_a_large_file_goes_on_after_any_batch(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(sheet([row(n) for n in range(2 * BATCH + 1)]), encoding="utf-8")
    found = whole(path)
    assert [len(b.items) for b in found] == [BATCH, BATCH, 1]
    for k, batch in enumerate(found[:-1]):
        rest = read(path, mark=Mark.of(batch.position))
        assert [b.items for b in rest] == [b.items for b in found[k + 1 :]]


# --- as a source ------------------------------------------------------------------------------------------------------------------


def source(path: Path, quiet: float = 0) -> FilesSource:
    return FilesSource(name="so", mapping=SIMPLE, path=path, quiet=quiet)


def drop(folder: Path, name: str, text: str, age: float = 60) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    os.utime(path, (NOW.timestamp() - age, NOW.timestamp() - age))
    return path


async def fetched(from_: FilesSource, cursor: str | None = None) -> list[Batch]:
    return [batch async for batch in from_.fetch(cursor, NOW)]


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_an_export_expected_each_interval_is_as_old_as_its_last_writing(tmp_path: Path) -> None:
    path = drop(tmp_path, "a.csv", sheet([row(1)]), age=3600)
    (batch,) = await fetched(replace(source(path), dated=True))
    (again,) = await fetched(replace(source(path), dated=True), batch.position)
    assert batch.as_of == again.as_of == NOW - timedelta(hours=1)
    assert (len(batch.items), again.items, again.position) == (1, (), batch.position)


async def test_a_named_file_is_taken_up_once_for_each_content(tmp_path: Path) -> None:
    path = drop(tmp_path, "a.csv", sheet([row(1)]))
    (batch,) = await fetched(source(path))
    assert batch.as_of is None
    assert await fetched(source(path), batch.position) == []
    drop(tmp_path, "a.csv", sheet([row(1), row(2)]))
    assert len(items(await fetched(source(path), batch.position))) == 2


async def test_a_dropped_file_moves_only_when_its_last_batch_is_stored(tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", sheet([row(1), row(2, "Lạ")]))
    walk = source(tmp_path).fetch(None, NOW)
    await anext(aiter(walk))
    assert names(tmp_path) == ["a.csv"]
    with pytest.raises(StopAsyncIteration):
        await anext(aiter(walk))
    assert names(tmp_path) == ["done/a.csv", "done/a.csv.report.json"]
    report = json.loads((tmp_path / "done" / "a.csv.report.json").read_text(encoding="utf-8"))
    assert (report["file"], report["items"], report["bad"], report["suspect"]) == ("a.csv", 1, 1, 0)
    assert report["reasons"][0]["code"] == "HS-2"
    assert "Thử" not in json.dumps(report, ensure_ascii=False)


async def test_a_file_stored_but_not_moved_before_a_stop_is_moved_without_being_read_again(tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", sheet([row(1)]))
    walk = source(tmp_path).fetch(None, NOW)
    batch = await anext(aiter(walk))
    await walk.aclose()  # type: ignore[attr-defined]
    assert names(tmp_path) == ["a.csv"]
    assert await fetched(source(tmp_path), batch.position) == []
    assert names(tmp_path) == ["done/a.csv", "done/a.csv.report.json"]


async def test_a_broken_file_goes_to_failed_and_the_others_are_read(tmp_path: Path) -> None:
    drop(tmp_path, "1.csv", "")
    drop(tmp_path, "2.csv", sheet([row(1)]))
    drop(tmp_path, "3.json", "[{")
    walk = aiter(source(tmp_path).fetch(None, NOW))
    assert [item.code for item in items([await anext(walk)])] == ["HS-1"]
    with pytest.raises(Refused, match=r"2 of the dropped files moved to failed/: 1\.csv: empty file"):
        await anext(walk)
    assert names(tmp_path) == [
        "done/2.csv", "done/2.csv.report.json", "failed/1.csv", "failed/1.csv.report.json", "failed/3.json", "failed/3.json.report.json"
    ]  # fmt: skip
    assert await fetched(source(tmp_path)) == []


async def test_files_still_being_written_hidden_or_of_another_kind_are_left_alone(tmp_path: Path) -> None:
    drop(tmp_path, "young.csv", sheet([row(1)]), age=1)
    drop(tmp_path, ".hidden.csv", sheet([row(1)]))
    drop(tmp_path, "a.csv.part", sheet([row(1)]))
    assert await fetched(source(tmp_path, quiet=2)) == []
    assert names(tmp_path) == [".hidden.csv", "a.csv.part", "young.csv"]


async def test_a_second_file_of_the_same_name_does_not_replace_the_first(tmp_path: Path) -> None:
    for number in (1, 2):
        drop(tmp_path, "a.csv", sheet([row(number)]))
        assert len(await fetched(source(tmp_path))) == 1
    assert names(tmp_path / "done") == ["a.2.csv", "a.2.csv.report.json", "a.csv", "a.csv.report.json"]


async def test_a_workbook_dropped_is_taken_up_with_its_totals_left_out(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for line in (["Báo cáo tháng 9"], HEADER, row(1), row(2, "Lạ"), ["Tổng cộng", 2]):
        book.active.append(line)
    book.save(tmp_path / "a.xlsx")
    os.utime(tmp_path / "a.xlsx", (NOW.timestamp() - 60, NOW.timestamp() - 60))
    drop(tmp_path, "~$a.xlsx", "open in a spreadsheet program")
    made = replace(source(tmp_path), layout=Layout(skip=("Tổng cộng",)))
    (batch,) = await fetched(made)
    assert ([item.code for item in items([batch])], len(batch.bad)) == (["HS-1"], 1)
    assert names(tmp_path) == ["done/a.xlsx", "done/a.xlsx.report.json", "~$a.xlsx"]


async def test_a_path_that_is_not_there_needs_a_person(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no such file or folder; correct path of source so"):
        await fetched(source(tmp_path / "nowhere"))


# --- fetched ----------------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Shelf:
    """A web server with one file. `tag`: whether it says which version it gives out."""

    text: str
    tag: bool = True
    asked: list[str] = field(default_factory=list)

    async def give(self, request: web.Request) -> web.Response:
        tag = f'"{hash(self.text)}"'
        self.asked.append(request.headers.get("If-None-Match", ""))
        if request.headers.get("Authorization") != "Bearer lấy-tệp":
            return web.Response(status=401)
        if self.tag and self.asked[-1] == tag:
            return web.Response(status=304)
        return web.Response(body=self.text.encode(), headers={"ETag": tag} if self.tag else {})


@asynccontextmanager
async def web_source(folder: Path, shelf: Shelf) -> AsyncIterator[Source]:
    app = web.Application()
    app.router.add_get("/so-lieu/thang-9.csv", shelf.give)
    server = TestServer(app)
    await server.start_server()
    (folder / "token").write_text("lấy-tệp", encoding="utf-8")
    options = {"url": str(server.make_url("/so-lieu/thang-9.csv")), "token_file": "token"}
    mapping = str(ROOT / "examples" / "mappings" / "simple.toml")
    try:
        yield build(SourceEntry.model_validate({"name": "so", "type": "files", "mapping": mapping, **options}), folder)
    finally:
        await server.close()


@pytest.mark.parametrize("tag", [True, False])
async def test_a_file_at_an_address_is_taken_up_once_for_each_content(tmp_path: Path, tag: bool) -> None:
    shelf = Shelf(sheet([row(1)]), tag=tag)
    async with web_source(tmp_path, shelf) as made:
        (batch,) = [each async for each in made.fetch(None, NOW)]
        assert [item.code for item in items([batch])] == ["HS-1"]
        again = [each async for each in made.fetch(batch.position, NOW)]
        assert (items(again), [each.position for each in again]) == ([], [] if tag else [batch.position])
        shelf.text = sheet([row(1), row(2)])
        (more,) = [each async for each in made.fetch(batch.position, NOW)]
        assert [item.code for item in items([more])] == ["HS-1", "HS-2"]
    assert bool(shelf.asked[1]) is tag


async def test_a_file_at_an_address_that_is_none_is_refused_by_its_name(tmp_path: Path) -> None:
    async with web_source(tmp_path, Shelf("<html>")) as made:
        with pytest.raises(Refused, match=r"thang-9\.csv: no header within the first 30 rows"):
            _ = [each async for each in made.fetch(None, NOW)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "exactly one of path and url"),
        ({"path": "a.csv", "url": "http://127.0.0.1/a.csv"}, "exactly one of path and url"),
        ({"url": "http://u:p@127.0.0.1/a.csv"}, "credentials by"),
        ({"path": "a.csv", "token_env": "X"}, "a token belongs to a url"),
        ({"url": "http://127.0.0.1/a.csv", "dated": True}, "dated to a path"),
        ({"path": "a.csv", "quiet": -1}, "quiet must be at least 0"),
    ],
)
def test_options_that_do_not_fit_are_named(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    mapping = str(ROOT / "examples" / "mappings" / "simple.toml")
    with pytest.raises(SettingsError, match=words):
        build(SourceEntry.model_validate({"name": "so", "type": "files", "mapping": mapping, **options}), tmp_path)
