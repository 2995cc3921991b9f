"""What the demo province decides about: 65 procedures in 14 fields, where they are handled, how long they may take, how often they come.

Names and lengths are those of ordinary provincial catalogues; codes look like the national ones. A table, read by province_arrivals.py.
"""

from __future__ import annotations

from dataclasses import dataclass

COMMUNE = "commune"  # handled by every commune; otherwise the code of one department


@dataclass(frozen=True, slots=True)
class Procedure:
    """`days` are working days (0: the law sets no return date). `weight`: how often it comes, relative to the others."""

    code: str
    field: str
    name: str
    days: int
    at: str
    weight: float


PROCEDURES = tuple(
    Procedure(*row)
    for row in (
        ("1.001193", "Hộ tịch", "Đăng ký khai sinh", 1, COMMUNE, 3.4),
        ("1.000656", "Hộ tịch", "Đăng ký khai tử", 1, COMMUNE, 1.1),
        ("1.000894", "Hộ tịch", "Đăng ký kết hôn", 3, COMMUNE, 1.8),
        ("2.000635", "Hộ tịch", "Cấp bản sao trích lục hộ tịch", 1, COMMUNE, 2.6),
        ("1.004873", "Hộ tịch", "Cấp giấy xác nhận tình trạng hôn nhân", 3, COMMUNE, 2.8),
        ("1.004859", "Hộ tịch", "Thay đổi, cải chính, bổ sung thông tin hộ tịch", 6, COMMUNE, 1.3),
        ("1.004884", "Hộ tịch", "Đăng ký lại khai sinh", 5, COMMUNE, 0.6),
        ("2.000815", "Tư pháp", "Chứng thực bản sao từ bản chính", 1, COMMUNE, 3.0),
        ("2.000884", "Tư pháp", "Chứng thực chữ ký trong giấy tờ, văn bản", 1, COMMUNE, 1.0),
        ("2.001035", "Tư pháp", "Chứng thực hợp đồng, giao dịch", 2, COMMUNE, 1.4),
        ("1.012753", "Đất đai", "Đăng ký đất đai, cấp Giấy chứng nhận lần đầu", 20, COMMUNE, 4.4),
        ("1.012781", "Đất đai", "Chuyển mục đích sử dụng đất", 15, COMMUNE, 4.2),
        ("1.012766", "Đất đai", "Giao đất, cho thuê đất không đấu giá", 20, COMMUNE, 1.4),
        ("1.012817", "Đất đai", "Xác định lại diện tích đất ở", 20, COMMUNE, 0.9),
        ("1.012796", "Đất đai", "Đính chính Giấy chứng nhận đã cấp", 8, COMMUNE, 1.1),
        ("1.012812", "Đất đai", "Hòa giải tranh chấp đất đai", 30, COMMUNE, 0.5),
        ("1.013225", "Xây dựng", "Cấp giấy phép xây dựng nhà ở riêng lẻ", 15, COMMUNE, 3.8),
        ("1.013229", "Xây dựng", "Điều chỉnh giấy phép xây dựng nhà ở riêng lẻ", 15, COMMUNE, 0.9),
        ("1.013226", "Xây dựng", "Cấp giấy phép sửa chữa, cải tạo công trình", 15, COMMUNE, 0.8),
        ("1.001776", "Bảo trợ xã hội", "Trợ cấp xã hội hằng tháng, hỗ trợ chăm sóc", 10, COMMUNE, 2.8),
        ("1.001731", "Bảo trợ xã hội", "Hỗ trợ chi phí mai táng", 6, COMMUNE, 1.0),
        ("1.001699", "Bảo trợ xã hội", "Xác định mức độ khuyết tật, cấp giấy xác nhận", 20, COMMUNE, 1.5),
        ("1.011606", "Bảo trợ xã hội", "Công nhận hộ nghèo, hộ cận nghèo", 15, COMMUNE, 1.2),
        ("1.010803", "Người có công", "Giải quyết trợ cấp thờ cúng liệt sĩ", 12, COMMUNE, 0.8),
        ("1.010824", "Người có công", "Trợ cấp khi người có công từ trần", 17, COMMUNE, 0.7),
        ("1.010814", "Người có công", "Cấp lại giấy chứng nhận người có công", 12, COMMUNE, 0.4),
        ("1.001612", "Doanh nghiệp", "Đăng ký thành lập hộ kinh doanh", 3, COMMUNE, 2.4),
        ("2.000720", "Doanh nghiệp", "Đăng ký thay đổi nội dung hộ kinh doanh", 3, COMMUNE, 1.0),
        ("1.003605", "Nông nghiệp", "Hỗ trợ khôi phục sản xuất vùng thiệt hại", 15, COMMUNE, 0.8),
        ("1.004494", "Giáo dục", "Cho phép nhóm trẻ độc lập hoạt động", 20, COMMUNE, 0.3),
        ("1.012783", "Đất đai", "Đăng ký biến động do chuyển nhượng, thừa kế, tặng cho", 10, "H99.14", 7.0),
        ("1.012789", "Đất đai", "Cấp đổi Giấy chứng nhận", 10, "H99.14", 3.2),
        ("1.012784", "Đất đai", "Tách thửa, hợp thửa đất", 15, "H99.14", 2.8),
        ("1.012786", "Đất đai", "Cấp lại Giấy chứng nhận do bị mất", 10, "H99.14", 0.8),
        ("1.011443", "Đất đai", "Đăng ký biện pháp bảo đảm bằng quyền sử dụng đất", 1, "H99.14", 2.6),
        ("1.011441", "Đất đai", "Xóa đăng ký biện pháp bảo đảm", 1, "H99.14", 1.4),
        ("1.010733", "Môi trường", "Thẩm định báo cáo đánh giá tác động môi trường", 30, "H99.06", 0.4),
        ("1.010727", "Môi trường", "Cấp giấy phép môi trường", 20, "H99.06", 0.9),
        ("1.004232", "Môi trường", "Cấp giấy phép thăm dò nước dưới đất", 25, "H99.06", 0.3),
        ("1.003388", "Nông nghiệp", "Công nhận vùng sản xuất ứng dụng công nghệ cao", 15, "H99.06", 0.3),
        ("1.013236", "Xây dựng", "Cấp giấy phép xây dựng công trình", 20, "H99.07", 1.4),
        ("1.013239", "Xây dựng", "Thẩm định báo cáo nghiên cứu khả thi", 25, "H99.07", 0.6),
        ("1.009982", "Xây dựng", "Cấp chứng chỉ hành nghề hoạt động xây dựng", 14, "H99.07", 1.1),
        ("2.002286", "Xây dựng", "Cấp phù hiệu xe kinh doanh vận tải", 2, "H99.07", 1.3),
        ("2.001610", "Doanh nghiệp", "Đăng ký thành lập doanh nghiệp", 3, "H99.04", 1.5),
        ("2.002009", "Doanh nghiệp", "Đăng ký thay đổi nội dung doanh nghiệp", 3, "H99.04", 1.6),
        ("1.009645", "Đầu tư", "Chấp thuận chủ trương đầu tư", 25, "H99.04", 0.5),
        ("1.009664", "Đầu tư", "Cấp Giấy chứng nhận đăng ký đầu tư", 15, "H99.04", 0.5),
        ("1.009748", "Đầu tư", "Cấp Giấy chứng nhận đăng ký đầu tư trong khu công nghiệp", 15, "H99.15", 0.4),
        ("1.000459", "Lao động", "Cấp giấy phép lao động cho người nước ngoài", 5, "H99.15", 0.7),
        ("2.000205", "Lao động", "Gia hạn giấy phép lao động", 5, "H99.02", 0.9),
        ("1.001978", "Lao động", "Giải quyết hưởng trợ cấp thất nghiệp", 15, "H99.02", 2.4),
        ("1.002741", "Bảo hiểm", "Cấp lại, đổi thẻ bảo hiểm y tế", 5, "H99.17", 2.6),
        ("1.002179", "Bảo hiểm", "Giải quyết chế độ thai sản", 6, "H99.17", 1.5),
        ("2.000693", "Bảo hiểm", "Giải quyết hưởng bảo hiểm xã hội một lần", 10, "H99.17", 1.8),
        ("2.000809", "Bảo hiểm", "Giải quyết hưởng lương hưu", 12, "H99.17", 0.7),
        ("1.012272", "Y tế", "Cấp giấy phép hành nghề khám bệnh, chữa bệnh", 20, "H99.11", 0.8),
        ("1.004616", "Y tế", "Cấp chứng chỉ hành nghề dược", 20, "H99.11", 0.5),
        ("1.004593", "Y tế", "Cấp giấy chứng nhận đủ điều kiện kinh doanh dược", 20, "H99.11", 0.4),
        ("1.005092", "Giáo dục", "Cấp bản sao văn bằng, chứng chỉ từ sổ gốc", 1, "H99.10", 0.8),
        ("2.002478", "Giáo dục", "Chuyển trường đối với học sinh trung học phổ thông", 3, "H99.10", 0.3),
        ("2.000033", "Doanh nghiệp", "Thông báo hoạt động khuyến mại", 0, "H99.05", 0.3),
        ("2.000591", "Doanh nghiệp", "Cấp Giấy chứng nhận đủ điều kiện an toàn thực phẩm", 15, "H99.05", 0.5),
        ("1.001688", "Tư pháp", "Đăng ký hành nghề công chứng", 10, "H99.03", 0.3),
        ("2.001417", "Tư pháp", "Cấp Phiếu lý lịch tư pháp", 10, "H99.19", 2.6),
    )
)

# What is to be paid, in đồng; what is not listed costs nothing.
FEES = {
    "1.004884": 8_000, "2.000635": 8_000, "2.000815": 20_000, "2.000884": 10_000, "2.001035": 50_000, "1.012753": 100_000,
    "1.012781": 50_000, "1.013225": 75_000, "1.013229": 15_000, "1.001612": 100_000, "2.000720": 50_000, "1.012783": 150_000,
    "1.012789": 50_000, "1.012784": 80_000, "1.012786": 50_000, "1.011443": 80_000, "1.011441": 20_000, "1.010733": 6_000_000,
    "1.010727": 4_500_000, "1.004232": 1_100_000, "1.013236": 150_000, "1.013239": 2_400_000, "1.009982": 300_000, "2.002286": 50_000,
    "2.001610": 50_000, "2.002009": 50_000, "1.000459": 600_000, "2.000205": 450_000, "1.012272": 430_000, "1.004616": 500_000,
    "1.004593": 1_000_000, "1.001688": 800_000, "2.001417": 200_000, "2.000591": 700_000,
}  # fmt: skip

# The national codes of the fields.
FIELD_CODES = {field: f"G99-{number:02d}" for number, field in enumerate(sorted({procedure.field for procedure in PROCEDURES}), 1)}
