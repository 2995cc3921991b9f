"""The declared counts of dossiers: received, resolved, in progress, overdue, what is owed to the applicant. Pure."""

from __future__ import annotations

from ioc.indicators.declared import Indicator, Words

DOSSIER = "kind = 'dossier'"
NEVER_RECEIVED = "state in ('submitted', 'refused')"
COUNTED = f"{DOSSIER} and not ({NEVER_RECEIVED})"
RECEIVED = f"{COUNTED} and received_at >= {{since}} and received_at < {{until}}"
CLOSED = f"{DOSSIER} and closed_at >= {{since}} and closed_at < {{until}}"
RESOLVED = f"{CLOSED} and state = 'done'"
WORKING = f"{DOSSIER} and state = 'working'"
SUBMITTED = f"{DOSSIER} and state = 'submitted'"
MIRROR = "kind = 'mirror'"
LATE_NOW = "late_from <= at"
IN_TIME_NOW = "(late_from is null or late_from > at)"
SOON_NOW = "soon_at <= at and late_from > at"
OVERDUE = f"{WORKING} and {LATE_NOW}"
IN_TIME_DONE = "(late_from is null or closed_at < late_from)"
APOLOGY = f"{DOSSIER} and apology_at >= {{since}} and apology_at < {{until}}"

