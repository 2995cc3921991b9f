"""The source `files`: a named file, a folder that files are dropped into, or a file fetched from an address. CSV, XLSX, JSON.

A content is taken up once (collectors/pieces.py). In a folder each file moves to done/ with a report beside it once its last batch is
stored, that is when the next batch is asked for; one that cannot be decoded moves to failed/, never moves the cursor, and the others are
still read. An address is asked with what we have (ETag, Last-Modified), so an unchanged file is not sent again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from collectors.answer import Envelope
from collectors.auth import Auth, Bearer, Open, Request
from collectors.dropped import Tally, put_away, waiting
from collectors.formats import PLAIN, Content, Layout, decoded, opened
from collectors.http import Limits, connected
from collectors.pieces import Mark, batches
from collectors.readers import load
from collectors.reading import Reader
from collectors.settings import secret_of, settle
from collectors.source import Refused, SettingsError
from collectors.wire_settings import check_address
from ioc.config import SourceEntry
from ioc.model import Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesSettings:
    """The options of a `files` source. `path`: the file or the folder; `url`: where it is fetched instead.

    `quiet`: seconds a dropped file must have lain unchanged. `dated`: the answer is as old as the file's last writing, for exports that
    are expected at each interval; otherwise it is true for the moment the file was looked at. `sheet`: which sheet of a workbook, the
    first with rows when not given. `skip`: rows beginning with one of these words, such as totals, are no data. The others as in `rest`.
    """

    path: str = ""
    url: str = ""
    quiet: float = 2.0
    dated: bool = False
    sheet: str = ""
    skip: tuple[str, ...] = ()
    token_env: str = ""
    token_file: str = ""
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    timeout: float = 60.0
    max_megabytes: float = 32.0

    def check(self, source: str) -> None:
        """What types alone cannot say. Raises SettingsError."""
        if bool(self.path) == bool(self.url):
            raise SettingsError(f"source.{source}: give exactly one of path and url")
        if self.url:
            check_address(source, "url", self.url)
        if self.quiet < 0 or min(self.connect_timeout, self.read_timeout, self.timeout, self.max_megabytes) <= 0:
            raise SettingsError(f"source.{source}: quiet must be at least 0, timeouts and max_megabytes above 0; correct them")
        if (self.path and (self.token_env or self.token_file)) or (self.url and self.dated):
            raise SettingsError(f"source.{source}: a token belongs to a url, dated to a path; remove what does not fit")

    @property
    def limits(self) -> Limits:
        return Limits(connect=self.connect_timeout, read=self.read_timeout, total=self.timeout, size=round(self.max_megabytes * 1_000_000))

    @property
    def layout(self) -> Layout:
        return Layout(sheet=self.sheet, skip=self.skip)


def declared(entry: SourceEntry, folder: Path) -> FilesSource | FetchedSource:
    """The source of a configuration entry; paths are relative to `folder`. Raises SettingsError or MappingError."""
    settings = settle(FilesSettings, entry.options, entry.name)
    settings.check(entry.name)
    name, mapping = entry.name, load(folder / entry.mapping)
    if settings.path:
        return FilesSource(
            name=name, mapping=mapping, path=folder / settings.path, quiet=settings.quiet, dated=settings.dated, layout=settings.layout
        )
    return FetchedSource(name=name, mapping=mapping, settings=settings, auth=_auth(name, settings, entry.options, folder))


def _auth(name: str, settings: FilesSettings, options: Mapping[str, Any], folder: Path) -> Auth:
    return Bearer(secret_of(name, "token", options, folder)) if settings.token_env or settings.token_file else Open()


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesSource:
    """One file or one folder."""

    name: str
    mapping: Reader
    path: Path
    quiet: float = 2.0
    dated: bool = False
    layout: Layout = PLAIN

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
        for path in await asyncio.to_thread(waiting, self.path, now, self.quiet):
            tally = Tally()
            try:
                async with aclosing(self._read(path, mark, now)) as pieces:
                    async for batch in pieces:
                        tally.add(batch)
                        yield batch
                        mark = Mark.of(batch.position)
            except Refused as error:
                broken.append(str(error))
                await asyncio.to_thread(put_away, path, "failed", {"error": str(error)})
            else:
                await asyncio.to_thread(put_away, path, "done", tally.report())
        if broken:
            raise Refused(f"{len(broken)} of the dropped files moved to failed/: {broken[0]}")

    def _read(self, path: Path, mark: Mark, now: datetime) -> AsyncGenerator[Batch, None]:
        return _in_thread(lambda: self._pieces(path, mark, now))

    def _pieces(self, path: Path, mark: Mark, now: datetime) -> Iterator[Batch]:
        content = decoded(path, self.mapping, self.layout)
        as_of = min(datetime.fromtimestamp(path.stat().st_mtime, UTC), now) if self.dated else None
        if not (mark.done and mark.sha256 == content.sha256):
            return batches(content, self.mapping, now, mark=mark, as_of=as_of)
        unchanged = Batch(position=mark.text(), as_of=as_of)
        return iter((unchanged,) if self.dated and path == self.path else ())


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedSource:
    """One file at an address."""

    name: str
    mapping: Reader
    settings: FilesSettings
    auth: Auth

    async def fetch(self, cursor: str | None, now: datetime) -> AsyncIterator[Batch]:
        """The file if it is new. See collectors.source.Source."""
        mark = Mark.of(cursor)
        async with connected(self.auth, self.settings.limits, Envelope()) as session:
            reply = await session.ask(Request(url=self.settings.url, raw=True, version=mark.version if mark.done else ""))
        if not reply.changed:
            return
        name = PurePosixPath(urlsplit(self.settings.url).path).name or self.name

        def pieces() -> Iterator[Batch]:
            content = opened(name, reply.content, self.mapping, self.settings.layout)
            if mark.done and mark.sha256 == content.sha256:  # the same content under another version, or under none
                return iter((Batch(position=_versioned(content, reply.version)),))
            return batches(content, self.mapping, now, mark=mark, version=reply.version)

        async with aclosing(_in_thread(pieces)) as found:
            async for batch in found:
                yield batch


def _versioned(content: Content, version: str) -> str:
    return Mark(sha256=content.sha256, at=content.count, done=True, version=version).text()


async def _in_thread(begin: Callable[[], Iterator[Batch]]) -> AsyncGenerator[Batch, None]:
    """Batches made in a thread one by one: decoding a file must not hold up the screens."""
    pieces = await asyncio.to_thread(begin)
    while (batch := await asyncio.to_thread(next, pieces, None)) is not None:
        yield batch
