"""The declared rates and quantiles over the counts. Pure."""

from __future__ import annotations

from ioc.indicators.declared import Quantile, Rate, Words

RATES = (
    Rate(
        name="online_rate",
        parts=("dossiers_received_online",),
        whole="dossiers_received",
        words=Words(vi="Tỷ lệ hồ sơ trực tuyến", en="Online share"),
    ),
    Rate(name="early_rate", parts=("dossiers_early",), whole="dossiers_resolved", words=Words(vi="Tỷ lệ trước hạn", en="Early share")),
    Rate(name="on_time_rate", parts=("dossiers_on_time",), whole="dossiers_resolved", words=Words(vi="Tỷ lệ đúng hạn", en="On-time share")),
    Rate(
        name="late_rate",
        parts=("dossiers_late",),
        whole="dossiers_resolved",
        better="down",
        words=Words(vi="Tỷ lệ quá hạn", en="Late share"),
    ),
    Rate(
        name="early_and_on_time_rate",
        parts=("dossiers_early", "dossiers_on_time"),
        whole="dossiers_resolved",
        words=Words(vi="Tỷ lệ trước và đúng hạn trên đã giải quyết", en="Early or on time, of those resolved"),
    ),
    Rate(
        name="kept_rate",
        parts=("dossiers_kept",),
        whole="dossiers_judged",
        words=Words(vi="Tỷ lệ đúng hạn trên tiếp nhận (766)", en="Not late, of those received (766)"),
    ),
    Rate(
        name="paid_online_rate",
        parts=("dossiers_paid_online",),
        whole="dossiers_with_fee",
        words=Words(vi="Tỷ lệ thanh toán trực tuyến", en="Paid online, of those with a fee"),
    ),
    Rate(
        name="dossiers_digitised_rate",
        parts=("dossiers_digitised",),
        whole="dossiers_received",
        words=Words(vi="Tỷ lệ số hóa hồ sơ", en="Digitised share"),
    ),
    Rate(
        name="dossiers_reused_rate",
        parts=("dossiers_reused",),
        whole="dossiers_received",
        words=Words(vi="Tỷ lệ tái sử dụng dữ liệu", en="Share reusing data"),
    ),
    Rate(
        name="electronic_result_rate",
        parts=("dossiers_electronic_result",),
        whole="dossiers_resolved",
        words=Words(vi="Tỷ lệ kết quả điện tử", en="Electronic results"),
    ),
    Rate(
        name="tasks_on_time_rate",
        parts=("tasks_done_on_time",),
        whole="tasks_done",
        words=Words(vi="Nhiệm vụ hoàn thành đúng hạn", en="Tasks done on time"),
    ),
    Rate(
        name="documents_signed_rate",
        parts=("documents_signed",),
        whole="documents_out",
        words=Words(vi="Tỷ lệ văn bản đi ký số", en="Documents out, digitally signed"),
    ),
)

QUANTILES = (
    Quantile(
        name="handling_median",
        of="dossiers_resolved",
        share=0.5,
        words=Words(vi="Thời gian giải quyết, trung vị", en="Handling time, median"),
    ),
    Quantile(name="handling_p90", of="dossiers_resolved", share=0.9, words=Words(vi="Thời gian giải quyết, P90", en="Handling time, P90")),
    Quantile(
        name="documents_handling_median",
        of="documents_done",
        share=0.5,
        words=Words(vi="Thời gian xử lý văn bản, trung vị", en="Document handling time, median"),
    ),
    Quantile(
        name="documents_handling_p90",
        of="documents_done",
        share=0.9,
        words=Words(vi="Thời gian xử lý văn bản, P90", en="Document handling time, P90"),
    ),
)
