"""CSV and TSV as spreadsheets write them: comma, semicolon, tab or bar between the cells, quotes around those that hold one. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice

from collectors.formats.tables import HEAD, Row, Table, score
from collectors.reading import Reader
from collectors.source import Refused

LONGEST_CELL = 64_000_000  # characters
SEPARATORS = ",;\t|"


def table(name: str, body: bytes, reader: Reader) -> Table:
    """The rows of a text in UTF-8. Reading them raises Refused where the text is no CSV."""
    separator = _separator(body, reader)
    return Table(rows=lambda: _rows(name, body, separator))


def _separator(body: bytes, reader: Reader) -> str:
    """The one under which most of the declared columns are found, else the one that stands in the first rows most often."""
    first = list(islice(io.TextIOWrapper(io.BytesIO(body), encoding="utf-8"), HEAD))

    def fits(separator: str) -> tuple[int, int]:
        try:
            rows = list(csv.reader(first, delimiter=separator))
        except csv.Error:
            rows = []
        return score(rows, reader), max(line.count(separator) for line in first)

    return max(SEPARATORS, key=fits)


def _rows(name: str, body: bytes, separator: str) -> Iterator[Row]:
    csv.field_size_limit(LONGEST_CELL)
    lines = csv.reader(io.TextIOWrapper(io.BytesIO(body), encoding="utf-8", newline=""), delimiter=separator, strict=True)
    try:
        yield from lines
    except csv.Error as error:
        raise Refused(f"{name}: line {lines.line_num} is no CSV ({error}); export it again") from None
