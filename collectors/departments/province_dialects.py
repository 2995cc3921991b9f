"""A case written as the record its department system serves: field names, codes and dates of the three dialects. Pure.

The records carry personal fields as real ones do, all of them plainly artificial (PEOPLE), so that tests can prove they are never kept.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from collectors.departments.province_cases import Case, Sort, Step, System, local
from collectors.departments.province_names import units
from ioc.model import State, Way

Record = dict[str, Any]

PEOPLE = ("Nguyễn Văn Thử", "Trần Thị Mẫu", "Lê Văn Ví Dụ", "Phạm Thị Giả Định", "Hoàng Văn Kiểm Thử")
ID_NUMBER, PHONE, EMAIL = "000000000000", "0900000000", "thu@example.invalid"

WAYS = {Way.COUNTER: 1, Way.ONLINE: 2, Way.POST: 3}
STEPS = {
    Step.RECEIVED: "Tiếp nhận", Step.ASSIGNED: "Phân công", Step.EXAMINED: "Thẩm định", Step.VERIFIED: "Xác minh",
    Step.SUBMITTED: "Trình ký", Step.SIGNED: "Ký số",
}  # fmt: skip
SUBJECTS = (
    "Báo cáo kết quả thực hiện nhiệm vụ tháng", "Mời họp giao ban", "Triển khai kế hoạch cải cách hành chính",
    "Góp ý dự thảo quyết định", "Cung cấp số liệu phục vụ thanh tra", "Đôn đốc giải quyết hồ sơ quá hạn",
    "Thông báo kết luận cuộc họp", "Rà soát thủ tục hành chính", "Phối hợp giải quyết kiến nghị cử tri",
    "Tổng kết phong trào thi đua",
)  # fmt: skip


def write(case: Case) -> Record:
    """The record of a case as it stands."""
    return _WRITERS[case.system](case)


def status(case: Case) -> int:
    """TrangThaiHoSo, the national code of a dossier's state."""
    match case.state:
        case State.SUBMITTED:
            return 1
        case State.REFUSED:
            return 3
        case State.WAITING:
            return int(case.stop)
        case State.WITHDRAWN:
            return 7
        case State.DONE:
            return 10 if case.delivered else 9
        case _:
            return 2 if case.step is Step.RECEIVED else 4


def _onestop(case: Case) -> Record:
    refused, procedure = case.state is State.REFUSED, case.procedure
    return {
        "MaHoSo": case.code,
        "MaTTHC": procedure.code if procedure else "",
        "TenTTHC": procedure.name if procedure else "",
        "TenLinhVuc": procedure.field if procedure else "",
        "DonViXuLy": case.unit,
        "KenhThucHien": str(WAYS[case.way]),
        "TrangThaiHoSo": str(status(case)),
        "BuocXuLy": STEPS[case.step],
        "NgayNopHoSo": _digits(case.sent),
        "NgayTiepNhan": "" if refused or case.state is State.SUBMITTED else _digits(case.received),
        "NgayHenTra": _digits(case.due) if case.due and not refused else "",
        "NgayKetThucXuLy": _digits(case.closed) if case.closed and not refused else "",
        "NgayTuChoi": _digits(case.closed) if case.closed and refused else "",
        "ChuHoSo": PEOPLE[case.subject % len(PEOPLE)],
        "SoGiayToChuHoSo": ID_NUMBER,
        "SoDienThoai": PHONE,
        "Email": EMAIL,
        "DanhSachHoSoBoSung": [
            {"NgayBoSung": _digits(since), "NgayTiepNhanBoSung": _digits(until) if until else "", "NguoiYeuCauBoSung": PEOPLE[0]}
            for since, until in case.pauses
        ],
        "CapNhat": _digits(case.changed),
    }


def _commune(case: Case) -> Record:
    procedure = case.procedure
    return {
        "maSoHoSo": case.code,
        "maThuTuc": procedure.code if procedure else None,
        "tenThuTuc": procedure.name if procedure else None,
        "linhVuc": procedure.field if procedure else None,
        "coQuanId": _regional()[case.unit],
        "hinhThuc": WAYS[case.way],
        "trangThai": status(case),
        "buocXuLy": STEPS[case.step],
        "ngayNhan": _iso(case.sent if case.state in (State.SUBMITTED, State.REFUSED) else case.received),
        "ngayHenTra": _iso(case.due) if case.due and case.state is not State.REFUSED else None,
        "ngayTra": _iso(case.closed) if case.closed else None,
        "hoTenNguoiNop": PEOPLE[case.subject % len(PEOPLE)],
        "soDinhDanh": ID_NUMBER,
        "dienThoai": PHONE,
        "capNhat": _iso(case.changed),
    }


def _documents(case: Case) -> Record:
    number = int(case.code.rsplit("-", 1)[1])
    done = case.state is State.DONE
    return {
        "id": case.code,
        "soKyHieu": f"{number}/{'BC' if case.subject % 3 else 'KH'}-UBND",
        "loai": case.sort.value,
        "donVi": case.unit,
        "trichYeu": SUBJECTS[case.subject % len(SUBJECTS)],
        "trangThai": "hoan_thanh" if done else "cho_xu_ly" if case.step is Step.RECEIVED else "dang_xu_ly",
        "ngayDen" if case.sort is Sort.LETTER_IN else "ngay": _slashes(case.received),
        "hanXuLy": _slashes(case.due) if case.due else None,
        "ngayHoanThanh": _slashes(case.closed) if case.closed else None,
        "kySo": "1" if case.signed else "0",
        "nguoiXuLy": PEOPLE[case.subject % len(PEOPLE)],
        "capNhat": _slashes(case.changed),
    }


_WRITERS: dict[System, Callable[[Case], Record]] = {
    System.ONESTOP: _onestop,
    System.COMMUNE: _commune,
    System.DOCUMENTS: _documents,
}


@lru_cache(maxsize=1)
def _regional() -> dict[str, str]:
    """The communes' own system knows them by the region's five-digit codes, which our catalogue holds as alternatives."""
    return {unit.code: unit.alt_codes[0] for unit in units() if unit.row is not None}


def _digits(instant: datetime) -> str:
    return local(instant).strftime("%Y%m%d%H%M%S")


def _iso(instant: datetime) -> str:
    return local(instant).isoformat(timespec="seconds")


def _slashes(instant: datetime) -> str:
    return local(instant).strftime("%d/%m/%Y %H:%M:%S")
