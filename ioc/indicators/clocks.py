"""The declared counts by the clocks beside the deadline: how old the overdue is, the step, the reception, the apology. Pure."""

from __future__ import annotations

from ioc.indicators import bases
from ioc.indicators.conditions import APOLOGY, IN_TIME_NOW, LATE_NOW, OVERDUE, RECEIVED, SUBMITTED, WORKING
from ioc.indicators.declared import Indicator, Words


def _aged(name: str, where: str, vi: str, en: str, days_vi: str, days_en: str) -> Indicator:
    """One bucket of the overdue dossiers by whole working days since their deadline."""
    return Indicator(
        name=name,
        where=f"{OVERDUE} and {where}",
        better="down",
        words=Words(
            vi=vi,
            en=en,
            about_vi=f"Trong số hồ sơ quá hạn, những hồ sơ đã qua hạn {days_vi} trọn ngày làm việc, theo lịch làm việc của tỉnh."
            " Năm nhóm tuổi cộng lại đúng bằng số hồ sơ quá hạn.",
            about_en=f"Of the overdue dossiers, those whose deadline passed {days_en} whole working days ago by the province's calendar."
            " The five ages add up to the overdue dossiers.",
            basis=bases.PROVINCE,
        ),
    )


AGEING = (
    _aged(
        "dossiers_overdue_0_1", "late_from > {age_2}", "Quá hạn 0–1 ngày làm việc", "Overdue 0–1 working days", "chưa đến 2", "less than 2"
    ),
    _aged(
        "dossiers_overdue_2_3",
        "late_from <= {age_2} and late_from > {age_4}",
        "Quá hạn 2–3 ngày làm việc",
        "Overdue 2–3 working days",
        "2 đến 3",
        "2 to 3",
    ),
    _aged(
        "dossiers_overdue_4_7",
        "late_from <= {age_4} and late_from > {age_8}",
        "Quá hạn 4–7 ngày làm việc",
        "Overdue 4–7 working days",
        "4 đến 7",
        "4 to 7",
    ),
    _aged(
        "dossiers_overdue_8_15",
        "late_from <= {age_8} and late_from > {age_16}",
        "Quá hạn 8–15 ngày làm việc",
        "Overdue 8–15 working days",
        "8 đến 15",
        "8 to 15",
    ),
    _aged(
        "dossiers_overdue_16",
        "late_from <= {age_16}",
        "Quá hạn trên 15 ngày làm việc",
        "Overdue more than 15 working days",
        "từ 16",
        "16 or more",
    ),
)

CLOCKED = (
    Indicator(
        name="dossiers_step_late",
        where=f"{WORKING} and step_due_at <= at",
        better="down",
        words=Words(
            vi="Trễ hạn bước đang xử lý",
            en="Present step late",
            about_vi="Hồ sơ đang giải quyết mà bước hiện tại đã qua hạn riêng của bước, dù cả hồ sơ còn hạn hay đã quá hạn.",
            about_en="Dossiers in progress whose present step has passed its own deadline, whether the whole is still in time or not.",
            basis=bases.STEPS,
        ),
    ),
    Indicator(
        name="dossiers_step_late_in_time",
        where=f"{WORKING} and step_due_at <= at and {IN_TIME_NOW}",
        better="down",
        words=Words(
            vi="Trễ bước, hồ sơ còn hạn",
            en="Step late, dossier still in time",
            about_vi="Hồ sơ đang giải quyết có bước hiện tại đã trễ trong khi cả hồ sơ còn trong hạn: còn kịp để đôn đốc.",
            about_en="Dossiers in progress whose present step is late while the whole is still in time: there is time left to act.",
            basis=bases.STEPS,
        ),
    ),
    Indicator(
        name="dossiers_submitted",
        where=SUBMITTED,
        words=Words(
            vi="Chờ tiếp nhận",
            en="Waiting for reception",
            about_vi="Hồ sơ đã nộp mà tại thời điểm hỏi chưa được tiếp nhận cũng chưa bị từ chối.",
            about_en="Dossiers sent in that are neither received nor refused at the instant asked about.",
            basis=bases.RECEPTION,
        ),
    ),
    Indicator(
        name="dossiers_reception_overdue",
        where=f"{SUBMITTED} and reception_due_at <= at",
        better="down",
        words=Words(
            vi="Quá hạn tiếp nhận",
            en="Reception overdue",
            about_vi="Hồ sơ đang chờ tiếp nhận mà đã hết thời hạn tiếp nhận tính từ lúc nộp.",
            about_en="Dossiers waiting for reception whose time for being received, counted from when they were sent in, has run out.",
            basis=bases.RECEPTION,
        ),
    ),
    Indicator(
        name="dossiers_reception_late",
        where=f"{RECEIVED} and received_at > reception_due_at",
        better="down",
        words=Words(
            vi="Tiếp nhận trễ",
            en="Received late",
            about_vi="Hồ sơ tiếp nhận trong kỳ nhưng sau thời hạn tiếp nhận. Hồ sơ không rõ lúc nộp không có hạn này nên không đếm.",
            about_en="Dossiers received within the period after their time for reception."
            " Where it is not known when one was sent in there is no such time, and it is not counted.",
            basis=bases.RECEPTION,
        ),
    ),
    Indicator(
        name="apologies_owed",
        where=f"{WORKING} and ({LATE_NOW} or first_due_at < appointed_at) and apology_at is null",
        better="down",
        words=Words(
            vi="Chưa xin lỗi",
            en="Apologies owed",
            about_vi="Hồ sơ đang giải quyết đã quá hạn, hoặc đã lùi hạn so với hạn ghi ban đầu, mà chưa có văn bản xin lỗi.",
            about_en="Dossiers in progress that are overdue, or whose deadline was put off from the first one, with no apology sent.",
            basis=bases.APOLOGY,
        ),
    ),
    Indicator(
        name="apologies_sent",
        where=APOLOGY,
        words=Words(
            vi="Đã xin lỗi",
            en="Apologies sent",
            about_vi="Hồ sơ có văn bản xin lỗi gửi trong kỳ, đến nay đã xong hay chưa cũng đếm.",
            about_en="Dossiers for which an apology was sent within the period, closed since or not.",
            basis=bases.APOLOGY,
        ),
    ),
    Indicator(
        name="apologies_late",
        where=f"{APOLOGY} and apology_at > apology_due_at",
        better="down",
        words=Words(
            vi="Xin lỗi trễ",
            en="Apologies sent late",
            about_vi="Trong số đã xin lỗi trong kỳ, những văn bản gửi muộn hơn một ngày làm việc trước hạn ghi ban đầu.",
            about_en="Of the apologies sent within the period, those sent later than one working day before the deadline stated first.",
            basis=bases.APOLOGY,
        ),
    ),
)
