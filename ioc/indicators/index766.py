"""The declared counts of dossiers that the service index (Decision 766/QĐ-TTg) is put together from. Pure."""

from __future__ import annotations

from ioc.indicators import bases
from ioc.indicators.conditions import IN_TIME_DONE, IN_TIME_NOW, MIRROR, NEVER_RECEIVED, RECEIVED, RESOLVED
from ioc.indicators.declared import Indicator, Words

SERVICE = (
    # the 766 reading of being on time: over what was received, not over what was resolved
    Indicator(
        name="dossiers_judged",
        where=f"{RECEIVED} and state <> 'withdrawn'",
        words=Words(
            vi="Tiếp nhận, không kể trả lại",
            en="Received, without those returned",
            about_vi="Hồ sơ tiếp nhận trong kỳ trừ hồ sơ đã rút hoặc trả lại: mẫu số của tỷ lệ đúng hạn theo 766.",
            about_en="Dossiers received within the period without those withdrawn or returned: what the 766 on-time share is of.",
            basis=bases.of766("2.1"),
        ),
    ),
    Indicator(
        name="dossiers_kept",
        where=f"{RECEIVED} and (state = 'done' and {IN_TIME_DONE} or state = 'waiting' or state = 'working' and {IN_TIME_NOW})",
        better="up",
        words=Words(
            vi="Tiếp nhận và chưa trễ hạn",
            en="Received and not late",
            about_vi="Hồ sơ tiếp nhận trong kỳ đã xong trước hoặc đúng hạn, đang giải quyết còn hạn, hoặc đang dừng tính hạn;"
            " hồ sơ không có hạn coi là chưa trễ.",
            about_en="Dossiers received within the period that were closed early or on time, are in progress within time,"
            " or whose clock stands; one without a deadline is not late.",
            basis=bases.of766("2.1"),
        ),
    ),
    # what else is counted of a dossier
    Indicator(
        name="dossiers_with_fee",
        where=f"{RECEIVED} and ('fee' = any(traits) or 'paid_online' = any(traits))",
        words=Words(
            vi="Có phí, lệ phí",
            en="With a fee",
            about_vi="Hồ sơ tiếp nhận trong kỳ mà hệ thống nguồn cho biết phải nộp phí, lệ phí hoặc thuế, kể cả hồ sơ đã nộp trực tuyến.",
            about_en="Dossiers received within the period for which their source says a fee or tax is due, those paid online among them.",
            basis=bases.of766("3.6"),
        ),
    ),
    Indicator(
        name="dossiers_paid_online",
        where=f"{RECEIVED} and 'paid_online' = any(traits)",
        better="up",
        words=Words(
            vi="Hồ sơ thanh toán trực tuyến",
            en="Paid online",
            about_vi="Hồ sơ tiếp nhận trong kỳ đã nộp phí, lệ phí hoặc thuế trực tuyến, dù nộp khi nào.",
            about_en="Dossiers received within the period whose fee or tax was paid online, whenever that was.",
            basis=bases.of766("3.6"),
        ),
    ),
    Indicator(
        name="dossiers_digitised",
        where=f"{RECEIVED} and 'digitised' = any(traits)",
        better="up",
        words=Words(
            vi="Đã số hóa",
            en="Digitised",
            about_vi="Hồ sơ tiếp nhận trong kỳ có thành phần hồ sơ đã được số hóa; hệ thống nguồn không nói thì coi là chưa.",
            about_en="Dossiers received within the period whose papers were digitised; where the source does not say, they were not.",
            basis=bases.of766("4.2"),
        ),
    ),
    Indicator(
        name="dossiers_reused",
        where=f"{RECEIVED} and 'reused' = any(traits)",
        better="up",
        words=Words(
            vi="Tái sử dụng dữ liệu",
            en="Reusing data",
            about_vi="Hồ sơ tiếp nhận trong kỳ dùng lại dữ liệu đã số hóa trước đó thay cho giấy tờ phải nộp.",
            about_en="Dossiers received within the period that use data digitised before instead of papers to be handed in again.",
            basis=bases.of766("4.3"),
        ),
    ),
    Indicator(
        name="dossiers_electronic_result",
        where=f"{RESOLVED} and 'electronic_result' = any(traits)",
        better="up",
        words=Words(
            vi="Có kết quả điện tử",
            en="With an electronic result",
            about_vi="Hồ sơ đã giải quyết trong kỳ có bản kết quả điện tử.",
            about_en="Dossiers resolved within the period that have an electronic result.",
            basis=bases.of766("4.1"),
        ),
    ),
    Indicator(
        name="mirrors_received",
        where=f"{MIRROR} and not ({NEVER_RECEIVED}) and received_at >= {{since}} and received_at < {{until}}",
        words=Words(
            vi="Hồ sơ trên cổng DVC",
            en="Dossiers the portal shows",
            about_vi="Hồ sơ mà Cổng DVC quốc gia cho thấy là đã tiếp nhận trong kỳ; là ảnh của cùng hồ sơ ở hệ thống tỉnh,"
            " không bao giờ cộng vào số của tỉnh.",
            about_en="Dossiers that the national portal shows as received within the period; pictures of the province's own dossiers,"
            " never added to its numbers.",
            basis=bases.PORTAL,
        ),
    ),
)
