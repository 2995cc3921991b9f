"""A dossier of the national portal made ready and read by examples/mappings/dvcqg.toml: states, steps, supplements, traits, rubbish."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors import portal_shape
from collectors.mapping import load
from collectors.portal_shape import in_hand, with_steps
from collectors.prepared import Prepared
from collectors.source import BadItem
from ioc.model import Fault, Gone, Item, Kind, Pause, State, Trait, Way
from ioc.privacy import kept
from tests.contract.rigs.base import MAPPINGS, NOW, dossier

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MAPPING = Prepared(mapping=load(MAPPINGS / "dvcqg.toml"), prepare=portal_shape.ready, looks_at=portal_shape.LOOKS_AT)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An hour of September 2026 in Vietnam, in UTC."""
    return datetime(2026, 9, day, hour, minute, tzinfo=HANOI).astimezone(UTC)


def step(when: str, office: str = "Phòng Thẩm định", due: str = "", code: str = "4", **more: Any) -> dict[str, Any]:
    return {
        "NguoiXuLy": "Trần Thị Mẫu",
        "ThoiDiemXuLy": when,
        "PhongBanXuLy": office,
        "TrangThai": code,
        "NgayKetThucTheoQuyDinh": due,
        **more,
    }


def read(**changes: Any) -> Item:
    record = {name: value for name, value in dossier(1).items() if name != "CapNhat"} | changes
    item = MAPPING.read(record, NOW)
    assert not isinstance(item, Gone)
    return item


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("1", State.SUBMITTED), ("2", State.WORKING), ("3", State.REFUSED), ("4", State.WORKING), ("5", State.WAITING),
        ("6", State.WAITING), ("7", State.WITHDRAWN), ("8", State.WAITING), ("9", State.DONE), ("10", State.DONE),
    ],
)  # fmt: skip
def test_each_national_code_has_its_class(code: str, state: State) -> None:
    ended = {"NgayKetThucXuLy": "20260914090000"} if state.closed else {}
    item = read(TrangThaiHoSo=code, **ended)
    assert (item.state, item.kind) == (state, Kind.MIRROR)
    assert item.closed_at == (at(14, 9) if state.closed else None)


@pytest.mark.parametrize("code", ["0", "11", "99", "Đang xử lý"])
def test_an_unknown_code_is_quarantined(code: str) -> None:
    with pytest.raises(BadItem, match=r"unknown code .* for state \(field TrangThaiHoSo\)") as caught:
        read(TrangThaiHoSo=code)
    assert caught.value.fault is Fault.CODE


def test_a_code_may_be_a_number() -> None:
    assert read(TrangThaiHoSo=4, KenhThucHien=3).channel is Way.POST


@pytest.mark.parametrize("channel", [{"KenhThucHien": ""}, {"KenhThucHien": None}])
def test_a_missing_channel_counts_as_one(channel: dict[str, Any]) -> None:
    assert read(**channel).channel is Way.COUNTER


def test_a_procedure_may_have_no_return_date() -> None:
    assert read(NgayHenTra="").due_at is None


def test_a_supplement_is_a_pause_and_may_move_the_return_date() -> None:
    item = read(
        NgayHenTra="20260920170000",
        DanhSachHoSoBoSung=[
            {"NgayBoSung": "20260903080000", "NgayTiepNhanBoSung": "20260905090000",
             "NgayHenTraTruoc": "20260920170000", "NgayHenTraMoi": "20260922170000"},
            {"NgayBoSung": "20260907080000", "NgayTiepNhanBoSung": "",
             "NgayHenTraTruoc": "20260922170000", "NgayHenTraMoi": "20260925170000", "NoiDungBoSung": "Ông Nguyễn Văn Thử nộp thêm"},
        ],
    )  # fmt: skip
    assert item.pauses == (
        Pause(since=at(3, 8), until=at(5, 9)),
        Pause(since=at(7, 8), until=None),
    )
    assert (item.first_due_at, item.due_at) == (at(20, 17), at(25, 17))
    assert item.happened_at == at(7, 8)
    assert "Thử" not in repr(item)


def test_the_last_open_step_gives_its_office_and_its_deadline() -> None:
    item = read(
        TienDo=[
            step("20260903080000", "Phòng Đăng ký", "20260905170000"),
            step("20260901090000", "Bộ phận Một cửa", "20260901170000"),
        ]
    )
    assert (item.step, item.step_due_at, item.happened_at) == ("Phòng Đăng ký", at(5, 17), at(3, 8))


def test_a_step_without_a_time_of_its_own_begins_when_it_began() -> None:
    rows = [step("", NgayBatDau="20260904080000", due="20260908170000"), step("20260903080000", due="20260905170000")]
    assert read(TienDo=rows).step_due_at == at(8, 17)


@pytest.mark.parametrize("code", ["3", "7", "9", "10"])
def test_where_the_last_step_says_all_is_over_no_step_has_a_deadline(code: str) -> None:
    rows = [step("20260903080000", due="20260905170000"), step("20260904080000", due="20260905170000", code=code)]
    item = read(TienDo=rows)
    assert (item.step, item.step_due_at) == ("", None)


