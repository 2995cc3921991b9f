"""A board as a CSV file that a Vietnamese Excel opens by a double click: `;` between cells, a decimal comma, UTF-8 with its mark.

Pure; called by the HTTP interface and the command line.
"""

from __future__ import annotations

import csv
import io
import re
from zoneinfo import ZoneInfo

from ioc.boards.board import Board
from ioc.boards.columns import COLUMNS
from ioc.boards.rows import Row

MARK = "\ufeff"  # without it Excel takes the file for the computer's old code page
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a text begins that Excel would calculate


def sheet(board: Board) -> str:
    """Headings, one line a row, and the total ("Tổng cộng")."""
    out = io.StringIO(newline="")
    lines = csv.writer(out, delimiter=";", lineterminator="\r\n")
    lines.writerow(["Đơn vị", "Mã", *(column.heading for column in COLUMNS)])
    for row in board.rows:
        lines.writerow([_text(row.office.name), _text(row.office.unit), *_numbers(row)])
    lines.writerow(["Tổng cộng", "", *_numbers(board.total)])
    return MARK + out.getvalue()


def file_name(board: Board, zone: ZoneInfo) -> str:
    """What the file is called: of which unit, for which period, counted when."""
    words = re.sub(r"[^\w-]+", "-", f"bang-tong-hop_{board.asked.unit}_{board.asked.period}", flags=re.ASCII)
    return f"{words}_{board.at.astimezone(zone):%Y%m%d-%H%M}.csv"


def _numbers(row: Row) -> list[str]:
    return [_number(row.values[column.key], rate=column.rate) for column in COLUMNS]


def _number(value: float | None, *, rate: bool) -> str:
    """An empty cell for what there is not; no thousands mark, which Excel would read as a text in some settings."""
    if value is None:
        return ""
    return f"{value:.2f}".replace(".", ",") if rate else f"{value:.0f}"


def _text(name: str) -> str:
    return f"'{name}" if name.startswith(FORMULA) else name
