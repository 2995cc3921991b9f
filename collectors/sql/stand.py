"""Where a walk over a view stands, and where it goes after each page. Pure; called by the sql source.

A view is read in the order of (watermark, key), each page beginning right after the last row of the one before, so that a row changed
meanwhile moves to the end and hides no other. `mark` is the latest watermark seen and never goes back; the next walk begins a little
before it. Without a watermark the whole view is read each time, in the order of its key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from collectors.source import Unavailable, shown
from collectors.sql.values import Key, earlier, instant_of, packed, sort_of, unpacked

Row = tuple[Key | None, Key]  # watermark (None where the view has none) and key


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A cursor. While a walk is under way `key` is that of the last row read and `at` its watermark."""

    mark: Key | None = None
    at: Key | None = None
    key: Key | None = None

    def text(self) -> str:
        kept = {"mark": self.mark, "at": self.at, "key": self.key}
        return orjson.dumps({name: packed(value) for name, value in kept.items() if value is not None}).decode()

    @classmethod
    def of(cls, text: str | None) -> Stand:
        """The stand a cursor names; one that cannot be read begins anew, which costs time and loses nothing."""
        try:
            found = orjson.loads(text or "{}")
        except orjson.JSONDecodeError:
            return cls()
        if not isinstance(found, dict) or not found.keys() <= {"mark", "at", "key"}:
            return cls()
        values = {name: unpacked(value) for name, value in found.items()}
        return cls() if None in values.values() else cls(**values)

    def since(self, overlap: float) -> Key | None:
        """From which watermark on a new walk asks, that one included; None: from the beginning."""
        try:
            return None if self.mark is None else earlier(self.mark, overlap)
        except OverflowError:
            return self.mark

    def after(self, rows: Sequence[Row], now: datetime, zone: ZoneInfo) -> Stand:
        """The stand after a page, which is not empty. Raises Unavailable when the page went nowhere."""
        at, key = rows[-1]
        if (at, key) == (self.at, self.key):
            raise Unavailable(f"the view answers the row after {shown(str(key))} with that very row; its order does not hold")
        return Stand(mark=self._later([mark for mark, _ in rows if mark is not None], now, zone), at=at, key=key)

    def safe(self, now: datetime, zone: ZoneInfo) -> Stand:
        """As it may be stored: among rows stamped ahead of our clock the walk would begin after what changes before then."""
        ahead = self.at is not None and not _past(self.at, now, zone)
        return self.over() if ahead else self

    def over(self) -> Stand:
        """The walk has ended."""
        return replace(self, at=None, key=None)

    def _later(self, marks: Sequence[Key], now: datetime, zone: ZoneInfo) -> Key | None:
        """The latest of the mark and some watermarks that is not still to come."""
        latest: Any = self.mark
        for mark in marks:
            if _past(mark, now, zone) and (latest is None or sort_of(mark) != sort_of(latest) or mark > latest):
                latest = mark
        return latest  # type: ignore[no-any-return]


def _past(mark: Key, now: datetime, zone: ZoneInfo) -> bool:
    instant = instant_of(mark, zone)
    return instant is None or instant <= now
