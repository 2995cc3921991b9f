"""The declared counts of documents (văn bản) and tasks (nhiệm vụ). Pure."""

from __future__ import annotations

from ioc.indicators.declared import Indicator, Words
from ioc.indicators.dossiers import LATE_NOW, SOON_NOW

DOCUMENT = "kind = 'document' and received_at >= {since} and received_at < {until}"
DOCUMENT_OPEN = "kind = 'document' and state = 'working'"
DOCUMENT_DONE = "kind = 'document' and state = 'done' and closed_at >= {since} and closed_at < {until}"
TASK = "kind = 'task' and state = 'working'"
TASK_DONE = "kind = 'task' and state = 'done' and closed_at >= {since} and closed_at < {until}"

DOCUMENTS = (
    Indicator(
        name="documents_in", measured_in="văn bản", where=f"{DOCUMENT} and not outgoing", words=Words(vi="Văn bản đến", en="Documents in")
    ),
    Indicator(
        name="documents_out", measured_in="văn bản", where=f"{DOCUMENT} and outgoing", words=Words(vi="Văn bản đi", en="Documents out")
    ),
    Indicator(
        name="documents_signed",
        measured_in="văn bản",
        where=f"{DOCUMENT} and outgoing and signed",
        better="up",
        words=Words(vi="Văn bản đi ký số", en="Documents out, digitally signed"),
    ),
    Indicator(
        name="documents_open", measured_in="văn bản", where=DOCUMENT_OPEN, words=Words(vi="Văn bản chờ xử lý", en="Documents pending")
    ),
    Indicator(
        name="documents_urgent_open",
        measured_in="văn bản",
        where=f"{DOCUMENT_OPEN} and urgency <> 'normal'",
        words=Words(vi="Văn bản khẩn chờ xử lý", en="Urgent documents pending"),
    ),
    Indicator(
        name="documents_overdue",
        measured_in="văn bản",
        where=f"{DOCUMENT_OPEN} and {LATE_NOW}",
        better="down",
        words=Words(vi="Văn bản quá hạn", en="Documents overdue"),
    ),
    Indicator(
        name="documents_due_soon",
        measured_in="văn bản",
        where=f"{DOCUMENT_OPEN} and {SOON_NOW}",
        words=Words(vi="Văn bản sắp đến hạn", en="Documents due soon"),
    ),
    Indicator(
        name="documents_done", measured_in="văn bản", where=DOCUMENT_DONE, words=Words(vi="Văn bản đã xử lý", en="Documents handled")
    ),
)

TASKS = (
    Indicator(
        name="tasks_in_progress", measured_in="nhiệm vụ", where=TASK, words=Words(vi="Nhiệm vụ đang thực hiện", en="Tasks in progress")
    ),
    Indicator(
        name="tasks_overdue",
        measured_in="nhiệm vụ",
        where=f"{TASK} and {LATE_NOW}",
        better="down",
        words=Words(vi="Nhiệm vụ quá hạn", en="Tasks overdue"),
    ),
    Indicator(
        name="tasks_due_soon",
        measured_in="nhiệm vụ",
        where=f"{TASK} and {SOON_NOW}",
        words=Words(vi="Nhiệm vụ sắp đến hạn", en="Tasks due soon"),
    ),
    Indicator(
        name="tasks_done", measured_in="nhiệm vụ", where=TASK_DONE, better="up", words=Words(vi="Nhiệm vụ hoàn thành", en="Tasks done")
    ),
    Indicator(
        name="tasks_done_on_time",
        measured_in="nhiệm vụ",
        where=f"{TASK_DONE} and (late_from is null or closed_at < late_from)",
        better="up",
        words=Words(vi="Nhiệm vụ hoàn thành đúng hạn", en="Tasks done on time"),
    ),
)
