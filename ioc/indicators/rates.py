"""The declared rates and quantiles over the counts. Pure."""

from __future__ import annotations

from ioc.indicators import bases
from ioc.indicators.declared import Quantile, Rate, Words

RATES = (
    Rate(
        name="online_rate",
        parts=("dossiers_received_online",),
        whole="dossiers_received",
        words=Words(
            vi="Tỷ lệ hồ sơ trực tuyến",
            en="Online share",
            about_vi="Bao nhiêu phần trăm hồ sơ tiếp nhận trong kỳ được nộp trực tuyến; tính trên mọi thủ tục,"
            " kể cả thủ tục chưa có DVC trực tuyến.",
            about_en="Of the dossiers received within the period, how many per cent were sent in online; over all procedures,"
            " also those without an online service.",
            basis=bases.of766("3.3"),
        ),
    ),
    Rate(
        name="early_rate",
        parts=("dossiers_early",),
        whole="dossiers_resolved",
        words=Words(
            vi="Tỷ lệ trước hạn",
            en="Early share",
            about_vi="Bao nhiêu phần trăm hồ sơ đã giải quyết trong kỳ xong trước hạn. Cùng tỷ lệ đúng hạn và quá hạn cộng lại là 100 %.",
            about_en="Of the dossiers resolved within the period, how many per cent before their deadline."
            " With the on-time and the late share it makes 100 %.",
            basis=bases.BY_DATE,
        ),
    ),
    Rate(
        name="on_time_rate",
        parts=("dossiers_on_time",),
        whole="dossiers_resolved",
        words=Words(
            vi="Tỷ lệ đúng hạn",
            en="On-time share",
            about_vi="Bao nhiêu phần trăm hồ sơ đã giải quyết trong kỳ xong đúng ngày (hoặc đúng thời điểm) hẹn; trước hạn tính riêng.",
            about_en="Of the dossiers resolved within the period, how many per cent on the day (or at the instant) they were due;"
            " the early ones are a share of their own.",
            basis=bases.BY_DATE,
        ),
    ),
    Rate(
        name="late_rate",
        parts=("dossiers_late",),
        whole="dossiers_resolved",
        better="down",
        words=Words(
            vi="Tỷ lệ quá hạn",
            en="Late share",
            about_vi="Bao nhiêu phần trăm hồ sơ đã giải quyết trong kỳ xong sau hạn."
            " Hồ sơ quá hạn chưa giải quyết không nằm trong tỷ lệ này.",
            about_en="Of the dossiers resolved within the period, how many per cent after their deadline."
            " What is overdue and still open is not in it.",
            basis=bases.BY_DATE,
        ),
    ),
    Rate(
        name="early_and_on_time_rate",
        parts=("dossiers_early", "dossiers_on_time"),
        whole="dossiers_resolved",
        words=Words(
            vi="Tỷ lệ trước và đúng hạn trên đã giải quyết",
            en="Early or on time, of those resolved",
            about_vi="Bao nhiêu phần trăm hồ sơ đã giải quyết trong kỳ xong trước hoặc đúng hạn: con số các tỉnh vẫn công bố."
            " Khác tỷ lệ theo 766, vốn tính trên số tiếp nhận.",
            about_en="Of the dossiers resolved within the period, how many per cent early or on time: what provinces publish."
            " Not the 766 share, which is of those received.",
            basis=bases.BY_DATE,
        ),
    ),
    Rate(
        name="kept_rate",
        parts=("dossiers_kept",),
        whole="dossiers_judged",
        words=Words(
            vi="Tỷ lệ đúng hạn trên tiếp nhận (766)",
            en="Not late, of those received (766)",
            about_vi="Bao nhiêu phần trăm hồ sơ tiếp nhận trong kỳ đã xong trước hoặc đúng hạn, hoặc đang xử lý còn hạn;"
            " hồ sơ rút, trả lại không tính vào tử số lẫn mẫu số.",
            about_en="Of the dossiers received within the period, how many per cent were closed in time or are open and in time;"
            " those withdrawn or returned are on neither side.",
            basis=bases.of766("2.1"),
        ),
    ),
    Rate(
        name="paid_online_rate",
        parts=("dossiers_paid_online",),
        whole="dossiers_with_fee",
        words=Words(
            vi="Tỷ lệ hồ sơ thanh toán trực tuyến",
            en="Paid online, of those with a fee",
            about_vi="Bao nhiêu phần trăm hồ sơ có phí, lệ phí tiếp nhận trong kỳ đã thanh toán trực tuyến.",
            about_en="Of the dossiers with a fee received within the period, how many per cent were paid online.",
            basis=bases.of766("3.6"),
        ),
    ),
    Rate(
        name="dossiers_digitised_rate",
        parts=("dossiers_digitised",),
        whole="dossiers_received",
        words=Words(
            vi="Tỷ lệ số hóa hồ sơ",
            en="Digitised share",
            about_vi="Bao nhiêu phần trăm hồ sơ tiếp nhận trong kỳ có thành phần hồ sơ đã số hóa.",
            about_en="Of the dossiers received within the period, how many per cent had their papers digitised.",
            basis=bases.of766("4.2"),
        ),
    ),
    Rate(
        name="dossiers_reused_rate",
        parts=("dossiers_reused",),
        whole="dossiers_received",
        words=Words(
            vi="Tỷ lệ tái sử dụng dữ liệu",
            en="Share reusing data",
            about_vi="Bao nhiêu phần trăm hồ sơ tiếp nhận trong kỳ dùng lại dữ liệu đã số hóa.",
            about_en="Of the dossiers received within the period, how many per cent reuse data digitised before.",
            basis=bases.of766("4.3"),
        ),
    ),
    Rate(
        name="electronic_result_rate",
        parts=("dossiers_electronic_result",),
        whole="dossiers_resolved",
        words=Words(
            vi="Tỷ lệ kết quả điện tử",
            en="Electronic results",
            about_vi="Bao nhiêu phần trăm hồ sơ đã giải quyết trong kỳ có kết quả điện tử; mẫu số là mọi hồ sơ đã giải quyết,"
            " vì nguồn không nói hồ sơ nào cần bản giấy.",
            about_en="Of the dossiers resolved within the period, how many per cent have an electronic result; of all resolved,"
            " because no source says which of them need a paper.",
            basis=bases.of766("4.1"),
        ),
    ),
    Rate(
        name="tasks_on_time_rate",
        parts=("tasks_done_on_time",),
        whole="tasks_done",
        words=Words(
            vi="Tỷ lệ nhiệm vụ hoàn thành đúng hạn",
            en="Tasks done on time, share",
            about_vi="Bao nhiêu phần trăm nhiệm vụ hoàn thành trong kỳ xong không sau hạn;"
            " nhiệm vụ quá hạn chưa xong không nằm trong tỷ lệ này.",
            about_en="Of the tasks completed within the period, how many per cent no later than their deadline;"
            " what is late and still open is not in it.",
            basis=bases.TASK,
        ),
    ),
    Rate(
        name="documents_signed_rate",
        parts=("documents_signed",),
        whole="documents_out",
        words=Words(
            vi="Tỷ lệ văn bản đi ký số",
            en="Documents out, share digitally signed",
            about_vi="Bao nhiêu phần trăm văn bản đi trong kỳ có chữ ký số.",
            about_en="Of the documents sent within the period, how many per cent have a digital signature.",
            basis=bases.DOCUMENT,
        ),
    ),
)


