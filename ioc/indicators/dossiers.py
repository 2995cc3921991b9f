"""The declared counts of dossiers by class: received, resolved, returned, in progress, waiting; their sums close (design.md 5.2). Pure.

What else is owed at a dossier is in clocks.py, what the service index counts of it in index766.py.
"""

from __future__ import annotations

from ioc.indicators import bases
from ioc.indicators.conditions import (
    CLOSED,
    COUNTED,
    DOSSIER,
    IN_TIME_NOW,
    NEVER_RECEIVED,
    OVERDUE,
    RECEIVED,
    RESOLVED,
    SOON_NOW,
    WORKING,
)
from ioc.indicators.declared import Indicator, Words

DOSSIERS = (
    Indicator(
        name="dossiers_received",
        where=RECEIVED,
        words=Words(
            vi="Hồ sơ tiếp nhận",
            en="Dossiers received",
            about_vi="Hồ sơ có thời điểm tiếp nhận nằm trong kỳ, mọi kênh nộp, kể cả hồ sơ về sau đã rút hoặc trả lại."
            " Hồ sơ mới nộp chưa tiếp nhận và hồ sơ bị từ chối tiếp nhận không được đếm.",
            about_en="Dossiers received within the period, by whatever channel, also those withdrawn or returned later."
            " What was sent in but not received yet, or refused, is not counted.",
            basis=bases.ONE_STOP,
        ),
    ),
    Indicator(
        name="dossiers_received_online",
        where=f"{RECEIVED} and channel = 'online'",
        better="up",
        words=Words(
            vi="Tiếp nhận trực tuyến",
            en="Received online",
            about_vi="Trong số hồ sơ tiếp nhận trong kỳ, những hồ sơ nộp qua cổng dịch vụ công."
            " Nộp tại quầy, qua bưu chính công ích hoặc không rõ kênh không được đếm.",
            about_en="Of the dossiers received within the period, those sent in through a portal."
            " Those from a counter, by post or of unknown channel are not counted.",
            basis=bases.of766("3.3"),
        ),
    ),
    Indicator(
        name="dossiers_carried_over",
        where=f"{COUNTED} and received_at < {{since}} and (closed_at is null or closed_at >= {{since}})",
        words=Words(
            vi="Kỳ trước chuyển sang",
            en="Carried over",
            about_vi="Hồ sơ tiếp nhận trước đầu kỳ mà đến đầu kỳ chưa kết thúc, dù nay đã xong hay chưa."
            " Hồ sơ kết thúc trước đầu kỳ không được đếm.",
            about_en="Dossiers received before the period that were still open when it began, whether closed since or not."
            " Those closed before it began are not counted.",
            basis=bases.ONE_STOP,
        ),
    ),
    Indicator(
        name="dossiers_resolved",
        where=RESOLVED,
        better="up",
        words=Words(
            vi="Hồ sơ đã giải quyết",
            en="Dossiers resolved",
            about_vi="Hồ sơ có kết quả (đã xử lý xong hoặc đã trả) với thời điểm kết thúc trong kỳ, tiếp nhận khi nào cũng được."
            " Hồ sơ rút, trả lại, từ chối không được đếm.",
            about_en="Dossiers with a result (ready or handed over) that were closed within the period, whenever they were received."
            " Those withdrawn, returned or refused are not counted.",
            basis=bases.ONE_STOP,
        ),
    ),
    Indicator(
        name="dossiers_early",
        where=f"{RESOLVED} and closed_at < early_before",
        better="up",
        words=Words(
            vi="Giải quyết trước hạn",
            en="Resolved early",
            about_vi="Hồ sơ đã giải quyết trong kỳ và kết thúc trước hạn: so theo ngày là trước ngày hẹn trả,"
            " so theo thời điểm là trước đúng giờ hẹn. Hồ sơ không có hạn không được đếm ở đây.",
            about_en="Dossiers resolved within the period before their deadline: by date, before the day they were due;"
            " by instant, before the very minute. A dossier without a deadline is not counted here.",
            basis=bases.BY_DATE,
        ),
    ),
    Indicator(
        name="dossiers_on_time",
        where=f"{RESOLVED} and (late_from is null or closed_at >= early_before and closed_at < late_from)",
        better="up",
        words=Words(
            vi="Giải quyết đúng hạn",
            en="Resolved on time",
            about_vi="Hồ sơ đã giải quyết trong kỳ, kết thúc đúng ngày hẹn (hoặc đúng thời điểm hẹn), và mọi hồ sơ không có hạn.",
            about_en="Dossiers resolved within the period on the day (or at the instant) they were due, and all without a deadline.",
            basis=bases.BY_DATE,
        ),
    ),
    Indicator(
        name="dossiers_late",
        where=f"{RESOLVED} and closed_at >= late_from",
        better="down",
        words=Words(
            vi="Giải quyết quá hạn",
            en="Resolved late",
            about_vi="Hồ sơ đã giải quyết trong kỳ mà kết thúc sau hạn đang có hiệu lực; thời gian dừng tính hạn đã được cộng vào hạn.",
            about_en="Dossiers resolved within the period after the deadline in force; time in which the clock stood was given back to it.",
            basis=bases.BY_DATE,
        ),
    ),
    Indicator(
        name="dossiers_returned",
        where=f"{CLOSED} and state = 'withdrawn'",
        words=Words(
            vi="Trả lại, rút hồ sơ",
            en="Returned or withdrawn",
            about_vi="Hồ sơ đã tiếp nhận rồi được công dân rút hoặc bị trả lại trong kỳ. Không tính vào số đã giải quyết.",
            about_en="Dossiers received and then taken back by the applicant or returned, within the period. Not among those resolved.",
            basis=bases.ONE_STOP,
        ),
    ),
    Indicator(
        name="dossiers_excluded",
        where=f"{DOSSIER} and {NEVER_RECEIVED} and received_at >= {{since}} and received_at < {{until}}",
        words=Words(
            vi="Chưa hoặc không tiếp nhận",
            en="Not received or refused",
            about_vi="Hồ sơ đến trong kỳ mà chưa được tiếp nhận (mới đăng ký) hoặc bị từ chối tiếp nhận."
            " Chúng không nằm trong số nào khác về hồ sơ đã tiếp nhận; đếm riêng để không mất dấu.",
            about_en="Dossiers that came within the period and were not received yet, or were refused."
            " They are in no other number of received dossiers; counted by themselves so that none gets lost.",
            basis=bases.PORTAL,
        ),
    ),
    Indicator(
        name="dossiers_in_progress",
        where=WORKING,
        words=Words(
            vi="Đang giải quyết",
            en="In progress",
            about_vi="Hồ sơ đã tiếp nhận, chưa kết thúc và đồng hồ thời hạn đang chạy tại thời điểm hỏi; là số tồn, không theo kỳ."
            " Hồ sơ đang chờ bổ sung, chờ nộp phí hoặc dừng xử lý đếm ở số khác.",
            about_en="Dossiers received, not closed, with their clock running at the instant asked about; a stock, of no period."
            " Those waiting for a supplement, a fee or in suspension are counted elsewhere.",
            basis=bases.ONE_STOP,
        ),
    ),
    Indicator(
        name="dossiers_within_time",
        where=f"{WORKING} and {IN_TIME_NOW}",
        words=Words(
            vi="Đang giải quyết trong hạn",
            en="In progress, within time",
            about_vi="Trong số hồ sơ đang giải quyết, những hồ sơ chưa qua hạn tại thời điểm hỏi hoặc không có hạn.",
            about_en="Of the dossiers in progress, those whose deadline has not passed at the instant asked about, or that have none.",
            basis=bases.BY_DATE,
        ),
    ),
    Indicator(
        name="dossiers_overdue",
        where=OVERDUE,
        better="down",
        words=Words(
            vi="Hồ sơ quá hạn",
            en="Overdue dossiers",
            about_vi="Trong số hồ sơ đang giải quyết, những hồ sơ đã qua hạn tại thời điểm hỏi; số tồn cần xử lý ngay."
            " Hồ sơ đang dừng tính hạn không được đếm.",
            about_en="Of the dossiers in progress, those whose deadline has passed at the instant asked about: what asks for action now."
            " A dossier whose clock stands is not counted.",
            basis=bases.BY_DATE,
        ),
    ),
    Indicator(
        name="dossiers_due_soon",
        where=f"{WORKING} and {SOON_NOW}",
        words=Words(
            vi="Sắp đến hạn",
            en="Due soon",
            about_vi="Trong số hồ sơ đang giải quyết, những hồ sơ còn hạn nhưng chỉ còn tối đa một ngày làm việc."
            " Hồ sơ ra khỏi số này khi xong, khi dừng tính hạn hoặc khi quá hạn.",
            about_en="Of the dossiers in progress, those still in time with at most one working day left."
            " One leaves when it is closed, when its clock stops, or when it becomes overdue.",
            basis=bases.PROVINCE,
        ),
    ),
    Indicator(
        name="dossiers_undated",
        where=f"{WORKING} and late_from is null",
        words=Words(
            vi="Không có hạn",
            en="Without a deadline",
            about_vi="Hồ sơ đang giải quyết mà hệ thống nguồn không cho ngày hẹn trả và không có thời hạn để tính; không bao giờ quá hạn.",
            about_en="Dossiers in progress for which their source gives neither a return date nor a term; they are never overdue.",
            basis=bases.PROVINCE,
        ),
    ),
    Indicator(
        name="dossiers_waiting",
        where=f"{DOSSIER} and state = 'waiting'",
        words=Words(
            vi="Chờ bổ sung",
            en="Waiting for the applicant",
            about_vi="Hồ sơ đang dừng tính hạn tại thời điểm hỏi: chờ bổ sung giấy tờ, chờ nghĩa vụ tài chính hoặc dừng xử lý.",
            about_en="Dossiers whose clock stands at the instant asked about: waiting for papers, for a fee or tax, or suspended.",
            basis=bases.STOPPED,
        ),
    ),
    Indicator(
        name="dossiers_rescheduled",
        where=f"{WORKING} and first_due_at is not null",
        better="down",
        words=Words(
            vi="Đã hẹn lại",
            en="Rescheduled",
            about_vi="Hồ sơ đang giải quyết có hạn hiện tại khác hạn ghi ban đầu, vì đã gia hạn hoặc hẹn lại.",
            about_en="Dossiers in progress whose present deadline is not the one stated first, because it was extended or appointed anew.",
            basis=bases.APOLOGY,
        ),
    ),
)