DOSSIERS = (
    Indicator(name="dossiers_received", where=RECEIVED, words=Words(vi="Hồ sơ tiếp nhận", en="Dossiers received")),
    Indicator(
        name="dossiers_received_online",
        where=f"{RECEIVED} and channel = 'online'",
        better="up",
        words=Words(vi="Tiếp nhận trực tuyến", en="Received online"),
    ),
    Indicator(
        name="dossiers_carried_over",
        where=f"{COUNTED} and received_at < {{since}} and (closed_at is null or closed_at >= {{since}})",
        words=Words(vi="Kỳ trước chuyển sang", en="Carried over"),
    ),
    Indicator(name="dossiers_resolved", where=RESOLVED, better="up", words=Words(vi="Hồ sơ đã giải quyết", en="Dossiers resolved")),
    Indicator(
        name="dossiers_early",
        where=f"{RESOLVED} and closed_at < early_before",
        better="up",
        words=Words(vi="Giải quyết trước hạn", en="Resolved early"),
    ),
    Indicator(
        name="dossiers_on_time",
        where=f"{RESOLVED} and (late_from is null or closed_at >= early_before and closed_at < late_from)",
        better="up",
        words=Words(vi="Giải quyết đúng hạn", en="Resolved on time"),
    ),
    Indicator(
        name="dossiers_late",
        where=f"{RESOLVED} and closed_at >= late_from",
        better="down",
        words=Words(vi="Giải quyết quá hạn", en="Resolved late"),
    ),
    Indicator(
        name="dossiers_returned",
        where=f"{CLOSED} and state = 'withdrawn'",
        words=Words(vi="Trả lại, rút hồ sơ", en="Returned or withdrawn"),
    ),
    Indicator(
        name="dossiers_excluded",
        where=f"{DOSSIER} and {NEVER_RECEIVED} and received_at >= {{since}} and received_at < {{until}}",
        words=Words(vi="Chưa hoặc không tiếp nhận", en="Not received or refused"),
    ),
    Indicator(name="dossiers_in_progress", where=WORKING, words=Words(vi="Đang giải quyết", en="In progress")),
    Indicator(
        name="dossiers_within_time",
        where=f"{WORKING} and {IN_TIME_NOW}",
        words=Words(vi="Đang giải quyết trong hạn", en="In progress, within time"),
    ),
    Indicator(name="dossiers_overdue", where=OVERDUE, better="down", words=Words(vi="Hồ sơ quá hạn", en="Overdue dossiers")),
    Indicator(name="dossiers_due_soon", where=f"{WORKING} and {SOON_NOW}", words=Words(vi="Sắp đến hạn", en="Due soon")),
    Indicator(name="dossiers_undated", where=f"{WORKING} and late_from is null", words=Words(vi="Không có hạn", en="Without a deadline")),
    Indicator(
        name="dossiers_waiting", where=f"{DOSSIER} and state = 'waiting'", words=Words(vi="Chờ bổ sung", en="Waiting for the applicant")
    ),
    Indicator(
        name="dossiers_rescheduled",
        where=f"{WORKING} and first_due_at is not null",
        better="down",
        words=Words(vi="Đã hẹn lại", en="Rescheduled"),
    ),
    # how old what is overdue is, in whole working days since its deadline
    Indicator(
        name="dossiers_overdue_0_1",
        where=f"{OVERDUE} and late_from > {{age_2}}",
        better="down",
        words=Words(vi="Quá hạn 0–1 ngày làm việc", en="Overdue 0–1 working days"),
    ),
    Indicator(
        name="dossiers_overdue_2_3",
        where=f"{OVERDUE} and late_from <= {{age_2}} and late_from > {{age_4}}",
        better="down",
        words=Words(vi="Quá hạn 2–3 ngày làm việc", en="Overdue 2–3 working days"),
    ),
    Indicator(
        name="dossiers_overdue_4_7",
        where=f"{OVERDUE} and late_from <= {{age_4}} and late_from > {{age_8}}",
        better="down",
        words=Words(vi="Quá hạn 4–7 ngày làm việc", en="Overdue 4–7 working days"),
    ),
    Indicator(
        name="dossiers_overdue_8_15",
        where=f"{OVERDUE} and late_from <= {{age_8}} and late_from > {{age_16}}",
        better="down",
        words=Words(vi="Quá hạn 8–15 ngày làm việc", en="Overdue 8–15 working days"),
    ),
    Indicator(
        name="dossiers_overdue_16",
        where=f"{OVERDUE} and late_from <= {{age_16}}",
        better="down",
        words=Words(vi="Quá hạn trên 15 ngày làm việc", en="Overdue more than 15 working days"),
    ),
    # the clocks beside the deadline: steps, reception, the apology
    Indicator(
        name="dossiers_step_late",
        where=f"{WORKING} and step_due_at <= at",
        better="down",
        words=Words(vi="Trễ hạn bước đang xử lý", en="Present step late"),
    ),
    Indicator(
        name="dossiers_step_late_in_time",
        where=f"{WORKING} and step_due_at <= at and {IN_TIME_NOW}",
        better="down",
        words=Words(vi="Trễ bước, hồ sơ còn hạn", en="Step late, dossier still in time"),
    ),
    Indicator(name="dossiers_submitted", where=SUBMITTED, words=Words(vi="Chờ tiếp nhận", en="Waiting for reception")),
    Indicator(
        name="dossiers_reception_overdue",
        where=f"{SUBMITTED} and reception_due_at <= at",
        better="down",
        words=Words(vi="Quá hạn tiếp nhận", en="Reception overdue"),
    ),
    Indicator(
        name="dossiers_reception_late",
        where=f"{RECEIVED} and received_at > reception_due_at",
        better="down",
        words=Words(vi="Tiếp nhận trễ", en="Received late"),
    ),
    Indicator(
        name="apologies_owed",
        where=f"{WORKING} and ({LATE_NOW} or first_due_at < appointed_at) and apology_at is null",
        better="down",
        words=Words(vi="Chưa xin lỗi", en="Apologies owed"),
    ),
    Indicator(name="apologies_sent", where=APOLOGY, words=Words(vi="Đã xin lỗi", en="Apologies sent")),
    Indicator(
        name="apologies_late",
        where=f"{APOLOGY} and apology_at > apology_due_at",
        better="down",
        words=Words(vi="Xin lỗi trễ", en="Apologies sent late"),
    ),
    # the 766 reading: over what was received, not over what was resolved
    Indicator(
        name="dossiers_judged",
        where=f"{RECEIVED} and state <> 'withdrawn'",
        words=Words(vi="Tiếp nhận, không kể trả lại", en="Received, without those returned"),
    ),
    Indicator(
        name="dossiers_kept",
        where=f"{RECEIVED} and (state = 'done' and {IN_TIME_DONE} or state = 'waiting' or state = 'working' and {IN_TIME_NOW})",
        better="up",
        words=Words(vi="Tiếp nhận và chưa trễ hạn", en="Received and not late"),
    ),
    # what else is counted of a dossier
    Indicator(
        name="dossiers_with_fee",
        where=f"{RECEIVED} and ('fee' = any(traits) or 'paid_online' = any(traits))",
        words=Words(vi="Có phí, lệ phí", en="With a fee"),
    ),
    Indicator(
        name="dossiers_paid_online",
        where=f"{RECEIVED} and 'paid_online' = any(traits)",
        better="up",
        words=Words(vi="Thanh toán trực tuyến", en="Paid online"),
    ),
    Indicator(
        name="dossiers_digitised",
        where=f"{RECEIVED} and 'digitised' = any(traits)",
        better="up",
        words=Words(vi="Đã số hóa", en="Digitised"),
    ),
    Indicator(
        name="dossiers_reused",
        where=f"{RECEIVED} and 'reused' = any(traits)",
        better="up",
        words=Words(vi="Tái sử dụng dữ liệu", en="Reusing data"),
    ),
    Indicator(
        name="dossiers_electronic_result",
        where=f"{RESOLVED} and 'electronic_result' = any(traits)",
        better="up",
        words=Words(vi="Có kết quả điện tử", en="With an electronic result"),
    ),
    Indicator(
        name="mirrors_received",
        where=f"{MIRROR} and not ({NEVER_RECEIVED}) and received_at >= {{since}} and received_at < {{until}}",
        words=Words(vi="Hồ sơ trên cổng DVC", en="Dossiers the portal shows"),
    ),
)
