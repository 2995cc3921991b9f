"""What the reported figures mean, in words. Pure; joined with what ioc/figures.py declares by definition.py.

The first sentence of each is written here, how it adds up over units and days is said from the declaration.
"""

from __future__ import annotations

from collections.abc import Mapping

from ioc.figures import Declared
from ioc.indicators import Words, bases

CENTRE = "Trung tâm Phục vụ hành chính công, bộ phận một cửa; cách đếm do hệ thống xếp hàng / as the queueing system counts"
SURVEY = bases.of766("nhóm mức độ hài lòng / satisfaction")
PUBLISHED = {
    "par_index": "Bộ Nội vụ công bố hằng năm (số quyết định cần kiểm tra / to be checked)",
    "sipas": "Bộ Nội vụ công bố hằng năm (số quyết định cần kiểm tra / to be checked)",
    "pci": "VCCI công bố hằng năm (cần kiểm tra / to be checked)",
    "papi": "Nhóm nghiên cứu PAPI công bố hằng năm (cần kiểm tra / to be checked)",
}
# the beginning of a name -> its basis; the first that fits
BASES: Mapping[str, str] = {
    **PUBLISHED,
    "index766": bases.of766("điểm thành phần và tổng / group and total scores"),
    "visits": CENTRE, "served": CENTRE, "queue_": CENTRE, "wait_": CENTRE,
    "votes_": SURVEY, "satisfaction": SURVEY,
    "payments": bases.of766("3.6"), "papers_reused": bases.of766("4.3"), "papers": bases.of766("4.2"),
    "procedures_published": bases.of766("1.1"), "procedures_to_publish": bases.of766("1.2"), "procedures_public": bases.of766("1.2"),
    "procedures_complete": bases.of766("1.3"), "procedures_online_used": bases.of766("3.2"),
    "procedures_with_fee": bases.of766("3.5"), "procedures_paid_online": bases.of766("3.5"), "procedures": bases.of766("3.1"),
    "feedback_disputed": bases.of766("5.3"), "feedback": bases.of766("5.2"),
    "conference": bases.PROVINCE,
    "reported_": "Báo cáo thống kê của hệ thống nguồn (LGSP, OpenCPS, IOC tỉnh) / statistics of the reporting system",
}  # fmt: skip

