"""A dossier of the national portal (HoSoDongBoDVC, domain.md 1.1) made ready for its mapping: its lists become fields. Pure; used by dvcqg.

    BuocHienTai        the office of the step in hand, from the progress rows (CapNhatTienDoHoSoMC)
    HanBuocHienTai     the deadline of that step, NgayKetThucTheoQuyDinh
    ThoiDiemThayDoi    the last thing that happened to the dossier, as far as its rows say
    CoLePhi            "true": there is something to pay
    KetQuaDienTu       "true": a result was given as a file

Rows name citizens and officials; nothing of a row but its dates, its code and its office is looked at.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from collectors.fields import Field, Record, as_text
from collectors.rows_inside import instants, latest, rows_of

STEPS, SUPPLEMENTS, FEES, RESULTS = "TienDo", "DanhSachHoSoBoSung", "DanhSachLePhi", "DanhSachGiayToKetQua"
ENDED = frozenset({"3", "7", "9", "10"})  # TrangThaiHoSo of a dossier nobody works on any more

_AT = Field(ours="step", names=("ThoiDiemXuLy", "NgayBatDau"))
_CODE = Field(ours="step", names=("TrangThai",))
_OFFICE = Field(ours="step", names=("PhongBanXuLy",), cut=True)
_DUE = Field(ours="step_due_at", names=("NgayKetThucTheoQuyDinh",))
_ASKED = Field(ours="pauses.since", names=("NgayBoSung",))
_BROUGHT = Field(ours="pauses.until", names=("NgayTiepNhanBoSung",))
_FILE = "DuongDanTepTinKetQua"  # never kept: the name of a file may name a citizen
_BEFORE_ALL = datetime(1, 1, 1, tzinfo=UTC)

LOOKS_AT = frozenset(
    {f"{STEPS}.{name}" for field in (_AT, _CODE, _OFFICE, _DUE) for name in field.names}
    | {f"{SUPPLEMENTS}.{name}" for field in (_ASKED, _BROUGHT) for name in field.names}
    | {FEES}
)


def ready(record: Record, zone: ZoneInfo) -> dict[str, Any]:
    """A copy of a record with the fields above, where it has what they come from. Raises BadItem."""
    steps, supplements = rows_of(record, STEPS), rows_of(record, SUPPLEMENTS)
    step = in_hand(steps, zone)
    times = instants(steps, _AT, zone) + instants(supplements, _ASKED, zone) + instants(supplements, _BROUGHT, zone)
    more = {
        "BuocHienTai": _OFFICE.raw(step) if step else None,
        "HanBuocHienTai": _DUE.raw(step) if step else None,
        "ThoiDiemThayDoi": latest(times),
        "CoLePhi": "true" if rows_of(record, FEES) else None,
        "KetQuaDienTu": "true" if any(row.get(_FILE) for row in rows_of(record, RESULTS)) else None,
    }
    return {**record, **more}


def in_hand(steps: list[Record], zone: ZoneInfo) -> Record | None:
    """The step being worked on: the last row by its time, of equal ones the later in the list, unless it says that all is over."""
    dated = [(_AT.instant(row, zone) or _BEFORE_ALL, number, row) for number, row in enumerate(steps)]
    if not dated:
        return None
    last = max(dated, key=lambda each: each[:2])[2]
    return None if _CODE.raw(last) in ENDED else last


def with_steps(records: list[object], rows: list[object]) -> list[object]:
    """Records with the progress rows another answer holds apart, each by its code; a row for nobody is left out."""
    by_code: dict[str, list[object]] = {}
    for row in rows:
        if isinstance(row, dict) and (code := as_text(row.get("MaHoSo"))):
            by_code.setdefault(code, []).append(row)
    return [
        {**record, STEPS: found} if isinstance(record, dict) and (found := by_code.get(as_text(record.get("MaHoSo")) or "")) else record
        for record in records
    ]
