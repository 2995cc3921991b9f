"""The source `files`: a named file, or a folder that files are dropped into; CSV, JSON or JSON lines. Also behind `ioc import`.

A file is taken up once: the cursor is the SHA-256 of its content and how many of its items are stored, so a stop in the middle
resumes there. In a folder each file moves to done/ with a report beside it once its last batch is stored, that is when the next
batch is asked for; one that cannot be decoded moves to failed/, never moves the cursor, and the others are still read.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import orjson

from collectors.formats import Content, decoded
from collectors.mapping import load
from collectors.reading import Mapping, Read
from collectors.rows import read_rows
from collectors.settings import settle
from collectors.source import Refused, SettingsError
from ioc.config import SourceEntry
from ioc.model import BadRow, Batch, Item

BATCH = 5000
REASONS = 1000  # as many bad rows are explained in a report; all are counted
SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesSettings:
    """The options of a `files` source. `path`: the file or the folder. `quiet`: seconds a dropped file must have lain unchanged.

    `dated`: the answer is as old as the file's last writing, for exports that are expected at each interval; otherwise it is true for
    the moment the file was looked at.
    """

    path: str
    quiet: float = 2.0
    dated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A cursor: the file last taken up, and how many of its records (or gathered items) are stored; `done`: all of them."""

    sha256: str = ""
    at: int = 0
    done: bool = False

    def text(self) -> str:
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def of(cls, text: str | None) -> Mark:
        """The mark a cursor holds; one that cannot be read begins anew, which costs time and loses nothing."""
        try:
            found = orjson.loads(text or "{}")
            return cls(sha256=str(found.get("sha256", "")), at=max(0, int(found.get("at", 0))), done=found.get("done") is True)
        except (orjson.JSONDecodeError, AttributeError, TypeError, ValueError):
            return cls()


def read_file(path: Path, mapping: Mapping, now: datetime, *, mark: Mark = Mark(), as_of: datetime | None = None) -> Iterator[Batch]:
    """A file as batches, from a mark on. The whole file is decoded first: a bad one raises Refused before the first batch."""
    return batches(decoded(path, mapping), mapping, now, mark=mark, as_of=as_of)


def batches(content: Content, mapping: Mapping, now: datetime, *, mark: Mark = Mark(), as_of: datetime | None = None) -> Iterator[Batch]:
    """Decoded records as batches of BATCH; a file without records is one empty batch, so that its cursor still moves."""
    begin = mark.at if mark.sha256 == content.sha256 else 0
    for at, done, read in _pieces(content, mapping, begin, now):
        position = Mark(sha256=content.sha256, at=at, done=done).text()
        yield Batch(position=position, items=read.items, figures=read.figures, bad=read.bad, fields=read.fields, as_of=as_of)