ABOUT: Mapping[str, tuple[str, str]] = {
    "visits": ("Lượt người đến lấy số tại trung tâm trong kỳ.", "Visitors who drew a number at a centre within the period."),
    "served": ("Lượt người đã được gọi và phục vụ xong trong kỳ.", "Visitors called and served within the period."),
    "queue_waiting": ("Số người đang chờ đến lượt vào lúc báo cáo.", "People waiting for their turn when it was reported."),
    "wait_p90": (
        "Thời gian chờ mà 90 % lượt khách không vượt quá, do hệ thống xếp hàng tính.",
        "The waiting time 90 % of the visitors did not exceed, as the queueing system computes it.",
    ),
    "votes_very_satisfied": ("Phiếu khảo sát chọn «rất hài lòng» trong kỳ.", "Survey votes for “very satisfied” within the period."),
    "votes_satisfied": ("Phiếu khảo sát chọn «hài lòng» trong kỳ.", "Survey votes for “satisfied” within the period."),
    "votes_unsatisfied": ("Phiếu khảo sát chọn «không hài lòng» trong kỳ.", "Survey votes for “not satisfied” within the period."),
    "payments": ("Giao dịch phí, lệ phí, thuế phải nộp trong kỳ.", "Payments of fees and taxes due within the period."),
    "payments_online": ("Giao dịch đã nộp trực tuyến trong kỳ.", "Payments made online within the period."),
    "payments_amount": ("Số tiền của các giao dịch trực tuyến trong kỳ.", "The money paid online within the period."),
    "papers_due": (
        "Hồ sơ phải số hóa, theo hệ thống chỉ báo tổng số.",
        "Dossiers to be digitised, as a system counts that reports totals only.",
    ),
    "papers_digitised": ("Trong đó, hồ sơ đã số hóa.", "Of these, the dossiers digitised."),
    "papers_reused": ("Hồ sơ dùng lại dữ liệu đã số hóa.", "Dossiers that reuse data digitised before."),
    "procedures_full": ("Thủ tục cung cấp dịch vụ công trực tuyến toàn trình.", "Procedures offered online from end to end."),
    "procedures_partial": ("Thủ tục cung cấp dịch vụ công trực tuyến một phần.", "Procedures offered online in part."),
    "procedures_info": ("Thủ tục chỉ cung cấp thông tin trực tuyến.", "Procedures of which only information is online."),
    "procedures_published": ("Thủ tục phải công bố trong kỳ.", "Procedures whose publication fell due within the period."),
    "procedures_published_on_time": ("Trong đó, thủ tục công bố đúng hạn.", "Of these, the procedures published on time."),
    "procedures_to_publish": ("Thủ tục phải công khai trên CSDL quốc gia.", "Procedures to be made public in the national database."),
    "procedures_public_on_time": ("Trong đó, thủ tục công khai đúng hạn.", "Of these, the procedures made public on time."),
    "procedures_public": ("Thủ tục đã công khai trên CSDL quốc gia.", "Procedures made public in the national database."),
    "procedures_complete": (
        "Thủ tục đã công khai có đủ các bộ phận cấu thành.",
        "Procedures made public with all the components they must have.",
    ),
    "procedures_online_used": ("Dịch vụ công trực tuyến có phát sinh hồ sơ.", "Online services for which any dossier came."),
    "procedures_with_fee": ("Thủ tục có phí, lệ phí hoặc thuế.", "Procedures for which a fee or tax is due."),
    "procedures_paid_online": (
        "Thủ tục có phát sinh giao dịch thanh toán trực tuyến.",
        "Procedures for which any payment was made online.",
    ),
    "feedback_received": ("Phản ánh, kiến nghị tiếp nhận trong kỳ.", "Feedback and petitions received within the period."),
    "feedback_answered": ("Phản ánh, kiến nghị đã trả lời trong kỳ.", "Feedback and petitions answered within the period."),
    "feedback_on_time": ("Trong đó, trả lời đúng hạn.", "Of these, the ones answered on time."),
    "feedback_disputed": ("Phản ánh, kiến nghị bị khiếu nại lại sau khi trả lời.", "Feedback disputed again after it was answered."),
    "conference_sessions": ("Phiên họp truyền hình trực tuyến trong kỳ.", "Video conferences held within the period."),
    "conference_points": ("Điểm cầu được mời dự các phiên họp.", "Points invited to the conferences."),
    "conference_connected": ("Trong đó, điểm cầu đã kết nối.", "Of these, the points that connected."),
    "index766": ("Tổng điểm Bộ chỉ số 766 như đã công bố, trên 100.", "The total score of the 766 service index as published, of 100."),
    "index766_ckmb": ("Điểm nhóm công khai, minh bạch, trên 18.", "The score for openness, of 18."),
    "index766_tdgq": ("Điểm nhóm tiến độ giải quyết, trên 20.", "The score for timeliness, of 20."),
    "index766_clgq": ("Điểm nhóm dịch vụ trực tuyến, trên 12.", "The score for online services, of 12."),
    "index766_tttt": ("Điểm nhóm thanh toán trực tuyến, trên 10.", "The score for online payment, of 10."),
    "index766_mdsh": ("Điểm nhóm số hóa hồ sơ, trên 22.", "The score for digitisation, of 22."),
    "index766_mdhl": ("Điểm nhóm mức độ hài lòng, trên 18.", "The score for satisfaction, of 18."),
    "par_index": ("Chỉ số cải cách hành chính của năm.", "The yearly index of administrative reform."),
    "sipas": ("Chỉ số hài lòng về phục vụ hành chính của năm.", "The yearly index of satisfaction with public services."),
    "pci": ("Chỉ số năng lực cạnh tranh cấp tỉnh của năm.", "The yearly provincial competitiveness index."),
    "papi": ("Chỉ số hiệu quả quản trị và hành chính công của năm.", "The yearly index of public governance and administration."),
}
RANKED = ("Thứ hạng của tỉnh theo bảng xếp hạng đã công bố: {}.", "The rank in the published ranking: {}.")
COMPARED = ("Tổng số do hệ thống khác công bố, để đối chiếu: {}. Không bao giờ cộng vào số tự đếm.",
            "A total another system publishes, to be held against ours: {}. Never added to what is counted here.")  # fmt: skip
