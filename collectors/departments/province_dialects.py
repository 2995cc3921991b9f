"""A case written as the record its own department system serves: field names, codes and dates of each dialect. Pure.

`write` knows them all; three have a room of their own: province_land.py, province_axis.py and, for the same dossiers seen nationally,
province_portal.py.
"""

from __future__ import annotations

from collections.abc import Callable

from collectors.departments.province_axis import axis
from collectors.departments.province_cases import Case, Sort, Step, System, calendar, days
from collectors.departments.province_land import land
from collectors.departments.province_traits import chance, fee, step_due, traits, urgency
from collectors.departments.province_words import (
    EMAIL,
    ID_NUMBER,
    PHONE,
    STEPS,
    WAYS,
    Record,
    digits,
    elsewhere,
    iso,
    person,
    slashes,
    status,
    subject,
    supplements,
    zulu,
)
from ioc.model import State, Trait

ASSIGNERS = ("UBND tỉnh", "Chủ tịch UBND tỉnh", "Văn phòng Chính phủ", "Thủ tướng Chính phủ", "Tỉnh ủy")
URGENCIES = ("thuong", "khan", "thuong_khan", "hoa_toc")
LICENCE_STATES = {1: "MOI_NOP", 2: "TIEP_NHAN", 3: "TU_CHOI", 4: "DANG_XU_LY", 5: "BO_SUNG", 6: "BO_SUNG", 7: "RUT", 8: "BO_SUNG",
                  9: "DA_CAP", 10: "DA_TRA"}  # fmt: skip

CODE_FIELDS = {
    System.ONESTOP: "MaHoSo", System.COMMUNE: "maSoHoSo", System.LAND: "docCode", System.EDUCATION: "ma_ho_so", System.DOCUMENTS: "id",
    System.AXIS: "DocumentId", System.TASKS: "maNhiemVu", System.PORTAL: "MaHoSo",
}  # fmt: skip


def code_of(system: System, record: Record) -> str:
    """What tells a record of a system from its others."""
    return str(record[CODE_FIELDS[system]])


def write(case: Case) -> Record:
    """The record of a case as it stands."""
    return _WRITERS[case.system](case)


def _onestop(case: Case) -> Record:
    refused, procedure, held = case.state is State.REFUSED, case.procedure, traits(case)
    return {
        "MaHoSo": case.code,
        "MaTTHC": procedure.code if procedure else "",
        "TenTTHC": procedure.name if procedure else "",
        "TenLinhVuc": procedure.field if procedure else "",
        "DonViXuLy": case.unit,
        "KenhThucHien": str(WAYS[case.way]),
        "TrangThaiHoSo": str(status(case)),
        "BuocXuLy": STEPS[case.step],
        "HanBuocXuLy": digits(step_due(case)),
        "NgayNopHoSo": digits(case.sent),
        "NgayTiepNhan": "" if refused or case.state is State.SUBMITTED else digits(case.received),
        "NgayHenTra": "" if refused else digits(case.due),
        "NgayKetThucXuLy": "" if refused else digits(case.closed),
        "NgayTuChoi": digits(case.closed) if refused else "",
        "NgayXinLoi": digits(case.apology),
        "ChuHoSo": person(case),
        "SoGiayToChuHoSo": ID_NUMBER,
        "SoDienThoai": PHONE,
        "Email": EMAIL,
        "DuocThanhToanTrucTuyen": "" if not fee(case) else "1" if Trait.PAID_ONLINE in held else "3",
        "HoSoCoThanhPhanSoHoa": "1" if Trait.DIGITISED in held else "0",
        "TaiSuDungDuLieu": "1" if Trait.REUSED in held else "0",
        "KetQuaDienTu": "1" if Trait.ELECTRONIC_RESULT in held else "0",
        "DanhSachHoSoBoSung": supplements(case),
        "CapNhat": digits(case.changed),
    }


