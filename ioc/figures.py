"""The declared figures: every number a system may report, what it is measured in, and how it adds up over units and days. Pure.

A figure that is not declared here is refused by the mapping that names it, so that a number on a wall always has a definition. Rates over
figures are declared like those over items (ioc/indicators/rates.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One figure. `over_units` "sum": the units' figures add up; "max": the worst of them speaks for all (a waiting time); "own": each
    speaks for itself alone (a score, a rank).

    `over_days` "sum": a month is the sum of its days; "last": a stock, of which the newest counts.
    """

    name: str
    measured_in: str
    vi: str
    en: str
    over_units: Literal["sum", "max", "own"] = "sum"
    over_days: Literal["sum", "last"] = "sum"


def _of(measured_in: str, names: dict[str, tuple[str, str]], **rules: str) -> tuple[Declared, ...]:
    return tuple(Declared(name=name, measured_in=measured_in, vi=vi, en=en, **rules) for name, (vi, en) in names.items())  # type: ignore[arg-type]


FIGURES = (
    # service centres (Trung tâm Phục vụ hành chính công, bộ phận một cửa)
    *_of("lượt", {"visits": ("Lượt đến", "Visits"), "served": ("Lượt đã phục vụ", "Visitors served")}),
    *_of("người", {"queue_waiting": ("Đang chờ", "Waiting now")}, over_days="last"),
    *_of("phút", {"wait_p90": ("Thời gian chờ P90", "Waiting time, 90th percentile")}, over_units="max", over_days="last"),
    # satisfaction, by kiosk, portal or paper: three sources may report the same unit and day, their votes add up
    *_of(
        "phiếu",
        {
            "votes_very_satisfied": ("Rất hài lòng", "Very satisfied"),
            "votes_satisfied": ("Hài lòng", "Satisfied"),
            "votes_unsatisfied": ("Không hài lòng", "Not satisfied"),
        },
    ),
    # online payment
    *_of(
        "giao dịch",
        {"payments": ("Giao dịch phải nộp", "Payments due"), "payments_online": ("Giao dịch trực tuyến", "Payments made online")},
    ),
    *_of("đồng", {"payments_amount": ("Số tiền nộp trực tuyến", "Amount paid online")}),
    # digitisation, where a system only reports totals
    *_of(
        "hồ sơ",
        {
            "papers_due": ("Hồ sơ phải số hóa", "Dossiers to digitise"),
            "papers_digitised": ("Hồ sơ đã số hóa", "Dossiers digitised"),
            "papers_reused": ("Hồ sơ tái sử dụng dữ liệu", "Dossiers reusing data"),
        },
    ),
    # procedures by service level
    *_of(
        "thủ tục",
        {
            "procedures_full": ("DVC toàn trình", "Full online services"),
            "procedures_partial": ("DVC một phần", "Partial online services"),
            "procedures_info": ("DVC cung cấp thông tin", "Information only"),
            "procedures_published": ("Thủ tục phải công bố", "Procedures to be published"),
            "procedures_published_on_time": ("Thủ tục công bố đúng hạn", "Procedures published on time"),
            "procedures_to_publish": ("Thủ tục phải công khai", "Procedures to be made public"),
            "procedures_public_on_time": ("Thủ tục công khai đúng hạn", "Procedures made public on time"),
            "procedures_public": ("Thủ tục đã công khai", "Procedures made public"),
            "procedures_complete": ("Thủ tục công khai đủ bộ phận cấu thành", "Procedures made public with all components"),
            "procedures_online_used": ("DVC trực tuyến có hồ sơ", "Online services with dossiers"),
            "procedures_with_fee": ("Thủ tục có phí, lệ phí", "Procedures with a fee"),
            "procedures_paid_online": ("Thủ tục có thanh toán trực tuyến", "Procedures with online payments"),
        },
        over_days="last",
    ),
    # feedback (phản ánh, kiến nghị)
    *_of(
        "kiến nghị",
        {
            "feedback_received": ("PAKN tiếp nhận", "Feedback received"),
            "feedback_answered": ("PAKN đã trả lời", "Feedback answered"),
            "feedback_on_time": ("PAKN trả lời đúng hạn", "Feedback answered on time"),
            "feedback_disputed": ("PAKN bị khiếu nại lại", "Feedback disputed"),
        },
    ),
    # video conferences
    *_of("phiên", {"conference_sessions": ("Phiên họp trực tuyến", "Video conferences")}),
    *_of(
        "điểm cầu",
        {"conference_points": ("Điểm cầu", "Conference points"), "conference_connected": ("Điểm cầu đã kết nối", "Points connected")},
    ),
    # totals other systems report of dossiers; kept for reconciliation, never added to ours
    *_of(
        "hồ sơ",
        {
            "reported_received": ("Báo cáo: tiếp nhận", "Reported: received"),
            "reported_carried_over": ("Báo cáo: kỳ trước", "Reported: carried over"),
            "reported_online": ("Báo cáo: trực tuyến", "Reported: received online"),
            "reported_resolved": ("Báo cáo: đã giải quyết", "Reported: resolved"),
            "reported_on_time": ("Báo cáo: đúng hạn", "Reported: on time"),
            "reported_late": ("Báo cáo: trễ hạn", "Reported: late"),
            "reported_in_progress": ("Báo cáo: đang giải quyết", "Reported: in progress"),
            "reported_overdue": ("Báo cáo: quá hạn", "Reported: overdue"),
            "reported_waiting": ("Báo cáo: bổ sung", "Reported: waiting"),
            "reported_returned": ("Báo cáo: trả lại", "Reported: returned"),
        },
        over_days="last",
    ),
    # the service index of Decision 766/QĐ-TTg: points, as published
    *_of(
        "điểm",
        {
            "index766": ("Bộ chỉ số 766", "Service index 766"),
            "index766_ckmb": ("Công khai, minh bạch", "Openness"),
            "index766_tdgq": ("Tiến độ giải quyết", "Timeliness"),
            "index766_clgq": ("Dịch vụ trực tuyến", "Online services"),
            "index766_tttt": ("Thanh toán trực tuyến", "Online payment"),
            "index766_mdsh": ("Số hóa hồ sơ", "Digitisation"),
            "index766_mdhl": ("Mức độ hài lòng", "Satisfaction"),
        },
        over_units="own",
        over_days="last",
    ),
    # yearly indices
    *_of(
        "điểm",
        {"par_index": ("PAR INDEX", "PAR INDEX"), "sipas": ("SIPAS", "SIPAS"), "pci": ("PCI", "PCI"), "papi": ("PAPI", "PAPI")},
        over_units="own",
        over_days="last",
    ),
    *_of(
        "hạng",
        {
            "par_index_rank": ("Hạng PAR INDEX", "PAR INDEX rank"),
            "sipas_rank": ("Hạng SIPAS", "SIPAS rank"),
            "pci_rank": ("Hạng PCI", "PCI rank"),
            "papi_rank": ("Hạng PAPI", "PAPI rank"),
            "index766_rank": ("Hạng 766", "Rank in 766"),
        },
        over_units="own",
        over_days="last",
    ),
)
BY_NAME = {figure.name: figure for figure in FIGURES}


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRate:
    """100 x the sum of `parts` / the sum of `whole`, per cent, rounded half up to 2 decimals."""

    name: str
    parts: tuple[str, ...]
    whole: tuple[str, ...]


VOTES = ("votes_very_satisfied", "votes_satisfied", "votes_unsatisfied")
LEVELS = ("procedures_full", "procedures_partial", "procedures_info")
FIGURE_RATES = (
    FigureRate(name="satisfaction_rate", parts=VOTES[:2], whole=VOTES),
    FigureRate(name="payments_online_rate", parts=("payments_online",), whole=("payments",)),
    FigureRate(name="papers_digitised_rate", parts=("papers_digitised",), whole=("papers_due",)),
    FigureRate(name="procedures_full_rate", parts=LEVELS[:1], whole=LEVELS),
    FigureRate(name="feedback_on_time_rate", parts=("feedback_on_time",), whole=("feedback_answered",)),
    FigureRate(name="conference_connected_rate", parts=("conference_connected",), whole=("conference_points",)),
)
RATES = {one.name: one for one in FIGURE_RATES}