OVER_UNITS = {
    "sum": ("Các đơn vị cộng lại.", "Units add up."),
    "max": ("Nhiều đơn vị thì lấy số lớn nhất.", "Of several units the largest counts."),
    "own": ("Mỗi đơn vị chỉ nói cho riêng mình, không cộng.", "Each unit speaks for itself alone; nothing is added up."),
}
OVER_DAYS = {
    "sum": ("Tháng là tổng các ngày nếu nguồn không báo cả tháng.", "A month is the sum of its days, unless the source reports it whole."),
    "last": ("Trong kỳ, số báo sau cùng có giá trị.", "Of several reports within a period the newest counts."),
}
RATES: Mapping[str, tuple[str, str, str, str]] = {
    "satisfaction_rate": (
        "Tỷ lệ hài lòng", "Satisfied, of the votes",
        "Bao nhiêu phần trăm phiếu khảo sát trong kỳ chọn hài lòng hoặc rất hài lòng; quá ít phiếu thì màn hình không hiện.",
        "Of the votes within the period, how many per cent were satisfied or very satisfied; a wall does not show it of a handful.",
    ),
    "payments_online_rate": (
        "Tỷ lệ giao dịch trực tuyến", "Payments made online, share",
        "Bao nhiêu phần trăm giao dịch phải nộp trong kỳ được nộp trực tuyến, theo hệ thống thanh toán.",
        "Of the payments due within the period, how many per cent were made online, as the payment system reports.",
    ),
    "papers_digitised_rate": (
        "Tỷ lệ số hóa theo báo cáo", "Digitised share, as reported",
        "Bao nhiêu phần trăm hồ sơ phải số hóa đã được số hóa, theo hệ thống chỉ báo tổng số.",
        "Of the dossiers to be digitised, how many per cent were, as a system says that reports totals only.",
    ),
    "procedures_full_rate": (
        "Tỷ lệ DVC toàn trình", "Full online services, share",
        "Bao nhiêu phần trăm thủ tục được cung cấp trực tuyến toàn trình.",
        "Of all procedures, how many per cent are offered online from end to end.",
    ),
    "feedback_on_time_rate": (
        "Tỷ lệ PAKN trả lời đúng hạn", "Feedback answered on time, share",
        "Bao nhiêu phần trăm phản ánh, kiến nghị trả lời trong kỳ là đúng hạn; chưa trả lời thì không tính.",
        "Of the feedback answered within the period, how many per cent on time; what is not answered yet is not in it.",
    ),
    "conference_connected_rate": (
        "Tỷ lệ điểm cầu kết nối", "Points connected, share",
        "Bao nhiêu phần trăm điểm cầu được mời đã kết nối.",
        "Of the points invited, how many per cent connected.",
    ),
}  # fmt: skip


def of_figure(figure: Declared) -> Words:
    """A figure's words. Raises KeyError for one nobody has described."""
    vi, en = _first(figure)
    units, days = OVER_UNITS[figure.over_units], OVER_DAYS[figure.over_days]
    return Words(
        vi=figure.vi,
        en=figure.en,
        about_vi=f"{vi} Do hệ thống nguồn báo cáo, không tự đếm. {units[0]} {days[0]}",
        about_en=f"{en} Reported by its source, not counted here. {units[1]} {days[1]}",
        basis=basis(figure.name),
    )


def of_rate(name: str) -> Words:
    """A figure rate's words. Raises KeyError for one nobody has described."""
    vi, en, about_vi, about_en = RATES[name]
    return Words(vi=vi, en=en, about_vi=about_vi, about_en=about_en, basis=basis(name))


def basis(name: str) -> str:
    """The basis of a figure or figure rate; KeyError where none fits."""
    for begins, text in BASES.items():
        if name.startswith(begins):
            return text
    raise KeyError(f"no basis for {name}; name one in ioc/explain/figure_words.py")


def _first(figure: Declared) -> tuple[str, str]:
    if figure.name.endswith("_rank"):
        return RANKED[0].format(figure.vi), RANKED[1].format(figure.en)
    if figure.name.startswith("reported_"):
        return COMPARED[0].format(figure.vi.partition(": ")[2]), COMPARED[1].format(figure.en.partition(": ")[2])
    return ABOUT[figure.name]
