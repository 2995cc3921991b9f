"""What people's spreadsheets are like: workbooks, dates as numbers, titles and merged headers, totals, and files made to do harm."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.formats import Content, Layout, opened
from collectors.formats import tables as tables_room
from collectors.formats import workbooks as workbooks_room
from collectors.mapping import compile, load
from collectors.pieces import batches
from collectors.source import Refused
from ioc.model import Item

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)
SIMPLE = load(ROOT / "examples" / "mappings" / "simple.toml")
HEADER = ("Mã hồ sơ", "Đơn vị", "Trạng thái", "Ngày nhận", "Ngày hẹn trả", "Ngày trả", "Thủ tục")
RECEIVED = datetime(2026, 9, 1, 1, 30, tzinfo=UTC)


def row(code: Any, received: Any = "01/09/2026 08:30", due: Any = "20/09/2026") -> tuple[Any, ...]:
    return (code, "UBND xã A", "Đang giải quyết", received, due, None, "Đăng ký khai sinh")


def workbook(
    *rows: Sequence[Any], title: str = "Sheet", merged: Sequence[str] = (), more: dict[str, list[Sequence[Any]]] | None = None
) -> bytes:
    book = openpyxl.Workbook()
    sheets = {title: list(rows), **(more or {})}
    for name, lines in sheets.items():
        sheet = book.active if name == title else book.create_sheet(name)
        assert sheet is not None
        sheet.title = name
        for line in lines:
            sheet.append(list(line))
        for cells in merged if name == title else ():
            sheet.merge_cells(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv_of(*rows: Sequence[Any], separator: str = ",") -> bytes:
    return "\r\n".join(separator.join("" if cell is None else str(cell) for cell in line) for line in rows).encode()


def items(content: Content) -> list[Item]:
    return [item for batch in batches(content, SIMPLE, NOW) for item in batch.items if isinstance(item, Item)]


def codes(raw: bytes, layout: Layout | None = None) -> list[str]:
    return [item.code for item in items(opened("a.xlsx", raw, SIMPLE, layout or Layout()))]


# --- workbooks ----------------------------------------------------------------------------------------------------------------------


def test_a_workbook_is_read_like_its_csv() -> None:
    rows = [HEADER, row("HS-1"), row("HS-2")]
    from_workbook, from_text = opened("a.xlsx", workbook(*rows), SIMPLE), opened("a.csv", csv_of(*rows), SIMPLE)
    assert items(from_workbook) == items(from_text)
    assert from_workbook.count == from_text.count == 2


def test_dates_are_real_ones_texts_or_numbers_of_days() -> None:
    received = [datetime(2026, 9, 1, 8, 30), "01/09/2026 08:30", 46266.354166666664, "2026-09-01 08:30"]
    due = [date(2026, 9, 20), "20/09/2026", 46285, datetime(2026, 9, 20)]
    found = items(
        opened("a.xlsx", workbook(HEADER, *(row(f"HS-{n}", *pair) for n, pair in enumerate(zip(received, due, strict=True)))), SIMPLE)
    )
    assert [item.received_at for item in found] == [RECEIVED] * 4
    assert [item.due_at for item in found] == [datetime(2026, 9, 19, 17, 0, tzinfo=UTC)] * 4


def test_days_as_numbers_are_read_in_csv_too_and_only_where_a_time_is_declared() -> None:
    (item,) = items(opened("a.csv", csv_of(HEADER, row("46266", "46266.354166666664"), separator=";"), SIMPLE))
    assert (item.code, item.received_at) == ("46266", RECEIVED)


@pytest.mark.parametrize("number", [19_999, 80_001, 20260901])
def test_a_number_that_is_no_day_of_our_time_is_a_bad_row(number: int) -> None:
    (batch,) = batches(opened("a.xlsx", workbook(HEADER, row("HS-1", number)), SIMPLE), SIMPLE, NOW)
    assert "impossible date" in batch.bad[0].reason


def test_numbers_as_codes_lose_their_decimals() -> None:
    assert codes(workbook(HEADER, row(17), row(18.0), row("0019"))) == ["17", "18", "0019"]


def test_formulas_are_taken_as_last_computed_and_errors_say_nothing() -> None:
    (batch,) = batches(opened("a.xlsx", workbook(HEADER, row("=1+1"), row("#REF!"), row("HS-1")), SIMPLE), SIMPLE, NOW)
    assert [item.code for item in batch.items] == ["HS-1"]
    assert ["missing code" in each.reason for each in batch.bad] == [True, True]


def test_the_first_sheet_with_rows_is_read_or_the_one_that_is_named() -> None:
    raw = workbook(title="Bìa", more={"Tháng 9": [HEADER, row("HS-9")], "Tháng 8": [HEADER, row("HS-8")]})
    assert codes(raw) == ["HS-9"]
    assert codes(raw, Layout(sheet="tháng 8")) == ["HS-8"]
    with pytest.raises(Refused, match="no sheet 'Tháng 10'; did you mean 'Tháng"):
        codes(raw, Layout(sheet="Tháng 10"))


def test_notes_beside_the_table_and_rows_left_blank_are_no_data() -> None:
    assert codes(workbook(HEADER, (*row("HS-1"), None, "ghi chú bên lề"), (), (None,) * 7, row("HS-2"))) == ["HS-1", "HS-2"]


# --- headers ------------------------------------------------------------------------------------------------------------------------


def test_titles_above_the_header_are_passed_over() -> None:
    titles = [("ỦY BAN NHÂN DÂN TỈNH",), (), ("BÁO CÁO, tháng 9; năm 2026",), ("Đơn vị báo cáo: Sở Y tế",)]
    assert codes(workbook(*titles, HEADER, row("HS-1"))) == ["HS-1"]
    assert codes(csv_of(*titles, HEADER, row("HS-1"), separator=";")) == ["HS-1"]


def test_headings_of_two_lines_and_in_decomposed_letters_are_found() -> None:
    header = ("Mã\nhồ sơ", " Đơn  vị", "TRẠNG THÁI", "Ngày nhận", "Nga\u0300y he\u0323n tra\u0309", "Ngày trả", "Thủ tục")
    assert codes(workbook(header, row("HS-1"))) == ["HS-1"]


MERGED = compile({
    "name": "bao-cao", "unit": {"create": True},
    "fields": {
        "code": "Mã hồ sơ", "unit": "Đơn vị", "state": {"const": "working"},
        "received_at": "Thời gian / Ngày nhận", "due_at": "Ngày hẹn trả", "procedure": "Nội dung / Thủ tục / Tên",
    },
})  # fmt: skip
THREE = [
    ("Mã hồ sơ", "Đơn vị", "Thời gian", None, "Nội dung", None, None),
    (None, None, "Ngày nhận", "Ngày hẹn trả", "Thủ tục", None, "Lĩnh vực"),
    (None, None, None, None, "Mã", "Tên", None),
]
DATA = ("HS-1", "UBND xã A", "01/09/2026", "20/09/2026", "1.0001", "Khai sinh", "Hộ tịch")


@pytest.mark.parametrize("write", [
    lambda rows: workbook(*rows, merged=("A2:A4", "B2:B4", "C2:D2", "E2:G2", "E3:F3")),
    lambda rows: csv_of(*rows[1:]),
], ids=["xlsx", "csv"])  # fmt: skip
def test_merged_header_rows_make_paths_that_also_answer_to_their_lowest_name(write: Any) -> None:
    content = opened("a.xlsx", write([("Báo cáo",), *THREE, DATA]), MERGED)
    (record,) = content.records()
    assert isinstance(record, dict)
    assert record["Thời gian / Ngày nhận"] == "01/09/2026"
    assert record["Nội dung / Thủ tục / Tên"] == "Khai sinh"
    assert record["Nội dung / Lĩnh vực"] == "Hộ tịch"
    (item,) = MERGED.read_all([record], NOW).items
    assert isinstance(item, Item)
    assert (item.code, item.procedure) == ("HS-1", "Khai sinh")
    assert item.due_at == datetime(2026, 9, 19, 17, 0, tzinfo=UTC)


def test_a_lowest_heading_that_stands_twice_must_be_named_with_the_one_above() -> None:
    upper = ("Mã hồ sơ", "Đơn vị", "Đang giải quyết", None, "Đã giải quyết", None)
    lower = (None, None, "Trong hạn", "Quá hạn", "Trong hạn", "Quá hạn")
    fields = {"code": "Mã hồ sơ", "unit": "Đơn vị", "state": {"const": "done"}, "received_at": "Trong hạn"}
    mapping = compile({"name": "a", "fields": fields})
    with pytest.raises(Refused, match="column 'Trong hạn' stands twice; name each column once, or with the heading above it"):
        opened("a.xlsx", workbook(upper, lower), mapping)
    better = compile({"name": "a", "fields": {**fields, "received_at": "Đã giải quyết / Trong hạn"}})
    (record,) = opened("a.xlsx", workbook(upper, lower, ("HS-1", "A", 1, 2, 46266, 4)), better).records()
    assert isinstance(record, dict)
    assert record["Đã giải quyết / Trong hạn"] == "2026-09-01"
    assert record["Đang giải quyết / Trong hạn"] == 1


def test_a_missing_column_is_named_with_its_neighbour() -> None:
    header = tuple(name.replace("Trạng thái", "Trang thai") for name in HEADER)
    with pytest.raises(Refused, match=r"a\.xlsx: no column 'Trạng thái' for state; did you mean 'Trang thai'"):
        codes(workbook(("Báo cáo",), header, row("HS-1")))


@pytest.mark.parametrize("write", [workbook, csv_of])
def test_a_table_without_any_header_is_refused_and_no_row_of_it_is_shown(write: Any) -> None:
    with pytest.raises(Refused, match="no header within the first 30 rows") as error:
        codes(write(*[("HS-1", "Nguyễn Văn Thử", "0912345678")] * 40))
    assert "Thử" not in str(error.value)
    assert "0912345678" not in str(error.value)


def test_a_header_that_begins_further_down_than_thirty_rows_is_not_looked_for() -> None:
    assert codes(workbook(*[("tiêu đề",)] * 29, HEADER, row("HS-1"))) == ["HS-1"]
    with pytest.raises(Refused, match="no header"):
        codes(workbook(*[("tiêu đề",)] * 32, HEADER, row("HS-1")))


def test_rows_of_totals_are_skipped_only_where_the_source_says_so() -> None:
    raw = workbook(HEADER, row("HS-1"), ("TỔNG CỘNG:", None, 12))
    assert codes(raw, Layout(skip=("Tổng cộng",))) == ["HS-1"]
    (batch,) = batches(opened("a.xlsx", raw, SIMPLE), SIMPLE, NOW)
    assert len(batch.bad) == 1


# --- files made to do harm ------------------------------------------------------------------------------------------------------------


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return out.getvalue()


def altered(raw: bytes, part: str, change: Any) -> bytes:
    """A workbook with one of its parts rewritten."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return zipped(**{name: change(archive.read(name)) if name == part else archive.read(name) for name in archive.namelist()})


