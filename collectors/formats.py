"""Files into records: CSV, JSON and JSON lines, decoded strictly. Called by the source `files`.

A file is good as a whole or not at all: what cannot be decoded raises Refused before the first record is handed out. A CSV row with
too few or too many cells is handed out as Broken, for the mapping to refuse.
"""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from collectors.answer import LISTS
from collectors.fields import Broken, has
from collectors.reading import Mapping
from collectors.source import Refused, shown, suggestion

LARGEST = 1_000_000_000  # bytes
LONGEST_CELL = 64_000_000  # characters
SEPARATORS = ",;\t|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One file, decoded. `records()` hands out its records from the first one each time it is called."""

    sha256: str
    count: int
    records: Callable[[], Iterator[object]]


def decoded(path: Path, mapping: Mapping) -> Content:
    """A file's records, the whole of it checked. Raises Refused naming file, place and remedy."""
    try:
        raw = path.read_bytes() if path.stat().st_size <= LARGEST else None
    except OSError as error:
        raise Refused(f"{path.name}: cannot be read ({error.strerror}); check path and rights") from None
    if raw is None:
        raise Refused(f"{path.name}: larger than {LARGEST // 1_000_000} MB; split it")
    body = raw.removeprefix(b"\xef\xbb\xbf")
    if not body.strip():
        raise Refused(f"{path.name}: empty file; export it again")
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise Refused(f"{path.name}: byte {error.start} is not UTF-8; save it as UTF-8 (in a spreadsheet: CSV UTF-8)") from None
    digest = hashlib.sha256(raw).hexdigest()
    if body.lstrip()[:1] in b"[{":
        found = _json(path.name, body)
        return Content(sha256=digest, count=len(found), records=lambda: iter(found))
    header, separator = _header(path.name, body, mapping)
    count = sum(1 for _ in _rows(path.name, body, header, separator))
    return Content(sha256=digest, count=count, records=lambda: _rows(path.name, body, header, separator))


def _json(name: str, body: bytes) -> list[object]:
    """A bare array, an envelope, or one object a line."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if body.lstrip()[:1] == b"{" and b"\n" in body.strip():
            return [_json_line(name, number, line) for number, line in enumerate(body.splitlines(), 1) if line.strip()]
        raise Refused(f"{name}: broken JSON at character {error.pos} of {len(body)} bytes; export it again") from None
    if isinstance(value, dict):
        key = next((each for each in LISTS if isinstance(value.get(each), list)), None)
        return list(value[key]) if key else [value]
    return list(value)


def _json_line(name: str, number: int, line: bytes) -> object:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise Refused(f"{name}: line {number} is broken JSON at character {error.pos}; export it again") from None


def _header(name: str, body: bytes, mapping: Mapping) -> tuple[list[str], str]:
    """The column names and what separates them; every column the mapping names must be among them."""
    first = next(line for line in body.decode().splitlines() if line.strip())
    separator = max(SEPARATORS, key=first.count)
    try:
        cells = next(csv.reader([first], delimiter=separator, strict=True))
    except csv.Error as error:
        raise Refused(f"{name}: the first line is no CSV header ({error}); name each column in it") from None
    header = [unicodedata.normalize("NFC", cell.strip()) for cell in cells]
    twice = sorted({cell for cell in header if cell and header.count(cell) > 1})
    if twice:
        raise Refused(f"{name}: column {shown(twice[0])} stands twice; name each column once")
    for declared in (*mapping.fields.values(), *filter(None, (mapping.last_by, mapping.gone))):
        if declared.names and declared.default is None and not any(has(header, column) for column in declared.names):
            raise Refused(f"{name}: no column {shown(declared.names[0])} for {declared.ours}{suggestion(declared.names[0], header)}")
    return header, separator


def _rows(name: str, body: bytes, header: list[str], separator: str) -> Iterator[object]:
    """The rows below the header as records; blank lines are none."""
    csv.field_size_limit(LONGEST_CELL)
    lines = csv.reader(io.TextIOWrapper(io.BytesIO(body), encoding="utf-8", newline=""), delimiter=separator, strict=True)
    width = len(header)
    try:
        headed = False
        for row in lines:
            if not any(row):
                continue
            if headed:
                yield dict(zip(header, row, strict=True)) if len(row) == width else _broken(row, width)
            headed = True
    except csv.Error as error:
        raise Refused(f"{name}: line {lines.line_num} is no CSV ({error}); export it again") from None


def _broken(row: list[str], width: int) -> Broken:
    return Broken("\n".join(row), f"a row with {len(row)} cells under a header with {width}")
