"""The board of a province: one row a unit, as provinces show it on their televisions each night, here at any instant; and one number held
against the same hour of another period.

columns.py says which numbers stand where, rows.py puts them together (pure), board.py and compared.py ask the database, sheet.py writes it
for Excel. Called by ioc/server and ioc/commands. A total equals the sum of its rows, and every cell names the lists that prove it.
"""

from __future__ import annotations

from ioc.boards.board import Board, board, told
from ioc.boards.columns import COLUMNS, Column
from ioc.boards.compared import compare
from ioc.boards.rows import BoardError, Row
from ioc.boards.sheet import file_name, sheet

__all__ = ["COLUMNS", "Board", "BoardError", "Column", "Row", "board", "compare", "file_name", "sheet", "told"]