SHEET = "xl/worksheets/sheet1.xml"


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    raw = altered(workbook(HEADER, row("HS-1")), SHEET, lambda body: body + b" " * 250_000_000)
    assert len(raw) < 1_000_000
    with pytest.raises(Refused, match="unpacks to 250 MB, at most 200 are read"):
        codes(raw)


def test_entities_are_not_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "Nguyen"><!ENTITY b "&a;&a;&a;&a;">]>'
    raw = altered(workbook(HEADER, row("HS-1")), SHEET, lambda body: body.replace(b"<worksheet", bomb + b"<worksheet", 1))
    with pytest.raises(Refused, match="no workbook that can be read"):
        codes(raw)


def test_a_sheet_of_endless_rows_or_of_a_false_size_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    far = altered(workbook(HEADER, row("HS-1")), SHEET, lambda body: body.replace(b'<row r="2"', b'<row r="99999999999"'))
    with pytest.raises(Refused, match="a sheet with more than 250000 rows"):
        codes(far)
    wide = altered(workbook(HEADER, row("HS-1")), SHEET, lambda body: body.replace(b'ref="A1:G2"', b'ref="A1:XFD1048576"'))
    assert codes(wide) == ["HS-1"]
    monkeypatch.setattr(workbooks_room, "MOST_CELLS", 20)
    with pytest.raises(Refused, match="or 20 cells; split it"):
        codes(workbook(HEADER, *(row(f"HS-{n}") for n in range(3))))


