"""A decoded file as batches that can be gone on with after any of them. Called by the source `files` and by `ioc import`.

The place in a file is a Mark: the SHA-256 of its content and how many of its items are stored, so a stop in the middle resumes there and
the same content is never taken up twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import islice

import orjson

from collectors.formats import Content
from collectors.reading import Mapping, Read, Reader
from collectors.rows import read_rows
from ioc.model import BadRow, Batch

BATCH = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A cursor: the file last taken up, and how many of its records (or gathered items) are stored; `done`: all of them.

    `version`: the ETag or Last-Modified it was fetched with, once it is done.
    """

    sha256: str = ""
    at: int = 0
    done: bool = False
    version: str = ""

    def text(self) -> str:
        return orjson.dumps({name: value for name, value in asdict(self).items() if name != "version" or value}).decode()

    @classmethod
    def of(cls, text: str | None) -> Mark:
        """The mark a cursor holds; one that cannot be read begins anew, which costs time and loses nothing."""
        try:
            found = orjson.loads(text or "{}")
            version, at = str(found.get("version", "")), max(0, int(found.get("at", 0)))
            return cls(sha256=str(found.get("sha256", "")), at=at, done=found.get("done") is True, version=version)
        except (orjson.JSONDecodeError, AttributeError, TypeError, ValueError):
            return cls()


def batches(
    content: Content, reader: Reader, now: datetime, *, mark: Mark = Mark(), as_of: datetime | None = None, version: str = ""
) -> Iterator[Batch]:
    """Decoded records as batches of BATCH; a file without records is one empty batch, so that its cursor still moves."""
    begin = mark.at if mark.sha256 == content.sha256 else 0
    for at, done, read in _pieces(content, reader, begin, now):
        position = Mark(sha256=content.sha256, at=at, done=done, version=version if done else "").text()
        yield Batch(position=position, items=read.items, figures=read.figures, bad=read.bad, fields=read.fields, as_of=as_of)


def _pieces(content: Content, reader: Reader, begin: int, now: datetime) -> Iterator[tuple[int, bool, Read]]:
    """(records or items up to here, whether that is all, what this piece became)."""
    if isinstance(reader, Mapping) and reader.last_by is not None:
        # the rows of one item may stand anywhere, so all are gathered at once and batched as items
        whole = read_rows(reader, content.records(), now)
        rows = [*whole.items, *whole.bad]
        for at in range(min(begin, len(rows)), max(len(rows), 1), BATCH):
            piece = rows[at : at + BATCH]
            read = Read(items=[r for r in piece if not isinstance(r, BadRow)], bad=[r for r in piece if isinstance(r, BadRow)])
            yield at + len(piece), at + len(piece) >= len(rows), replace(read, fields=whole.fields)
        return
    records, at = islice(content.records(), begin, None), min(begin, content.count)
    while True:
        piece_of_file = list(islice(records, BATCH))
        at += len(piece_of_file)
        yield at, at >= content.count, reader.read_all(piece_of_file, now)
        if at >= content.count:
            return
