"""A mapping whose records are made ready first: lists and flags become fields a mapping can name. Used by dvcqg and lgsp.

Only the preparation differs from a plain mapping: hashes, field names and what quarantine keeps are those of the record as received,
so that one kept there can be prepared and read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from collectors.fields import Field, Record, expect_record
from collectors.reading import Mapping, Read
from collectors.records import Shape, bad_row
from collectors.source import BadItem
from ioc.model import Gone, Item

Prepare = Callable[[Record, ZoneInfo], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A Reader around a mapping. `prepare` answers a copy of a record with more fields, or raises BadItem; `looks_at` names the fields
    it reads, in the way of `Mapping.declared`."""

    mapping: Mapping
    prepare: Prepare
    looks_at: frozenset[str]

    @property
    def name(self) -> str:
        return self.mapping.name

    @property
    def title(self) -> str:
        return self.mapping.title

    @property
    def zone(self) -> ZoneInfo:
        return self.mapping.zone

    @property
    def create_units(self) -> bool:
        return self.mapping.create_units

    @property
    def declared(self) -> frozenset[str]:
        return self.mapping.declared | self.looks_at

    def columns(self) -> Iterable[Field]:
        return self.mapping.columns()

    def read(self, record: object, now: datetime) -> Item | Gone:
        """One record prepared and read. Raises BadItem and nothing else."""
        return self.mapping.read(self.prepare(expect_record(record), self.zone), now)

    def read_all(self, records: Iterable[object], now: datetime) -> Read:
        """Every record, the good ones as items and the others as bad rows, in their order."""
        result, seen = Read(), Shape()
        for record in records:
            seen.add(record)
            try:
                result.items.append(self.read(record, now))
            except BadItem as error:
                result.bad.append(bad_row(record, error, self.code_of(record), self.declared))
        result.fields = seen.fields
        return result

    def code_of(self, record: object) -> str | None:
        return self.mapping.code_of(record)
