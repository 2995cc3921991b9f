"""Files into records: CSV, workbooks (XLSX), JSON and JSON lines, decoded strictly. Called by the source `files` and by `ioc import`.

A file is good as a whole or not at all: what cannot be decoded raises Refused before the first record is handed out. A CSV row with
too few or too many cells is handed out as Broken, for the mapping to refuse. What kind a file is, its first bytes say, not its name.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from collectors.formats import csvs, jsons, workbooks
from collectors.formats.tables import PLAIN, Layout, Table, below, locate
from collectors.reading import Reader
from collectors.source import Refused

__all__ = ["PLAIN", "Content", "Layout", "decoded", "opened"]

LARGEST = 1_000_000_000  # bytes
UTF8 = codecs.BOM_UTF8
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"  # a workbook; an old workbook, or one behind a password


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One file, decoded. `records()` hands out its records from the first one each time it is called."""

    sha256: str
    count: int
    records: Callable[[], Iterator[object]]


def decoded(path: Path, reader: Reader, layout: Layout = PLAIN) -> Content:
    """A file's records, the whole of it checked. Raises Refused naming file, place and remedy."""
    try:
        raw = path.read_bytes() if path.stat().st_size <= LARGEST else None
    except OSError as error:
        raise Refused(f"{path.name}: cannot be read ({error.strerror}); check path and rights") from None
    if raw is None:
        raise Refused(f"{path.name}: larger than {LARGEST // 1_000_000} MB; split it")
    return opened(path.name, raw, reader, layout)


def opened(name: str, raw: bytes, reader: Reader, layout: Layout = PLAIN) -> Content:
    """The same for bytes at hand; `name` only serves the errors."""
    digest = hashlib.sha256(raw).hexdigest()
    if raw[:4] == OLE:
        raise Refused(f"{name}: an old workbook (.xls), or one with a password; save it as .xlsx without one")
    if raw[:4] == ZIP:
        return _tabled(name, digest, workbooks.table(name, raw, layout.sheet), reader, layout)
    body = _utf8(name, raw)
    if not body.strip():
        raise Refused(f"{name}: empty file; export it again")
    if body.lstrip()[:1] in b"[{":
        found = jsons.records(name, body)
        return Content(sha256=digest, count=len(found), records=lambda: iter(found))
    return _tabled(name, digest, csvs.table(name, body, reader), reader, layout)


def _tabled(name: str, digest: str, table: Table, reader: Reader, layout: Layout) -> Content:
    header = locate(name, table.head(), reader)
    count = sum(1 for _ in below(table, header, layout))
    return Content(sha256=digest, count=count, records=lambda: below(table, header, layout))


def _utf8(name: str, raw: bytes) -> bytes:
    """The text as UTF-8 without a byte order mark; UTF-16 is known by its own."""
    codec = "utf-16" if raw[:2] in UTF16 else "utf-8"
    try:
        if codec == "utf-16":
            return raw.decode(codec).encode()
        body = raw.removeprefix(UTF8)
        body.decode()
    except UnicodeDecodeError as error:
        story = f"{name}: byte {error.start} is not {codec.upper()}"
        raise Refused(f"{story}; save it as UTF-8 (in a spreadsheet: CSV UTF-8, or .xlsx)") from None
    return body
