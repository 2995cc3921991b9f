"""How systems that only report numbers speak: their addresses, names, dates and envelopes. Pure; called by statistics.py.

CENTRE, SURVEY, PAYMENTS, DIGITISATION, FEEDBACK, CONFERENCE and PROCEDURES speak as such systems in the provinces do, each a little
differently.
PORTAL766 and PORTAL766_OLD are the two reports of the national portal about Decision 766/QĐ-TTg, MONTHLY the feed `ThongKeIOC` of a
one-stop system, STATISTIC the provincial gateway's, OPENCPS that of the open-source one-stop (domain.md 1.2 and 1.6).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from collectors.departments.statistics_shape import VIETNAM, Given, Shape


def _dotted(value: Any) -> Any:
    """1234567 as 1.234.567, the way people write it."""
    return f"{value:,}".replace(",", ".") if isinstance(value, int) else value


def _text(value: Any) -> Any:
    return value if value is None else str(value)


def _today(_: Given, now: datetime) -> str:
    return now.astimezone(VIETNAM).date().isoformat()


def _day(name: str, form: str) -> Callable[[Given, datetime], str]:
    """The day a parameter names; today without it."""

    def read(given: Given, now: datetime) -> str:
        text = str(given.get(name, ""))
        return datetime.strptime(text, form).date().isoformat() if text else _today(given, now)

    return read


def _month(year: str, month: str) -> Callable[[Given, datetime], str]:
    def read(given: Given, _: datetime) -> str:
        if year not in given or month not in given:
            raise ValueError(f"{year} and {month} are needed")
        return f"{int(given[year]):04}-{int(given[month]):02}"

    return read


def _on(name: str, form: str) -> Callable[[str], Mapping[str, Any]]:
    """The day of a record, in this system's form."""
    return lambda period: {name: datetime.fromisoformat(period).strftime(form)}


def _of_month(year: str, month: str) -> Callable[[str], Mapping[str, Any]]:
    return lambda period: {year: int(period[:4]), month: int(period[5:7])}


def _evaluated(given: Given, _: datetime) -> str:
    """The new portal names the kind of period and its numbers: {"timeType": "month", "year": 2026, "month": 11}."""
    for kind, written in (("month", "{year:04}-{month:02}"), ("quarter", "{year:04}-Q{quarter}"), ("year", "{year:04}")):
        if given.get("timeType") == kind and {"year", kind} <= given.keys():
            return written.format(**{name: int(given[name]) for name in ("year", kind)})
    raise ValueError("timeType is year, quarter or month; each with its numbers")


def _report_766(given: Given, _: datetime) -> str:
    """The old portal takes a JSON text in the form field `params`; what is not asked for is "0" or empty."""
    params = json.loads(str(given.get("params", "{}")))
    if not isinstance(params, dict) or params.get("service") != "report_tinh_766_service":
        raise ValueError("unknown service")
    year, quarter, month = (int(params.get(name) or 0) for name in ("p_nam", "p_quy", "p_thang"))
    return f"{year:04}-{month:02}" if month else f"{year:04}-Q{quarter}" if quarter else f"{year:04}"


