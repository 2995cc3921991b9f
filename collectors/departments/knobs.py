"""What can be turned on a simulated department system, and what can go wrong with one request. Pure; used by desk.py and its servers.

Faults belong to the wire: a request fails in one way or another. Knobs change the system itself: it becomes slow, silent, or answers with
yesterday's data. The demo and the tests turn them; `ioc departments --turn` does too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

import msgspec


class Fault(StrEnum):
    """What can go wrong with one request."""

    DOWN = "down"  # the connection is closed without an answer
    ERROR = "error"  # 500
    BUSY = "busy"  # 429 with Retry-After
    DRIP = "drip"  # one byte at a time, for as long as the client waits
    CUT = "cut"  # the connection breaks in the middle of the body
    REPEAT = "repeat"  # the same page, or the same token, again and again
    INSIDE = "inside"  # status 200, an error code inside
    EXPIRED_INSIDE = "expired_inside"  # status 200, an error code that says the session is over
    BROKEN = "broken"  # an answer that ends too early
    TYPES = "types"  # an answer of another shape
    HTML = "html"  # a login page with status 200
    EXPIRED = "expired"  # the token is no longer accepted; a new login gives another
    FORBIDDEN = "forbidden"  # 403
    MOVED = "moved"  # 302 to a login page
    LARGE = "large"  # more than anybody wants


class KnobError(ValueError):
    """A knob there is not, or a value it cannot be turned to; the message names both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """How a department system is turned. Times in seconds, rates from 0 to 1.

    `silent`: it accepts connections and answers nothing. `yesterday`: it goes on answering with what it knew when the knob was turned,
    stamped with that time. `renamed`: field -> {their code: another code}, as when somebody changes a catalogue. `dropped` and `added`:
    fields that leave its records, and new ones with a value. `skew`: how far its clock is ahead.
    """

    delay: float = 0.0
    errors: float = 0.0
    silent: bool = False
    yesterday: bool = False
    renamed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    added: Mapping[str, Any] = field(default_factory=dict)
    skew: float = 0.0

    def turned(self, changes: Mapping[str, Any]) -> Knobs:
        """The same with some knobs turned. Raises KnobError."""
        known = {each.name for each in fields(self)}
        for name in changes:
            if name not in known:
                raise KnobError(f"there is no knob {name!r}; known: {', '.join(sorted(known))}")
        try:
            made = replace(self, **{name: getattr(msgspec.convert({name: value}, Knobs), name) for name, value in changes.items()})
        except msgspec.ValidationError as error:
            raise KnobError(f"{error}; turn it to a value of its kind") from None
        if made.delay < 0 or not 0 <= made.errors <= 1:
            raise KnobError(f"delay {made.delay:g} and errors {made.errors:g}: a delay is at least 0, a rate from 0 to 1")
        return made

    @property
    def ahead(self) -> timedelta:
        return timedelta(seconds=self.skew)

    def disguised(self, record: Any) -> Any:
        """A record as the turned system shows it."""
        if not isinstance(record, dict) or not (self.renamed or self.dropped or self.added):
            return record
        shown = {name: value for name, value in record.items() if name not in self.dropped} | dict(self.added)
        for name, codes in self.renamed.items():
            if name in shown:
                shown[name] = codes.get(str(shown[name]), shown[name])
        return shown
