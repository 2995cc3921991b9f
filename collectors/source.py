"""What every source promises, and the errors it may raise. `poll()` reads sources; `collectors/sources/` holds one file per kind.

    SourceError
      Unavailable       try again later: down, slow, too many requests, a cut or unreadable answer
      Refused           a person must act: credentials, rights, a wrong address, a broken file
        MappingError    the declared mapping is wrong: it names the key, the value and the remedy
        SettingsError   the source's own entry is wrong: it names the key, the value and the remedy
      BadItem           this one record cannot be read: quarantine it, go on with the next

Messages are one line, hold the bad value shortened, and never a secret or anything a mapping does not declare.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from ioc.model import Batch, Fault
from ioc.privacy import masked

if TYPE_CHECKING:
    from collectors.reading import Reader


class SourceError(Exception):
    """Root of what can go wrong with a source. See the tree above."""


class Unavailable(SourceError):  # noqa: N818  errors here are named by what to do about them
    """Try again later. `retry_after`: the seconds the other side asked us to wait, None when it did not say."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Refused(SourceError):  # noqa: N818
    """Trying again will not help before a person has acted. `status`: the HTTP status behind it, where there was one."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class MappingError(Refused):
    """The declared mapping is wrong."""


class SettingsError(Refused):
    """The source's own entry in the configuration is wrong."""


class BadItem(SourceError):  # noqa: N818
    """One record cannot be read; the message says which field, which value and what to do, `fault` of what kind that is."""

    def __init__(self, message: str, fault: Fault = Fault.VALUE) -> None:
        super().__init__(message)
        self.fault = fault


class Source(Protocol):
    """One department system, read from where the last read ended.

    `fetch` yields batches in order; each batch's `position`, given back as `cursor`, continues right after it, so a stop
    after any batch loses nothing. Positions never go back. Reading again what was read yields the same items again.
    It asks for the next batch only when the last one is stored: what must happen after storing happens then.
    `now` is the instant of the poll; nothing in a source looks at a clock.
    """

    @property
    def name(self) -> str: ...
    @property
    def mapping(self) -> Reader: ...

    def fetch(self, cursor: str | None, now: datetime) -> AsyncIterator[Batch]: ...


@runtime_checkable
class Rewinding(Protocol):
    """A source that can read an old stretch again, which `ioc backfill` and late corrections need."""

    def fetch_between(self, since: datetime, until: datetime, cursor: str | None, now: datetime) -> AsyncIterator[Batch]:
        """What changed within [since, until), or more. `cursor` is the position of the last batch stored of this very stretch, None at
        its beginning; positions are this walk's own and never the live read's."""
        ...


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'state'?` when a known word is near, else the known words themselves."""
    words = sorted(known)
    near = get_close_matches(word, words, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(words)}"


def shown(value: object, length: int = 80) -> str:
    """A value as it may stand in a message: quoted, one line, masked, at most `length` characters of it, whatever its size."""
    if isinstance(value, str):
        return repr(masked(value)) if len(value) <= length else f"{masked(value[:length])!r}... ({len(value)} characters)"
    if isinstance(value, bool | float) or value is None:
        return repr(value)
    if isinstance(value, int):
        return repr(value) if value.bit_length() <= 200 else f"a number of {value.bit_length()} bits"
    return f"a {type(value).__name__}"