CENTRE = Shape(
    name="centre",
    path="/thong-ke",
    unit="maTrungTam",
    of="maTrungTam",
    names={"visits": "luotDen", "served": "daPhucVu", "queue_waiting": "dangCho", "wait_p90": "choP90Phut"},
    period=_day("ngay", "%d/%m/%Y"),
    dates=_on("ngay", "%d/%m/%Y"),
    at="thoiDiem",
)
SURVEY = Shape(
    name="survey",
    path="/khao-sat/ket-qua",
    unit="maDonVi",
    names={"votes_very_satisfied": "RHL", "votes_satisfied": "HL", "votes_unsatisfied": "KHL"},
    kind="mucDo",
    value="soPhieu",
    period=_day("ngay", "%Y-%m-%d"),
    dates=_on("ngay", "%Y-%m-%d"),
    envelope=lambda records: {"items": records},
)
PAYMENTS = Shape(
    name="payments",
    path="/thanh-toan/tong-hop",
    method="POST",
    unit="maCoQuan",
    names={"payments": "soGiaoDich", "payments_online": "soTrucTuyen", "payments_amount": "tongTien"},
    period=_day("ngay", "%Y%m%d"),
    dates=_on("ngay", "%Y%m%d"),
    number=_dotted,
    envelope=lambda records: {"errorCode": 0, "result": records},
    failed=lambda code, message: {"errorCode": code, "message": message},
)
DIGITISATION = Shape(
    name="digitisation",
    path="/api/so-hoa/theo-ngay",
    unit="DonVi",
    names={"papers_due": "PhaiSoHoa", "papers_digitised": "DaSoHoa", "papers_reused": "TaiSuDung"},
    period=_day("ngay", "%d/%m/%Y"),
    dates=_on("ngay", "%d/%m/%Y"),
)
FEEDBACK = Shape(
    name="feedback",
    path="/pakn/thong-ke",
    unit="donVi",
    names={"feedback_received": "tiepNhan", "feedback_answered": "daTraLoi", "feedback_on_time": "dungHan"},
    period=_month("nam", "thang"),
    dates=_of_month("nam", "thang"),
    envelope=lambda records: {"data": {"items": records}},
)
CONFERENCE = Shape(
    name="conference",
    path="/hop-truc-tuyen/tong-hop",
    unit="maDonVi",
    names={"conference_sessions": "soPhien", "conference_points": "soDiemCau", "conference_connected": "daKetNoi"},
    period=_day("ngay", "%Y/%m/%d"),
    dates=_on("ngayHop", "%Y/%m/%d"),
    envelope=lambda records: records,
)
PROCEDURES = Shape(
    name="procedures",
    path="/thu-tuc/muc-do",
    unit="coQuan",
    names={"procedures_full": "toanTrinh", "procedures_partial": "motPhan", "procedures_info": "cungCapThongTin"},
    period=_today,
    number=_dotted,
)
GROUPS = {f"index766_{group.lower()}": group for group in ("CKMB", "TDGQ", "CLGQ", "TTTT", "MDSH", "MDHL")}
PORTAL766 = Shape(
    name="portal766",
    path="/api/v1/reporting/evaluation/service-results",
    method="POST",
    unit="departmentCode",
    names={"index766": "totalScore", **{name: f"groupScores.{group}" for name, group in GROUPS.items()}},
    period=_evaluated,
    envelope=lambda records: {"code": "OK", "data": {"evaluation": records, "overview": {}, "radar": [], "growthPercent": None}},
    failed=lambda code, message: {"code": code, "message": message},
)
PORTAL766_OLD = Shape(
    name="portal766_old",
    path="/jsp/rest.jsp",
    method="POST",
    unit="ID",
    names={"index766": "TONG_SCORE", **GROUPS},
    period=_report_766,
    number=_text,
    envelope=lambda records: records,
)
MONTHLY = Shape(
    name="monthly",
    path="/ThongKeIOC/ThongKeThangChiTiet",
    unit="MaDonVi",
    names={
        "reported_received": "HSTiepNhan",
        "reported_carried_over": "HSTiepNhanKyTruoc",
        "reported_online": "HSTiepNhanTrucTuyen",
        "reported_resolved": "HSDaXuLyTong",
        "reported_on_time": "HSDaXLDungHan",
        "reported_late": "HSDaXLQuaHan",
        "reported_in_progress": "HSDangXuLyTong",
        "reported_overdue": "HSDangXLQuaHan",
        "reported_waiting": "HSBoSung",
        "reported_returned": "HSTraLai",
    },
    period=_month("Year", "Month"),
    envelope=lambda records: {"data": records},
)
STATISTIC = Shape(
    name="statistic",
    path="/Statistic",
    method="POST",
    unit="organizationInchargeIdlevel1",
    extra={"isMonthStatistic": True},
    names={
        "reported_received": "newReception",
        "reported_carried_over": "preExtisting",
        "reported_resolved": "totalSolved",
        "reported_on_time": "solvedInTime",
        "reported_late": "solvedLate",
        "reported_in_progress": "totalPending",
        "reported_overdue": "pendingLate",
    },
    period=_month("year", "month"),
    dates=_of_month("year", "month"),
)
OPENCPS = Shape(
    name="opencps",
    path="/o/rest/statistics",
    unit="govAgencyCode",
    names={
        "reported_received": "receivedCount",
        "reported_carried_over": "remainingCount",
        "reported_online": "onlineCount",
        "reported_resolved": "releaseCount",
        "reported_on_time": "ontimeCount",
        "reported_late": "overtimeCount",
        "reported_in_progress": "processingCount",
        "reported_overdue": "overdueCount",
        "reported_waiting": "waitingCount",
        "reported_returned": "cancelledCount",
    },
    extra={"betimesCount": 0},
    period=_month("year", "month"),
    dates=_of_month("year", "month"),
)
SHAPES: Mapping[str, Shape] = {
    shape.name: shape
    for shape in (
        CENTRE, SURVEY, PAYMENTS, DIGITISATION, FEEDBACK, CONFERENCE, PROCEDURES, PORTAL766, PORTAL766_OLD, MONTHLY, STATISTIC, OPENCPS,
    )
}  # fmt: skip