def test_of_steps_of_one_instant_the_later_in_the_list_is_in_hand() -> None:
    first, second = step("20260903080000", "A"), step("20260903080000", "B")
    assert in_hand([first, second], HANOI) is second
    assert in_hand([], HANOI) is None


def test_an_end_without_a_date_counts_at_the_last_change_and_is_suspect() -> None:
    item = read(TrangThaiHoSo="9", TienDo=[step("20260903080000", code="9")])
    assert (item.closed_at, "closed_at missing" in item.suspect) == (at(3, 8), True)
    assert read(TrangThaiHoSo="9").closed_at == at(1, 8, 30)


@pytest.mark.parametrize(
    ("facts", "traits"),
    [
        ({}, set()),
        ({"DuocThanhToanTrucTuyen": "1"}, {Trait.FEE, Trait.PAID_ONLINE}),
        ({"DuocThanhToanTrucTuyen": "3"}, {Trait.FEE}),
        ({"DuocThanhToanTrucTuyen": "0"}, set()),
        ({"DanhSachLePhi": [{"TenPhiLePhi": "Lệ phí", "SoTien": "50000"}]}, {Trait.FEE}),
        ({"HoSoCoThanhPhanSoHoa": "1"}, {Trait.DIGITISED}),
        ({"HoSoCoThanhPhanSoHoa": "0", "DanhSachGiayToKetQua": []}, set()),
        ({"DanhSachGiayToKetQua": [{"TenGiayTo": "Giấy phép", "DuongDanTepTinKetQua": "x/y.pdf"}]}, {Trait.ELECTRONIC_RESULT}),
        ({"DanhSachGiayToKetQua": [{"TenGiayTo": "Giấy phép", "DuongDanTepTinKetQua": ""}]}, set()),
    ],
)
def test_traits_are_read_from_flags_and_lists(facts: dict[str, Any], traits: set[Trait]) -> None:
    assert read(**facts).traits == traits


@pytest.mark.parametrize("rows", ["nonsense", 7, {"a": 1}, ["a text"], [None]])
@pytest.mark.parametrize("name", ["TienDo", "DanhSachHoSoBoSung", "DanhSachLePhi", "DanhSachGiayToKetQua"])
def test_a_list_that_is_none_is_quarantined_with_its_name(name: str, rows: object) -> None:
    with pytest.raises(BadItem, match=f"list of rows is expected .field {name}.") as caught:
        read(**{name: rows})
    assert caught.value.fault is Fault.SHAPE


def test_an_impossible_date_in_a_step_is_quarantined() -> None:
    with pytest.raises(BadItem, match="impossible date '32/13/2026' for step"):
        read(TienDo=[step("32/13/2026")])


def test_names_and_numbers_of_people_never_leave_a_record() -> None:
    personal = {
        "ChuHoSo": "Nguyễn Văn Thử", "SoGiayToChuHoSo": "000000000000", "SoDienThoai": "0900000000", "Email": "thu@example.invalid",
        "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "000000000000"}], "TrichYeuHoSo": "Ông Nguyễn Văn Thử xin phép",
        "TienDo": [step("20260903080000", NoiDungXuLy="Chờ bà Trần Thị Mẫu")],
        "DanhSachGiayToKetQua": [{"DuongDanTepTinKetQua": "nguyen-van-thu-000000000000.pdf"}],
    }  # fmt: skip
    good, bad = dossier(1, **personal), dossier(2, **personal, TrangThaiHoSo="11")
    result = MAPPING.read_all([good, bad], NOW)
    assert (len(result.items), len(result.bad)) == (1, 1)
    said = repr(result)
    for word in ("Thử", "Mẫu", "000000000000", "0900000000", "nguyen-van-thu", "example.invalid"):
        assert word not in said


def test_what_quarantine_keeps_of_a_record_is_enough_to_read_it_again() -> None:
    record = dossier(1, TienDo=[step("20260903080000", due="20260905170000")], DanhSachLePhi=[{"SoTien": "5"}])
    whole = MAPPING.read(record, NOW)
    assert MAPPING.read(kept(record, MAPPING.declared), NOW) == whole


def test_rows_from_another_answer_find_their_dossiers() -> None:
    records: list[object] = [dossier(1), dossier(2), "rubbish"]
    rows: list[object] = [{**step("20260903080000"), "MaHoSo": dossier(2)["MaHoSo"]}, {"MaHoSo": "nobody"}, None]
    first, second, third = with_steps(records, rows)
    assert first == dossier(1)
    assert isinstance(second, dict)
    assert second["TienDo"] == rows[:1]
    assert third == "rubbish"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(sorted({name.split(".")[-1] for name in MAPPING.declared} | {name.split(".")[0] for name in MAPPING.declared}))
DATES = st.sampled_from(["20260901083000", "20260931000000", "", "99999999999999", "2026-09-01", "01/09/2026 08:30"])
ROWS = st.lists(st.dictionaries(NAMES, JSON | DATES, max_size=5), max_size=4)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, JSON | DATES | ROWS, max_size=12))
def test_whatever_a_record_holds_only_a_bad_item_leaves_it(record: dict[str, Any]) -> None:
    good: dict[str, Any] = dossier(1) | record
    result = MAPPING.read_all([record, good], NOW)
    assert len(result.items) + len(result.bad) == 2
    assert all(len(row.reason) < 400 for row in result.bad)
