"""The legal and technical bases the declarations name, and who answers for a definition. Pure text.

A basis whose article nobody has checked against the text of the decree says so itself ("cần kiểm tra / to be checked").
"""

from __future__ import annotations

OFFICE = "Văn phòng UBND tỉnh"

TO_CHECK = "cần kiểm tra / to be checked"
ONE_STOP = "Nghị định 118/2025/NĐ-CP (một cửa, một cửa liên thông), Thông tư 03/2025/TT-VPCP"
BY_DATE = f"{ONE_STOP}; so theo ngày hoặc theo thời điểm là thiết lập của tỉnh / by date or by instant is the province's setting"
STOPPED = f"{ONE_STOP}: thời gian chờ bổ sung, chờ nghĩa vụ tài chính không tính vào thời hạn (điều khoản {TO_CHECK})"
APOLOGY = f"Nghị định 61/2018/NĐ-CP: xin lỗi bằng văn bản ít nhất 1 ngày trước khi hết hạn; điều tương ứng của 118/2025/NĐ-CP {TO_CHECK}"
RECEPTION = f"8 giờ làm việc với hồ sơ nộp trực tuyến: thông lệ của phần mềm một cửa; căn cứ {TO_CHECK}"
STEPS = "Hạn từng bước trên trục đồng bộ hồ sơ (NgayKetThucTheoQuyDinh), Hướng dẫn kết nối Cổng DVCQG 1.4 của VPCP"
PROVINCE = "Chỉ số điều hành của tỉnh, không do văn bản quy định / the province's own, set by no decree"
PORTAL = "Hướng dẫn kết nối, tích hợp, chia sẻ dữ liệu với Cổng DVCQG, bản 1.4, VPCP"
DOCUMENT = f"QCVN 102:2016/BTTTT (Thông tư 10/2016/TT-BTTTT, sửa đổi 01/2022/TT-BTTTT); Quyết định 28/2018/QĐ-TTg ({TO_CHECK})"
TASK = "Nghị định 79/2022/NĐ-CP; hệ thống theo dõi nhiệm vụ của VPCP và của tỉnh"


def of766(part: str) -> str:
    """An indicator of the service index, by its number there."""
    return f"Quyết định 766/QĐ-TTg ngày 23/6/2022, chỉ số {part} (ngưỡng và cách tính theo tài liệu hướng dẫn: {TO_CHECK})"
