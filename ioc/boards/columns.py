"""The columns of a board, in the order and words of the provinces' own (domain.md 4). Pure; another column is one entry."""

from __future__ import annotations

from dataclasses import dataclass

from ioc.indicators import RATE_BY_NAME


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One number of every row: the sum of its `indicators`, whose lists are disjoint, or one rate. `of_*`: the heading it stands under."""

    key: str
    vi: str
    en: str
    of_vi: str = ""
    of_en: str = ""
    indicators: tuple[str, ...]

    @property
    def rate(self) -> bool:
        return self.indicators[0] in RATE_BY_NAME

    @property
    def heading(self) -> str:
        """As one cell of a table."""
        return f"{self.of_vi}: {self.vi}" if self.of_vi else self.vi


RECEIVED = {"of_vi": "Tiếp nhận", "of_en": "Received"}
RESOLVED = {"of_vi": "Đã giải quyết", "of_en": "Resolved"}
WORKED_ON = {"of_vi": "Đang giải quyết", "of_en": "In progress"}

COLUMNS = (
    Column(key="received", vi="Tổng số", en="Total", **RECEIVED, indicators=("dossiers_carried_over", "dossiers_received")),
    Column(key="carried_over", vi="Kỳ trước chuyển sang", en="Carried over", **RECEIVED, indicators=("dossiers_carried_over",)),
    Column(key="received_in_period", vi="Trong kỳ", en="In the period", **RECEIVED, indicators=("dossiers_received",)),
    Column(key="resolved", vi="Tổng số", en="Total", **RESOLVED, indicators=("dossiers_resolved",)),
    Column(key="early", vi="Trước hạn", en="Early", **RESOLVED, indicators=("dossiers_early",)),
    Column(key="on_time", vi="Đúng hạn", en="On time", **RESOLVED, indicators=("dossiers_on_time",)),
    Column(key="late", vi="Quá hạn", en="Late", **RESOLVED, indicators=("dossiers_late",)),
    Column(
        key="early_and_on_time_rate",
        vi="Tỷ lệ trước và đúng hạn (%)",
        en="Early or on time (%)",
        **RESOLVED,
        indicators=("early_and_on_time_rate",),
    ),
    Column(key="in_progress", vi="Tổng số", en="Total", **WORKED_ON, indicators=("dossiers_in_progress",)),
    Column(key="within_time", vi="Trong hạn", en="Within time", **WORKED_ON, indicators=("dossiers_within_time",)),
    Column(key="overdue", vi="Quá hạn", en="Overdue", **WORKED_ON, indicators=("dossiers_overdue",)),
    Column(key="waiting", vi="Chờ bổ sung", en="Waiting for the applicant", indicators=("dossiers_waiting",)),
    Column(key="returned", vi="Trả lại, rút hồ sơ", en="Returned or withdrawn", indicators=("dossiers_returned",)),
    Column(
        key="kept_rate", vi="Tỷ lệ đúng hạn trên tiếp nhận, 766 (%)", en="Not late, of those received, 766 (%)", indicators=("kept_rate",)
    ),
)
KEYS = tuple(column.key for column in COLUMNS)