def _commune(case: Case) -> Record:
    procedure, held = case.procedure, traits(case)
    return {
        "maSoHoSo": case.code,
        "maThuTuc": procedure.code if procedure else None,
        "tenThuTuc": procedure.name if procedure else None,
        "linhVuc": procedure.field if procedure else None,
        "coQuanId": elsewhere(case.unit),
        "hinhThuc": WAYS[case.way],
        "trangThai": status(case),
        "buocXuLy": STEPS[case.step],
        "hanBuoc": iso(step_due(case)),
        "ngayNop": iso(case.sent),
        "coLePhi": Trait.FEE in held,
        "daNopTrucTuyen": Trait.PAID_ONLINE in held,
        "soHoa": Trait.DIGITISED in held,
        "taiSuDung": Trait.REUSED in held,
        "ketQuaDienTu": Trait.ELECTRONIC_RESULT in held,
        "ngayNhan": iso(case.sent if case.state in (State.SUBMITTED, State.REFUSED) else case.received),
        "ngayHenTra": iso(case.due) if case.state is not State.REFUSED else None,
        "ngayTra": iso(case.closed),
        "ngayXinLoi": iso(case.apology),
        "hoTenNguoiNop": person(case),
        "soDinhDanh": ID_NUMBER,
        "dienThoai": PHONE,
        "capNhat": iso(case.changed),
    }


def _documents(case: Case) -> Record:
    number = int(case.code.rsplit("-", 1)[1])
    done = case.state is State.DONE
    return {
        "id": case.code,
        "soKyHieu": f"{number}/{'BC' if case.subject % 3 else 'KH'}-UBND",
        "loai": case.sort.value,
        "donVi": case.unit,
        "trichYeu": subject(case),
        "doKhan": URGENCIES[urgency(case)],
        "trangThai": "hoan_thanh" if done else "cho_xu_ly" if case.step is Step.RECEIVED else "dang_xu_ly",
        "ngayDen" if case.sort is Sort.LETTER_IN else "ngay": slashes(case.received),
        "hanXuLy": slashes(case.due),
        "ngayHoanThanh": slashes(case.closed),
        "kySo": "1" if case.signed else "0",
        "nguoiXuLy": person(case),
        "capNhat": slashes(case.changed),
    }


def _task(case: Case) -> Record:
    """A task the province gave one of its offices; `ketQua` are the partial results reported so far."""
    done, extended = case.state is State.DONE, case.due and chance(case.code, "extended") < 0.12
    share = 100 if done else min(95, 17 * case.step + int(8 * chance(case.code, "share")))
    results = [
        {"lan": n, "ngay": zulu(case.received + (case.changed - case.received) * n / case.step), "tyLe": share * n // case.step}
        for n in range(1, case.step + 1)
    ]
    return {
        "maNhiemVu": case.code,
        "noiDung": subject(case),
        "donViChuTri": case.unit,
        "donViGiao": ASSIGNERS[int(len(ASSIGNERS) * chance(case.code, "assigner") ** 2)],
        "mucDo": URGENCIES[urgency(case)],
        "ngayGiao": zulu(case.received),
        "hanXuLy": zulu(case.due),
        "hanBanDau": zulu(calendar().before(case.due, days(5))) if case.due and extended else None,
        "ngayHoanThanh": zulu(case.closed),
        "trangThai": "HOAN_THANH" if done else "CHUA_THUC_HIEN" if case.step is Step.RECEIVED else "DANG_THUC_HIEN",
        "tyLeHoanThanh": share,
        "ketQua": results,
        "chuyenVienTheoDoi": person(case),
        "capNhat": zulu(case.changed),
    }


def _education(case: Case) -> Record:
    """A row of the view the department's own database shows; its times are timestamps, in UTC."""
    procedure, refused, held = case.procedure, case.state is State.REFUSED, traits(case)
    return {
        "ma_ho_so": case.code,
        "ma_don_vi": case.unit,
        "ten_thu_tuc": procedure.name if procedure else None,
        "linh_vuc": procedure.field if procedure else None,
        "kenh": WAYS[case.way],
        "trang_thai": LICENCE_STATES[status(case)],
        "ngay_nhan": case.sent if refused or case.state is State.SUBMITTED else case.received,
        "ngay_hen": None if refused else case.due,
        "ngay_cap": case.closed,
        "le_phi": Trait.FEE in held,
        "nop_truc_tuyen": Trait.PAID_ONLINE in held,
        "so_hoa": Trait.DIGITISED in held,
        "tai_su_dung": Trait.REUSED in held,
        "kq_dien_tu": Trait.ELECTRONIC_RESULT in held,
        "ho_ten": person(case),
        "dien_thoai": PHONE,
        "cap_nhat": case.changed,
    }


_WRITERS: dict[System, Callable[[Case], Record]] = {
    System.ONESTOP: _onestop,
    System.COMMUNE: _commune,
    System.LAND: land,
    System.EDUCATION: _education,
    System.DOCUMENTS: _documents,
    System.AXIS: axis,
    System.TASKS: _task,
}
