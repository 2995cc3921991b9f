"""Files with several rows an item, one an event: the rows gathered into one record each. Pure; called by every source.

Where a mapping declares `rows`, the item's own columns are repeated on each of its rows; the last event by time speaks for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from collectors.fields import Field, Record, expect_record
from collectors.reading import Mapping, Read, Reader
from collectors.records import Shape
from collectors.source import BadItem


def gather(mapping: Mapping, records: Iterable[object]) -> tuple[list[Record], Read]:
    """One record a code, in order of first appearance; a row whose code or event time cannot be read is a bad row by itself."""
    if mapping.last_by is None:
        raise ValueError("the mapping declares no rows to gather")
    last: dict[str, tuple[datetime, Record]] = {}
    bad, seen = Read(), Shape()
    for record in records:
        seen.add(record)
        try:
            code, at, row = _event(mapping, mapping.last_by, record)
        except BadItem as error:
            bad.bad.append(mapping.bad_row(record, error))
            continue
        if code not in last or last[code][0] <= at:
            last[code] = (at, row)
    bad.fields = seen.fields
    return [row for _, row in last.values()], bad


def read_rows(mapping: Reader, records: Iterable[object], now: datetime) -> Read:
    """Records read as the mapping declares: gathered first where several rows make an item."""
    if not isinstance(mapping, Mapping) or mapping.last_by is None:
        return mapping.read_all(records, now)
    gathered, bad = gather(mapping, records)
    return bad.and_then(mapping.read_all(gathered, now))


def _event(mapping: Mapping, last_by: Field, record: object) -> tuple[str, datetime, Record]:
    row = expect_record(record)
    code = mapping.fields["code"].required(row)
    at = last_by.instant(row, mapping.zone)
    if at is None:
        raise last_by.missing()
    return code, at, row