def _handling(what_vi: str, what_en: str, share_vi: str, share_en: str) -> dict[str, str]:
    """The words that all handling times share."""
    return {
        "about_vi": f"Số giờ làm việc từ lúc tiếp nhận đến lúc kết thúc, trừ thời gian dừng tính hạn, mà {share_vi} {what_vi} trong kỳ"
        " cần không quá. Là thời gian của một trường hợp có thật, không nội suy.",
        "about_en": f"The working hours from reception to closing, pauses taken out, that {share_en} of the {what_en} within the period"
        " took at most. The time of a real one, not interpolated.",
    }


RESOLVED, HANDLED = ("hồ sơ đã giải quyết", "dossiers resolved"), ("văn bản đã xử lý", "documents handled")
HALF, NINE_OF_TEN = ("một nửa số", "half"), ("90 % số", "90 %")

QUANTILES = (
    Quantile(
        name="handling_median",
        of="dossiers_resolved",
        share=0.5,
        words=Words(
            vi="Thời gian giải quyết, trung vị", en="Handling time, median", basis=bases.of766("2.2"), **_handling(*RESOLVED, *HALF)
        ),
    ),
    Quantile(
        name="handling_p90",
        of="dossiers_resolved",
        share=0.9,
        words=Words(vi="Thời gian giải quyết, P90", en="Handling time, P90", basis=bases.PROVINCE, **_handling(*RESOLVED, *NINE_OF_TEN)),
    ),
    Quantile(
        name="documents_handling_median",
        of="documents_done",
        share=0.5,
        words=Words(
            vi="Thời gian xử lý văn bản, trung vị",
            en="Document handling time, median",
            basis=bases.PROVINCE,
            **_handling(*HANDLED, *HALF),
        ),
    ),
    Quantile(
        name="documents_handling_p90",
        of="documents_done",
        share=0.9,
        words=Words(
            vi="Thời gian xử lý văn bản, P90",
            en="Document handling time, P90",
            basis=bases.PROVINCE,
            **_handling(*HANDLED, *NINE_OF_TEN),
        ),
    ),
)
