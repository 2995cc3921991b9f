"""A new kind of source is one file and one line: here is one, a log that only grows, held to every promise of the contract."""

from __future__ import annotations

import inspect
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson
import pytest

from collectors.readers import load
from collectors.reading import Reader
from collectors.rows import read_rows
from collectors.settings import settle
from collectors.source import Source, Unavailable
from collectors.sources import SOURCES
from ioc.config import SourceEntry
from ioc.model import Batch
from tests.contract import test_sources as contract
from tests.contract.rigs.base import Rig

LINES = 500  # a batch


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSource:
    """Everything the new kind is. The cursor is the byte the next line begins at."""

    name: str
    mapping: Reader
    path: Path

    @classmethod
    def declared(cls, entry: SourceEntry, folder: Path) -> LogSource:
        path = folder / settle(LogSettings, entry.options, entry.name).path
        return cls(name=entry.name, mapping=load(folder / entry.mapping), path=path)

    async def fetch(self, cursor: str | None, now: datetime) -> AsyncIterator[Batch]:
        at = int(cursor) if cursor and cursor.isdecimal() else 0
        try:
            whole = self.path.read_bytes()
        except OSError as error:
            raise Unavailable(f"{self.path.name}: cannot be read ({error.strerror}); check path and rights") from None
        lines = iter(whole[at:].splitlines(keepends=True))
        while piece := list(islice(lines, LINES)):
            try:
                records = [orjson.loads(line) for line in piece]
            except orjson.JSONDecodeError as error:
                raise Unavailable(f"{self.path.name}: broken JSON at character {error.pos} of a line; wait for its end") from None
            at += sum(map(len, piece))
            read = read_rows(self.mapping, records, now)
            yield Batch(position=str(at), items=read.items, bad=read.bad, fields=read.fields)


class LogRig(Rig):
    kind = "log"
    many = 1400
    required = MappingProxyType({"path": "ho-so.log"})

    async def source(self, records: Iterable[Any], **options: Any) -> Source:
        self.path = self.folder / "ho-so.log"
        self.write(records)
        return self.entry(path=self.path.name, **options)

    def write(self, records: Iterable[Any]) -> None:
        self.path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")

    async def change(self, record: dict[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as log:
            log.write(json.dumps(record) + "\n")

    async def break_content(self) -> None:
        self.whole = self.path.read_text(encoding="utf-8")
        self.path.write_text(self.whole[:-7], encoding="utf-8")

    async def empty_content(self) -> None:
        self.path.unlink()

    async def mend(self) -> None:
        self.path.write_text(self.whole, encoding="utf-8")


def promises() -> dict[str, Callable[..., Awaitable[None]]]:
    """The tests of the contract that ask for nothing but a rig."""
    listed = {name: test for name, test in vars(contract).items() if name.startswith("test_") and inspect.iscoroutinefunction(test)}
    return {name: test for name, test in listed.items() if list(inspect.signature(test).parameters) == ["rig"]}


@pytest.mark.parametrize("promise", sorted(promises()))
async def test_the_new_kind_keeps(promise: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SOURCES, "log", LogSource.declared)  # the one line
    async with AsyncExitStack() as stack:
        await promises()[promise](LogRig(tmp_path, stack))


def test_the_promises_are_many() -> None:
    assert len(promises()) >= 12
