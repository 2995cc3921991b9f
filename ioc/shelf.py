"""One topic's last values as several processes agree on them: every key carries a stamp, and the newest stamp wins everywhere.

Used by ioc.bus, one Shelf a topic and process. Pure. Entries may be lost, repeated or come late, and processes may be cut off and
come back, in any order: whoever sees an older entry than its own says its own again, so all end with the same values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson

LEFT = 2_000  # entries of a topic, beyond which the oldest keys that left are forgotten


class Entry(NamedTuple):
    """A key's value and its stamp (at, origin)."""

    at: int  # milliseconds of the giver's clock, or one more than the newest it had seen
    origin: str
    value: bytes | None  # JSON; None: the key left

    def after(self, other: Entry) -> bool:
        return self[:2] > other[:2]

    def packed(self) -> bytes:
        """As it travels: [at, origin, value], or [at, origin] for a key that left."""
        return orjson.dumps(self[:2] if self.value is None else (*self[:2], orjson.Fragment(self.value)))


def unpacked(entry: list[Any]) -> Entry:
    at, origin, *value = entry
    return Entry(int(at), str(origin), orjson.dumps(value[0]) if value else None)


class Shelf:
    """One topic as this process knows it, and what of it the others have not been told yet."""

    __slots__ = ("entries", "floor", "unsent")

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.unsent: dict[str, Entry] = {}
        self.floor = Entry(0, "", None)  # our last whole content: older entries of keys we do not know have left

    def give(self, values: Mapping[str, bytes], gone: Iterable[str], whole: bool, at: int, origin: str) -> None:
        """What this process says now. Values that say nothing new are not sent again."""
        left = Entry(at, origin, None)
        if whole:
            self.floor, gone = left, self.present().keys() - values.keys()
        said = {key: Entry(at, origin, value) for key, value in values.items() if self._value(key) != value}
        said |= {key: left for key in gone if key not in values and self._value(key) is not None}
        self.entries |= said
        self.unsent |= said
        self._forget()

    def hear(self, theirs: Mapping[str, Entry]) -> dict[str, Entry]:
        """What another process says; returns what was news. Who is behind us is told what we have."""
        news: dict[str, Entry] = {}
        for key, entry in theirs.items():
            mine = self.entries.get(key, self.floor)
            if entry.after(mine):
                news[key] = self.entries[key] = entry
                self.unsent.pop(key, None)
            elif mine.after(entry):
                self.entries[key] = self.unsent[key] = mine
        self._forget()
        return news

    def compare(self, theirs: Mapping[str, Entry], wiped: bool) -> None:
        """Agree with all that is held for the others. What that lacks left while we were away, unless it was `wiped` since."""
        self.hear(theirs)
        for key in self.present().keys() - theirs.keys() - self.unsent.keys():
            if wiped:
                self.unsent[key] = self.entries[key]
            else:
                del self.entries[key]

    def told(self, batch: Mapping[str, Entry]) -> None:
        """The others have these now; what was given since waits on."""
        self.unsent = {key: entry for key, entry in self.unsent.items() if batch.get(key) is not entry}

    def present(self) -> dict[str, bytes]:
        return {key: entry.value for key, entry in self.entries.items() if entry.value is not None}

    def _value(self, key: str) -> bytes | None:
        entry = self.entries.get(key)
        return entry.value if entry else None

    def _forget(self) -> None:
        """A topic whose keys come and go must not fill the memory of a process that is cut off for days: the oldest go first."""
        if len(self.entries) > LEFT:
            left = sorted((entry[:2], key) for key, entry in self.entries.items() if entry.value is None)
            for _, key in left[: max(0, len(left) - LEFT // 2)]:
                del self.entries[key]
                self.unsent.pop(key, None)
