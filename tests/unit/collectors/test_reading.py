"""One record into one item: what is read, what is suspect, what is refused; and the real file with its published figures."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.fields import Broken
from collectors.mapping import compile, load
from collectors.reading import Mapping
from collectors.records import raw_hash
from collectors.rows import read_rows
from collectors.source import BadItem
from ioc.model import Gone, Item, Kind, Pause, Reason, State, Term, TermUnit, Way

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "tests" / "data"
NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)
RECEIVED = datetime(2026, 9, 1, 1, 30, tzinfo=UTC)


def mapping(name: str) -> Mapping:
    return load(ROOT / "examples" / "mappings" / f"{name}.toml")


ONESTOP = mapping("onestop")


def dossier(**changes: Any) -> dict[str, Any]:
    return {
        "MaHoSo": "H99.14-260901-0001",
        "DonViXuLy": "SXD",
        "TrangThaiHoSo": "4",
        "NgayTiepNhan": "20260901083000",
        "NgayHenTra": "20260920170000",
        **changes,
    }


def read(**changes: Any) -> Item:
    item = ONESTOP.read(dossier(**changes), NOW)
    assert isinstance(item, Item)
    return item


def refused(reader: Mapping, record: Any) -> str:
    with pytest.raises(BadItem) as error:
        reader.read(record, NOW)
    return str(error.value)


@pytest.mark.parametrize(
    ("code", "state"),
    [("1", "submitted"), ("2", "working"), ("3", "refused"), ("4", "working"), ("5", "waiting"), ("6", "waiting"), ("7", "withdrawn"),
     ("8", "waiting"), ("9", "done"), ("10", "done")],
)  # fmt: skip
def test_the_ten_states_of_the_national_portal(code: str, state: str) -> None:
    assert read(TrangThaiHoSo=code, NgayKetThucXuLy="20260910100000").state is State(state)


@pytest.mark.parametrize("code", [4, 4.0, "4", " 4 "])
def test_a_code_is_the_same_as_number_and_as_text(code: object) -> None:
    assert read(TrangThaiHoSo=code).state is State.WORKING


@pytest.mark.parametrize(("code", "way"), [("1", Way.COUNTER), (2, Way.ONLINE), ("3", Way.POST), (None, Way.COUNTER), ("", Way.COUNTER)])
def test_a_missing_channel_counts_as_the_counter(code: object, way: Way) -> None:
    assert read(KenhThucHien=code).channel is way


@pytest.mark.parametrize("names", [str.lower, str.upper, lambda name: name[0].lower() + name[1:]])
def test_their_names_are_found_in_any_case(names: Callable[[str], str]) -> None:
    assert ONESTOP.read({names(key): value for key, value in dossier().items()}, NOW) == read()


def test_a_name_that_fits_two_fields_is_refused() -> None:
    record = {"mahoso": "A", "MAHOSO": "B", **dossier()}
    del record["MaHoSo"]
    assert "2 fields could be 'MaHoSo'" in refused(ONESTOP, record)


def test_a_dotted_name_goes_into_nested_objects_and_an_exact_one_wins() -> None:
    fields = {"code": "hoSo.ma", "unit": "a.b.c", "state": {"const": "working"}, "received_at": "Ng. nhận"}
    reader = compile({"name": "x", "fields": fields})
    record = {"HoSo": {"MA": "1"}, "a": {"b": {"c": "U"}}, "Ng. nhận": "01/09/2026"}
    item = reader.read(record, NOW)
    assert isinstance(item, Item)
    assert (item.code, item.unit) == ("1", "U")
    assert "missing unit (field a.b.c)" in refused(reader, {**record, "a": {"b": "text"}})


@pytest.mark.parametrize("field", ["MaHoSo", "DonViXuLy", "TrangThaiHoSo", "NgayTiepNhan"])
@pytest.mark.parametrize("empty", [None, "", "  ", ...])
def test_a_missing_required_field_is_named(field: str, empty: object) -> None:
    record = dossier(**{field: empty})
    if empty is ...:
        del record[field]
    message = refused(ONESTOP, record)
    assert message.startswith("missing ")
    assert field in message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"TrangThaiHoSo": "11"}, "unknown code '11' for state (field TrangThaiHoSo); add it to [values.state]"),
        ({"KenhThucHien": "bcci"}, "unknown code 'bcci' for channel (field KenhThucHien); add it to [values.channel]"),
        ({"NgayHenTra": "32/13/2026"}, "impossible date '32/13/2026' for due_at (field NgayHenTra): "),
        ({"NgayHenTra": "00010101000000"}, "the year is not between 1990 and 2199"),
        ({"NgayTiepNhan": "20260917100000"}, "'20260917100000' is in the future for received_at (field NgayTiepNhan"),
        ({"MaHoSo": "x" * 65}, "is longer than 64 characters for code (field MaHoSo)"),
        ({"MaHoSo": ["1"]}, "a list where a text or number is expected for code"),
        ({"MaHoSo": float("nan")}, "nan where a text or number is expected for code"),
        ({"MaHoSo": 10**5000}, "a number of 16610 bits where a text"),
        ({"MaHoSo": "a\0b"}, "holds characters no text may hold for code"),
        ({"DonViXuLy": "\ud800"}, "holds characters no text may hold for unit"),
        ({"TrangThaiHoSo": "9"}, "missing closed_at (field NgayKetThucXuLy or NgayTra or NgayTuChoi) although done"),
        ({"DanhSachHoSoBoSung": "3"}, "a str where a list of pauses is expected (field DanhSachHoSoBoSung)"),
    ],
)
def test_what_cannot_be_read_says_field_value_and_remedy(changes: dict[str, Any], message: str) -> None:
    said = refused(ONESTOP, dossier(**changes))
    assert message in said
    assert len(said) < 300


def test_ten_megabytes_are_shortened_to_eighty_characters() -> None:
    said = refused(ONESTOP, dossier(DonViXuLy="ă" * 10_000_000))
    assert "ă" * 80 in said
    assert "ă" * 81 not in said
    assert "(10000000 characters)" in said


def test_a_title_too_long_is_cut_where_the_mapping_says_so() -> None:
    item = read(TenTTHC="Cấp giấy chứng nhận " * 20)
    assert len(item.procedure) <= 200
    assert item.procedure.endswith("…")


def test_texts_are_composed_so_that_equal_words_are_equal() -> None:
    assert read(TenLinhVuc="Đâ\u0301t đai").field == "Đất đai"


def test_a_code_declared_in_decomposed_letters_is_the_same_code() -> None:
    fields = {"code": "ma", "unit": {"const": "U"}, "state": "tt", "received_at": "nhan"}
    reader = compile({"name": "x", "fields": fields, "values": {"state": {unicodedata.normalize("NFD", "Đang giải quyết"): "working"}}})
    item = reader.read({"ma": 1, "tt": "Đang giải quyết", "nhan": "01/09/2026"}, NOW)
    assert isinstance(item, Item)
    assert item.state is State.WORKING


def test_a_clock_a_little_ahead_is_accepted() -> None:
    assert read(NgayTiepNhan="20260915180000").received_at == datetime(2026, 9, 15, 11, tzinfo=UTC)


def test_no_due_date_is_no_deadline() -> None:
    assert read(NgayHenTra="").due_at is None


def test_a_state_became_true_when_it_was_closed_else_at_the_last_change_else_at_the_reception() -> None:
    closed = read(TrangThaiHoSo="10", NgayKetThucXuLy="20260910100000", CapNhat="20260911100000")
    assert closed.happened_at == closed.closed_at == datetime(2026, 9, 10, 3, tzinfo=UTC)
    assert read(TrangThaiHoSo="5", CapNhat="20260911100000").happened_at == datetime(2026, 9, 11, 3, tzinfo=UTC)
    assert read().happened_at == RECEIVED
    assert read(CapNhat="20260801100000").happened_at == RECEIVED


def test_the_first_declared_field_that_holds_something_wins() -> None:
    item = read(TrangThaiHoSo="10", NgayKetThucXuLy="", NgayTra="20260912100000")
    assert item.closed_at == datetime(2026, 9, 12, 3, tzinfo=UTC)


def test_a_closing_before_the_reception_counts_at_the_reception_and_is_suspect() -> None:
    item = read(TrangThaiHoSo="10", NgayKetThucXuLy="20260831080000")
    assert item.closed_at == item.happened_at == RECEIVED
    assert item.suspect == ("closed_at '20260831080000' is before received_at '20260901083000'; read as closed when received")


def test_where_the_mapping_says_so_a_closing_before_the_reception_is_quarantined() -> None:
    fields = {
        "code": "MaHoSo",
        "unit": "DonViXuLy",
        "state": {"from_closed": True},
        "received_at": "NgayTiepNhan",
        "closed_at": "NgayTra",
    }
    strict = compile({"name": "x", "fields": fields, "suspect": {"closed_before_received": "quarantine"}})
    assert "is before received_at '20260901083000'; correct it" in refused(strict, dossier(NgayTra="20260831080000"))


def test_a_closing_time_of_an_open_item_is_not_used_and_is_suspect() -> None:
    item = read(TrangThaiHoSo="5", NgayKetThucXuLy="20260910100000")
    assert item.closed_at is None
    assert item.suspect == "closed_at '20260910100000' although waiting; not used"


def test_done_without_a_closing_time_is_read_as_the_last_change_and_is_suspect() -> None:
    item = read(TrangThaiHoSo="9", CapNhat="20260911100000")
    assert item.closed_at == datetime(2026, 9, 11, 3, tzinfo=UTC)
    assert "read as the last change '20260911100000'" in item.suspect
    assert read(TrangThaiHoSo="7", CapNhat="20260911100000").suspect == ""


def test_supplements_are_pauses_with_the_declared_reason_only() -> None:
    rows = [
        {"NgayBoSung": "20260902080000", "NgayTiepNhanBoSung": "20260903080000", "NoiDungBoSung": "ông Thử thiếu giấy"},
        {"NgayBoSung": "20260904080000", "NgayTiepNhanBoSung": ""},
        {"NgayBoSung": "20260905080000", "NgayTiepNhanBoSung": "20260904080000"},
    ]
    item = read(DanhSachHoSoBoSung=rows)
    first = Pause(since=datetime(2026, 9, 2, 1, tzinfo=UTC), until=datetime(2026, 9, 3, 1, tzinfo=UTC))
    assert item.pauses[0] == first
    assert (len(item.pauses), item.pauses[1].until) == (2, None)
    assert item.suspect == "1 of 3 pauses begin nowhere or end before they begin; not used"


@pytest.mark.parametrize(("code", "reason"), [("5", Reason.SUPPLEMENT), (6, Reason.FEE), ("8", Reason.SUSPENDED), ("4", None), ("9", None)])
def test_the_code_of_the_state_says_why_a_dossier_waits_and_what_an_open_pause_is_for(code: object, reason: Reason | None) -> None:
    rows = [{"NgayBoSung": "20260902080000", "NgayTiepNhanBoSung": "20260903080000"}, {"NgayBoSung": "20260904080000"}]
    item = read(TrangThaiHoSo=code, NgayKetThucXuLy="20260910100000" if code == "9" else "", DanhSachHoSoBoSung=rows)
    assert item.waits_for is reason
    assert [pause.reason for pause in item.pauses] == [Reason.SUPPLEMENT, reason or Reason.SUPPLEMENT]


def test_a_pause_may_say_itself_what_it_is_for() -> None:
    pauses = {"from": "Dung", "since": "Tu", "until": "Den",
              "reason": {"from": "Loai", "values": {"BS": "supplement", "TC": "fee"}, "default": "other"}}  # fmt: skip
    fields = {"code": "MaHoSo", "unit": "DonViXuLy", "received_at": "NgayTiepNhan", "state": {"const": "working"}}
    reader = compile({"name": "t", "fields": fields, "pauses": pauses})
    rows = [{"Tu": "20260902080000", "Den": "20260903080000", **more} for more in ({"Loai": "TC"}, {"Loai": "BS"}, {})]
    item = reader.read(dossier(Dung=rows), NOW)
    assert isinstance(item, Item)
    assert [pause.reason for pause in item.pauses] == [Reason.FEE, Reason.SUPPLEMENT, Reason.OTHER]
    assert "unknown code 'X' for pauses.reason" in refused(reader, dossier(Dung=[{**rows[0], "Loai": "X"}]))
    assert "Dung.Loai" in reader.declared


@pytest.mark.parametrize(
    ("sent", "kept", "suspect"),
    [
        ("20260831200000", datetime(2026, 8, 31, 13, tzinfo=UTC), ""),
        ("20260901083000", None, ""),
        ("", None, ""),
        ("20260902083000", None, "submitted_at '20260902083000' is after received_at '20260901083000'; not used"),
    ],
)
def test_when_it_was_sent_in_counts_only_where_that_was_before_the_reception(sent: str, kept: datetime | None, suspect: str) -> None:
    item = read(NgayNopHoSo=sent)
    assert (item.submitted_at, item.suspect) == (kept, suspect)


def test_what_was_only_sent_in_has_that_as_both_and_an_apology_its_own_time() -> None:
    item = read(TrangThaiHoSo="1", NgayTiepNhan="", NgayNopHoSo="20260901083000")
    assert (item.state, item.received_at, item.submitted_at) == (State.SUBMITTED, RECEIVED, RECEIVED)
    assert read(NgayXinLoi="20260910083000").apology_at == datetime(2026, 9, 10, 1, 30, tzinfo=UTC)
    assert "in the future for apology_at (field NgayXinLoi)" in refused(ONESTOP, dossier(NgayXinLoi="20261010083000"))


@pytest.mark.parametrize(
    ("loai", "ky", "expected"),
    [
        ("den", "1", (Kind.DOCUMENT, False, True)),
        ("di", 0, (Kind.DOCUMENT, True, False)),
        ("nhiem_vu", None, (Kind.TASK, False, False)),
    ],
)
def test_documents_in_and_out_and_tasks(loai: str, ky: object, expected: tuple[Kind, bool, bool]) -> None:
    record = {"id": 7, "loai": loai, "donVi": "VP", "trangThai": "cho_xu_ly", "ngayDen": "01/09/2026 08:30:00", "kySo": ky}
    item = mapping("documents").read(record, NOW)
    assert isinstance(item, Item)
    assert (item.kind, item.outgoing, item.signed) == expected
    assert (item.code, item.received_at) == ("7", RECEIVED)


def test_the_ten_minute_sheet_is_read_with_its_vietnamese_headings() -> None:
    row = {"Mã hồ sơ": "1", "Đơn vị": "UBND xã A", "Trạng thái": "Đã trả kết quả", "Ngày nhận": "01/09/2026 08:30",
           "Ngày hẹn trả": "20/09/2026", "Ngày trả": "15/09/2026", "Lĩnh vực": "", "Thủ tục": "Khai sinh"}  # fmt: skip
    item = mapping("simple").read(row, NOW)
    assert isinstance(item, Item)
    assert (item.state, item.field, item.procedure, item.channel) == (State.DONE, "Khác", "Khai sinh", Way.COUNTER)


def test_terms_flags_and_gone_are_read_as_declared() -> None:
    reader = compile(
        {
            "name": "x",
            "fields": {
                "code": "ma", "unit": {"const": "U"}, "state": "tt", "received_at": "nhan", "happened_at": "sua",
                "term": {"from": "SoNgay", "unit": "working_hours", "empty": ["-"]},
            },
            "gone": {"from": "xoa", "values": {"X": True, "N": False}},
        }
    )  # fmt: skip
    record = {"ma": 1, "tt": "working", "nhan": "01/09/2026 08:30", "SoNgay": "2,5", "sua": "02/09/2026 08:30"}
    item = reader.read(record, NOW)
    assert isinstance(item, Item)
    assert item.term == Term(amount=2.5, unit=TermUnit.WORKING_HOURS)
    assert reader.read({**record, "xoa": "X"}, NOW) == Gone(code="1", happened_at=RECEIVED + timedelta(days=1))
    assert reader.read({**record, "xoa": "N", "SoNgay": "-"}, NOW).code == "1"
    for wrong in ("mười", "-1", "1e9", "nan"):
        assert "is no number from 0 to 10000 for term" in refused(reader, {**record, "SoNgay": wrong})
    assert "unknown code 'Y' for gone (field xoa)" in refused(reader, {**record, "xoa": "Y"})


def test_what_is_no_record_is_said_without_repeating_it() -> None:
    assert refused(ONESTOP, "Nguyễn Văn Thử") == "a str where a record is expected; correct it at the source"
    assert refused(ONESTOP, Broken("Nguyễn Văn Thử", "a row with 3 cells under a header with 4")) == (
        "a row with 3 cells under a header with 4; correct it at the source"
    )


def test_the_hash_knows_a_record_whatever_the_order_of_its_fields() -> None:
    assert raw_hash({"a": 1, "b": [2]}) == raw_hash({"b": [2], "a": 1}) != raw_hash({"a": 1, "b": [3]})
    assert raw_hash(Broken("a", "")) != raw_hash(Broken("b", ""))
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    assert len(raw_hash({"a": deep, 1: 2})) == 64


# --- fuzz -------------------------------------------------------------------------------------------------------------------------

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300) | st.sampled_from(
    ["4", "10", 9, "20260901083000", "2026-09-01T08:30:00", "31/02/2026", "", "1", "X"]
)  # fmt: skip
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8
)
NAMES = st.sampled_from([*dossier(), "KenhThucHien", "NgayKetThucXuLy", "CapNhat", "DanhSachHoSoBoSung", "mahoso", "TenTTHC"]) | st.text(
    max_size=10
)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(NAMES, JSON, max_size=12) | JSON)
def test_reading_any_record_raises_nothing_but_bad_item(record: Any) -> None:
    result = ONESTOP.read_all([record], NOW)
    assert len(result.items) + len(result.bad) == 1
    for row in result.bad:
        assert row.reason
        assert len(row.reason) < 400
        assert len(row.raw_hash) == 64


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(NAMES, SCALARS, max_size=4))
def test_a_good_record_with_some_fields_replaced_is_read_or_refused(changes: dict[str, Any]) -> None:
    result = ONESTOP.read_all([dossier(**changes)], NOW)
    for item in result.items:
        assert isinstance(item, Item)
        assert item.received_at.tzinfo is UTC
        assert item.happened_at >= item.received_at
        assert (item.closed_at is not None) == item.state.closed


# --- the real file ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def receipt() -> list[Item]:
    with (DATA / "receipt.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8577
    result = read_rows(mapping("receipt"), rows, NOW)
    assert not result.bad
    return [item for item in result.items if isinstance(item, Item)]


def test_the_real_file_is_1434_dossiers_of_which_two_are_suspect(receipt: list[Item]) -> None:
    assert len({item.code for item in receipt}) == len(receipt) == 1434
    suspect = {item.code: item for item in receipt if item.suspect}
    assert set(suspect) == {"case-10862", "case-8267"}
    assert all(item.closed_at == item.received_at for item in suspect.values())
    assert "'2011-12-12 00:00:00.010000+01:00'" in suspect["case-10862"].suspect


def test_the_last_event_by_time_is_the_step(receipt: list[Item]) -> None:
    with (DATA / "receipt.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: datetime.fromisoformat(row["time:timestamp"]))
    last = {row["case:concept:name"]: row["concept:name"] for row in rows}
    assert {item.code: item.step for item in receipt} == last


EXPECTED = json.loads((DATA / "receipt.expected.json").read_text(encoding="utf-8"))


def test_channels_and_departments_are_those_published(receipt: list[Item]) -> None:
    ours = {way: sum(item.channel is way for item in receipt) for way in Way}
    theirs = EXPECTED["channels"]
    assert ours == {
        Way.ONLINE: theirs["Internet"] + theirs["e-mail"],
        Way.COUNTER: theirs["Desk"] + theirs["Intern"],
        Way.POST: theirs["Post"],
    }
    assert {name: sum(item.unit == name for item in receipt) for name in EXPECTED["departments"]} == EXPECTED["departments"]


@pytest.mark.parametrize("expected", EXPECTED["expected"], ids=lambda e: f"{e['as_of'][:10]}-{e['deadline_compared_by']}")
def test_the_published_figures_come_out_of_our_items(receipt: list[Item], expected: dict[str, Any]) -> None:
    at = datetime.fromisoformat(expected["as_of"])
    amsterdam = ZoneInfo("Europe/Amsterdam")

    def compared(instant: datetime | None) -> datetime | date:
        assert instant is not None
        return instant if expected["deadline_compared_by"] == "instant" else instant.astimezone(amsterdam).date()

    received = [item for item in receipt if item.received_at <= at]
    resolved = [item for item in received if item.closed_at is not None and item.closed_at <= at]
    pending = [item for item in received if item not in resolved]
    counts = {
        "received": len(received),
        "resolved": len(resolved),
        "early": sum(compared(item.closed_at) < compared(item.due_at) for item in resolved),  # type: ignore[operator]
        "on_time": sum(compared(item.closed_at) == compared(item.due_at) for item in resolved),
        "late": sum(compared(item.closed_at) > compared(item.due_at) for item in resolved),  # type: ignore[operator]
        "in_progress": len(pending),
        "within_time": sum(compared(item.due_at) >= compared(at) for item in pending),  # type: ignore[operator]
        "overdue": sum(compared(item.due_at) < compared(at) for item in pending),  # type: ignore[operator]
    }
    assert counts == {name: expected[name] for name in counts}
