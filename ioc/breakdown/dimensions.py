"""What a count can be split by: the SQL that names an item's part, and the words of the parts. Pure; another dimension is one entry.

An expression is over one item judged at `at`, with the parameters of ioc/meter.py and `%(zone)s`; null or "" is "not stated".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ioc.indicators import Words


class DimensionError(ValueError):
    """A count that cannot be split as asked; the message names the dimension and what there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """`order`: the parts in their own order, whatever their size (empty: the largest first, or with `dated` by day)."""

    name: str
    sql: str
    words: Words
    parts: Mapping[str, Words] = field(default_factory=dict)
    order: Sequence[str] = ()
    dated: bool = False

    def of(self, part: str | None) -> Words:
        """What people read of a part; null and unknown ones included."""
        if not part:
            return NOT_STATED
        return self.parts.get(part) or Words(vi=part, en=part)


NOT_STATED = Words(vi="Không ghi", en="Not stated")

WAYS = {
    "counter": Words(vi="Trực tiếp", en="At the counter"),
    "online": Words(vi="Trực tuyến", en="Online"),
    "post": Words(vi="Bưu chính công ích", en="By post"),
}
URGENCIES = {
    "express": Words(vi="Hỏa tốc", en="Express"),
    "very_urgent": Words(vi="Thượng khẩn", en="Very urgent"),
    "urgent": Words(vi="Khẩn", en="Urgent"),
    "normal": Words(vi="Thường", en="Normal"),
}
STATES = {
    "submitted": Words(vi="Chờ tiếp nhận", en="Waiting for reception"),
    "working": Words(vi="Đang giải quyết", en="In progress"),
    "waiting": Words(vi="Chờ bổ sung", en="Waiting for the applicant"),
    "done": Words(vi="Đã giải quyết", en="Done"),
    "withdrawn": Words(vi="Trả lại, rút", en="Returned or withdrawn"),
    "refused": Words(vi="Không tiếp nhận", en="Refused"),
}
REASONS = {
    "supplement": Words(vi="Bổ sung giấy tờ", en="Papers to be supplied"),
    "fee": Words(vi="Nghĩa vụ tài chính", en="Fee or tax to be paid"),
    "suspended": Words(vi="Dừng xử lý", en="Suspended"),
    "other": Words(vi="Lý do khác", en="Another reason"),
}
AGED = {
    "16": Words(vi="Quá hạn trên 15 ngày làm việc", en="Overdue more than 15 working days"),
    "8_15": Words(vi="Quá hạn 8–15 ngày làm việc", en="Overdue 8–15 working days"),
    "4_7": Words(vi="Quá hạn 4–7 ngày làm việc", en="Overdue 4–7 working days"),
    "2_3": Words(vi="Quá hạn 2–3 ngày làm việc", en="Overdue 2–3 working days"),
    "0_1": Words(vi="Quá hạn 0–1 ngày làm việc", en="Overdue 0–1 working days"),
    "not_late": Words(vi="Chưa quá hạn", en="Not overdue"),
    "undated": Words(vi="Không có hạn", en="Without a deadline"),
}
AGE = """case when late_from is null then 'undated' when late_from > at then 'not_late' when late_from > %(age_2)s then '0_1'
              when late_from > %(age_4)s then '2_3' when late_from > %(age_8)s then '4_7' when late_from > %(age_16)s then '8_15'
              else '16' end"""

# How far a document is. The steps are the words examples/mappings/documents.toml and edxml.toml give the status codes 01-06 of the axis
# (domain.md 1.4); a step of other words tells nothing, so such a document has arrived and no more, until it is done.
ASSIGNED, HANDLING = "Phân công xử lý", "Đang xử lý"
STAGES = {
    "arrived": Words(vi="Đã đến, chưa chuyển", en="Arrived, not passed on"),
    "assigned": Words(vi="Đã chuyển, phân công", en="Passed on, assigned"),
    "handling": Words(vi="Đang xử lý", en="Being handled"),
    "done": Words(vi="Hoàn thành", en="Done"),
}
STAGE = f"case when state = 'done' then 'done' when step = '{HANDLING}' then 'handling' when step = '{ASSIGNED}' then 'assigned' else 'arrived' end"  # noqa: E501

UNIT = "unit"  # counted by the units' keys and put together by the tree: split.py
DIMENSIONS: Mapping[str, Dimension] = {
    one.name: one
    for one in (
        Dimension(name=UNIT, sql="unit::text", words=Words(vi="Đơn vị", en="Unit")),
        Dimension(name="field", sql="field", words=Words(vi="Lĩnh vực", en="Field")),
        Dimension(name="procedure", sql="procedure", words=Words(vi="Thủ tục", en="Procedure")),
        Dimension(name="step", sql="step", words=Words(vi="Bước xử lý", en="Step")),
        Dimension(name="channel", sql="channel::text", words=Words(vi="Kênh", en="Channel"), parts=WAYS),
        Dimension(name="urgency", sql="urgency::text", words=Words(vi="Độ khẩn", en="Urgency"), parts=URGENCIES, order=tuple(URGENCIES)),
        Dimension(name="assigner", sql="assigner", words=Words(vi="Cơ quan giao", en="Assigned by")),
        Dimension(name="state", sql="state::text", words=Words(vi="Trạng thái", en="State"), parts=STATES, order=tuple(STATES)),
        Dimension(name="waits_for", sql="waits_for", words=Words(vi="Lý do chờ", en="Waits for"), parts=REASONS),
        Dimension(name="due", sql="to_char(due_at at time zone %(zone)s, 'YYYY-MM-DD')", words=Words(vi="Hạn", en="Due"), dated=True),
        Dimension(name="age", sql=AGE, words=Words(vi="Tuổi quá hạn", en="Overdue for"), parts=AGED, order=tuple(AGED)),
        Dimension(name="stage", sql=STAGE, words=Words(vi="Giai đoạn", en="Stage"), parts=STAGES, order=tuple(STAGES)),
        Dimension(name="source", sql="source", words=Words(vi="Nguồn", en="Source")),
    )
}


def dimension(name: str) -> Dimension:
    """Raises DimensionError for one there is not."""
    if name not in DIMENSIONS:
        raise DimensionError(f"nothing can be split by {name[:40]!r}; there are {', '.join(DIMENSIONS)}")
    return DIMENSIONS[name]
