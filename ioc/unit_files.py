"""The unit catalogue as a file: UTF-8, comma separated, one line for each stretch of a unit. Read by the server and `ioc units`.

The file may come from anybody: it is bounded, and whatever is in it only UnitError leaves, with the line and the remedy.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ioc.unit_stretches import Level, Unit, UnitError

COLUMNS = ("code", "name", "level", "parent", "valid_from", "valid_to", "successor", "short", "row", "col", "alt_codes")
NEEDED = COLUMNS[:3]
LARGEST = 16 << 20  # bytes: the whole nation, all its history, several times over
MOST = 50_000  # lines
LONGEST_CODE, LONGEST_NAME = 64, 200
FURTHEST = 1000  # row or column of the map


def units_from_csv(path: Path) -> list[Unit]:
    """Units from a file with a header: code, name, level and, where they apply, parent, valid_from, valid_to (ISO dates, the second the
    first day on which it is no more), successor and alt_codes (separated by spaces), short, row, col. Raises UnitError, OSError."""
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    return parsed(content, path.name)


def parsed(content: bytes, name: str) -> list[Unit]:
    """The units of a file's bytes; `name` is what errors call it. Raises UnitError."""
    if len(content) > LARGEST:
        raise UnitError(f"{name} is larger than {LARGEST >> 20} MB, which no catalogue of units is; give the right file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnitError(f"{name}: byte {error.start} is not UTF-8; save the file as CSV UTF-8") from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    units: list[Unit] = []
    try:
        _check_header(reader.fieldnames or (), name)
        for cells in reader:
            if len(units) == MOST:
                raise UnitError(f"{name} has more than {MOST} lines; give the right file")
            units.append(_unit(cells, reader.line_num))
    except csv.Error as error:
        raise UnitError(f"{name} line {reader.line_num}: {error}; correct the line") from None
    except ValueError as error:
        raise error if isinstance(error, UnitError) else UnitError(f"{name} line {reader.line_num}: {error}") from None
    return units


def written(units: Iterable[Unit]) -> str:
    """The file of some units."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for unit in units:
        table.writerow([_cell(getattr(unit, "successors" if column == "successor" else column)) for column in COLUMNS])
    return text.getvalue()


def digest(units: Iterable[Unit]) -> str:
    """What tells one catalogue from another, whatever its file looks like."""
    return hashlib.sha256(written(units).encode()).hexdigest()


def _cell(value: Any) -> str:
    return "" if value is None else " ".join(value) if isinstance(value, tuple) else str(value)


def _check_header(header: Iterable[str], name: str) -> None:
    if missing := [column for column in NEEDED if column not in header]:
        raise UnitError(f"{name} line 1: no column {', '.join(missing)}; the first line names the columns: {', '.join(COLUMNS)}")
    if strange := [column for column in header if column not in COLUMNS]:
        raise UnitError(f"{name} line 1: unknown column {strange[0][:40]!r}; known are {', '.join(COLUMNS)}")


def _unit(given: Mapping[str | Any, Any], line: int) -> Unit:
    """Raises ValueError saying what is wrong with the line."""
    if None in given or None in given.values():
        raise ValueError("more or fewer cells than the header names; correct the line, or quote a name with a comma in it")
    cells: dict[str, str] = {column: text.strip() for column, text in given.items()}
    for column, text in cells.items():
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
            raise ValueError(f"{column} has a control character in it: {text[:40]!r}; take it out")
    codes = (cells["code"], cells.get("parent", ""), *cells.get("successor", "").split(), *cells.get("alt_codes", "").split())
    if not cells["code"] or any(len(code) > LONGEST_CODE or " " in code for code in codes):
        raise ValueError(f"a code has 1 to {LONGEST_CODE} letters and no space; correct {max(codes, key=len)[:70]!r}")
    if not cells["name"] or len(cells["name"]) > LONGEST_NAME or len(cells.get("short", "")) > LONGEST_NAME:
        raise ValueError(f"a name has 1 to {LONGEST_NAME} letters; correct {cells['name'][:40]!r}")
    if cells["level"] not in set(Level):
        raise ValueError(f"unknown level {cells['level'][:40]!r}; use {', '.join(Level)}")
    return Unit(
        code=cells["code"], name=cells["name"], level=Level(cells["level"]), parent=cells.get("parent") or None,
        valid_from=_day(cells, "valid_from"), valid_to=_day(cells, "valid_to"), successors=tuple(cells.get("successor", "").split()),
        short=cells.get("short", ""), row=_place(cells, "row"), col=_place(cells, "col"),
        alt_codes=tuple(cells.get("alt_codes", "").split()), line=line,
    )  # fmt: skip


def _day(cells: Mapping[str, str], column: str) -> date | None:
    text = cells.get(column)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError(f"{column} {text[:40]!r} is not a day; write one like 2025-07-01") from None  # type: ignore[index]


def _place(cells: Mapping[str, str], column: str) -> int | None:
    text = cells.get(column)
    if text and not (text.isascii() and text.isdigit() and len(text) < 5 and int(text) < FURTHEST):
        raise ValueError(f"{column} {text[:40]!r} is not a place on the map; give a number from 0 to {FURTHEST - 1}, or nothing")
    return int(text) if text else None
