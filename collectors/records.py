"""What is remembered of records as such: their hash, the names of their fields, and what quarantine may keep of one. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import islice

from collectors.fields import Broken
from collectors.source import BadItem
from ioc.model import BadRow, Fault
from ioc.privacy import kept, masked, told

MOST_FIELDS, LONGEST_NAME = 400, 80
_NOTED: ContextVar[list[object] | None] = ContextVar("noted", default=None)


@contextmanager
def noted() -> Iterator[list[object]]:
    """The records that are looked at within this block, for a person who wants to see what a mapping is given."""
    records: list[object] = []
    before = _NOTED.set(records)
    try:
        yield records
    finally:
        _NOTED.reset(before)


@dataclass(slots=True)
class Shape:
    """The names of the fields records come with, each once; of rubbish with thousands of names only the first ones."""

    fields: frozenset[str] = frozenset()
    _last: object = None

    def add(self, record: object) -> None:
        if (notes := _NOTED.get()) is not None:
            notes.append(record)
        if not isinstance(record, dict) or (keys := record.keys()) == self._last or len(self.fields) >= MOST_FIELDS:
            return
        self._last = keys
        if not keys <= self.fields:
            names = (name for name in keys if isinstance(name, str) and name and len(name) <= LONGEST_NAME and masked(name) == name)
            self.fields |= frozenset(islice(names, MOST_FIELDS))


def bad_row(record: object, error: BadItem, code: str | None, names: frozenset[str]) -> BadRow:
    """A record for quarantine: why, and the named fields of it, masked. A code that is rather a person's name or number is left out."""
    return BadRow(
        reason=str(error),
        raw_hash=raw_hash(record),
        code=told(code),
        fault=error.fault,
        record=None if error.fault is Fault.SHAPE else kept(record, names),
    )


def raw_hash(record: object) -> str:
    """SHA-256 of a record as canonical JSON; of its field names alone when it cannot be written as JSON."""
    try:
        record = record.text if isinstance(record, Broken) else record
        text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    except (TypeError, ValueError, RecursionError):
        text = repr(sorted(map(str, record))) if isinstance(record, dict) else type(record).__name__
    return hashlib.sha256(text.encode()).hexdigest()