def test_old_and_locked_workbooks_and_other_archives_are_named() -> None:
    with pytest.raises(Refused, match="an old workbook"):
        codes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(Refused, match="no workbook that can be read"):
        codes(zipped(**{"hello.txt": b"hello"}))
    with pytest.raises(Refused, match="no workbook that can be read"):
        codes(workbook(HEADER, row("HS-1"))[:-40])
    with pytest.raises(Refused, match="no sheet of it holds anything"):
        codes(workbook())


def test_what_the_library_warns_of_shows_no_value(capfd: pytest.CaptureFixture[str]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(HEADER))
    sheet.append(list(row("HS-1")))
    sheet["F2"] = 912345678901
    sheet["F2"].number_format = "dd/mm/yyyy"
    out = io.BytesIO()
    book.save(out)
    assert codes(out.getvalue()) == ["HS-1"]
    assert "912345678901" not in "".join(capfd.readouterr())


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"[", b"{", b"\xff\xfe", b"\xef\xbb\xbf", "Mã hồ sơ,Đơn vị\n".encode()])
)
def test_only_the_named_error_leaves_the_decoder_whatever_it_is_given(body: bytes, start: bytes) -> None:
    with suppress(Refused):
        list(batches(opened("a", start + body, SIMPLE), SIMPLE, NOW))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**6),
    st.binary(min_size=1, max_size=8),
    st.sampled_from([SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]),
)
def test_only_the_named_error_leaves_a_damaged_workbook(place: int, rubbish: bytes, part: str) -> None:
    def damage(body: bytes) -> bytes:
        at = place % len(body)
        return body[:at] + rubbish + body[at + len(rubbish) :]

    with suppress(Refused):
        list(batches(opened("a", altered(WHOLE, part, damage), SIMPLE), SIMPLE, NOW))


WHOLE = workbook(HEADER, row("HS-1"), row("HS-2", datetime(2026, 9, 1), 46285))
CELLS = st.one_of(st.none(), st.text(max_size=12), st.integers(), st.floats(), st.booleans(), st.sampled_from(HEADER))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CELLS, max_size=9), max_size=34))
def test_a_table_of_anything_has_a_header_or_a_named_error(rows: list[list[Any]]) -> None:
    table = tables_room.Table(rows=lambda: iter(rows), ragged=True)
    try:
        header = tables_room.locate("a", table.head(), SIMPLE)
    except Refused:
        return
    assert all(isinstance(record, dict) for record in tables_room.below(table, header, Layout()))


def test_a_wide_and_long_sheet_is_decoded_in_reasonable_time() -> None:
    raw = workbook(HEADER, *(row(f"HS-{n}") for n in range(3000)))
    began = time.perf_counter()
    assert len(codes(raw)) == 3000
    assert time.perf_counter() - began < 5
