"""A department's records in the order of (last change, code), cut into pages. Pure; called by onestop.py."""

from __future__ import annotations

import base64
import json
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from collectors.dates import read_instant
from collectors.departments.dialects import Dialect, Piece

Key = tuple[datetime, str, int]
BEFORE_ALL = datetime(1, 1, 1, tzinfo=UTC)


class Shelf:
    """Records by last change. What is no proper record (tests serve such) is kept too, before everything else."""

    def __init__(self, dialect: Dialect, records: Iterable[Any], now: datetime) -> None:
        """`now` stamps the records that name no last change themselves. Codes that come twice are served twice."""
        self._dialect = dialect
        self._count = 0
        self._records: dict[Key, Any] = {}
        self._latest: dict[str, Key] = {}
        for record in records:
            if isinstance(record, dict) and dialect.updated not in record:
                record = {**record, dialect.updated: dialect.date(now)}
            self._keep(record)
        self._order = sorted(self._records)

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[Any]:
        """Every record, in no order."""
        return iter(self._records.values())

    def get(self, code: str) -> Any:
        """The latest record of a code; None when there is none."""
        key = self._latest.get(code)
        return self._records[key] if key else None

    def put(self, record: dict[str, Any], now: datetime) -> None:
        """Take a new or changed record in place of the one with its code, changed now."""
        before = self._latest.get(str(record.get(self._dialect.code, "")))
        if before is not None:
            del self._records[before]
            del self._order[bisect_left(self._order, before)]
        insort(self._order, self._keep({**record, self._dialect.updated: self._dialect.date(now)}))

    def piece(
        self,
        *,
        since: str,
        page: int,
        size: int,
        token: str,
        as_of: str,
        until: datetime | None = None,
        shown: Callable[[Any], Any] = lambda record: record,
    ) -> Piece:
        """One page of what changed at or after `since` (and not after `until`), or of what follows a token; each record as `shown`.

        Raises ValueError for what it cannot read.
        """
        end = len(self._order) if until is None else bisect_left(self._order, (until, "\uffff", 0))
        begin = 0
        if since:
            begin = bisect_left(self._order, (read_instant(since, self._dialect.zone), "", 0))
        total = max(0, end - begin)
        start = bisect_left(self._order, _key(token)) if token else begin + (page - 1) * size
        keys = self._order[start : min(start + size, end)]
        follows = self._order[start + size : min(start + size + 1, end)]
        return Piece(
            records=[shown(self._records[key]) for key in keys],
            page=page,
            total=total,
            next=_token(follows[0]) if follows else "",
            as_of=as_of,
        )

    def _keep(self, record: Any) -> Key:
        self._count += 1
        changed, code = BEFORE_ALL, ""
        if isinstance(record, dict):
            code = str(record.get(self._dialect.code, ""))[:64]
            try:
                changed = read_instant(str(record.get(self._dialect.updated, "")), self._dialect.zone)
            except ValueError:
                changed = BEFORE_ALL
        key = (changed, code, self._count)
        self._records[key] = record
        self._latest[code] = key
        return key


def _token(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps([key[0].isoformat(), key[1], key[2]]).encode()).decode()


def _key(token: str) -> Key:
    changed, code, number = json.loads(base64.urlsafe_b64decode(token.encode()))
    return datetime.fromisoformat(changed), str(code), int(number)
