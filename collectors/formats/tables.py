"""Tables of cells into records, whatever file they came in: where the header stands, what its columns are called, the rows below. Pure.

People's sheets begin with titles, and their headers run over two or three rows with cells merged across: "Đang giải quyết" over "Trong
hạn" and "Quá hạn". Such a column is called "Đang giải quyết / Trong hạn", and also "Trong hạn" where no other column is. The header is
where the columns stand that the mapping declares; an error names the one that is missing, and never shows a row that may be data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from openpyxl.utils.datetime import WINDOWS_EPOCH, from_excel

from collectors.fields import Broken, Field, as_text, composed
from collectors.reading import Reader
from collectors.source import Refused, shown, suggestion
from ioc.privacy import masked

Row = Sequence[object]

HEAD = 30  # rows within which the header must stand
DEEPEST = 3  # rows a header may run over
INSTANTS = frozenset({"rows.last_by", "period", "day"})  # beside those whose name ends in "_at", fields that hold a day or an instant
SERIAL = re.compile(r"\d{5}(?:[.,]\d{1,16})?", re.ASCII)
FIRST_SERIAL, LAST_SERIAL = 20_000, 80_000  # 1954 to 2119 in days since 1900


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a source says of its tables. `sheet`: of a workbook, by name. `skip`: rows that begin with one of these words are no data."""

    sheet: str = ""
    skip: tuple[str, ...] = ()


PLAIN = Layout()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells, from the first one each time `rows` is called.

    `ragged`: a row may be shorter or longer than the header, as in a workbook, where a cell's place is certain; in text it means that
    its cells have moved. `epoch`: the day 0 of dates that are written as numbers.
    """

    rows: Callable[[], Iterator[Row]]
    ragged: bool = False
    epoch: datetime = WINDOWS_EPOCH

    def head(self) -> list[Row]:
        return list(islice(self.rows(), HEAD + DEEPEST - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Where the data begin and what stands in which column. `columns`: (name, place); a column may be there under two names."""

    rows: int
    width: int
    columns: tuple[tuple[str, int], ...]
    instants: frozenset[int] = frozenset()


def locate(name: str, head: Sequence[Row], reader: Reader) -> Header:
    """The header among the first rows. Raises Refused naming the column that is missing."""
    wanted = list(reader.columns())
    needed = [each for each in wanted if each.names and each.default is None]
    nearest: tuple[int, int, list[str]] = (0, 0, [])
    for depth in range(1, DEEPEST + 1):
        for at in range(min(HEAD, len(head))):
            paths = _paths(head[at : at + depth])
            places = _places(paths, wanted)
            found = sum(1 for each in needed if any(one in places for one in each.names))
            if found == len(needed):
                return _header(at + depth, paths, places, wanted)
            if (found, seen := _seen(paths, needed)) > nearest[:2]:
                nearest = (found, seen, [" / ".join(path) for path in paths])
    raise _missing(name, needed, nearest[2])


def score(rows: Iterable[Row], reader: Reader) -> int:
    """How many of the declared columns stand in the best of these rows."""
    names = {_folded(n) for each in reader.columns() for n in each.names}
    leaves = {_folded(n.rsplit(" / ", 1)[-1]) for each in reader.columns() for n in each.names}
    return max((len({_folded(_heading(cell)) for cell in row} & (names | leaves)) for row in rows), default=0)


def below(table: Table, header: Header, layout: Layout) -> Iterator[object]:
    """The rows below the header as records. Blank rows are none; a row whose cells have moved is Broken."""
    skip = {_folded(word) for word in layout.skip}
    for row in islice(table.rows(), header.rows, None):
        first = next((text for cell in row if (text := _heading(cell))), "")
        if not first or _folded(first).rstrip(" :.") in skip:
            continue
        if len(row) != header.width and not table.ragged:
            text = "\n".join(as_text(cell) or "" for cell in row)
            yield Broken(text, f"a row with {len(row)} cells under a header with {header.width}")
            continue
        cells = list(row)
        for place in header.instants:
            if place < len(cells):
                cells[place] = _dated(cells[place], table.epoch)
        yield {name: cells[place] if place < len(cells) else None for name, place in header.columns}