def _pieces(content: Content, mapping: Mapping, begin: int, now: datetime) -> Iterator[tuple[int, bool, Read]]:
    """(records or items up to here, whether that is all, what this piece became)."""
    if mapping.last_by is not None:  # the rows of one item may stand anywhere, so all are gathered at once and batched as items
        whole = read_rows(mapping, content.records(), now)
        rows = [*whole.items, *whole.bad]
        for at in range(min(begin, len(rows)), max(len(rows), 1), BATCH):
            piece = rows[at : at + BATCH]
            read = Read(items=[r for r in piece if not isinstance(r, BadRow)], bad=[r for r in piece if isinstance(r, BadRow)])
            yield at + len(piece), at + len(piece) >= len(rows), read
        return
    records, at = islice(content.records(), begin, None), min(begin, content.count)
    while True:
        piece_of_file = list(islice(records, BATCH))
        at += len(piece_of_file)
        yield at, at >= content.count, mapping.read_all(piece_of_file, now)
        if at >= content.count:
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesSource:
    """One file or one folder."""

    name: str
    mapping: Mapping
    path: Path
    quiet: float = 2.0
    dated: bool = False

    @classmethod
    def declared(cls, entry: SourceEntry, folder: Path) -> FilesSource:
        """The source of a configuration entry; paths are relative to `folder`. Raises SettingsError or MappingError."""
        settings = settle(FilesSettings, entry.options, entry.name)
        if not settings.path or settings.quiet < 0:
            raise SettingsError(f"source.{entry.name}: path must be given and quiet at least 0; correct them")
        path, mapping = folder / settings.path, load(folder / entry.mapping)
        return cls(name=entry.name, mapping=mapping, path=path, quiet=settings.quiet, dated=settings.dated)

    async def fetch(self, cursor: str | None, now: datetime) -> AsyncIterator[Batch]:
        """The file if it is new, or the new files of the folder in the order of their names. See collectors.source.Source."""
        mark = Mark.of(cursor)
        if not self.path.exists():
            raise Refused(f"{self.path.name}: no such file or folder; correct path of source {self.name}")
        if not self.path.is_dir():
            async with aclosing(self._read(self.path, mark, now)) as whole:
                async for batch in whole:
                    yield batch
            return
        broken = []
        for path in await asyncio.to_thread(self._dropped, now):
            tally = _Tally()
            try:
                async with aclosing(self._read(path, mark, now)) as pieces:
                    async for batch in pieces:
                        tally.add(batch)
                        yield batch
                        mark = Mark.of(batch.position)
            except Refused as error:
                broken.append(str(error))
                await asyncio.to_thread(_put_away, path, "failed", {"error": str(error)})
            else:
                await asyncio.to_thread(_put_away, path, "done", tally.report())
        if broken:
            raise Refused(f"{len(broken)} of the dropped files moved to failed/: {broken[0]}")

    async def _read(self, path: Path, mark: Mark, now: datetime) -> AsyncGenerator[Batch, None]:
        """The batches of one file; none when its content is stored already. What blocks runs in a thread."""
        pieces = await asyncio.to_thread(self._pieces, path, mark, now)
        while (batch := await asyncio.to_thread(next, pieces, None)) is not None:
            yield batch

    def _pieces(self, path: Path, mark: Mark, now: datetime) -> Iterator[Batch]:
        content = decoded(path, self.mapping)
        as_of = min(datetime.fromtimestamp(path.stat().st_mtime, UTC), now) if self.dated else None
        if not (mark.done and mark.sha256 == content.sha256):
            return batches(content, self.mapping, now, mark=mark, as_of=as_of)
        unchanged = Batch(position=mark.text(), as_of=as_of)
        return iter((unchanged,) if self.dated and path == self.path else ())

    def _dropped(self, now: datetime) -> list[Path]:
        """Files that have lain unchanged long enough; hidden ones and those of other kinds are still being written, or not ours."""
        return sorted(
            path
            for path in self.path.iterdir()
            if path.is_file()
            and path.suffix.lower() in SUFFIXES
            and not path.name.startswith(".")
            and now.timestamp() - path.stat().st_mtime >= self.quiet
        )


@dataclass(slots=True)
class _Tally:
    """What one dropped file came to in this round, for the report beside it."""

    sha256: str = ""
    items: int = 0
    suspect: int = 0
    bad: int = 0
    reasons: list[dict[str, str | None]] = field(default_factory=list)

    def add(self, batch: Batch) -> None:
        self.sha256 = Mark.of(batch.position).sha256
        self.items += len(batch.items)
        self.suspect += sum(1 for item in batch.items if isinstance(item, Item) and item.suspect)
        self.bad += len(batch.bad)
        room = REASONS - len(self.reasons)
        self.reasons += [{"code": row.code, "reason": row.reason} for row in batch.bad[:room]]

    def report(self) -> dict[str, object]:
        return asdict(self) if self.sha256 else {"note": "stored before: nothing in this file is new"}


def _put_away(path: Path, where: str, report: dict[str, object]) -> None:
    """Move a dropped file and write its report beside it; a file of the same name there is kept, the new one gets a number."""
    folder = path.parent / where
    folder.mkdir(exist_ok=True)
    target, number = folder / path.name, 1
    while target.exists():
        number += 1
        target = folder / f"{path.stem}.{number}{path.suffix}"
    text = orjson.dumps({"file": path.name, **report}, option=orjson.OPT_INDENT_2)
    target.with_name(target.name + ".report.json").write_bytes(text)
    os.replace(path, target)
