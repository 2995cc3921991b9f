"""The forecast in words, Vietnamese and English: numbers with "≈" and their bounds, why a dossier is endangered, when a slot ends. Pure."""

from __future__ import annotations

import math
from datetime import datetime
from zoneinfo import ZoneInfo

from ioc.forecast.estimate import LEAST_DOSSIERS, LEAST_LATE, Basis, Model

SIMILAR = (
    ("mọi thủ tục", "any procedure"),
    ("cùng thủ tục", "same procedure"),
    ("cùng thủ tục, đơn vị", "same procedure and unit"),
    ("cùng thủ tục, đơn vị, bước", "same procedure, unit and step"),
)
WEEKDAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")


def about(total: float, low: float, high: float) -> str:
    """ "≈ 1.238 (1.190–1.290)": bounds are rounded outwards, so that the text never claims more than the numbers."""
    return f"≈ {_grouped(round(total))} ({_grouped(math.floor(low))}–{_grouped(math.ceil(high))})"


def why(basis: Basis) -> tuple[str, str]:
    """The counts behind a probability."""
    vi, en = SIMILAR[basis.depth]
    left = f"{basis.remaining:g}"
    days = "day" if basis.remaining <= 1 else "days"
    return (
        f"{_grouped(basis.late)} trong {_grouped(basis.dossiers)} hồ sơ tương tự ({vi}) khi còn {left.replace('.', ',')} ngày làm việc"
        " đã trễ hạn",
        f"{basis.late:,} of {basis.dossiers:,} similar dossiers ({en}) with {left} working {days} left became overdue",
    )


def too_little(model: Model) -> tuple[str, str]:
    """Why there is no estimate."""
    return (
        f"Chưa đủ lịch sử để ước tính: mới có {_grouped(model.dossiers)} hồ sơ đã qua hạn, trong đó {_grouped(model.late)} trễ;"
        f" cần ít nhất {LEAST_DOSSIERS} và {LEAST_LATE}.",
        f"Too little history for an estimate: {model.dossiers:,} dossiers past their deadline, {model.late:,} of them late;"
        f" {LEAST_DOSSIERS} and {LEAST_LATE} are needed.",
    )


def ends(until: datetime, now: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """When a slot ends: ("hôm nay 16:30", "today 16:30") or ("T2 23/11 09:30", "Mon 23/11 09:30")."""
    local = until.astimezone(zone)
    if local.date() == now.astimezone(zone).date():
        return f"hôm nay {local:%H:%M}", f"today {local:%H:%M}"
    return f"{WEEKDAYS[local.weekday()]} {local:%d/%m %H:%M}", f"{local:%a %d/%m %H:%M}"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".")
