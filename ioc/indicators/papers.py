"""The declared counts of documents (văn bản) and tasks (nhiệm vụ). Pure."""

from __future__ import annotations

from ioc.indicators import bases
from ioc.indicators.conditions import LATE_NOW, SOON_NOW
from ioc.indicators.declared import Indicator, Words

DOCUMENT = "kind = 'document' and received_at >= {since} and received_at < {until}"
DOCUMENT_OPEN = "kind = 'document' and state = 'working'"
DOCUMENT_DONE = "kind = 'document' and state = 'done' and not outgoing and closed_at >= {since} and closed_at < {until}"
TASK = "kind = 'task' and state = 'working'"
TASK_DONE = "kind = 'task' and state = 'done' and closed_at >= {since} and closed_at < {until}"

DOCUMENTS = (
    Indicator(
        name="documents_in",
        measured_in="văn bản",
        where=f"{DOCUMENT} and not outgoing",
        words=Words(
            vi="Văn bản đến",
            en="Documents in",
            about_vi="Văn bản đến đơn vị trong kỳ, mọi trạng thái, mỗi đơn vị nhận đếm một lần.",
            about_en="Documents that came to an office within the period, whatever became of them; one for each office that got it.",
            basis=bases.DOCUMENT,
        ),
    ),
    Indicator(
        name="documents_out",
        measured_in="văn bản",
        where=f"{DOCUMENT} and outgoing",
        words=Words(
            vi="Văn bản đi",
            en="Documents out",
            about_vi="Văn bản đơn vị phát hành và gửi đi trong kỳ, mọi trạng thái.",
            about_en="Documents an office issued and sent within the period, whatever became of them.",
            basis=bases.DOCUMENT,
        ),
    ),
    Indicator(
        name="documents_signed",
        measured_in="văn bản",
        where=f"{DOCUMENT} and outgoing and signed",
        better="up",
        words=Words(
            vi="Văn bản đi ký số",
            en="Documents out with a digital signature",
            about_vi="Trong số văn bản đi trong kỳ, những văn bản có chữ ký số; hệ thống nguồn không nói thì coi là không.",
            about_en="Of the documents sent within the period, those digitally signed; where the source does not say, they are not.",
            basis=bases.DOCUMENT,
        ),
    ),
    Indicator(
        name="documents_open",
        measured_in="văn bản",
        where=DOCUMENT_OPEN,
        words=Words(
            vi="Văn bản chờ xử lý",
            en="Documents pending",
            about_vi="Văn bản đang được xử lý tại thời điểm hỏi, có hạn hay không; là số tồn, không theo kỳ.",
            about_en="Documents being handled at the instant asked about, with a deadline or without; a stock, of no period.",
            basis=bases.DOCUMENT,
        ),
    ),
    Indicator(
        name="documents_urgent_open",
        measured_in="văn bản",
        where=f"{DOCUMENT_OPEN} and urgency <> 'normal'",
        words=Words(
            vi="Văn bản khẩn chờ xử lý",
            en="Urgent documents pending",
            about_vi="Trong số văn bản chờ xử lý, những văn bản có độ khẩn từ khẩn trở lên.",
            about_en="Of the documents pending, those marked urgent or more.",
            basis=bases.DOCUMENT,
        ),
    ),
    Indicator(
        name="documents_overdue",
        measured_in="văn bản",
        where=f"{DOCUMENT_OPEN} and {LATE_NOW}",
        better="down",
        words=Words(
            vi="Văn bản quá hạn",
            en="Documents overdue",
            about_vi="Trong số văn bản chờ xử lý, những văn bản đã qua hạn xử lý ghi trên văn bản; không ghi hạn thì không quá hạn.",
            about_en="Of the documents pending, those past the deadline they state; one that states none is never overdue.",
            basis=bases.DOCUMENT,
        ),
    ),
    Indicator(
        name="documents_due_soon",
        measured_in="văn bản",
        where=f"{DOCUMENT_OPEN} and {SOON_NOW}",
        words=Words(
            vi="Văn bản sắp đến hạn",
            en="Documents due soon",
            about_vi="Trong số văn bản chờ xử lý, những văn bản còn hạn nhưng chỉ còn tối đa một ngày làm việc.",
            about_en="Of the documents pending, those still in time with at most one working day left.",
            basis=bases.PROVINCE,
        ),
    ),
    Indicator(
        name="documents_done",
        measured_in="văn bản",
        where=DOCUMENT_DONE,
        words=Words(
            vi="Văn bản đã xử lý",
            en="Documents handled",
            about_vi="Văn bản đến hoàn thành xử lý trong kỳ, đến khi nào cũng được; không đếm văn bản bị từ chối, thu hồi, văn bản đi.",
            about_en="Documents in whose handling was completed within the period, whenever they came; not those refused, recalled or"
            " sent out.",
            basis=bases.DOCUMENT,
        ),
    ),
)

TASKS = (
    Indicator(
        name="tasks_in_progress",
        measured_in="nhiệm vụ",
        where=TASK,
        words=Words(
            vi="Nhiệm vụ đang thực hiện",
            en="Tasks in progress",
            about_vi="Nhiệm vụ được giao chưa hoàn thành tại thời điểm hỏi, trong hạn hay quá hạn; là số tồn, không theo kỳ.",
            about_en="Assigned tasks not completed at the instant asked about, in time or late; a stock, of no period.",
            basis=bases.TASK,
        ),
    ),
    Indicator(
        name="tasks_overdue",
        measured_in="nhiệm vụ",
        where=f"{TASK} and {LATE_NOW}",
        better="down",
        words=Words(
            vi="Nhiệm vụ quá hạn",
            en="Tasks overdue",
            about_vi="Trong số nhiệm vụ đang thực hiện, những nhiệm vụ đã qua hạn tại thời điểm hỏi; không có hạn thì không quá hạn.",
            about_en="Of the tasks in progress, those whose deadline has passed at the instant asked about; one without is never late.",
            basis=bases.TASK,
        ),
    ),
    Indicator(
        name="tasks_due_soon",
        measured_in="nhiệm vụ",
        where=f"{TASK} and {SOON_NOW}",
        words=Words(
            vi="Nhiệm vụ sắp đến hạn",
            en="Tasks due soon",
            about_vi="Trong số nhiệm vụ đang thực hiện, những nhiệm vụ còn hạn nhưng chỉ còn tối đa một ngày làm việc.",
            about_en="Of the tasks in progress, those still in time with at most one working day left.",
            basis=bases.PROVINCE,
        ),
    ),
    Indicator(
        name="tasks_done",
        measured_in="nhiệm vụ",
        where=TASK_DONE,
        better="up",
        words=Words(
            vi="Nhiệm vụ hoàn thành",
            en="Tasks done",
            about_vi="Nhiệm vụ được xác nhận hoàn thành trong kỳ, giao khi nào cũng được; nhiệm vụ bị hủy không được đếm.",
            about_en="Tasks confirmed as completed within the period, whenever assigned; those called off are not counted.",
            basis=bases.TASK,
        ),
    ),
    Indicator(
        name="tasks_done_on_time",
        measured_in="nhiệm vụ",
        where=f"{TASK_DONE} and (late_from is null or closed_at < late_from)",
        better="up",
        words=Words(
            vi="Nhiệm vụ hoàn thành đúng hạn",
            en="Tasks done on time",
            about_vi="Trong số nhiệm vụ hoàn thành trong kỳ, những nhiệm vụ xong không sau hạn, và mọi nhiệm vụ không có hạn.",
            about_en="Of the tasks completed within the period, those done no later than their deadline, and all without one.",
            basis=bases.TASK,
        ),
    ),
)
