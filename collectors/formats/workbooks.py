"""Workbooks (XLSX) as tables: one sheet, its values as they were last computed; no formula, macro or link is ever followed.

A workbook is a ZIP of XML and comes from outside: what it unpacks to, its rows and its cells are bounded, no entity is expanded
(defusedxml, which openpyxl uses where it is installed), and whatever the library raises is one Refused.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl

from collectors.formats.tables import Row, Table, written
from collectors.source import Refused, shown, suggestion

UNPACKED = 200_000_000  # bytes of all its parts together
MOST_ROWS, MOST_CELLS = 250_000, 3_000_000
ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA"})


def table(name: str, raw: bytes, sheet: str = "") -> Table:
    """The sheet of this name, else the first that holds anything. Raises Refused."""
    # What it warns of may hold a cell's value, which must not reach the log.
    warnings.filterwarnings("ignore", module=r"openpyxl\.")
    if not openpyxl.DEFUSEDXML:
        raise Refused(f"{name}: workbooks are read only with defusedxml in place; install it and unset OPENPYXL_DEFUSEDXML")
    try:
        _bounded(name, raw)
        with closing(openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)) as book:
            rows, epoch = _sheet(name, book, sheet), book.epoch
    except Refused:
        raise
    except Exception as error:  # the library raises what the rubbish it reads happens to break
        raise Refused(f"{name}: no workbook that can be read ({type(error).__name__}); save it again as .xlsx") from None
    return Table(rows=lambda: iter(rows), ragged=True, epoch=epoch)


def _bounded(name: str, raw: bytes) -> None:
    """What the parts say they unpack to; reading them stops there, whatever they hold."""
    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        size = sum(part.file_size for part in parts.infolist())
    if size > UNPACKED:
        raise Refused(f"{name}: unpacks to {size / 1e6:.0f} MB, at most {UNPACKED / 1e6:.0f} are read; split it")


def _sheet(name: str, book: Any, wanted: str) -> list[Row]:
    sheets = {each.title.strip().casefold(): each for each in book.worksheets}
    if wanted and wanted.strip().casefold() not in sheets:
        raise Refused(f"{name}: no sheet {shown(wanted)}{suggestion(wanted, [each.title for each in book.worksheets])}")
    for each in [sheets[wanted.strip().casefold()]] if wanted else book.worksheets:
        each.reset_dimensions()  # what a sheet says of its own size need not be true
        rows = list(_rows(name, each))
        if wanted or any(rows):
            return rows
    raise Refused(f"{name}: no sheet of it holds anything; export it again")


def _rows(name: str, sheet: Any) -> Iterator[Row]:
    """The rows as plain cells without the blank ones at their end."""
    cells = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        plain = [_plain(cell) for cell in row]
        while plain and plain[-1] is None:
            plain.pop()
        cells += len(plain)
        if number > MOST_ROWS or cells > MOST_CELLS:
            raise Refused(f"{name}: a sheet with more than {MOST_ROWS} rows or {MOST_CELLS} cells; split it")
        yield plain


def _plain(cell: object) -> object:
    """A cell as text or number. Dates become text; an error stands for nothing."""
    if isinstance(cell, datetime):
        return written(cell.replace(microsecond=0) + timedelta(seconds=round(cell.microsecond / 1e6)))
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return cell.total_seconds() / 86_400
    if isinstance(cell, str):
        return None if cell in ERRORS or not cell.strip() else cell
    return cell
