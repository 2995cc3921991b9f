"""Words and dates the systems of the demo province share, and the people in their records. Pure; used by the rooms that write records.

The records carry personal fields as real ones do, all of them plainly artificial (PEOPLE), so that tests can prove they are never kept.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from collectors.departments.province_cases import Case, Step, local
from collectors.departments.province_names import units
from ioc.model import State, Way
from ioc.units import Unit

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


def person(case: Case) -> str:
    return PEOPLE[case.subject % len(PEOPLE)]


def subject(case: Case) -> str:
    return SUBJECTS[case.subject % len(SUBJECTS)]


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


def supplements(case: Case) -> list[Record]:
    """DanhSachHoSoBoSung: when papers were asked for and brought; the one that moved the return date says from where to where."""
    moved = case.due is not None and case.due != case.plain_due
    last = len(case.pauses) - 1
    return [_supplement(case, since, until, moved=moved and n == last) for n, (since, until) in enumerate(case.pauses)]


def _supplement(case: Case, since: datetime, until: datetime | None, *, moved: bool) -> Record:
    told = moved and until is not None
    return {
        "NgayBoSung": digits(since),
        "NgayTiepNhanBoSung": digits(until),
        "NguoiYeuCauBoSung": person(case),
        "NgayHenTraTruoc": digits(case.plain_due) if told else "",
        "NgayHenTraMoi": digits(case.due) if told else "",
    }


@lru_cache(maxsize=1)
def by_code() -> dict[str, Unit]:
    return {unit.code: unit for unit in units()}


def elsewhere(unit: str) -> str:
    """How systems outside know a unit: the communes by the region's five digits, departments by the older form of their code."""
    return by_code()[unit].alt_codes[0]


@lru_cache(maxsize=64)  # a record names one instant several times, its neighbours in the portal again
def digits(instant: datetime | None) -> str:
    """yyyyMMddHHmmss."""
    text = local(instant).isoformat(timespec="seconds") if instant else ""
    return f"{text[:4]}{text[5:7]}{text[8:10]}{text[11:13]}{text[14:16]}{text[17:19]}"


@lru_cache(maxsize=64)
def iso(instant: datetime | None) -> str | None:
    return local(instant).isoformat(timespec="seconds") if instant else None


@lru_cache(maxsize=64)
def slashes(instant: datetime | None) -> str | None:
    return local(instant).strftime("%d/%m/%Y %H:%M:%S") if instant else None


@lru_cache(maxsize=64)
def year_first(instant: datetime | None) -> str:
    return local(instant).strftime("%Y/%m/%d %H:%M:%S") if instant else ""


def zulu(instant: datetime | None) -> str | None:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z") if instant else None