def _header(rows: int, paths: list[tuple[str, ...]], places: dict[str, int], wanted: Iterable[Field]) -> Header:
    own = {" / ".join(path): place for place, path in enumerate(paths) if path}
    dated = [each for each in wanted if each.ours.endswith("_at") or each.ours in INSTANTS]
    instants = {places[name] for each in dated for name in each.names if name in places}
    return Header(rows=rows, width=len(paths), columns=tuple((own | places).items()), instants=frozenset(instants))


def _paths(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """For each column its headings from the top down. A heading also stands over the blank cells to its right, as far as these have
    headings of their own below and stand under the same one above: so it was merged."""
    width = max((len(row) for row in rows), default=0)
    grid = [[_heading(row[place]) if place < len(row) else "" for place in range(width)] for row in rows]
    paths: list[tuple[str, ...]] = [()] * width
    for level, row in enumerate(grid):
        over = ""
        under: tuple[str, ...] = ()
        before = list(paths)
        for place, text in enumerate(row):
            deeper = any(lower[place] for lower in grid[level + 1 :])
            if text:
                over, under = (text if deeper else ""), before[place]
            elif not deeper or before[place] != under:
                over = ""
            if text or over:
                paths[place] = (*before[place], text or over)
    return paths


def _places(paths: list[tuple[str, ...]], wanted: Iterable[Field]) -> dict[str, int]:
    """Declared name -> column: by the whole name, else by the lowest heading where one column alone has it. Ambiguous ones are left out."""
    whole: dict[str, list[int]] = {}
    lowest: dict[str, list[int]] = {}
    for place, path in enumerate(paths):
        if path:
            whole.setdefault(_folded(" / ".join(path)), []).append(place)
            lowest.setdefault(_folded(path[-1]), []).append(place)
    found = {}
    for each in wanted:
        for name in each.names:
            at = whole.get(_folded(name)) or lowest.get(_folded(name)) or []
            if len(at) == 1:
                found[name] = at[0]
    return found


def _seen(paths: list[tuple[str, ...]], wanted: Iterable[Field]) -> int:
    """How many of the fields have a column, be it more than one."""
    lowest = {_folded(path[-1]) for path in paths if path}
    return sum(1 for each in wanted if any(_folded(name) in lowest for name in each.names))


def _missing(name: str, needed: list[Field], header: list[str]) -> Refused:
    """Why no row can be the header: a declared column is missing, or stands twice."""
    if not header:
        names = ", ".join(shown(each.names[0]) for each in needed[:4])
        return Refused(f"{name}: no header within the first {HEAD} rows; none of the columns {names} stands there")
    folded = [_folded(column) for column in header if column]
    lowest = [_folded(column.rsplit(" / ", 1)[-1]) for column in header if column]
    for each in needed:
        if not any(folded.count(_folded(n)) == 1 or lowest.count(_folded(n)) == 1 for n in each.names):
            twice = next((n for n in each.names if lowest.count(_folded(n)) > 1), None)
            if twice:
                return Refused(f"{name}: column {shown(twice)} stands twice; name each column once, or with the heading above it ('A / B')")
            seen = [masked(column[:80]) for column in header if column]
            return Refused(f"{name}: no column {shown(each.names[0])} for {each.ours}{suggestion(each.names[0], seen)}")
    return Refused(f"{name}: no row holds all the columns of the mapping; write the header in one row")


def _dated(cell: object, epoch: datetime) -> object:
    """A day written as a number, which a cell that is formatted as a number gives, as the date it means."""
    text = as_text(cell) or ""
    if not SERIAL.fullmatch(text):
        return cell
    number = float(text.replace(",", "."))
    return written(from_excel(number, epoch)) if FIRST_SERIAL <= number <= LAST_SERIAL else cell


def written(at: datetime) -> str:
    """A date as every mapping reads it, to the second; midnight is the day alone."""
    return f"{at:%Y-%m-%d}" if (at.hour, at.minute, at.second) == (0, 0, 0) else f"{at:%Y-%m-%dT%H:%M:%S}"


def _heading(cell: object) -> str:
    """A cell as a heading: composed letters, one blank between two words."""
    text = composed((as_text(cell) or "")[:4000])
    return " ".join(text.split())


def _folded(text: str) -> str:
    return _heading(text).casefold()
