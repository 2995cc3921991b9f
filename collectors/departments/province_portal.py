"""Every dossier of the demo province once more, as the national portal sees it. Pure; called by province.py and province_life.py.

The picture differs where a real one does: a waiting dossier shows as done, changes show some minutes late, a few dossiers are missing there
and a few nobody here knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from collectors.departments.province_cases import Case, Sort, Stop
from collectors.departments.province_procedures import FIELD_CODES
from collectors.departments.province_traits import digitised, fee, lag, national_only, nationally_missing, paid_online, step_due
from collectors.departments.province_words import (
    ID_NUMBER,
    PHONE,
    STEPS,
    WAYS,
    Record,
    by_code,
    digits,
    elsewhere,
    person,
    status,
    supplements,
)
from ioc.model import State


def portal(case: Case, at: datetime) -> Record:
    """A dossier as the national portal shows it from an instant on. The province sends it states 5, 6 and 8 as 9 (done), so there it
    looks finished."""
    local_status, refused, procedure = status(case), case.state is State.REFUSED, case.procedure
    stopped = local_status in tuple(Stop)
    ended = case.pauses[-1][0] if stopped and case.pauses else None if refused else case.closed
    return {
        "MaHoSo": case.code,
        "MaTTHC": procedure.code if procedure else "",
        "TenTTHC": procedure.name if procedure else "",
        "MaLinhVuc": FIELD_CODES[procedure.field] if procedure else "",
        "TenLinhVuc": procedure.field if procedure else "",
        "KenhThucHien": str(WAYS[case.way]),
        "ChuHoSo": person(case),
        "SoGiayToChuHoSo": ID_NUMBER,
        "SoDienThoai": PHONE,
        "NgayNopHoSo": digits(case.sent),
        "NgayTiepNhan": "" if refused or case.state is State.SUBMITTED else digits(case.received),
        "NgayHenTra": "" if refused else digits(case.due),
        "TrangThaiHoSo": "9" if stopped else str(local_status),
        "NgayKetThucXuLy": digits(ended),
        "NgayTuChoi": digits(case.closed) if refused else "",
        "DonViXuLy": elsewhere(case.unit),
        "DuocThanhToanTrucTuyen": "" if not fee(case) else "1" if paid_online(case) else "3",
        "HoSoCoThanhPhanSoHoa": "1" if digitised(case) else "0",
        "DanhSachHoSoBoSung": supplements(case),
        "TienDo": progress(case),
        "CapNhat": digits(at),
    }


def shown_nationally(case: Case, now: datetime) -> bool:
    """Whether the portal has heard of a dossier by now; some it never hears of."""
    return case.sort is Sort.DOSSIER and not nationally_missing(case) and case.sent + lag(case) <= now


def nationally(case: Case, now: datetime) -> Iterator[Record]:
    """The portal's record of a case, and the one it has beside it."""
    if shown_nationally(case, now):
        record = portal(case, case.changed + lag(case))
        yield record
        if national_only(case):
            yield stranger(record)


def progress(case: Case) -> list[Record]:
    """The row of the step in hand, with the deadline of that step; nothing where no step has one."""
    due = step_due(case)
    if due is None:
        return []
    return [
        {
            "MaHoSo": case.code, "NguoiXuLy": person(case), "ChucDanh": "Chuyên viên", "ThoiDiemXuLy": digits(case.changed),
            "PhongBanXuLy": by_code()[case.unit].name, "NoiDungXuLy": STEPS[case.step], "TrangThai": str(status(case)),
            "NgayBatDau": digits(case.changed), "NgayKetThucTheoQuyDinh": digits(due),
        }
    ]  # fmt: skip


def stranger(record: Record) -> Record:
    """A dossier only the national portal has: the same one under a number nobody here gave."""
    code = f"{record['MaHoSo'][:-4]}9{record['MaHoSo'][-3:]}"
    return {**record, "MaHoSo": code, "TienDo": [], "TrangThaiHoSo": "2", "NgayKetThucXuLy": "", "NgayTuChoi": ""}
